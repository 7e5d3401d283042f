"""What every action in every state of a small game leads to, as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Outcome = tuple[float, int, float, bool]
"""(chance, next state, reward, whether the game ends), as Gymnasium's toy games list them."""


@dataclass(frozen=True)
class Table:
    """The transitions of a game with numbered states; arrays have the shape (states, actions, outcomes)."""

    chances: NDArray[np.float64]
    """How often an action comes to this; those of one action add up to 1, or to 0 where none is taken."""
    next_states: NDArray[np.int64]
    rewards: NDArray[np.float64]
    ends: NDArray[np.bool_]
    """Whether the game is over then, so that nothing more is to be expected."""

    @classmethod
    def from_outcomes(cls, outcomes: Mapping[int, Mapping[int, Sequence[Outcome]]]) -> Table:
        """The table of `env.unwrapped.P`: for each state and action a list of what may happen."""
        num_states, num_actions = len(outcomes), max(map(len, outcomes.values()))
        most = max(len(each) for actions in outcomes.values() for each in actions.values())
        shape = num_states, num_actions, most
        table = cls(np.zeros(shape), np.zeros(shape, np.int64), np.zeros(shape), np.zeros(shape, np.bool_))
        fields = table.chances, table.next_states, table.rewards, table.ends
        for state, actions in outcomes.items():
            for action, found in actions.items():
                for i, outcome in enumerate(found):
                    for field, number in zip(fields, outcome, strict=True):
                        field[state, action, i] = number
        return table

    @property
    def final_rewards(self) -> dict[int, float]:
        """The states in which the game is over, and the highest reward with which one comes there."""
        found: dict[int, float] = {}
        for place in zip(*np.nonzero(self.ends & (self.chances > 0)), strict=True):
            state, reward = int(self.next_states[place]), float(self.rewards[place])
            if state != place[0]:
                found[state] = max(found.get(state, reward), reward)
        return found

    def reachable_from(self, states: Sequence[int]) -> set[int]:
        """The states that a game can come to that begins in one of these, with these."""
        found, coming = set(states), list(states)
        while coming:
            state = coming.pop()
            ahead = self.next_states[state][self.chances[state] > 0].tolist()
            coming += (new := set(ahead) - found)
            found |= new
        return found
