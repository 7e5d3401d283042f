"""Checks of what a subclass of Shell returns, with errors that say how to mend it."""

from __future__ import annotations

import functools
import math
import numbers
from collections.abc import Callable
from typing import Any

import numpy as np

from csai_core.errors import ContractError


def checked_reset(reset: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap an overridden `reset` so that anything but `(observation, info)` is refused."""

    @functools.wraps(reset)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = reset(self, *args, **kwargs)
        if not (type(result) is tuple and len(result) == 2 and isinstance(result[1], dict)):
            raise ContractError(
                f"{type(self).__name__}.reset returned {_describe(result)}; it must return "
                "(observation, info), where info is a dict. "
                "End it with: return self.get_observation(), {}"
            )
        return result

    return wrapper


def checked_step(step: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap an overridden `step` so that anything but Gymnasium's five items is refused."""

    @functools.wraps(step)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        self._has_stepped = True
        result = step(self, *args, **kwargs)
        if type(result) is tuple and len(result) == 5:
            return result
        raise ContractError(
            f"{type(self).__name__}.step returned {_describe(result)}; it must return five items: "
            "(observation, reward, terminated, truncated, info). terminated: the game itself ended; "
            "truncated: it was cut short, by a time limit for instance. "
            "A step that returned (state, reward, done) returns (state, reward, done, False, {})."
        )

    return wrapper


def check_reward(shell: Any, result: Any) -> tuple[float, bool]:
    """The `(reward, terminated)` of `get_current_reward`, as a float and a bool.

    Raises:
        ContractError: if it is anything else, or if the reward is not finite.
    """
    name = type(shell).__name__
    if not (isinstance(result, tuple) and len(result) == 2):
        raise ContractError(
            f"{name}.get_current_reward returned {_describe(result)}; "
            "it must return (reward, terminated), such as (1.0, False)."
        )
    reward, terminated = result
    if not isinstance(reward, (numbers.Real, np.generic)) or not math.isfinite(float(reward)):
        raise ContractError(
            f"{name}.get_current_reward gave the reward {reward!r}; it must be a finite number."
        )
    if not isinstance(terminated, (bool, np.bool_)):
        raise ContractError(
            f"{name}.get_current_reward said terminated is {terminated!r}; it must be True or False."
        )
    return float(reward), bool(terminated)


def _describe(result: Any) -> str:
    if isinstance(result, tuple):
        return f"{len(result)} items ({', '.join(type(item).__name__ for item in result)})"
    return f"one {type(result).__name__}"
