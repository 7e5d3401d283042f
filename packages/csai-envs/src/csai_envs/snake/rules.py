"""The rules of Snake, and nothing else: no observations, no rewards, no drawing.

The board has `width * height` cells, numbered row by row from the top left corner: the cell in row y
and column x is `y * width + x`. One cell more, `game.wall`, stands for everything outside. In each cell
stands a number that says what lies there. The game keeps them in whatever it is given, so that an
observation can be the very board that the game is played on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from enum import IntEnum
from operator import index
from typing import Any, Literal, cast

from csai_core.errors import ConfigError
from csai_envs import chance

MIN_SIDE, MAX_SIDE = 2, 256
EMPTY, BODY, HEAD, APPLE = 0, 1, 2, 3
"""What lies in a cell; walls count as body."""
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
        cells: where the board is kept, width * height + 1 numbers of any kind.
        scale: what EMPTY, BODY, HEAD and APPLE are multiplied by before they are put there.

    Raises:
        ConfigError: if the board or the snake is too small or too large.
    """

    def __init__(
        self, width: int, height: int, start_length: int = 3, cells: Any = None, scale: float = 1
    ) -> None:
        check_size(width, height, start_length)
        self.width = width
        self.height = height
        self.wall = width * height
        self.cells = cast("Any", bytearray(self.wall + 1) if cells is None else cells)
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
        self._scale = scale
        self._codes: tuple[Any, Any, Any, Any] = (EMPTY * scale, BODY * scale, HEAD * scale, APPLE * scale)
        self.cells[self.wall] = self._codes[BODY]

    def start(self, key: int) -> None:
        """Start the game that belongs to a key."""
        self.key, self.num_draws = key, 0
        self.score = 0
        body, self.heading = self._places[self._draw(len(self._places))]
        self.put_apple(NOWHERE)
        self.lay(body)
        self._new_apple()

    def move(self, action: int) -> Event:
        """Move the snake one cell.

        Args:
            action: one of `Action`; anything else raises KeyError or TypeError, and nothing moves.

        Returns:
            "moved", "ate" (the snake grew and a new apple lies somewhere free), "won" (it grew and fills
            the board) or "crashed" (into a wall or itself; the snake stays where it was).
        """
        self.heading = heading = TURN[self.heading][index(action)]
        empty, body, head, _ = self._codes
        cells, snake = self.cells, self.body
        here, tail = snake[-1], snake[0]
        there = self.ahead[heading][here]
        cells[here] = body
        if there == self.apple:
            return self._eat(there)
        cells[tail] = empty  # the tail moves on first, so the head may follow into its cell
        if cells[there]:
            cells[tail] = body
            cells[here] = head
            return "crashed"
        cells[there] = head
        snake.append(there)
        snake.popleft()
        return "moved"

    def _eat(self, there: int) -> Event:
        self.body.append(there)
        self.cells[there] = self._codes[HEAD]
        self.score += 1
        self.apple = NOWHERE
        self._new_apple()
        return "won" if self.apple == NOWHERE else "ate"

    def would_crash(self, heading: int) -> bool:
        """Whether moving in a direction ends the game; for the way back it tells about that cell."""
        cell = self.ahead[heading][self.body[-1]]
        return bool(self.cells[cell]) and cell not in (self.body[0], self.apple)

    def code_at(self, cell: int) -> int:
        """EMPTY, BODY, HEAD or APPLE."""
        code: int = round(self.cells[cell] / self._scale)
        return code

    def head_before(self) -> int:
        """The cell that the head came from, after a move that did not crash."""
        return self.ahead[OPPOSITE[self.heading]][self.body[-1]]

    def lay(self, body: Iterable[int]) -> None:
        """Put the snake down somewhere, its cells given from tail to head; the apple stays."""
        empty, snake, head, _ = self._codes
        for cell in self.body:
            self.cells[cell] = empty
        self.body = deque(body)
        for cell in self.body:
            self.cells[cell] = snake
        self.cells[self.body[-1]] = head
        self.put_apple(self.apple)

    def put_apple(self, cell: int) -> None:
        """Put the apple down somewhere, or take it away (NOWHERE)."""
        empty, _, _, apple = self._codes
        if self.apple != NOWHERE and self.apple not in self.body:
            self.cells[self.apple] = empty
        self.apple = cell
        if cell != NOWHERE and cell not in self.body:
            self.cells[cell] = apple

    def _new_apple(self) -> None:
        """Put the apple on a free cell, each with the same chance, or nowhere if the board is full.

        Trying cells at random is quick while many are free. When none of the tries was lucky, one
        more draw picks among the free cells themselves, so that this always ends.
        """
        cells = self.cells
        if len(self.body) >= self.wall:
            return
        for _ in range(TRIES):
            cell = self._draw(self.wall)
            if not cells[cell]:
                break
        else:
            free = [cell for cell in range(self.wall) if not cells[cell]]
            cell = free[self._draw(len(free))]
        self.apple = cell
        cells[cell] = self._codes[APPLE]

    def _draw(self, n: int) -> int:
        self.num_draws += 1
        return chance.draw(self.key, self.num_draws - 1, n)

    def state_dict(self) -> dict[str, Any]:
        """Everything that decides how the game goes on, as plain values."""
        return {"body": list(self.body), **{name: getattr(self, name) for name in _STATE}}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Return to a state that `state_dict` gave."""
        self.put_apple(NOWHERE)
        self.lay(state["body"])
        self.put_apple(state["apple"])
        for name in _STATE:
            setattr(self, name, state[name])


_STATE = ("heading", "apple", "score", "key", "num_draws")
