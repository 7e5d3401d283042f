"""Checks of what an agent is: made, quiet, and no part of the environment."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import gymnasium

from csai_core.agents import Agent
from csai_core.testing.agent.base import SEED, AgentChecks, Around, state_of
from csai_core.testing.compare import difference, snapshot
from csai_core.testing.process.effects import nothing_printed
from csai_core.testing.suite import fail


class MakingChecks(AgentChecks):
    """What an agent is."""

    def test_it_can_be_made(self) -> None:
        """It can be made for one environment at least, and is an agent."""
        agents = list(self._played())
        for _, agent in agents:
            if not isinstance(agent, Agent):
                fail(f"What was made is a {type(agent).__name__}; derive its class from csai_core.Agent.")
            if not hasattr(agent, "is_user_control"):
                fail(f"{type(agent).__name__}.__init__ does not call super().__init__(); do so at its start.")
        if not agents:
            fail(f"It plays none of the environments that were tried. {' '.join(self._refusals())}")

    def test_making_it_leaves_the_environment_alone(self) -> None:
        """To make an agent, the environment is neither reset nor stepped, and its generator stays."""
        for env in self._accepted():
            before = state_of(env)
            agent = self.make(env)
            if found := difference(before, state_of(env), "its state"):
                fail(
                    f"Making {type(agent).__name__} changed the environment: {found}. Whoever plays resets "
                    "and steps it; an agent looks at its spaces, and waits for observations."
                )

    def test_it_leaves_the_environment_and_observations_alone(self) -> None:
        """Choosing an action changes neither the environment nor the observation, at any step."""
        for env, alone in zip(self._accepted(), self._accepted(), strict=True):
            shown: list[Any] = []
            agent, around = self.make(env), _leaving_alone(env, shown)
            actions = [action for _, action in self._play(env, agent, around=around)]
            one, other = (_shown_without(alone, actions) for _ in range(2))
            if not difference(one, other, "") and (found := difference(one, shown, "the observations")):
                fail(
                    "An environment shows something else where the agent was asked before each step than "
                    f"where the same actions were taken without it: {found} (counted from 0). {_IN_A_COPY}"
                )

    def test_it_prints_nothing(self) -> None:
        """What it thinks, it keeps to itself."""
        for env in self._accepted():
            with nothing_printed("The agent"):
                agent = self.make(env)
                for _ in self._play(env, agent):
                    pass

    # --- inner workings

    def _refusals(self) -> Iterator[str]:
        for env in self.environments():
            try:
                self._tried(env)
            except Exception as error:
                yield f"Where actions are {env.action_space}: {type(error).__name__}: {error}"


_IN_A_COPY = (
    "Try actions out in a copy of it, copy.deepcopy(env), as copy.copy shares what it holds; and draw from a "
    "generator of the agent's own."
)


def _leaving_alone(env: gymnasium.Env[Any, Any], shown: list[Any]) -> Around:
    """Refuse a choice that changes an environment or an observation; what is observed is noted in `shown`."""

    @contextlib.contextmanager
    def around(when: str, observation: Any) -> Iterator[None]:
        before = state_of(env)
        shown.append(snapshot(observation))
        yield
        if found := difference(before, state_of(env), "its state"):
            fail(f"At {when} choosing an action changed the environment: {found}. {_IN_A_COPY}")
        if found := difference(shown[-1], observation, "the observation"):
            fail(
                f"At {when} choosing an action changed the observation in place: {found}. Work on a copy of "
                "it."
            )

    return around


def _shown_without(env: gymnasium.Env[Any, Any], actions: Sequence[Any]) -> list[Any]:
    """What is observed before each of these actions, where nobody is asked for them."""
    shown = []
    observation, _ = env.reset(seed=SEED)
    for action in actions:
        shown.append(snapshot(observation))
        if env.action_space.contains(action):
            observation, _, terminated, truncated, _ = env.step(action)
            if terminated or truncated:
                observation, _ = env.reset()
    return shown
