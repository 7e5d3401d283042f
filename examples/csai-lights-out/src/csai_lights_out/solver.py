"""An agent that solves Lights Out.

Pressing twice undoes itself and the order does not matter, so a board is a vector of bits, each press adds
a fixed vector to it, and a solution is what linear algebra over the two numbers 0 and 1 finds.
"""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from csai_core import Agent
from csai_core.errors import ConfigError
from numpy.typing import NDArray

from csai_lights_out.env import LightsOutEnv
from csai_lights_out.rules import Lamps, press


class Solver(Agent):
    """Presses the lamps of a solution, one after the other."""

    def get_next_action(self, state: Lamps) -> int:
        """The first lamp of a solution of the board `state`; the first of all on a dark one."""
        return int(np.argmax(solve(state)))


def make_solver(env: gymnasium.Env[Any, Any]) -> Solver:
    """The solver for an environment.

    Raises:
        ConfigError: if it is another game.
    """
    if not isinstance(env.unwrapped, LightsOutEnv):
        raise ConfigError(
            f"lights_out_solver was given {env.unwrapped!r}; it plays LightsOut/Small-v0 and -Large-v0."
        )
    return Solver()


def solve(lamps: Lamps) -> NDArray[np.int8]:
    """Which lamps to press, (size * size,), by Gauss-Jordan elimination.

    Raises:
        ConfigError: if the board cannot be solved, as some of size 4 and 5 cannot.
    """
    size, cells = len(lamps), lamps.size
    system = np.zeros((cells, cells + 1), np.int8)
    for cell in range(cells):
        board = np.zeros_like(lamps)
        press(board, *divmod(cell, size))
        system[:, cell] = board.ravel()
    system[:, cells] = lamps.ravel()
    pivots: list[int] = []
    for column in range(cells):
        rank = len(pivots)
        candidates = np.flatnonzero(system[rank:, column])
        if len(candidates) == 0:
            continue
        system[[rank, rank + candidates[0]]] = system[[rank + candidates[0], rank]]
        others = np.flatnonzero(system[:, column])
        system[others[others != rank]] ^= system[rank]
        pivots.append(column)
    if system[len(pivots) :, cells].any():
        raise ConfigError(f"This board cannot be solved:\n{lamps}")
    presses = np.zeros(cells, np.int8)
    presses[pivots] = system[: len(pivots), cells]
    return presses
