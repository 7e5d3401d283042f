"""A check of the values that an algorithm tells, in rooms whose worth is known."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces as gym_spaces
from numpy.typing import NDArray

from csai_core.algorithm import Algorithm
from csai_core.testing.algorithm.base import DISCOUNTS, AlgorithmChecks, Spaces
from csai_core.testing.algorithm.session import Session
from csai_core.testing.algorithm.worlds import CHAINS
from csai_core.testing.suite import fail, skip

_DISCOUNT = 0.5
_TIMES, _ABOUT = 1.4, 0.04
"""By which factor, and by how much, a value may be wrong; a power more or less makes a factor of 2."""
_ROUNDS = 8
_STEADY = 0.05
"""Values that change less from round to round are learned."""


class ValueChecks(AlgorithmChecks):
    """What it tells of values."""

    def test_its_values_are_discounted_returns(self) -> None:
        """What pays 1 after some steps more is worth 1, times the discount for each of them."""
        spaces = self.few[0]
        if not self.learning_steps or self._chain(spaces, 1.0, "") is None:
            skip("it tells no action_values that it has learned, or its config has no gamma to set")
        for ends in ("", "truncated"):
            if said := self._wrong_worth(spaces, ends):
                how = ", and every step of which is cut short (Step.truncated)" if ends else ""
                fail(
                    f"With gamma={_DISCOUNT}, {said}, in rooms of which each leads to the next{how}. What is "
                    "expected of the next state counts gamma, and of the n-th next one gamma**n, n being the "
                    "steps that were really joined, fewer before an end; it is read from next_observation, "
                    "from a target that follows what is learned."
                )

    def _chain(self, spaces: Spaces, worth: float, ends: str) -> Session | None:
        """A new one in a chain, with a discount that is known; None if it tells nothing of that."""
        for name in DISCOUNTS:
            session = self.session_with(
                {name: _DISCOUNT}, spaces, CHAINS[worth, ends], total_steps=self.learning_steps
            )
            if session is None or not isinstance(session.env.action_space, gym_spaces.Discrete):
                continue
            is_told = type(session.algorithm).explain is not Algorithm.explain
            if is_told and _values(session) is not None:
                return session
        return None

    def _wrong_worth(self, spaces: Spaces, ends: str) -> str:
        """Which room is worth something else than what it should be, once all have been learned."""
        session = self._chain(spaces, 1.0, ends)
        if session is None:
            return ""
        before = np.full(4, np.inf)
        for _ in range(_ROUNDS):
            session.go(self.learning_steps // (2 * session.num_envs))
            values: Any = _values(session)
            if not _wrong(values):
                return ""
            is_steady, before = np.abs(values - before).max() < _STEADY, values
        nothing = self._chain(spaces, 0.0, ends)
        if not is_steady or abs(values[3] - 1.0) > _TIMES - 1.0 or nothing is None:
            return ""
        nothing.go(_ROUNDS * self.learning_steps // (2 * nothing.num_envs))
        room = _wrong(values - _values(nothing))  # what is expected besides the reward is the same there
        if not room:
            return ""
        return (
            f"explain tells that room {room - 1}, from where 1 is paid after {4 - room} steps more, is worth "
            f"{values[room - 1]:.3f} (the last one {values[3]:.3f}), and it is {_DISCOUNT ** (4 - room):g}"
        )


def _values(session: Session) -> NDArray[np.float64] | None:
    """(rooms,): the best action's value in each."""
    rooms, _ = session.all_rooms()
    with session.calling("explain"):
        values = session.algorithm.explain(rooms).action_values
    return None if values is None else np.asarray(values, np.float64).max(axis=1)


def _wrong(values: Any) -> int:
    """The number, from 1, of the first room from behind whose value is wrong; 0 if none is."""
    for room in reversed(range(4)):
        worth = _DISCOUNT ** (3 - room)
        if not worth / _TIMES - _ABOUT <= values[room] <= worth * _TIMES + _ABOUT:
            return room + 1
    return 0
