"""Observations that show a whole board, from which single cells can be taken out."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from csai_core.games.shapes import Grid
from csai_core.overlays.cells import Cell
from csai_core.overlays.layout import canvas_of, grid_on


@dataclass(frozen=True)
class Planes:
    """Where in an observation a board is, and where its cells lie on the picture."""

    name: str | None
    """Of the part of a dict of observations; None where the observation is nothing else."""
    size: tuple[int, int]
    """(width, height) of the picture that the environment draws, in pixels."""
    grid: Grid
    """Where the cells lie on it."""
    shape: tuple[int, int]
    """(rows, columns) of the board."""

    @classmethod
    def of(cls, env: gymnasium.Env[Any, Any]) -> Planes | None:
        """The board in what an environment shows; None where it shows none that is as large as its picture's.

        It is an array of rows and columns, or of planes of such, in which 0 is an empty cell.
        """
        canvas = canvas_of(env)
        if canvas is None:
            return None
        space, shape = env.observation_space, (canvas.rows, canvas.columns)
        parts = space.spaces if isinstance(space, spaces.Dict) else {None: space}
        fitting = [name for name, each in parts.items() if _shows(each, shape)]
        if len(fitting) != 1:
            return None
        return cls(fitting[0], canvas.resolution, canvas.grid, (int(canvas.rows), int(canvas.columns)))

    def on(self, frame: NDArray[np.uint8]) -> Grid:
        """Where the cells lie on a picture, which may have been enlarged."""
        return grid_on(frame, self.grid, self.size)

    def cell_at(self, frame: NDArray[np.uint8], x: float, y: float) -> Cell | None:
        """The cell at a pixel of a picture; None beside the board."""
        grid = self.on(frame)
        row, column = int((y - grid.top) // grid.height), int((x - grid.left) // grid.width)
        return (row, column) if 0 <= row < self.shape[0] and 0 <= column < self.shape[1] else None

    def filled(self, observation: Any) -> list[Cell]:
        """The cells that are not empty."""
        board = np.asarray(observation if self.name is None else observation[self.name])
        rows, columns = np.nonzero(board.reshape(-1, *board.shape[-2:]).any(axis=0))
        return list(zip(rows.tolist(), columns.tolist(), strict=True))

    def without(self, observation: Any, cell: Cell) -> Any:
        """What would be observed if a cell were empty."""
        if self.name is None:
            board = np.array(observation)
            board[..., cell[0], cell[1]] = 0
            return board
        changed = copy.copy(observation)
        changed[self.name] = replace(self, name=None).without(observation[self.name], cell)
        return changed


def _shows(space: spaces.Space[Any], shape: tuple[float, float]) -> bool:
    is_box = isinstance(space, spaces.Box) and 2 <= len(space.shape) <= 3 and space.shape[-2:] == shape
    return is_box and bool((space.low == 0).all())  # type: ignore[attr-defined]
