"""Checks of an agent's actions: of the space, allowed, and its own no more once they are given."""

from __future__ import annotations

import functools
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from csai_core.agents import Agent
from csai_core.gate.masks import choices_of
from csai_core.testing.agent.base import SEED, VECTOR, AgentChecks, seeded
from csai_core.testing.compare import difference, snapshot
from csai_core.testing.probe import Probe
from csai_core.testing.suite import called, fail, skip

_DIALS = spaces.MultiDiscrete([2, 4, 3])
_TURNS = 60


class ActingChecks(AgentChecks):
    """What it does."""

    def test_it_acts_within_the_action_space(self) -> None:
        """Every action lies in the action space, over several episodes."""
        for env, agent in self._played():
            for when, action in self._play(env, agent):
                if not env.action_space.contains(action):
                    fail(
                        f"At {when} it chose {action!r}, which does not lie in {env.action_space}. "
                        f"Give {_example(env.action_space)}."
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
        self._check_dials()

    def _check_dials(self) -> None:
        """Refuse an agent that heeds the masks of some dials of a MultiDiscrete, and not those of others."""
        env = seeded(Probe(VECTOR, _DIALS, has_masks=True))
        try:
            wrong = _turned_wrongly(env, self.make(env))
        except Exception:
            return  # it need not play dials, nor heed their masks
        if wrong.any() and not wrong.all():
            dial = int(wrong.argmax())
            fail(
                f"Of the dials of {_DIALS}, get_allowed_action turned number {dial} (counted from 0) to what "
                f"the mask forbids {wrong[dial]} times of {_TURNS}, and kept to it for number "
                f"{int(wrong.argmin())}. The mask is one row, the choices of one dial after those of the "
                "other: np.split(action_mask, np.cumsum(action_space.nvec)[:-1])."
            )


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
        if isinstance(mask, np.ndarray) and not mask[choices_of(env.action_space, action)].all():
            fail(
                f"The mask {mask.tolist()} allows what is 1 in it, and get_allowed_action gave {action!r}; "
                "choose among np.flatnonzero(action_mask)."
            )
        observation, _, terminated, truncated, info = env.step(action)
        if terminated or truncated:
            observation, info = env.reset()


def _turned_wrongly(env: gymnasium.Env[Any, Any], agent: Any) -> NDArray[np.int64]:
    """How often each dial was turned to what the mask forbids."""
    wrong = np.zeros(len(_DIALS.nvec), np.int64)
    observation, info = env.reset(seed=SEED)
    for _ in range(_TURNS):
        mask = info["action_mask"]
        action = agent.get_allowed_action(observation, mask.copy())
        wrong += mask[choices_of(_DIALS, action)] == 0
        observation, _, terminated, truncated, info = env.step(action)
        if terminated or truncated:
            observation, info = env.reset()
    return wrong


def _example(space: spaces.Space[Any]) -> str:
    if isinstance(space, spaces.Discrete):
        return f"a whole number from {space.start} to {space.start + space.n - 1}, not an array"
    return f"such as {space.sample()!r}"
