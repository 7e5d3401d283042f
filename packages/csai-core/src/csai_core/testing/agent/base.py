"""What the checks of agents share: how one is made, what it is tried in, and how it plays."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, ClassVar

import gymnasium
import numpy as np
from gymnasium import spaces

from csai_core import environments
from csai_core.agents import Agent
from csai_core.plugins import installed
from csai_core.testing.compare import snapshot
from csai_core.testing.probe import Probe
from csai_core.testing.suite import Suite, called, skip

SEED = 3
"""Of the environments and their action spaces, unless a check says another."""
_TRIED = 300
"""Steps after which an environment of its plugin counts as one that can be played."""
Around = Callable[[str, Any], AbstractContextManager[None]]
"""What stands around a choice, by when it is and what is observed."""
VECTOR = spaces.Box(-1, 1, (3,), np.float32)
_PAIR = spaces.Dict({"place": VECTOR, "mood": spaces.Discrete(3)})
_TOYS: tuple[Callable[[], gymnasium.Env[Any, Any]], ...] = (
    lambda: Probe(spaces.Discrete(5), spaces.Discrete(3)),
    lambda: Probe(VECTOR, spaces.Discrete(4), has_masks=True),
    lambda: Probe(VECTOR, spaces.Discrete(3, start=2), has_masks=True),
    lambda: Probe(spaces.Box(0, 255, (8, 8, 3), np.uint8), spaces.Discrete(2)),
    lambda: Probe(_PAIR, spaces.Discrete(3), has_masks=True),
    lambda: Probe(VECTOR, spaces.Box(-2, 2, (2,), np.float32)),
    lambda: Probe(spaces.Discrete(5, start=3), spaces.Discrete(3)),
    lambda: Probe(spaces.Discrete(5), spaces.MultiDiscrete([3, 2])),
    lambda: Probe(VECTOR, spaces.MultiDiscrete([3, 2], start=[5, -1])),
    lambda: Probe(VECTOR, spaces.Box(-np.inf, np.inf, (2,), np.float32)),
    lambda: Probe(VECTOR, spaces.MultiBinary(3)),
    lambda: Probe(_PAIR, spaces.Dict({"push": VECTOR, "jump": spaces.Discrete(2)})),
)


class AgentChecks(Suite):
    """What a subclass names, and how the agent is made and plays."""

    num_steps: ClassVar[int] = 100
    """How many steps it plays in each environment; episodes end after about ten in toys."""

    def make(self, env: gymnasium.Env[Any, Any]) -> Any:
        """Make the agent for an environment."""
        if not self.entry_name:
            return super().make()
        return installed().find("agents", self.entry_name).load()(env)

    def environments(self) -> list[gymnasium.Env[Any, Any]]:
        """New environments to try it in, in the same order each time: those of its plugin, and toys.

        A subclass may give others. Those that the agent refuses are passed over, but for one at least.
        """
        return [*self._own_environments(), *(toy() for toy in _TOYS)]

    # --- inner workings

    def _own_environments(self) -> list[gymnasium.Env[Any, Any]]:
        """Those that its plugin offers, as far as they can be made."""
        if not self.entry_name:
            return []
        manager = installed()
        plugin = manager.find("agents", self.entry_name).plugin
        made = []
        for name in manager.environments():
            if manager.environment_plugin(name) == plugin:
                with contextlib.suppress(Exception):  # which its own suite looks at
                    env = environments.make(name, disable_env_checker=True)
                    _play_at_random(env)
                    made.append(environments.make(name, disable_env_checker=True))
        return made

    def _tried(self, env: gymnasium.Env[Any, Any]) -> tuple[Any, bool]:
        """An agent that has chosen a first action in an environment, and whether that lies in its space."""
        agent = self.make(seeded(env))
        if not (isinstance(agent, Agent) and hasattr(agent, "is_user_control")):
            return agent, True
        observation, _ = env.reset(seed=SEED)
        return agent, env.action_space.contains(agent.get_next_action(observation))

    def _accepted(self) -> Iterator[gymnasium.Env[Any, Any]]:
        """Environments that it plays, reset and untouched since.

        Where it raises, or takes no action of the space at first, it does not play; the last check looks at
        how it refuses. An agent that takes such an action nowhere is looked at everywhere.
        """
        found: list[tuple[gymnasium.Env[Any, Any], bool]] = []
        for env, again in zip(self.environments(), self.environments(), strict=True):
            agent = None
            with contextlib.suppress(Exception):
                agent, is_within = self._tried(env)
                found.append((again, is_within))
            if getattr(agent, "is_user_control", False):
                skip("a person plays through it")
        is_at_home = any(is_within for _, is_within in found)
        for env, is_within in found:
            if is_within or not is_at_home:
                env.reset(seed=SEED)
                yield seeded(env)

    def _played(self) -> Iterator[tuple[gymnasium.Env[Any, Any], Any]]:
        """Environments that it plays, with a new agent for each."""
        for env in self._accepted():
            yield env, self.make(env)

    def _play(
        self, env: gymnasium.Env[Any, Any], agent: Any, *, asked: str = "", around: Around | None = None
    ) -> Iterator[tuple[str, Any]]:
        """Actions of several episodes, and when each was chosen; what lies outside is not taken.

        In every other episode it is told the action masks, where there are any.

        Args:
            env: what is played.
            agent: who plays.
            asked: a method of its that is called with each observation before it chooses.
            around: stands around each choice; it is given when that is, and the observation.
        """
        observation, info = env.reset(seed=SEED)
        episode = 1
        for step in range(1, self.num_steps + 1):
            when = f"step {step}, in episode {episode},"
            if asked:
                called(functools.partial(getattr(agent, asked), observation), f"At {when} {asked}")
            with around(when, observation) if around else contextlib.nullcontext():
                action = chosen(agent, observation, when, None if episode % 2 else info.get("action_mask"))
            yield when, action
            if not env.action_space.contains(action):
                return
            observation, _, terminated, truncated, info = env.step(action)
            if terminated or truncated:
                episode += 1
                observation, info = env.reset()


def _play_at_random(env: gymnasium.Env[Any, Any]) -> None:
    """Play a while as anybody may; what an environment raises then is no agent's fault."""
    _, info = seeded(env).reset(seed=SEED)
    for _ in range(_TRIED):
        *_, terminated, truncated, info = env.step(env.action_space.sample(info.get("action_mask")))
        if terminated or truncated:
            _, info = env.reset()


def seeded(env: gymnasium.Env[Any, Any]) -> gymnasium.Env[Any, Any]:
    """An environment, once its action space was seeded."""
    env.action_space.seed(SEED)
    return env


def start(env: gymnasium.Env[Any, Any]) -> Any:
    """The first observation of an episode, which is the same each time."""
    observation, _ = env.reset(seed=SEED)
    return observation


def chosen(agent: Any, observation: Any, when: str, mask: Any = None) -> Any:
    """The next action of an agent, among those that a mask allows if there is one."""
    if mask is None:
        return called(lambda: agent.get_next_action(observation), f"At {when} get_next_action")
    return called(
        lambda: agent.get_allowed_action(observation, mask), f"At {when} get_allowed_action with {mask}"
    )


def state_of(env: gymnasium.Env[Any, Any]) -> Any:
    """What decides how an environment goes on, as far as it says; what it was asked to do, too."""
    inner: Any = env.unwrapped
    said = snapshot(inner.state_dict()) if hasattr(inner, "state_dict") else None
    generator = inner.np_random.bit_generator.state
    noted = [len(inner.resets), inner.num_steps] if isinstance(inner, Probe) else None
    return {"state": said, "generator": snapshot(generator), "resets and steps": noted}
