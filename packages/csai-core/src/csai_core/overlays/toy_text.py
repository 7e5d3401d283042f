"""The boards of Gymnasium's FrozenLake, CliffWalking and Taxi, which do not tell them by themselves."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

from csai_core.games.shapes import Grid
from csai_core.overlays.cells import Cell, Move

LEFT, RIGHT, UP, DOWN = (0, -1), (0, 1), (-1, 0), (1, 0)


class Found(NamedTuple):
    """What is known of a board; see `csai_core.overlays.Board`."""

    size: tuple[int, int]
    grid: Grid
    states: Mapping[Cell, Any]
    numbers: Mapping[Cell, int]
    moves: tuple[Move | None, ...] | None = None
    masks: Mapping[Cell, Any] | None = None
    walls: frozenset[tuple[Cell, Cell]] = frozenset()


def board_of(env: Any) -> Found | None:
    """The board of an environment of Gymnasium's; None where it is none of the three.

    Args:
        env: without wrappers.
    """
    return _BOARDS[_kind(env)](env) if is_toy(env) else None


def is_toy(env: Any) -> bool:
    """Whether an environment is one of the three."""
    return _kind(env) in _BOARDS


def _kind(env: Any) -> tuple[str, str]:
    return type(env).__module__, type(env).__name__


def _frozen_lake(env: Any) -> Found:
    cells = {divmod(state, env.ncol): state for state in range(env.nrow * env.ncol)}
    grid = Grid(0, 0, *env.cell_size)
    return Found(env.window_size, grid, cells, cells, (LEFT, DOWN, RIGHT, UP))


def _cliff_walking(env: Any) -> Found:
    rows, columns = env.shape
    cells = {divmod(state, columns): state for state in range(rows * columns)}
    width, height = env.cell_size
    open_cells = {cell: state for cell, state in cells.items() if not env._cliff[cell]}
    size, grid = (width * columns, height * rows), Grid(0, 0, width, height)
    return Found(size, grid, open_cells, open_cells, (UP, RIGHT, DOWN, LEFT))


def _taxi(env: Any) -> Found:
    """The passenger and the destination stay, the taxi is put on every cell."""
    _, _, passenger, destination = env.decode(int(env.s))
    cells = [(row, column) for row in range(env.max_row + 1) for column in range(env.max_col + 1)]
    states = {cell: int(env.encode(*cell, passenger, destination)) for cell in cells}
    (left, top), (right, bottom) = env.get_surf_loc((0, 0)), env.get_surf_loc((1, 1))
    grid = Grid(left, top, right - left, bottom - top)
    size = sys.modules[type(env).__module__].WINDOW_SIZE
    masks = {cell: env.action_mask(state) for cell, state in states.items()}
    moves = (DOWN, UP, RIGHT, LEFT, None, None)
    numbers = {} if env.fickle_passenger else states  # a passenger's change of mind is not in its table
    return Found(size, grid, states, numbers, moves, masks, _taxi_walls(env, cells))


def _taxi_walls(env: Any, cells: list[Cell]) -> frozenset[tuple[Cell, Cell]]:
    pairs = [((row, column), (row, column + 1)) for row, column in cells if column < env.max_col]
    between = [each for each in pairs if env.desc[each[0][0] + 1, 2 * each[0][1] + 2] != b":"]
    return frozenset(between) | {(there, here) for here, there in between}


_TOY_TEXT = "gymnasium.envs.toy_text"
_BOARDS = {
    (f"{_TOY_TEXT}.frozen_lake", "FrozenLakeEnv"): _frozen_lake,
    (f"{_TOY_TEXT}.cliffwalking", "CliffWalkingEnv"): _cliff_walking,
    (f"{_TOY_TEXT}.taxi", "TaxiEnv"): _taxi,
}
