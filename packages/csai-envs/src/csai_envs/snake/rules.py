"""The rules of Snake, and nothing else: no observations, no rewards, no drawing.

The board has `width * height` cells, numbered row by row from the top left corner: the cell in row y
and column x is `y * width + x`. One cell more, `game.wall`, stands for everything outside.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from enum import IntEnum
from typing import Any, Literal

from csai_core.errors import ConfigError
from csai_envs import chance

MIN_SIDE, MAX_SIDE = 2, 256
NOWHERE = -1
"""Where the apple is when no cell is left for it."""
TRIES = 16
"""How many random cells are tried for the apple before the free cells are counted instead."""

Event = Literal["moved", "ate", "won", "crashed"]
"""What a move came to; the last two end the game."""


class Action(IntEnum):
    """What the player may do. The first four are also the four headings."""

    LEFT = 0
    RIGHT = 1
    UP = 2
    DOWN = 3
    NOACTION = 4


OPPOSITE = (1, 0, 3, 2)
"""For each heading, the one behind it."""
TURN = tuple(
    {action: heading if action in (OPPOSITE[heading], 4) else action for action in range(5)}
    for heading in range(4)
)
"""heading -> action -> new heading. A snake cannot turn on the spot: turning back is going straight on."""


def check_size(width: int, height: int, start_length: int) -> None:
    """Refuse boards and snakes that make no game.

    Raises:
        ConfigError: saying which value is off and what its range is.
    """
    for name, side in (("width", width), ("height", height)):
        if not MIN_SIDE <= side <= MAX_SIDE:
            raise ConfigError(f"Snake was given {name}={side}; it must be from {MIN_SIDE} to {MAX_SIDE}.")
    longest = max(width, height)
    if not 1 <= start_length <= longest:
        raise ConfigError(
            f"Snake was given start_length={start_length}; "
            f"on a board of {width} x {height} it must be from 1 to {longest}."
        )


def next_cells(width: int, height: int) -> list[list[int]]:
    """The table heading -> cell -> the cell ahead, where the cell outside is number width * height."""
    wall = width * height
    ahead: list[list[int]] = [[], [], [], []]
    for y in range(height):
        for x in range(width):
            cell = y * width + x
            ahead[Action.LEFT].append(cell - 1 if x > 0 else wall)
            ahead[Action.RIGHT].append(cell + 1 if x < width - 1 else wall)
            ahead[Action.UP].append(cell - width if y > 0 else wall)
            ahead[Action.DOWN].append(cell + width if y < height - 1 else wall)
    return ahead


def start_places(width: int, height: int, start_length: int) -> list[tuple[list[int], int]]:
    """Every way a game may start, as (body from tail to head, heading).

    The snake lies straight along the board's longer side (along a row, on a square board) and looks
    toward the farther wall; when both are equally far, to the right or down.
    """
    is_wide = width >= height
    longer, shorter = max(width, height), min(width, height)
    back, forth = (Action.LEFT, Action.RIGHT) if is_wide else (Action.UP, Action.DOWN)
    places = []
    for across in range(shorter):
        for first in range(longer - start_length + 1):
            line = range(first, first + start_length)
            body = [across * width + along if is_wide else along * width + across for along in line]
            looks_forth = longer - start_length - first >= first
            places.append((body if looks_forth else body[::-1], int(forth if looks_forth else back)))
    return places


class SnakeGame:
    """One game of Snake.

    Args:
        width: cells in a row.
        height: rows.
        start_length: cells of the snake at the start.

    Raises:
        ConfigError: if the board or the snake is too small or too large.
    """

    def __init__(self, width: int, height: int, start_length: int = 3) -> None:
        check_size(width, height, start_length)
        self.width = width
        self.height = height
        self.wall = width * height
        self.ahead = next_cells(width, height)
        self.body: deque[int] = deque()
        """The snake's cells from tail to head."""
        self.heading = 0
        self.apple = NOWHERE
        self.score = 0
        """Apples eaten."""
        self.key = 0
        """What this game's chance is computed from."""
        self.num_draws = 0
        self._places = start_places(width, height, start_length)
        self._taken = bytearray(self.wall + 1)
        """1 for each cell that the snake or a wall is in."""

    def start(self, key: int) -> None:
        """Start the game that belongs to a key."""
        self.key, self.num_draws = key, 0
        self.score = 0
        body, self.heading = self._places[self._draw(len(self._places))]
        self.lay(body)
        self._place_apple()

    def move(self, action: int) -> Event:
        """Move the snake one cell.

        Args:
            action: one of `Action`; another raises KeyError.

        Returns:
            "moved", "ate" (the snake grew and a new apple lies somewhere free), "won" (it grew and fills
            the board) or "crashed" (into a wall or itself; the snake stays where it was).
        """
        self.heading = heading = TURN[self.heading][action]
        body, taken = self.body, self._taken
        cell = self.ahead[heading][body[-1]]
        if cell == self.apple:
            return self._eat(cell)
        tail = body[0]
        taken[tail] = 0  # the tail moves on first, so the head may follow into its cell
        if taken[cell]:
            taken[tail] = 1
            return "crashed"
        taken[cell] = 1
        body.append(cell)
        body.popleft()
        return "moved"

    def _eat(self, cell: int) -> Event:
        self.body.append(cell)
        self._taken[cell] = 1
        self.score += 1
        self._place_apple()
        return "won" if self.apple == NOWHERE else "ate"

    def would_crash(self, heading: int) -> bool:
        """Whether moving in a direction ends the game; for the way back it tells about that cell."""
        cell = self.ahead[heading][self.body[-1]]
        return bool(self._taken[cell]) and cell != self.body[0]

    def lay(self, body: Iterable[int]) -> None:
        """Put the snake down somewhere, its cells given from tail to head."""
        self.body = deque(body)
        self._taken = bytearray(self.wall) + b"\1"
        for cell in self.body:
            self._taken[cell] = 1

    def state_dict(self) -> dict[str, Any]:
        """Everything that decides how the game goes on, as plain values."""
        return {"body": list(self.body), **{name: getattr(self, name) for name in _STATE}}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Return to a state that `state_dict` gave."""
        self.lay(state["body"])
        for name in _STATE:
            setattr(self, name, state[name])

    def _place_apple(self) -> None:
        """Put the apple on a free cell, each with the same chance, or nowhere if the board is full.

        Trying cells at random is quick while many are free. When none of the tries was lucky, one
        more draw picks among the free cells themselves, so that this always ends.
        """
        taken = self._taken
        if len(self.body) >= self.wall:
            self.apple = NOWHERE
            return
        for _ in range(TRIES):
            self.apple = self._draw(self.wall)
            if not taken[self.apple]:
                return
        free = [cell for cell in range(self.wall) if not taken[cell]]
        self.apple = free[self._draw(len(free))]

    def _draw(self, n: int) -> int:
        self.num_draws += 1
        return chance.draw(self.key, self.num_draws - 1, n)


_STATE = ("heading", "apple", "score", "key", "num_draws")
