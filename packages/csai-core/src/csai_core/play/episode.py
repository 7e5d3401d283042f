"""An agent plays an episode: the one loop behind playing, watching, filming and evaluating."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import gymnasium

from csai_core.agents import Agent
from csai_core.gate import EnvironmentGate, score_of

LONGEST_EPISODE = 100_000
"""After how many steps an agent's game is cut short that does not end by itself."""
_ACCOUNT = ("observation", "total_reward", "num_steps", "score", "transition", "_agents")


class Transition(NamedTuple):
    """What one step brought."""

    observation: Any
    """What was seen before the step."""
    action: Any
    reward: float
    terminated: bool
    truncated: bool
    next_observation: Any


class Game:
    """One episode of an environment under way, and how it goes.

    Args:
        env: where it is played; it is reset.
        seed: of the episode; None goes on with the environment's own randomness.
        max_steps: after how many it is cut short; None never.

    Raises:
        EnvironmentFailedError: if the environment raises, or gives what cannot be used.
    """

    def __init__(
        self, env: gymnasium.Env[Any, Any], seed: int | None = None, max_steps: int | None = None
    ) -> None:
        self.env = env
        self.max_steps = max_steps
        self._gate = EnvironmentGate(env)
        observation, self.info = self._gate.reset(seed=seed)
        self.observation = self._gate.own(observation)
        self._gate.mask(self.info)
        self.total_reward = 0.0
        self.num_steps = 0
        self.score: float | None = score_of(self.info)
        """The game's own score (`info["score"]`), where it keeps one."""
        self.transition: Transition | None = None
        """The last step; None before the first."""
        self._agents: tuple[tuple[Agent, Agent], ...] = ()
        """Those who were asked something in this game, and what has become of them; see `Agent.after`."""

    @property
    def is_over(self) -> bool:
        """Whether the last step ended the episode, or was the last of `max_steps`."""
        return self._has_ended or self.is_cut

    @property
    def is_cut(self) -> bool:
        """Whether it has come to `max_steps` without an end of its own."""
        return self.max_steps is not None and self.num_steps >= self.max_steps and not self._has_ended

    @property
    def _has_ended(self) -> bool:
        return self.transition is not None and (self.transition.terminated or self.transition.truncated)

    def step(self, action: Any) -> None:
        """Take a step, and keep account of it.

        Raises:
            EnvironmentFailedError: if the environment raises, or gives what cannot be used.
        """
        before = self.observation
        self._agents = tuple((agent, present.after(before)) for agent, present in self._agents)
        observation, reward, terminated, truncated, self.info = self._gate.step(action)
        self.observation = self._gate.own(observation)
        self._gate.mask(self.info, is_over=terminated or truncated)
        self.transition = Transition(before, action, reward, terminated, truncated, self.observation)
        self.total_reward += self.transition.reward
        self.num_steps += 1
        told = score_of(self.info)
        self.score = self.score if told is None else told

    def snapshot(self) -> dict[str, Any]:
        """How it stands, without its environment; for `put_back`."""
        told = {name: getattr(self, name) for name in _ACCOUNT}
        return {**told, "info": dict(self.info), "gate": self._gate.snapshot()}

    def put_back(self, snapshot: Mapping[str, Any]) -> None:
        """Stand as it did when `snapshot` was called; whoever calls this brings the environment back too."""
        for name in _ACCOUNT:
            setattr(self, name, snapshot[name])
        self.info = dict(snapshot["info"])
        self._gate.put_back(snapshot["gate"])

    def choose(self, agent: Agent) -> Any:
        """What an agent does next, among the actions that `info["action_mask"]` allows if there is one."""
        return self.present(agent).get_allowed_action(self.observation, self.info.get("action_mask"))

    def present(self, agent: Agent) -> Agent:
        """An agent with what it remembers of this game, since it was first asked for; see `Agent.after`."""
        for known, present in self._agents:
            if known is agent:
                return present
        self._agents += ((agent, agent),)
        return agent

    def __str__(self) -> str:
        result = f"score {self.score:g}, " if self.score is not None else ""
        ending = ", where it was cut short" if self.is_cut else ""
        return f"{result}return {self.total_reward:.2f} in {self.num_steps} steps{ending}"


def longest_episode(env: gymnasium.Env[Any, Any]) -> int:
    """When a game is cut short where nobody says: at `LONGEST_EPISODE`, or its own limit if that is later."""
    own = None if env.spec is None else env.spec.max_episode_steps
    return max(LONGEST_EPISODE, own or 0)


def play_episode(
    env: gymnasium.Env[Any, Any], agent: Agent, seed: int | None = None, max_steps: int | None = None
) -> Iterator[Game]:
    """Let an agent play one episode, as fast as the caller asks for the next step.

    Args:
        env: where it is played.
        agent: who plays.
        seed: of the episode; None goes on with the environment's own randomness.
        max_steps: after how many it is cut short; None is `longest_episode`.

    Yields:
        The game, always the same one: after the reset, and after each step up to the last.
    """
    game = Game(env, seed, longest_episode(env) if max_steps is None else max_steps)
    yield game
    while not game.is_over:
        game.step(game.choose(agent))
        yield game
