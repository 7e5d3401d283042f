"""Checks of an agent's actions: of the space, allowed, and its own no more once they are given."""

from __future__ import annotations

import functools
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from csai_core.agents import Agent
from csai_core.testing.agent.base import SEED, AgentChecks
from csai_core.testing.compare import difference, snapshot
from csai_core.testing.suite import called, fail, skip


class ActingChecks(AgentChecks):
    """What it does."""

    def test_it_acts_within_the_action_space(self) -> None:
        """Every action lies in the action space, over several episodes."""
        for env, agent in self._played():
            for when, action in self._play(env, agent):
                if not env.action_space.contains(action):
                    fail(
                        f"At {when}, get_next_action gave {action!r}, which does not lie in "
                        f"{env.action_space}. Give {_example(env.action_space)}."
                    )

    def test_its_actions_stay_as_they_were(self) -> None:
        """No later choice changes an action that was given."""
        for env, agent in self._played():
            given = [(when, action, snapshot(action)) for when, action in self._play(env, agent)]
            for when, action, then in given:
                if found := difference(then, action, "the action"):
                    fail(f"The action of {when} was changed by a later one: {found}. Give a copy.")

    def test_it_keeps_to_the_action_mask(self) -> None:
        """Where it heeds masks, it takes what they allow, and does without one, too."""
        for env, agent in self._played():
            if type(agent).get_allowed_action is Agent.get_allowed_action:
                skip("it heeds no masks, as it has no get_allowed_action")
            _check_masks(env, agent)


def _check_masks(env: gymnasium.Env[Any, Any], agent: Any) -> None:
    observation, info = env.reset(seed=SEED)
    for step in range(1, 61):
        mask = info.get("action_mask")
        action = called(
            functools.partial(agent.get_allowed_action, observation, mask),
            f"At step {step}, get_allowed_action with the mask {mask}",
        )
        if not env.action_space.contains(action):
            fail(f"get_allowed_action gave {action!r}, which does not lie in {env.action_space}.")
        if isinstance(mask, np.ndarray) and not mask[int(action) - int(env.action_space.start)]:  # type: ignore[attr-defined]
            fail(
                f"The mask {mask.tolist()} allows what is 1 in it, and get_allowed_action gave {action!r}; "
                "choose among np.flatnonzero(action_mask)."
            )
        observation, _, terminated, truncated, info = env.step(action)
        if terminated or truncated:
            observation, info = env.reset()


def _example(space: spaces.Space[Any]) -> str:
    if isinstance(space, spaces.Discrete):
        return f"a whole number from {space.start} to {space.start + space.n - 1}, not an array"
    return f"such as {space.sample()!r}"
