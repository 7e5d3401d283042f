"""Checks of what reaches an environment that tells in masks which actions it allows."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

import numpy as np
from gymnasium import spaces

from csai_core.testing.probe import Forbidden, Probe
from csai_core.testing.suite import fail
from csai_core.testing.wrapper.base import WrapperChecks
from csai_core.testing.wrapper.layers import are_gymnasiums
from csai_core.testing.wrapper.turns import Turn, mask_of, turn_of_reset, turn_of_step


class MaskChecks(WrapperChecks):
    """What it makes of masks."""

    def test_it_turns_masks_as_it_turns_actions(self) -> None:
        """What `info["action_mask"]` allows, the environment allows."""
        for wrapper, env in self._wrapped(has_masks=True):
            if not isinstance(env.action_space, spaces.Discrete):
                continue
            for seed in range(20):
                other = copy.deepcopy(env)
                _check_first_action(wrapper, env, (self.make(other), other), seed)

    def test_what_it_chooses_itself_is_allowed(self) -> None:
        """Actions that it repeats or replaces in an episode are those that the mask of the moment allows."""
        for wrapper, env in self._wrapped(has_masks=True):
            if isinstance(env.action_space, spaces.Discrete):
                _check_later_actions(wrapper, env, self._play(wrapper, num_steps=100))


def _check_first_action(wrapper: Any, env: Probe, fresh: tuple[Any, Probe], seed: int) -> None:
    """Refuse a mask, given by a reset, that allows what the environment forbids.

    Args:
        wrapper: that has played before.
        env: what it wraps.
        fresh: a new wrapper, and what it wraps.
        seed: of the reset.
    """
    turn = turn_of_reset(wrapper, f"reset(seed={seed})", seed=seed)
    mask, space = turn.info.get("action_mask"), wrapper.action_space
    if mask is None or not isinstance(space, spaces.Discrete):
        return
    if np.shape(mask) != (int(space.n),):
        fail(
            f'The wrapper has {space.n} actions, and its info["action_mask"] has {np.size(mask)} numbers; '
            "give it one number for each action."
        )
    allowed = np.flatnonzero(mask)
    action = int(allowed[seed % len(allowed)]) + int(space.start)
    against = _against_the_first_mask(wrapper, env, action)
    if not against:
        return
    found = (
        f'Action {action} is allowed by info["action_mask"] = {np.asarray(mask).tolist()}, but '
        f"{against[0].action!r} reached the environment, which its own mask forbids: {against[0].mask}."
    )
    other, other_env = fresh
    turn_of_reset(other, f"reset(seed={seed})", seed=seed)
    if not _against_the_first_mask(other, other_env, action):
        fail(
            f"{found} A new one with the same seed hands on {other_env.last_action!r}: something of the "
            "episode before lives on. Set in reset every variable that is about the episode."
        )
    fail(f"{found} Turn the mask as the actions are turned.")


def _check_later_actions(wrapper: Any, env: Probe, turns: Iterable[Turn]) -> None:
    """Refuse a wrapper that itself chooses, later in an episode, what the environment forbids."""
    if are_gymnasiums(wrapper):
        return  # they know of no masks
    for turn in turns:
        if env.forbidden:
            found = env.forbidden[0]
            fail(
                f"At {turn.when}, {turn.action!s} was asked for, which the mask allows, and {found.action!s} "
                f"reached the environment, which its mask of that moment forbids: {found.mask}. A wrapper "
                "that chooses actions itself, as it repeats or replaces them, heeds "
                'info["action_mask"], which each step gives again.'
            )
        if mask_of(turn, wrapper.action_space) is None:
            return


def _against_the_first_mask(wrapper: Any, env: Probe, action: int) -> list[Forbidden]:
    env.forbidden.clear()
    turn_of_step(wrapper, action, "the first step")
    return [each for each in env.forbidden if each.step == 1]
