"""Where the carts of a batch start, each by a generator of its own, as the single environment does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium.utils import seeding
from numpy.typing import NDArray

from csai_core.games import any_of
from csai_envs.cartpole.rules import START

STOCK = 64
"""How many initial states a cart draws at a time: a generator makes so many about as fast as one."""
_ONE = np.array(1)


class InitialStates:
    """The initial states that carts have drawn, and their generators.

    Args:
        num: how many carts.
    """

    def __init__(self, num: int) -> None:
        self._generators = np.full(num, None, dtype=object)
        self._drawn = np.zeros((num * STOCK, 4))
        """Rows (x, v, angle, spin); `STOCK` for each cart."""
        self._ends = STOCK * np.arange(1, num + 1)
        """The row behind each cart's."""
        self._next = self._ends.copy()

    def seed(self, carts: NDArray[np.intp], seeds: Sequence[int | None]) -> None:
        """Give carts the generators of their seeds; None goes on with what a cart has.

        Args:
            carts: their numbers.
            seeds: one for each of all carts.
        """
        for cart in carts:
            if seeds[cart] is not None or self._generators[cart] is None:
                self._generators[cart] = seeding.np_random(seeds[cart])[0]
                self._next[cart] = self._ends[cart]

    def take(self, carts: NDArray[np.intp]) -> NDArray[np.float64]:
        """The next initial state of each of some carts, (len(carts), 4)."""
        row = self._next[carts]
        is_used_up = row == self._ends[carts]
        if any_of(is_used_up):
            for cart in carts[is_used_up]:
                drawn = self._generators[cart].uniform(-START, START, (STOCK, 4))
                self._drawn[STOCK * cart : STOCK * (cart + 1)] = drawn
            row[is_used_up] -= STOCK
        self._next[carts] = row + _ONE
        return self._drawn.take(row, axis=0)

    def state_dict(self) -> dict[str, Any]:
        """What is drawn, and how the generators go on."""
        generators = [each and each.bit_generator.state for each in self._generators]
        return {"drawn": self._drawn.copy(), "next": self._next.copy(), "generators": generators}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        self._drawn[...], self._next[...] = state["drawn"], state["next"]
        for cart, generator in enumerate(state["generators"]):
            if generator is not None:
                self._generators[cart] = seeding.np_random(0)[0]
                self._generators[cart].bit_generator.state = generator
