"""Action masks: there at every moment or at none, true, and of the state that they come with."""

from __future__ import annotations

import copy
import itertools
import math
from typing import Any, NamedTuple

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from csai_core.gate.masks import ActionMasks
from csai_core.gate.values import Improper
from csai_core.testing.compare import difference, snapshot
from csai_core.testing.environment.late_masks import check_lateness
from csai_core.testing.environment.making import Maker
from csai_core.testing.environment.rollout import Moment, play
from csai_core.testing.suite import fail, skip

_FLAGS = ("illegal", "illegal_action", "illegal_move", "invalid", "invalid_action", "invalid_move")
"""Keys of infos by which environments say that what was done was not allowed."""
_LEGAL = ("legal", "is_legal", "valid", "is_valid", "action_is_valid")
_METHODS = ("action_masks", "action_mask", "get_action_mask", "valid_action_mask", "get_valid_actions_mask")
"""By which names environments tell the present mask to whoever asks."""
_FEW = 6
"""So many actions of the one and of the other kind must have been tried before a mask is called wrong."""


def check_masks(make: Maker, num_steps: int, seeds: tuple[int, ...]) -> None:
    """Masks have the form of the action space, are there after every call, and allow what is accepted."""
    with make.made() as env:
        are_there = any(_mask_of(moment) is not None for moment in play(env, 60, seeds[0]))
        if not are_there:
            skip("it gives no action masks")
        masks = ActionMasks(env.action_space)
        for seed in seeds:
            for moment in play(env, num_steps, seed):
                _check_form(moment, masks)
                _check_flags(moment)
                _check_method(env.unwrapped, moment, masks)
    _check_changes(make, seeds[0])
    _check_truth(make, seeds[0])
    check_lateness(make, seeds[0])


def _mask_of(moment: Moment) -> Any:
    return moment.info.get("action_mask") if isinstance(moment.info, dict) else None


def _check_form(moment: Moment, masks: ActionMasks) -> None:
    mask = _mask_of(moment)
    if mask is None:
        if moment.is_over:
            return
        fail(
            f'At {moment.when}, info has no "action_mask", though other moments have one. Give one after '
            "every reset and step, all ones where everything is allowed."
        )
    if isinstance(mask, np.ndarray) and mask.dtype.kind == "f":
        fail(
            f"At {moment.when}, the action mask is an array of {mask.dtype}; it must hold the ones and zeros "
            "of an int8, as Gymnasium's Space.sample takes them: mask.astype(np.int8)."
        )
    try:
        masks.with_choices(masks.read(mask)[None], np.array([moment.is_over]))
    except Improper as found:
        fail(f"At {moment.when}: {found}")


def _check_flags(moment: Moment) -> None:
    """Refuse an environment that calls illegal what its mask allowed: all that `play` does was allowed."""
    if moment.action is None or not isinstance(moment.info, dict):
        return
    said = [name for name in _FLAGS if moment.info.get(name) is True or moment.info.get(name) is np.True_]
    said += [name for name in _LEGAL if moment.info.get(name) is False or moment.info.get(name) is np.False_]
    if said:
        fail(
            f"At {moment.when}, info[{said[0]!r}] says that the action was not allowed, but the action mask "
            "of the moment before allows it. Let the mask tell what is allowed in the state that it comes "
            "with."
        )


def _check_method(env: Any, moment: Moment, masks: ActionMasks) -> None:
    """Refuse a mask that is another than the one that the environment tells whoever asks it."""
    for name in _METHODS:
        method = getattr(env, name, None)
        if callable(method) and not moment.is_over:
            try:
                told = masks.read(method())
            except Exception:
                continue  # it is something else, whatever its name
            if (told != masks.read(_mask_of(moment))).any():
                fail(
                    f'At {moment.when}, info["action_mask"] is {_mask_of(moment)}, but {name}() gives '
                    f"{told}: the mask in the info is not that of the present state."
                )


def _check_changes(make: Maker, seed: int) -> None:
    """Refuse a mask that a later step changes."""
    with make.made() as env:
        kept = [(moment, snapshot(_mask_of(moment))) for moment in play(env, 60, seed)]
    for moment, then in kept:
        if difference(then, _mask_of(moment), "mask"):
            fail(
                f"The action mask of {moment.when} was changed by a later step, as all masks are the same "
                "array. Make a new one each time: mask.copy()."
            )


class _Trial(NamedTuple):
    """What one action did to a copy of the environment in some state."""

    allowed: bool
    allowed_next: bool
    """By the mask that came with the next state, which an environment that is late gives."""
    allowed_from_zero: bool | None
    """By the same mask, if it were about actions from 0 on; None where it has no such number."""
    signs: tuple[bool, ...]
    """Whether each of `_SIGNS` of a refusal was seen."""


_SAME = "leaves the observation as it was"
_SIGNS = ("raises an error", _SAME, "costs more than anything else")


def _check_truth(make: Maker, seed: int) -> None:
    """Refuse a mask that is that of the state before, or says the opposite: by what forbidden actions do."""
    with make.made() as env:
        if not isinstance(env.action_space, spaces.Discrete) or env.action_space.n > 64:
            return
        start = int(env.action_space.start)
        try:
            trials = _trials(env, seed)
        except Exception:
            return  # it cannot be copied, which another check is about
    for number, sign in enumerate(_SIGNS):
        refused = np.array([trial.signs[number] for trial in trials], np.bool_)
        allowed = np.array([trial.allowed for trial in trials], np.bool_)
        allowed_next = np.array([trial.allowed_next for trial in trials], np.bool_)
        if min(refused.sum(), (~refused).sum()) < _FEW or (refused == ~allowed).all():
            continue
        if (refused == ~allowed_next).all():
            fail(
                f"Its action masks come a step late: in each of {len(trials)} trials, an action that {sign} "
                "is exactly one that the mask of the next state forbids, not the mask of its own. Compute "
                "the mask after the world has moved on."
            )
        shifted = [trial for trial in trials if trial.allowed_from_zero is not None]
        if start and all(trial.signs[number] != trial.allowed_from_zero for trial in shifted):
            fail(
                f"Its action masks are counted from 0, and its actions from {start}: an action that {sign} "
                f"is exactly one whose own number the mask forbids. A mask's first number is about action "
                f"{start}: mask[action - {start}]."
            )
        if sign == _SAME and (refused == allowed).all():
            fail(
                f"Its action masks say the opposite: in each of {len(trials)} trials, an action that {sign} "
                "is exactly one that the mask allows. 1 is for what is allowed, 0 for what is not."
            )


def _trials(env: Any, seed: int) -> list[_Trial]:
    """An allowed and a forbidden action tried on copies of the environment, in the states of a play."""
    masks, chance = ActionMasks(env.action_space), np.random.default_rng(seed)
    start = int(env.action_space.start)
    tried = []
    for moment in itertools.islice(play(env, 40, seed), 50):
        row = None if moment.is_over else masks.read(_mask_of(moment))
        outcomes = {} if row is None else _outcomes(env.unwrapped, row, moment.observation, chance)
        tried.append((moment.action, row, outcomes))
    worst = min((reward for *_, each in tried for *_, reward in each.values()), default=0.0)
    trials: list[_Trial] = []
    for (_, row, outcomes), (action, row_after, _) in itertools.pairwise(tried):
        if row is None or row_after is None or action is None:
            continue
        for i, (has_raised, is_same, reward) in outcomes.items():
            signs = has_raised, is_same, reward == worst
            from_zero = bool(row[i + start]) if i + start < len(row) else None
            trials.append(_Trial(bool(row[i]), bool(row_after[i]), from_zero, signs))
    return trials


def _outcomes(
    env: Any, row: NDArray[np.int8], observation: Any, chance: np.random.Generator
) -> dict[int, tuple[bool, bool, float]]:
    """For some actions: whether each raises, leaves the observation as it was, and its reward."""
    found = {}
    for kind in (0, 1):
        of_kind = np.flatnonzero(row == kind)
        if of_kind.size:
            i, twin = int(chance.choice(of_kind)), copy.deepcopy(env)
            try:
                seen, reward, *_ = twin.step(env.action_space.start + i)
            except Exception:
                found[i] = True, False, math.inf
            else:
                found[i] = False, not difference(observation, seen, "observation"), float(reward)
    return found
