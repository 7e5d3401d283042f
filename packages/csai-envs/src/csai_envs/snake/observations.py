"""What a player may see of a game of Snake: spaces, and arrays made from the game.

Any observation can be made from a game at any time. The two that show the whole board can also be the
board that the game is played on, which makes a step cheap.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core import BoxType, DiscreteType, MultiBinaryType, MultiDiscreteType, SpaceType
from csai_core.games import BLUE, DARK_CELL, DEEP_BLUE, ORANGE, copier
from csai_envs.snake.board import APPLE, BODY, EMPTY, HEAD, NOWHERE, one_plane, three_planes
from csai_envs.snake.rules import SnakeGame
from csai_envs.snake.sight import sight, sight_space

GAME_STATE_SCALE = 0.2
"""What `game_state` multiplies the numbers in the cells by."""
SHADES = np.array([code * GAME_STATE_SCALE for code in (EMPTY, BODY, HEAD, APPLE)], np.float32)
"""What `game_state` shows for each number: 0, 0.2, 0.4 and 0.6."""


COLORS = np.array([DARK_CELL, DEEP_BLUE, BLUE, ORANGE], np.uint8)
"""What the view "pixels" shows for each number, the same."""


def spaces(width: int, height: int) -> dict[str, SpaceType]:
    """The space of each observation attribute; coordinates are [y, x]."""
    return {
        "game_state": BoxType(0.0, 1.0, (1, height, width), np.float32),
        "moving_direction": DiscreteType(4),
        "apple_pos": MultiDiscreteType([height, width]),
        "snake_pos": MultiDiscreteType([height, width]),
        "board": BoxType(0, 1, (3, height, width), np.uint8),
        "senses": MultiBinaryType(12),
        "sight": sight_space(),
    }


class Picture:
    """An observation of the whole board that a game is played on, so that no step has to paint it.

    Args:
        name: "game_state" or "board".
        width: cells in a row.
        height: rows.
    """

    def __init__(self, name: str, width: int, height: int) -> None:
        num_cells = width * height
        self.layout = one_plane(GAME_STATE_SCALE) if name == "game_state" else three_planes(num_cells)
        dtype = np.dtype(_DTYPES[name])
        self.memory = bytearray(self.layout.size(num_cells) * dtype.itemsize)
        view: Any = memoryview(self.memory)
        self.cells = self.memory if dtype == np.uint8 else view.cast(dtype.char)
        """The game's board. Plain Python reaches a number here several times faster than in an array."""
        shape = ((len(self.cells) - 1) // num_cells, height, width)
        self.array: NDArray[Any] = np.ndarray(shape, dtype, self.memory)
        """The same as the observation."""

    def observer(self, copy: bool) -> Callable[[], NDArray[Any]]:
        """A function that gives the observation, as an array of its own or as the board itself."""
        return copier(self.memory, self.array.shape, self.array.dtype) if copy else lambda: self.array


_DTYPES: dict[str, type[np.generic]] = {"game_state": np.float32, "board": np.uint8}
PICTURES = frozenset(_DTYPES)
"""Attributes that a game can be played on."""


def game_state(game: SnakeGame) -> NDArray[np.float32]:
    """A number for what lies in each cell, of shape (1, height, width)."""
    shades: NDArray[np.float32] = SHADES[game.codes()]
    return shades.reshape(1, game.height, game.width)


def board(game: SnakeGame) -> NDArray[np.uint8]:
    """Planes for head, body and food, of shape (3, height, width)."""
    planes = np.equal.outer((HEAD, BODY, APPLE), game.codes()).astype(np.uint8)
    return planes.reshape(3, game.height, game.width)


def apple_pos(game: SnakeGame) -> NDArray[np.int64]:
    """The apple as [y, x]; the head where there is no apple left."""
    return position(game.head if game.apple == NOWHERE else game.apple, game.width)


def snake_pos(game: SnakeGame) -> NDArray[np.int64]:
    """The head as [y, x]."""
    return position(game.head, game.width)


def position(cell: int, width: int) -> NDArray[np.int64]:
    """A cell as [y, x]."""
    return np.array(divmod(cell, width), np.int64)


def senses(game: SnakeGame) -> NDArray[np.int8]:
    """Twelve bits: would a move crash, is the apple that way, is the snake heading that way.

    Each for left, right, up and down, in this order: bits 0 to 3, 4 to 7 and 8 to 11.
    """
    head, heading = game.head, game.heading
    y, x = divmod(head, game.width)
    apple_y, apple_x = (y, x) if game.apple == NOWHERE else divmod(game.apple, game.width)
    crashes = [game.would_crash(direction) for direction in range(4)]
    apple = [apple_x < x, apple_x > x, apple_y < y, apple_y > y]
    return np.array([*crashes, *apple, *(heading == direction for direction in range(4))], np.int8)


OBSERVERS: MappingProxyType[str, Callable[[SnakeGame], Any]] = MappingProxyType(
    {
        "game_state": game_state,
        "moving_direction": lambda game: game.heading,
        "apple_pos": apple_pos,
        "snake_pos": snake_pos,
        "board": board,
        "senses": senses,
        "sight": sight,
    }
)
"""For each attribute, how it is made from a game; always a new array."""
