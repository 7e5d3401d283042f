"""What every action is truly worth in a game whose table is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from csai_core.arguments import check_number
from csai_core.errors import ConfigError
from csai_core.overlays.table import Table

TOLERANCE = 1e-8
"""How far the values may be from the true ones."""


def value_iteration(
    table: Table, gamma: float, tolerance: float = TOLERANCE, *, most_sweeps: int = 200_000
) -> NDArray[np.float64]:
    """The values of all actions under the best policy, by sweeps over all states (Bellman 1957).

    What follows the end of a game is worth nothing. The value of a state is that of its best action.

    Args:
        table: of the game.
        gamma: what a reward is worth one step later, from 0 to 1.
        tolerance: how far a value may be from the true one.
        most_sweeps: after how many it is given up.

    Returns:
        An array of shape (states, actions).

    Raises:
        ConfigError: if gamma is none, or if the values grow without end, as they can where gamma is 1.
    """
    gamma = check_number("value_iteration", "gamma", gamma, least=0, most=1)
    rewards = (table.chances * table.rewards).sum(axis=2)
    onward = gamma * table.chances * ~table.ends
    values = np.zeros(len(rewards))
    least_change = tolerance * (1 - gamma) / gamma if 0 < gamma < 1 else tolerance
    for _ in range(most_sweeps):
        worth: NDArray[np.float64] = rewards + (onward * values[table.next_states]).sum(axis=2)
        best = worth.max(axis=1)
        change, values = np.abs(best - values).max(), best
        if change <= least_change:
            return worth
    raise ConfigError(
        f"The values of this game still change by {change:.3g} after {most_sweeps:,} sweeps with "
        f"gamma={gamma}; try a gamma below 1."
    )
