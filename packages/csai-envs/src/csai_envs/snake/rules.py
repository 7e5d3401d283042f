"""The rules of Snake, and nothing else: no observations, no rewards, no drawing.

The board it is played on is told in `board.py`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from operator import index
from typing import Any, Literal

from csai_core.games import FirstDraws, draw
from csai_envs.snake.board import (
    APPLE,
    BODY,
    EMPTY,
    HEAD,
    NOWHERE,
    Layout,
    check_size,
    next_cells,
    one_plane,
    start_places,
)

TRIES = 16
"""How many random cells are tried for the apple before the free cells are counted instead."""

Event = Literal["moved", "ate", "won", "crashed"]
"""What a move came to."""
ENDS: tuple[Event, ...] = ("won", "crashed")
"""What ends the game."""

OPPOSITE = (1, 0, 3, 2)
"""For each heading, the one behind it."""
Turns = Sequence[Mapping[int, int]]
"""heading -> action -> new heading."""
TURN: Turns = tuple(
    {action: heading if action in (OPPOSITE[heading], 4) else action for action in range(5)}
    for heading in range(4)
)
"""What each `Action` does. A snake cannot turn on the spot: turning back is going straight on."""


class SnakeGame:
    """One game of Snake.

    Args:
        width: cells in a row.
        height: rows.
        start_length: cells of the snake at the start.
        layout: how the board is kept.
        cells: where it is kept: a buffer of `layout.size` numbers of any kind.
        turns: what each action does.

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
        turns: Turns = TURN,
    ) -> None:
        check_size(width, height, start_length)
        self._settings = (width, height, start_length, None, None, turns)
        self.width = width
        self.height = height
        self.num_cells = width * height
        layout = one_plane() if layout is None else layout
        self.cells: Any = cells
        if cells is None:
            self.cells = bytearray(layout.size(self.num_cells))
        self._bodies, self._apples, (self._body_mark, self._head_mark, self._apple_mark) = layout
        self.wall = len(self.cells) - 1 - self._bodies
        self.cells[-1] = self._body_mark
        self._all_cells = memoryview(self.cells)
        empty: Any = memoryview(bytes(self._all_cells))
        self._empty_cells = empty.cast(self._all_cells.format)
        self.ahead = next_cells(width, height, self.wall)
        self._ways = [{action: (new, self.ahead[new]) for action, new in turn.items()} for turn in turns]
        """heading -> action -> the new heading, and the cells ahead in it."""
        self.body: deque[int] = deque()
        """The snake's cells from tail to head."""
        self.head = NOWHERE
        """The last of them, which a deque is slow to find."""
        self.heading = 0
        self.apple = NOWHERE
        self.score = 0
        """Apples eaten."""
        self.key = 0
        """What this game's random numbers are computed from."""
        self.num_draws = 0
        self._places = start_places(width, height, start_length)
        self._first_draws = FirstDraws(len(self._places), self.num_cells)

    def start(self, key: int) -> None:
        """Start the game that belongs to a key."""
        self.key, self.num_draws, self.score, self.apple = key, 1, 0, NOWHERE
        place, cell = self._first_draws.of(key)
        body, self.heading = self._places[place]
        self.lay(body)
        self._new_apple(cell)

    def move(self, action: int) -> Event:
        """Move the snake one cell.

        Args:
            action: what `turns` lists; anything else raises KeyError or TypeError, and nothing moves.

        Returns:
            "moved", "ate" (the snake grew and a new apple lies somewhere free), "won" (it grew and fills
            the board) or "crashed" (into a wall or itself; the snake stays where it was).
        """
        self.heading, ahead = self._ways[self.heading][index(action)]
        cells, snake, bodies = self.cells, self.body, self._bodies
        here = self.head
        there = ahead[here]
        if there == self.apple:
            return self._eat(here, there)
        if cells[there + bodies] and there != snake[0]:  # the tail moves on: the head may go where it was
            return "crashed"
        cells[here] = EMPTY
        cells[here + bodies] = self._body_mark
        cells[snake.popleft() + bodies] = EMPTY
        cells[there] = self._head_mark
        snake.append(there)
        self.head = there
        return "moved"

    def _eat(self, here: int, there: int) -> Event:
        cells = self.cells
        cells[here] = EMPTY
        cells[here + self._bodies] = self._body_mark
        cells[there + self._apples] = EMPTY
        cells[there] = self._head_mark
        self.body.append(there)
        self.head = there
        self.score += 1
        if len(self.body) >= self.num_cells:
            self.apple = NOWHERE
            return "won"
        self._new_apple(draw(self.key, self.num_draws, self.num_cells))
        return "ate"

    def would_crash(self, heading: int) -> bool:
        """Whether moving in a direction ends the game; for the way back it tells about that cell."""
        cell = self.ahead[heading][self.head]
        return bool(self.cells[cell + self._bodies]) and cell not in (self.body[0], self.apple)

    def codes(self) -> list[int]:
        """EMPTY, BODY, HEAD or APPLE, for each cell."""
        codes = [EMPTY] * self.num_cells
        if self.apple != NOWHERE:
            codes[self.apple] = APPLE
        for cell in self.body:
            codes[cell] = BODY
        codes[self.head] = HEAD
        return codes

    def head_before(self) -> int:
        """The cell that the head came from, after a move that did not crash."""
        return self.ahead[OPPOSITE[self.heading]][self.head]

    def lay(self, body: Iterable[int]) -> None:
        """Put the snake down somewhere, its cells given from tail to head; the apple stays."""
        self.body = deque(body)
        self.head = self.body[-1]
        self._mark()

    def put_apple(self, cell: int) -> None:
        """Put the apple down somewhere, or take it away (NOWHERE)."""
        self.apple = cell
        self._mark()

    def _mark(self) -> None:
        """Mark everything again; an apple that lies under the snake is hidden."""
        cells, bodies, mark = self.cells, self._bodies, self._body_mark
        self._all_cells[:] = self._empty_cells
        if self.apple != NOWHERE:
            cells[self.apple + self._apples] = self._apple_mark
        for cell in self.body:
            cells[cell + bodies] = mark
        cells[self.head + bodies] = EMPTY
        cells[self.head] = self._head_mark

    def _new_apple(self, cell: int) -> None:
        """Put the apple on a free cell, each with the same probability.

        Args:
            cell: what the next draw gives, the first to try.
        """
        self.num_draws += 1
        cells = self.cells
        if cells[cell] or cells[cell + self._bodies]:
            cell = self._another_free_cell()
        self.apple = cell
        cells[cell + self._apples] = self._apple_mark

    def _another_free_cell(self) -> int:
        """A free cell, after one try that met a taken one.

        Trying cells at random is quick while many are free. When none of the tries was lucky, one
        more draw picks among the free cells themselves, so that this always ends.
        """
        cells, bodies, num_cells = self.cells, self._bodies, self.num_cells
        for _ in range(TRIES - 1):
            cell = self._draw(num_cells)
            if not (cells[cell] or cells[cell + bodies]):
                return cell
        free = [cell for cell in range(num_cells) if not (cells[cell] or cells[cell + bodies])]
        return free[self._draw(len(free))]

    def _draw(self, n: int) -> int:
        self.num_draws += 1
        return draw(self.key, self.num_draws - 1, n)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies are played on boards of their own, kept in the usual way."""
        return SnakeGame, self._settings, self.state_dict()

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take over the state of another game on a board of the same size."""
        self.load_state_dict(state)

    def state_dict(self) -> dict[str, Any]:
        """Everything that decides how the game goes on, as plain values."""
        return {"body": list(self.body), **{name: getattr(self, name) for name in _STATE}}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Return to a state that `state_dict` gave."""
        for name in _STATE:
            setattr(self, name, state[name])
        self.lay(state["body"])


_STATE = ("heading", "apple", "score", "key", "num_draws")
