"""What a snake sees around its head, turned the way it looks: for one game, and for many at once.

`SIZE` bytes, one after the other:

- `SIDE * SIDE` for the cells around the head, row by row, the row farthest ahead first and each from the
  snake's left to its right: 255 where a wall or the body is, 0 where a move may lead. The tail's cell
  counts as free, since the tail moves on.
- `SIDE * SIDE` for the same cells, for how many moves more the body will be there: 2 for each, up to 255;
  walls have 255.
- 4 that say where the apple is, each 0 or 255: ahead, to the right, behind, to the left.
- 4 that say how far it is in these directions, 4 that say how many cells lie before the wall there: as
  shares of the board's longer side, 255 for the whole.
- 1 for the share of the board that the snake fills.

How long a cell stays taken is what a long snake must know: it can follow its own tail.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from csai_core import BoxType
from csai_envs.snake.board import NOWHERE
from csai_envs.snake.rules import SnakeGame
from csai_envs.snake.steering import AROUND

REACH = 5
"""How many cells it sees in each direction."""
SIDE = 2 * REACH + 1
NUM_CELLS = SIDE * SIDE
SIZE = 2 * NUM_CELLS + 13
_FOR_EVER = 128
"""From so many moves on, a cell counts as taken for good."""
_TAKEN = np.array([0, *[255] * _FOR_EVER], np.uint8)
_HOW_LONG = np.minimum(2 * np.arange(_FOR_EVER + 1), 255).astype(np.uint8)
"""The two bytes of a cell that is taken for 0, 1, 2 … moves."""
_AROUND = np.array(AROUND, np.intp)
_QUARTER_TURNS = (3, 1, 0, 2)
"""For each heading, by how many quarter turns to the left the board is seen."""

Bytes = NDArray[np.uint8]
Numbers = NDArray[np.intp]


def sight_space() -> BoxType:
    """The space of "sight"."""
    return BoxType(0, 255, (SIZE,), np.uint8)


def sight(game: SnakeGame) -> Bytes:
    """What the snake of one game sees, (SIZE,)."""
    body = np.array(game.body, np.intp)  # from tail to head: it is left in this order, one cell a move
    cells = np.zeros(game.width * game.height, np.intp)
    cells[body] = np.minimum(np.arange(len(body)), _FOR_EVER)
    board = np.pad(cells.reshape(game.height, game.width), REACH, constant_values=_FOR_EVER)
    y, x = divmod(int(body[-1]), game.width)
    window = np.rot90(board[y : y + SIDE, x : x + SIDE], _QUARTER_TURNS[game.heading]).ravel()
    head, heading = body[-1:], np.array([game.heading], np.intp)
    apple = head if game.apple == NOWHERE else np.array([game.apple], np.intp)
    bearings = _bearings(game.width, game.height, head, heading, apple, np.array([len(body)]))
    return np.concatenate([_TAKEN[window], _HOW_LONG[window], bearings[0]])


class BatchedSight:
    """What the snakes of many games see.

    It keeps, for each cell of each game, when a head was there last: a body cell is left as many moves
    later as the snake is long.

    Args:
        num_envs: how many games.
        width: cells in a row.
        height: rows.
    """

    def __init__(self, num_envs: int, width: int, height: int) -> None:
        self._width, self._height = width, height
        row = width + 2 * REACH
        y, x = np.divmod(np.arange(width * height), width)
        self._place = (y + REACH) * row + x + REACH
        """Where each cell is on a board with walls around it, as thick as a snake can see."""
        self._fresh = np.full((height + 2 * REACH) * row, _ALWAYS, np.int32)
        self._fresh[self._place] = _NEVER
        self.entered = np.tile(self._fresh, (num_envs, 1))
        """The clock when a head came to each place: (num_envs, places)."""
        self._base = np.arange(num_envs, dtype=np.intp) * len(self._fresh)
        steps = {0: -1, 1: 1, 2: -row, 3: row}
        across = np.arange(-REACH, REACH + 1)
        self._window = np.array(
            [
                (steps[ahead] * -across[:, None] + steps[right] * across).ravel()
                for ahead, right, _, _ in AROUND
            ]
        )
        """For each heading, where the cells around a head lie from it: (4, NUM_CELLS)."""

    def start(self, games: Numbers, bodies: Numbers, clock: int) -> None:
        """Lay some snakes; bodies is (number of games, length), from tail to head."""
        self.entered[games] = self._fresh
        length = bodies.shape[1]
        self.entered[games[:, None], self._place[bodies]] = clock - length + 1 + np.arange(length)

    def follow(self, cell: Numbers, clock: Numbers) -> None:
        """Note where every head is since when; both (num_envs,)."""
        self.entered.reshape(-1)[self._base + self._place[cell]] = clock

    def observe(
        self,
        games: NDArray[np.intp] | slice,
        cell: Numbers,
        heading: Numbers,
        apple: Numbers,
        length: Numbers,
        clock: Numbers,
    ) -> Bytes:
        """What the snakes of some games see, (number of games, SIZE); arguments but the first alike.

        Args:
            games: their numbers.
            cell: where the heads are.
            heading: where they look.
            apple: where the apples are, or the heads where there is none.
            length: of the snakes.
            clock: since when the heads are there.
        """
        seen = np.empty((len(cell), SIZE), np.uint8)
        at = (self._base[games] + self._place[cell])[:, None] + self._window[heading]
        taken = self.entered.reshape(-1).take(at)
        taken += (length - clock - 1).astype(np.int32)[:, None]
        np.clip(taken, 0, _FOR_EVER, out=taken)
        _TAKEN.take(taken, out=seen[:, :NUM_CELLS], mode="clip")
        _HOW_LONG.take(taken, out=seen[:, NUM_CELLS : 2 * NUM_CELLS], mode="clip")
        seen[:, 2 * NUM_CELLS :] = _bearings(self._width, self._height, cell, heading, apple, length)
        return seen


_NEVER, _ALWAYS = -(1 << 30), 1 << 30
"""When a head came to a cell that is empty, and to a wall."""


def _bearings(
    width: int, height: int, cell: Numbers, heading: Numbers, apple: Numbers, length: Numbers
) -> Bytes:
    """Where apples are and how far, how far walls are, and how full the boards: (games, 13)."""
    (y, x), (apple_y, apple_x) = np.divmod(cell, width), np.divmod(apple, width)
    walls = np.stack([x, width - 1 - x, y, height - 1 - y], axis=1)  # left, right, up, down
    apples = np.stack([x - apple_x, apple_x - x, y - apple_y, apple_y - y], axis=1).clip(0)
    order = _AROUND[heading]
    walls, apples = (np.take_along_axis(each, order, axis=1) for each in (walls, apples))
    longest = max(width, height)
    result = np.empty((len(cell), 13), np.uint8)
    result[:, :4] = (apples > 0) * 255
    result[:, 4:8] = apples * 255 // longest
    result[:, 8:12] = walls * 255 // longest
    result[:, 12] = length * 255 // (width * height)
    return result
