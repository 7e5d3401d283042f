"""What a wrapper gives at resets and steps, looked at and compared."""

from __future__ import annotations

import contextlib
import math
import numbers
from typing import Any, NamedTuple

import numpy as np
from gymnasium import spaces

from csai_core.errors import said
from csai_core.testing.compare import difference, leaves, snapshot
from csai_core.testing.suite import called, fail

_CLEARLY = 0.25
"""By which part of what is usual two values differ clearly: means over all episodes move by less."""


class Turn(NamedTuple):
    """What a wrapper gave at a reset or a step."""

    when: str
    observation: Any
    reward: Any
    terminated: Any
    truncated: Any
    info: Any
    action: Any = None


def turn_of_reset(wrapper: Any, when: str, **settings: Any) -> Turn:
    """Reset, and look at the form of what came."""
    given = called(lambda: wrapper.reset(**settings), f"At {when}, reset")
    if not (isinstance(given, tuple) and len(given) == 2 and isinstance(given[1], dict)):
        fail(f"At {when}, reset gave {given!r}; give two items: the observation, and the info, a dict.")
    return Turn(when, given[0], 0.0, False, False, given[1])


def turn_of_step(wrapper: Any, action: Any, when: str) -> Turn:
    """Step, and look at the form of what came."""
    before = snapshot(action)
    try:
        given = wrapper.step(action)
    except Exception as error:
        fail(
            f"At {when}, step with the action {action!r} raised {said(error)}.{_of_counting(wrapper, error)}"
        )
    if not (isinstance(given, tuple) and len(given) == 5):
        fail(
            f"At {when}, step gave {given!r}; give five items: observation, reward, terminated, truncated, "
            "info."
        )
    if found := difference(before, action, "the action"):
        fail(f"At {when}, step changed its action in place: {found}. Work on a copy of it.")
    turn = Turn(when, *given, action)
    if not isinstance(turn.reward, (numbers.Real, np.bool_)) or not math.isfinite(turn.reward):
        fail(f"At {when}, the reward is {turn.reward!r}; give a finite number, such as float(reward).")
    for name in ("terminated", "truncated"):
        if not isinstance(getattr(turn, name), (bool, np.bool_)):
            fail(f"At {when}, {name} is {getattr(turn, name)!r}; give True or False.")
    if not isinstance(turn.info, dict):
        fail(f"At {when}, info is {turn.info!r}; give a dict.")
    return turn


def _of_counting(wrapper: Any, error: Exception) -> str:
    """What may be the cause of an error where actions are not counted from 0."""
    space = wrapper.action_space
    if (
        not isinstance(space, spaces.Discrete)
        or not space.start
        or not isinstance(error, (IndexError, KeyError))
    ):
        return ""
    return " Actions are counted from action_space.start, and masks from 0: mask[action - start]."


def check_observation(turn: Turn, space: spaces.Space[Any]) -> None:
    """Refuse an observation that does not lie in its space."""
    if isinstance(space, spaces.Box) and not isinstance(turn.observation, (np.ndarray, np.generic)):
        kind = type(turn.observation).__name__
        fail(f"At {turn.when}, the observation is a {kind}; give a numpy array, as its space {space} says.")
    if space.contains(turn.observation) and getattr(turn.observation, "dtype", None) in (None, space.dtype):
        return
    given, wanted = turn.observation, f"its observation_space says {space}"
    if isinstance(space, spaces.Box) and isinstance(given, np.ndarray):
        if given.shape != space.shape:
            fail(
                f"At {turn.when}, the observation has shape {given.shape}, and {wanted}. Set "
                "observation_space in __init__ to what both reset and step give."
            )
        if given.dtype != space.dtype:
            fail(
                f"At {turn.when}, the observation has dtype {given.dtype}, and {wanted}. Cast it with "
                ".astype."
            )
    fail(f"At {turn.when}, the observation {given!r} lies outside: {wanted}.")


def mask_of(turn: Turn, space: spaces.Space[Any]) -> Any:
    """The mask for the next action, as far as it is one; its own check looks at what it is."""
    mask = turn.info.get("action_mask")
    fits = isinstance(space, spaces.Discrete) and isinstance(mask, np.ndarray) and mask.shape == (space.n,)
    return mask.astype(np.int8) if fits and mask.any() else None


def first_difference(one: list[Turn], two: list[Turn]) -> str:
    """Where two plays differ, in words; empty where they do not."""
    for first, second in zip(one, two, strict=False):
        if found := difference(first[1:5], second[1:5], "(observation, reward, terminated, truncated)"):
            return f"at {first.when}, {found}"
    return "" if len(one) == len(two) else "their episodes have other lengths"


def other_ends(one: list[Turn], two: list[Turn]) -> str:
    """Where one of two plays ends an episode and the other does not, in words."""
    for first, second in zip(one, two, strict=False):
        if first[3:5] != second[3:5]:
            return f"at {first.when}, (terminated, truncated) is {first[3:5]} and {second[3:5]}"
    return ""


def clear_difference(one: list[Turn], two: list[Turn]) -> str:
    """Where two plays differ by more than means over all episodes do, which some wrappers keep on purpose."""
    if found := other_ends(one, two):
        return found
    columns = [_numbers(turns) for turns in (one, two)]
    for path, first in columns[0].items():
        second = columns[1].get(path, first)
        usual = max(float(np.std(first)), 1e-6)
        pairs = enumerate(zip(first, second, strict=False))
        step = next((step for step, pair in pairs if _apart(*pair) > _CLEARLY * usual), None)
        if step is not None:
            return f"at {one[step].when}, {path} is another"
    return ""


def _apart(one: Any, two: Any) -> float:
    return float(np.abs(one - two).max()) if one.shape == two.shape else math.inf


def _numbers(turns: list[Turn]) -> dict[str, list[Any]]:
    """What is a number in observations and rewards, by its place."""
    columns: dict[str, list[Any]] = {}
    for turn in turns:
        for path, value in leaves({"observation": turn.observation, "reward": turn.reward}, ""):
            with contextlib.suppress(TypeError, ValueError):
                columns.setdefault(path, []).append(np.asarray(value, np.float64))
    return {path: values for path, values in columns.items() if len({each.shape for each in values}) == 1}
