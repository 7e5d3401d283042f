"""The physics of `rules.py` for several carts, in plain Python for a few and in numpy for many.

Both get the same numbers, to the last bit.
The states that go in and out are rows (x, v, angle, spin), as the rules have them.
"""

from __future__ import annotations

from itertools import chain
from struct import Struct

import numpy as np
from numpy.typing import NDArray

from csai_envs.cartpole import rules
from csai_envs.cartpole.rules import has_fallen, push


class FewCarts:
    """Carts with their poles, pushed one by one: numpy's calls cost more than the sums of a few.

    Args:
        num: how many carts.
    """

    def __init__(self, num: int) -> None:
        self._carts: list[rules.State] = [(0.0, 0.0, 0.0, 0.0)] * num
        self._shape = (num, 4)
        self._pack = Struct(f"{4 * num}f").pack_into  # twice as fast as numpy, which looks at each type

    def push(self, actions: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Push every cart once; return which have fallen, as a new array.

        Args:
            actions: 0 or 1 for each.
        """
        pushed = zip(self._carts, actions.tolist(), strict=True)
        self._carts = [push(x, v, angle, spin, action) for (x, v, angle, spin), action in pushed]
        fallen = bytearray([has_fallen(x, angle) for x, _, angle, _ in self._carts])
        return np.frombuffer(fallen, np.bool_)

    def put(self, carts: NDArray[np.intp], states: NDArray[np.float64]) -> None:
        """Put some carts down in states, one in each row."""
        for cart, (x, v, angle, spin) in zip(carts.tolist(), states.tolist(), strict=True):
            self._carts[cart] = (x, v, angle, spin)

    def look(self) -> NDArray[np.float32]:
        """The state of every cart, one in each row, as a new array."""
        seen = np.empty(self._shape, np.float32)
        self._pack(seen.data, 0, *chain.from_iterable(self._carts))
        return seen

    @property
    def states(self) -> NDArray[np.float64]:
        """The same in full precision; writable."""
        return np.array(self._carts)

    @states.setter
    def states(self, states: NDArray[np.float64]) -> None:
        self.put(np.arange(len(self._carts)), states)


class ManyCarts:
    """Carts with their poles, all pushed at once.

    Every number goes through the operations of `rules.push`, in the same order. Each writes into memory that
    is there already (its last argument), and constants are arrays of one number: numpy is quickest where it
    has nothing to make or to convert.

    Args:
        num: how many carts.
    """

    def __init__(self, num: int) -> None:
        self._rows = np.zeros((4, num))
        """Rows x, v, angle and spin."""
        self._flat, self._starts_of_rows = self._rows.reshape(-1), num * np.arange(4)[:, None]
        self._places, self._speeds = self._rows[0::2], self._rows[1::2]
        self._change = np.zeros((4, num))
        self._way, self._gain = self._change[0::2], self._change[1::2]
        """By how much places and speeds change."""
        self._accelerations = np.zeros((2, num))
        """Of the cart and of the pole's angle."""
        self._scratch = [np.zeros(num) for _ in range(5)]
        self._forces = np.array([-rules.FORCE, rules.FORCE])
        constants = (rules.GRAVITY, rules.POLE_MASS, rules.TOTAL_MASS, rules.HALF_LENGTH, 4.0 / 3.0)
        self._constants = [np.array(value) for value in (*constants, rules.POLE_MASS_LENGTH, rules.TAU)]
        self._limits = np.repeat([[rules.MAX_X], [rules.MAX_ANGLE]], num, axis=1)
        self._leaning = np.zeros((2, num))
        self._is_beyond = np.zeros((2, num), np.bool_)

    def push(self, actions: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Push every cart once; return which have fallen, as a new array.

        Args:
            actions: 0 or 1 for each.
        """
        _, _, angle, spin = self._rows
        linear, angular = self._accelerations
        cosine, sine, swing, force, below = self._scratch
        gravity, pole_mass, total_mass, half_length, four_thirds, pole_mass_length, tau = self._constants
        np.cos(angle, cosine)
        np.sin(angle, sine)
        # push_and_swing = (force + POLE_MASS_LENGTH * (spin * spin) * sine) / TOTAL_MASS
        self._forces.take(actions, out=force, mode="clip")
        np.multiply(spin, spin, swing)
        np.multiply(pole_mass_length, swing, swing)
        np.multiply(swing, sine, swing)
        np.add(force, swing, swing)
        np.divide(swing, total_mass, swing)
        # angular = (GRAVITY * sine - cosine * push_and_swing)
        #           / (HALF_LENGTH * (4 / 3 - POLE_MASS * (cosine * cosine) / TOTAL_MASS))
        np.multiply(cosine, cosine, below)
        np.multiply(pole_mass, below, below)
        np.divide(below, total_mass, below)
        np.subtract(four_thirds, below, below)
        np.multiply(half_length, below, below)
        np.multiply(gravity, sine, angular)
        np.multiply(cosine, swing, linear)
        np.subtract(angular, linear, angular)
        np.divide(angular, below, angular)
        # linear = push_and_swing - POLE_MASS_LENGTH * angular * cosine / TOTAL_MASS
        np.multiply(pole_mass_length, angular, linear)
        np.multiply(linear, cosine, linear)
        np.divide(linear, total_mass, linear)
        np.subtract(swing, linear, linear)
        # One step of Euler's method, all by the speeds before it.
        np.multiply(tau, self._speeds, self._way)
        np.multiply(tau, self._accelerations, self._gain)
        np.add(self._rows, self._change, self._rows)
        np.abs(self._places, self._leaning)
        np.greater(self._leaning, self._limits, self._is_beyond)
        fallen: NDArray[np.bool_] = np.logical_or.reduce(self._is_beyond)
        return fallen

    def put(self, carts: NDArray[np.intp], states: NDArray[np.float64]) -> None:
        """Put some carts down in states, one in each row."""
        self._flat[self._starts_of_rows + carts] = states.T

    def look(self) -> NDArray[np.float32]:
        """The state of every cart, one in each row, as a new array."""
        return self._rows.astype(np.float32).T

    @property
    def states(self) -> NDArray[np.float64]:
        """The same in full precision; writable."""
        return self._rows.T.copy()

    @states.setter
    def states(self, states: NDArray[np.float64]) -> None:
        self._rows[:] = states.T
