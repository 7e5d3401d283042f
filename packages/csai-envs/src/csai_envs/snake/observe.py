"""What a player may see of a game of Snake: spaces, and arrays made from the game.

The two pictures of the board can also follow a game move by move, changing three cells instead of
being painted anew; that is what makes a step cheap.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core.shell import BoxType, DiscreteType, MultiBinaryType, MultiDiscreteType, SpaceType
from csai_envs.snake.rules import NOWHERE, SnakeGame

EMPTY, BODY, HEAD, APPLE = 0.0, 0.2, 0.4, 0.6
"""What `game_state` shows: the object's number, from 0 to 3, divided by 5."""


class GameState:
    """One picture with a number for each kind of object, of shape (1, height, width), float32."""

    def __init__(self, height: int, width: int) -> None:
        self.array = np.zeros((1, height, width), np.float32)
        self._cells = _cells_of(self.array)

    def __reduce__(self) -> tuple[Any, ...]:
        return GameState, self.array.shape[1:], self.array

    def __setstate__(self, array: NDArray[np.float32]) -> None:
        self.array[...] = array

    def paint(self, game: SnakeGame) -> None:
        """Show the game as it is."""
        self.array.fill(EMPTY)
        cells = self._cells
        for cell in game.body:
            cells[cell] = BODY
        cells[game.body[-1]] = HEAD
        if game.apple != NOWHERE:
            cells[game.apple] = APPLE

    def move(self, head: int, tail: int, new_head: int) -> None:
        """Follow a move from `head` to `new_head` that left `tail`."""
        cells = self._cells
        cells[head] = BODY
        cells[tail] = EMPTY
        cells[new_head] = HEAD


class Board:
    """Three planes of 0 and 1, for head, body and food, of shape (3, height, width), uint8."""

    def __init__(self, height: int, width: int) -> None:
        self.array = np.zeros((3, height, width), np.uint8)
        self._head, self._body, self._food = (_cells_of(plane) for plane in self.array)

    def __reduce__(self) -> tuple[Any, ...]:
        return Board, self.array.shape[1:], self.array

    def __setstate__(self, array: NDArray[np.uint8]) -> None:
        self.array[...] = array

    def paint(self, game: SnakeGame) -> None:
        """Show the game as it is."""
        self.array.fill(0)
        for cell in game.body:
            self._body[cell] = 1
        head = game.body[-1]
        self._body[head] = 0
        self._head[head] = 1
        if game.apple != NOWHERE:
            self._food[game.apple] = 1

    def move(self, head: int, tail: int, new_head: int) -> None:
        """Follow a move from `head` to `new_head` that left `tail`."""
        self._head[head] = 0
        self._body[head] = 1
        self._body[tail] = 0
        self._head[new_head] = 1


def _cells_of(array: NDArray[Any]) -> Any:
    """A flat window on an array, through which plain Python reaches a cell twice as fast."""
    return memoryview(array.reshape(-1).data)


Picture = GameState | Board
PICTURES: MappingProxyType[str, type[Picture]] = MappingProxyType({"game_state": GameState, "board": Board})


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


def paint(picture: type[Picture], game: SnakeGame) -> NDArray[Any]:
    """A picture of a game, painted anew."""
    painted = picture(game.height, game.width)
    painted.paint(game)
    return painted.array


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
        "game_state": lambda game: paint(GameState, game),
        "moving_direction": lambda game: game.heading,
        "apple_pos": lambda game: position(
            game.body[-1] if game.apple == NOWHERE else game.apple, game.width
        ),
        "snake_pos": lambda game: position(game.body[-1], game.width),
        "board": lambda game: paint(Board, game),
        "senses": senses,
    }
)
"""For each attribute, how it is read from a game; always a new array."""
