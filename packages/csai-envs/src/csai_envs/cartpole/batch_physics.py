"""The physics of `rules.py` for several carts, in plain Python for a few and in numpy for many.

Both get the same numbers, to the last bit.
The states that go in and out are rows (x, v, angle, spin), as the rules have them.
"""

from __future__ import annotations

from math import cos, sin
from struct import Struct

import numpy as np
from numpy.typing import NDArray

from csai_envs.cartpole.rules import (
    FORCE,
    GRAVITY,
    HALF_LENGTH,
    MAX_ANGLE,
    MAX_X,
    POLE_MASS,
    POLE_MASS_LENGTH,
    TAU,
    TOTAL_MASS,
)

_FORCES = (-FORCE, FORCE)
"""By action."""
_ORDER = [0, 2, 1, 3]
"""Where x, v, angle and spin lie among the rows of `ManyCarts`."""


class FewCarts:
    """Carts with their poles, pushed one by one: numpy's calls cost more than the sums of a few.

    The sums are those of `rules.push`, written out, since calling it would cost a tenth of a step.

    Args:
        num: how many carts.
    """

    def __init__(self, num: int) -> None:
        self._numbers = [0.0] * (4 * num)
        """x, v, angle and spin of the first cart, then of the second, and so on."""
        self._shape = (num, 4)
        self._pack = Struct(f"{4 * num}f").pack_into  # twice as fast as numpy, which looks at each type

    def push(self, actions: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Push every cart once; return which have fallen, as a new array.

        Args:
            actions: 0 or 1 for each.
        """
        pushed: list[float] = []
        fallen = np.zeros(self._shape[0], np.bool_)
        numbers, min_x, min_angle = iter(self._numbers), -MAX_X, -MAX_ANGLE
        for x, v, angle, spin, action in zip(*[numbers] * 4, actions.tolist(), strict=True):
            cosine, sine = cos(angle), sin(angle)
            push_and_swing = (_FORCES[action] + POLE_MASS_LENGTH * (spin * spin) * sine) / TOTAL_MASS
            angular = (GRAVITY * sine - cosine * push_and_swing) / (
                HALF_LENGTH * (4.0 / 3.0 - POLE_MASS * (cosine * cosine) / TOTAL_MASS)
            )
            linear = push_and_swing - POLE_MASS_LENGTH * angular * cosine / TOTAL_MASS
            there, lean = x + TAU * v, angle + TAU * spin
            pushed += (there, v + TAU * linear, lean, spin + TAU * angular)
            if not (min_x <= there <= MAX_X and min_angle <= lean <= MAX_ANGLE):
                fallen[len(pushed) // 4 - 1] = True
        self._numbers = pushed
        return fallen

    def put(self, carts: NDArray[np.intp], states: NDArray[np.float64]) -> None:
        """Put some carts down in states, one in each row."""
        for cart, state in zip(carts.tolist(), states.tolist(), strict=True):
            self._numbers[4 * cart : 4 * cart + 4] = state

    def observe(self) -> NDArray[np.float32]:
        """The state of every cart, one in each row, as a new array."""
        seen = np.empty(self._shape, np.float32)
        self._pack(seen.data, 0, *self._numbers)
        return seen

    @property
    def states(self) -> NDArray[np.float64]:
        """The same in full precision; writable."""
        return np.array(self._numbers).reshape(self._shape)

    @states.setter
    def states(self, states: NDArray[np.float64]) -> None:
        self._numbers = states.ravel().tolist()


class ManyCarts:
    """Carts with their poles, all pushed at once.

    Every number goes through the operations of `rules.push`, in the same order. Each writes into memory that
    is there already (its last argument), and constants are arrays of one number: numpy is quickest where it
    has nothing to make or to convert.

    Args:
        num: how many carts.
    """

    def __init__(self, num: int) -> None:
        self._rows = np.zeros((6, num))
        """x and angle, then how fast each changes, v and spin, then how fast those change."""
        self._state, self._rates = self._rows[:4], self._rows[2:]
        self._change = np.zeros((4, num))
        self._flat, self._starts_of_rows = self._rows.reshape(-1), num * np.array(_ORDER)[:, None]
        self._scratch = [np.zeros(num) for _ in range(5)]
        self._forces = np.array(_FORCES)
        constants = (GRAVITY, POLE_MASS, TOTAL_MASS, HALF_LENGTH, 4.0 / 3.0)
        self._constants = [np.array(value) for value in (*constants, POLE_MASS_LENGTH, TAU)]
        self._limits = np.repeat([[MAX_X], [MAX_ANGLE]], num, axis=1)
        self._leaning = np.zeros((2, num))
        self._is_beyond = np.zeros((2, num), np.bool_)

    def push(self, actions: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Push every cart once; return which have fallen, as a new array.

        Args:
            actions: 0 or 1 for each.
        """
        _, angle, _, spin, linear, angular = self._rows
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
        np.multiply(tau, self._rates, self._change)
        np.add(self._state, self._change, self._state)
        np.abs(self._state[:2], self._leaning)
        np.greater(self._leaning, self._limits, self._is_beyond)
        fallen: NDArray[np.bool_] = np.logical_or(*self._is_beyond)
        return fallen

    def put(self, carts: NDArray[np.intp], states: NDArray[np.float64]) -> None:
        """Put some carts down in states, one in each row."""
        self._flat[self._starts_of_rows + carts] = states.T

    def observe(self) -> NDArray[np.float32]:
        """The state of every cart, one in each row, as a new array."""
        seen = np.empty(self._state.shape, np.float32)
        seen[0::2], seen[1::2] = self._state[:2], self._state[2:]
        return seen.T

    @property
    def states(self) -> NDArray[np.float64]:
        """The same in full precision; writable."""
        return self._rows[_ORDER].T

    @states.setter
    def states(self, states: NDArray[np.float64]) -> None:
        self._rows[_ORDER] = states.T
