"""What a player may see of a game of Snake: spaces, and arrays made from the game.

Any observation can be made from a game at any time. The two that show the whole board can also be kept
up with a game, which makes a step cheap.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core.shell import BoxType, DiscreteType, MultiBinaryType, MultiDiscreteType, SpaceType
from csai_envs.snake.rules import APPLE, BODY, EMPTY, HEAD, NOWHERE, SnakeGame

GAME_STATE_SCALE = 0.2
"""What `game_state` multiplies the numbers in the cells by."""
SHADES = np.array([code * GAME_STATE_SCALE for code in (EMPTY, BODY, HEAD, APPLE)], np.float32)
"""What `game_state` shows for each number: 0, 0.2, 0.4 and 0.6."""


def spaces(width: int, height: int) -> dict[str, SpaceType]:
    """The space of each observation attribute; coordinates are [y, x]."""
    return {
        "game_state": BoxType(0.0, 1.0, (1, height, width), np.float32),
        "moving_direction": DiscreteType(4),
        "apple_pos": MultiDiscreteType([height, width]),
        "snake_pos": MultiDiscreteType([height, width]),
        "board": BoxType(0, 1, (3, height, width), np.uint8),
        "senses": MultiBinaryType(12),
    }


class GameState:
    """A board for a game to be played on, which is the observation: (1, height, width), float32."""

    def __init__(self, width: int, height: int) -> None:
        whole = np.zeros(width * height + 1, np.float32)
        self.cells: Any = whole.data  # plain Python reaches a cell through it twice as fast
        self.array = whole[:-1].reshape(1, height, width)

    def follow(self, game: SnakeGame) -> None:
        """Do nothing: the game plays on this board itself."""

    def paint(self, game: SnakeGame) -> None:
        """Do nothing: the game plays on this board itself."""


class Board:
    """Three planes of 0 and 1, for head, body and food, of shape (3, height, width), uint8.

    It follows a game move by move, changing four cells instead of being painted anew.
    """

    def __init__(self, width: int, height: int) -> None:
        self.array = np.zeros((3, height, width), np.uint8)
        self._planes: tuple[Any, ...] = tuple(plane.reshape(-1).data for plane in self.array)
        self._head_cell = self._tail_cell = 0

    def follow(self, game: SnakeGame) -> None:
        """Show a game that has moved once, without eating or crashing, since it was shown last."""
        head, body, _ = self._planes
        snake = game.body
        here, there = self._head_cell, snake[-1]
        head[here] = 0
        body[here] = 1
        body[self._tail_cell] = 0
        head[there] = 1
        self._head_cell, self._tail_cell = there, snake[0]

    def paint(self, game: SnakeGame) -> None:
        """Show any game."""
        head, body, food = self._planes
        self.array.fill(0)
        for cell in game.body:
            body[cell] = 1
        self._head_cell, self._tail_cell = game.body[-1], game.body[0]
        body[self._head_cell] = 0
        head[self._head_cell] = 1
        if game.apple != NOWHERE:
            food[game.apple] = 1


LIVE_VIEWS: MappingProxyType[str, type[GameState] | type[Board]] = MappingProxyType(
    {"game_state": GameState, "board": Board}
)
"""Attributes that need not be made anew in each step."""


def game_state(game: SnakeGame) -> NDArray[np.float32]:
    """A number for what lies in each cell, of shape (1, height, width)."""
    codes = np.array([game.code_at(cell) for cell in range(game.wall)])
    shades: NDArray[np.float32] = SHADES[codes]
    return shades.reshape(1, game.height, game.width)


def board(game: SnakeGame) -> NDArray[np.uint8]:
    """Planes for head, body and food, of shape (3, height, width)."""
    planes = Board(game.width, game.height)
    planes.paint(game)
    return planes.array


def apple_pos(game: SnakeGame) -> NDArray[np.int64]:
    """The apple as [y, x]; the head where there is no apple left."""
    return position(game.body[-1] if game.apple == NOWHERE else game.apple, game.width)


def snake_pos(game: SnakeGame) -> NDArray[np.int64]:
    """The head as [y, x]."""
    return position(game.body[-1], game.width)


def position(cell: int, width: int) -> NDArray[np.int64]:
    """A cell as [y, x]."""
    return np.array(divmod(cell, width), np.int64)


def senses(game: SnakeGame) -> NDArray[np.int8]:
    """Twelve bits: would a move crash, is the apple that way, is the snake heading that way.

    Each for left, right, up and down, in this order: bits 0 to 3, 4 to 7 and 8 to 11.
    """
    head, heading = game.body[-1], game.heading
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
    }
)
"""For each attribute, how it is made from a game; always a new array."""
