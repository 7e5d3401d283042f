"""The rules of Snake, and nothing else: no observations, no rewards, no drawing.

The board has `width * height` cells, numbered row by row from the top left corner: the cell in row y
and column x is `y * width + x`. One cell more, `game.wall`, stands for everything outside.

What lies where is kept in a row of numbers of the player's choice (`Layout`), so that an observation can be
the very board that the game is played on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from enum import IntEnum
from operator import index
from typing import Any, Literal, NamedTuple

from csai_core.errors import ConfigError
from csai_envs import chance

MIN_SIDE, MAX_SIDE = 2, 256
EMPTY, BODY, HEAD, APPLE = 0, 1, 2, 3
"""What lies in a cell."""
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


class Layout(NamedTuple):
    """How a board is kept in a row of numbers: where each kind of thing is marked, and by which number.

    Heads are marked in the places from 0 on, bodies and apples so many places further on. Empty cells hold
    zeros. The last place of all is marked as body for good: it is what lies in `wall`.
    """

    bodies: int
    apples: int
    marks: tuple[float, float, float]
    """Of a body, a head and an apple."""

    def size(self, num_cells: int) -> int:
        """How many numbers it takes."""
        return self.apples + num_cells + 1


def one_plane(scale: float = 1) -> Layout:
    """A number in each cell says what lies there: BODY, HEAD or APPLE, times a scale."""
    return Layout(0, 0, (BODY * scale, HEAD * scale, APPLE * scale))


def three_planes(num_cells: int) -> Layout:
    """First a plane of 0 and 1 for the head, then one for the body, then one for the apple."""
    return Layout(num_cells, 2 * num_cells, (1, 1, 1))


def next_cells(width: int, height: int, wall: int) -> list[list[int]]:
    """The table heading -> cell -> the cell ahead, which is `wall` outside the board."""
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
        layout: how the board is kept.
        cells: where it is kept: `layout.size` numbers of any kind, as a buffer.

    Raises:
        ConfigError: if the board or the snake is too small or too large.
    """

    def __init__(
        self,
        width: int,
        height: int,
        start_length: int = 3,
        layout: Layout | None = None,
        cells: Any = None,
    ) -> None:
        check_size(width, height, start_length)
        self.width = width
        self.height = height
        self.num_cells = width * height
        layout = one_plane() if layout is None else layout
        # Plain Python reaches a number through a memoryview twice as fast as through an array.
        self.cells: memoryview[Any] = memoryview(
            bytearray(layout.size(self.num_cells)) if cells is None else cells
        )
        self._bodies, self._apples, (self._body_mark, self._head_mark, self._apple_mark) = layout
        self.wall = len(self.cells) - 1 - self._bodies
        self.cells[-1] = self._body_mark
        blank: Any = memoryview(bytearray(self.cells))
        self._empty_cells = blank.cast(self.cells.format)
        self.ahead = next_cells(width, height, self.wall)
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

    def start(self, key: int) -> None:
        """Start the game that belongs to a key."""
        self.key, self.num_draws = key, 0
        self.score = 0
        body, self.heading = self._places[self._draw(len(self._places))]
        self.apple = NOWHERE
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
        cells, snake, bodies = self.cells, self.body, self._bodies
        here, tail = snake[-1], snake[0]
        there = self.ahead[heading][here]
        if there == self.apple:
            return self._eat(here, there)
        if cells[there + bodies] and there != tail:  # the tail moves on, so the head may follow into its cell
            return "crashed"
        cells[here] = EMPTY
        cells[here + bodies] = self._body_mark
        cells[tail + bodies] = EMPTY
        cells[there] = self._head_mark
        snake.append(there)
        snake.popleft()
        return "moved"

    def _eat(self, here: int, there: int) -> Event:
        cells = self.cells
        cells[here] = EMPTY
        cells[here + self._bodies] = self._body_mark
        cells[there + self._apples] = EMPTY
        cells[there] = self._head_mark
        self.body.append(there)
        self.score += 1
        self.apple = NOWHERE
        self._new_apple()
        return "won" if self.apple == NOWHERE else "ate"

    def would_crash(self, heading: int) -> bool:
        """Whether moving in a direction ends the game; for the way back it tells about that cell."""
        cell = self.ahead[heading][self.body[-1]]
        return bool(self.cells[cell + self._bodies]) and cell not in (self.body[0], self.apple)

    def codes(self) -> list[int]:
        """EMPTY, BODY, HEAD or APPLE, for each cell."""
        codes = [EMPTY] * self.num_cells
        if self.apple != NOWHERE:
            codes[self.apple] = APPLE
        for cell in self.body:
            codes[cell] = BODY
        codes[self.body[-1]] = HEAD
        return codes

    def head_before(self) -> int:
        """The cell that the head came from, after a move that did not crash."""
        return self.ahead[OPPOSITE[self.heading]][self.body[-1]]

    def lay(self, body: Iterable[int]) -> None:
        """Put the snake down somewhere, its cells given from tail to head; the apple stays."""
        self.body = deque(body)
        self._mark()

    def put_apple(self, cell: int) -> None:
        """Put the apple down somewhere, or take it away (NOWHERE)."""
        self.apple = cell
        self._mark()

    def _mark(self) -> None:
        """Mark everything anew; an apple that lies under the snake is hidden."""
        cells, bodies, mark = self.cells, self._bodies, self._body_mark
        cells[:] = self._empty_cells
        if self.apple != NOWHERE:
            cells[self.apple + self._apples] = self._apple_mark
        for cell in self.body:
            cells[cell + bodies] = mark
        cells[self.body[-1] + bodies] = EMPTY
        cells[self.body[-1]] = self._head_mark

    def _new_apple(self) -> None:
        """Put the apple on a free cell, each with the same chance, or nowhere if the board is full.

        Trying cells at random is quick while many are free. When none of the tries was lucky, one
        more draw picks among the free cells themselves, so that this always ends.
        """
        cells, bodies = self.cells, self._bodies
        if len(self.body) >= self.num_cells:
            return
        for _ in range(TRIES):
            cell = self._draw(self.num_cells)
            if not (cells[cell] or cells[cell + bodies]):
                break
        else:
            free = [cell for cell in range(self.num_cells) if not (cells[cell] or cells[cell + bodies])]
            cell = free[self._draw(len(free))]
        self.apple = cell
        cells[cell + self._apples] = self._apple_mark

    def _draw(self, n: int) -> int:
        k = self.num_draws
        self.num_draws = k + 1
        return chance.draw(self.key, k, n)

    def state_dict(self) -> dict[str, Any]:
        """Everything that decides how the game goes on, as plain values."""
        return {"body": list(self.body), **{name: getattr(self, name) for name in _STATE}}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Return to a state that `state_dict` gave."""
        for name in _STATE:
            setattr(self, name, state[name])
        self.lay(state["body"])


_STATE = ("heading", "apple", "score", "key", "num_draws")
