"""Where all checks of environments take their actions from: seeded, allowed by the masks, the bounds too."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from csai_core.gate.masks import ActionMasks
from csai_core.gate.values import Improper
from csai_core.testing.suite import fail

_EXTREME, _ZERO = 0.15, 0.05
"""How many of the actions of a Box lie at its bounds, and how many are zero."""
_ACTIONS = 1
"""Beside a seed: a space and a world that are seeded alike draw the same numbers, and meet in every step."""


class ActionSource:
    """Random actions for one environment, drawn from a generator that is the checks' own.

    Args:
        space: of the actions; it is copied, so that what the environment draws from it changes nothing.
        seed: decides which actions; they are independent of what a world of the same seed draws.
    """

    def __init__(self, space: spaces.Space[Any], seed: int) -> None:
        self._random = np.random.default_rng((seed, _ACTIONS))
        self._space = copy.deepcopy(space)
        self._space.seed(int(self._random.integers(2**31)))
        self._masks = ActionMasks(space)

    def draw(self, info: Any = None) -> Any:
        """An action, an allowed one where `info["action_mask"]` tells which are.

        Raises:
            ConformanceError: if the mask is none for the space.
        """
        return self.draw_allowed(self.allowed(info))

    def draw_allowed(self, row: NDArray[np.int8] | None) -> Any:
        """An action that a row of `ActionMasks` allows; any for None."""
        if row is not None:
            return self._space.sample(mask_for_sampling(self._space, row))
        return self._at_the_bounds(self._space, self._space.sample())

    def allowed(self, info: Any) -> NDArray[np.int8] | None:
        """The mask in an info as a row, 1 where a choice is allowed; None if there is none."""
        mask = info.get("action_mask") if isinstance(info, dict) else None
        if mask is None:
            return None
        try:
            return self._masks.read(mask)
        except Improper as found:
            fail(str(found))

    def _at_the_bounds(self, space: spaces.Space[Any], sampled: Any) -> Any:
        """The same, or now and then an action at the bounds of a Box, where formulas break."""
        if isinstance(space, spaces.Dict):
            return {name: self._at_the_bounds(part, sampled[name]) for name, part in space.spaces.items()}
        if isinstance(space, spaces.Tuple):
            return tuple(map(self._at_the_bounds, space.spaces, sampled))
        if not isinstance(space, spaces.Box) or space.dtype.kind != "f":
            return sampled
        kind = self._random.random()
        if kind < _ZERO:
            chosen = np.zeros_like(sampled)
        elif kind < _ZERO + _EXTREME:
            bound = np.where(self._random.integers(0, 2, space.shape), space.low, space.high)
            chosen = np.where(np.isfinite(bound), bound, sampled).astype(space.dtype)
        else:
            return sampled
        return chosen if space.contains(chosen) else sampled


class SteadySource(ActionSource):
    """The same action for as long as it is allowed, which random play never takes for long.

    Args:
        space: of the actions.
        number: which one, of numbered actions; of others, one drawn by it.
    """

    def __init__(self, space: spaces.Space[Any], number: int) -> None:
        super().__init__(space, number)
        self._first: int | None = None
        self._kept = super().draw_allowed(None)
        if isinstance(space, spaces.Discrete):
            self._first = int(space.start)
            self._kept = np.int64(self._first + number % int(space.n))

    def draw_allowed(self, row: NDArray[np.int8] | None) -> Any:
        """The same action as before; another where a row of `ActionMasks` forbids it."""
        if row is None or (self._first is not None and row[self._kept - self._first]):
            return copy.deepcopy(self._kept)
        return super().draw_allowed(row)


def mask_for_sampling(space: spaces.Space[Any], row: NDArray[np.int8]) -> Any:
    """A row of `ActionMasks` in the form that Gymnasium's `Space.sample` takes."""
    if isinstance(space, spaces.MultiDiscrete):
        return tuple(np.split(row, np.cumsum(space.nvec.ravel())[:-1]))
    if isinstance(space, spaces.MultiBinary):
        return (row * 2).reshape(space.shape)  # 2 leaves a bit to chance, 0 keeps it off
    if isinstance(space, (spaces.Dict, spaces.Tuple)):
        parts = list(space.spaces.items() if isinstance(space, spaces.Dict) else enumerate(space.spaces))
        masks, start = {}, 0
        for name, part in parts:
            size = ActionMasks(part).num_choices
            masks[name] = mask_for_sampling(part, row[start : start + size]) if size else None
            start += size
        return masks if isinstance(space, spaces.Dict) else tuple(masks.values())
    return row
