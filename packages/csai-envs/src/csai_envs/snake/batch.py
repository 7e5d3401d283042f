"""Thousands of games of Snake at once, in numpy: the same games as `rules.py` plays, told differently.

The observation "board" is the state: planes of 0 and 1, changed in place, a handful of cells in each
game and step. All cells are indices into that one flat array, so that nothing branches:

- the cell ahead comes from a table, in which everything outside points to a slot that is always taken;
- the snakes' cells lie in a ring of rows, one row for each step, in which every game writes at the same
  place, so that the tail is found `length` rows back and nothing moves;
- a game costs the same whether it moves, eats or dies; what few games do in a step (eat, crash, start)
  is done for those alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from csai_core import AttributeNames, DiscreteType
from csai_core.arguments import check_name
from csai_core.games import BatchedEnv, Canvas, Floats, Games, Outcome, any_of, draw, draw_many
from csai_envs.snake import rewards
from csai_envs.snake.batch_rewards import BatchedRewards, Moves
from csai_envs.snake.board import NOWHERE, check_size, next_cells, start_places
from csai_envs.snake.env import FPS, RESOLUTION
from csai_envs.snake.observations import COLORS, SHADES, spaces
from csai_envs.snake.rules import TRIES, SnakeGame
from csai_envs.snake.sight import BatchedSight
from csai_envs.snake.steering import turns_of

_FIRST_TWO = np.array([0, 1], np.uint64)
_ONE = np.array(1, np.uint64)


class SnakeVectorEnv(BatchedEnv):
    """Many games of Snake; `SnakeEnv` tells what the options, attributes and rewards are.

    `infos["score"]` holds the apples eaten in each game.

    Args:
        num_envs: how many games.
        width: cells in a row, from 2 to 256.
        height: rows, from 2 to 256.
        start_length: cells of the snakes at the start, from 1 to the longer side.
        reward: "classic", "sparse" or "shaped".
        steering: "board" or "snake".
        attributes: which attributes are observed: a name, several for a dict, None for all. "board" is
            the quickest: it is the state itself.
        **settings: those of `BatchedEnv`, among them `render_mode` and `copy`.

    Raises:
        ConfigError: if a size is out of range.
        UnknownNameError: if there is no such reward preset, way of steering or attribute.
    """

    state_names: ClassVar[tuple[str, ...]] = (
        *BatchedEnv.state_names,
        *("_state", "_cell", "_heading", "_apple", "_length", "_num_draws", "_trail", "_lag"),
    )

    def __init__(
        self,
        num_envs: int = 1,
        width: int = 16,
        height: int = 16,
        *,
        start_length: int = 3,
        reward: str = "classic",
        steering: str = "board",
        attributes: AttributeNames | None = "board",
        **settings: Any,
    ) -> None:
        check_size(width, height, start_length)
        check_name("reward preset of Snake", reward, rewards.PRESETS)
        turns = [list(turn.values()) for turn in turns_of(steering)]
        actions = DiscreteType(len(turns[0]))
        settings = {"render_fps": FPS, "resolution": RESOLUTION, **settings}
        super().__init__(num_envs, spaces(width, height), actions, view=attributes, **settings)
        self.width, self.height = width, height
        self._rewards = BatchedRewards(reward, width, width * height, self.wants_reward_parts)
        self._turns, self._num_actions = np.ravel(turns), len(turns[0])
        """heading * number of actions + action -> new heading."""
        self._start_length = start_length
        self._make_tables()
        self._make_games()
        sees = "sight" in ((self.view,) if isinstance(self.view, str) else self.view or ())
        self._sight = BatchedSight(num_envs, width, height) if sees else None

    def _make_tables(self) -> None:
        num_cells = self.width * self.height
        # Walls point two planes on, so that one plane further on, where the bodies are, is the slot that
        # is always taken.
        self._ahead = np.array(next_cells(self.width, self.height, 2 * num_cells), np.intp).ravel()
        places = start_places(self.width, self.height, self._start_length)
        self._first_outcomes = np.array([len(places), num_cells], np.uint64)
        self._start_bodies = np.array([body for body, _ in places], np.intp)  # (places, start_length)
        self._start_marks = self._start_bodies + num_cells
        """Where a start is marked in the planes."""
        self._start_marks[:, -1] -= num_cells
        self._start_headings = np.array([heading for _, heading in places], np.intp)
        self._num_cells = num_cells

    def _make_games(self) -> None:
        num, cells = self.num_envs, self._num_cells
        stride = -(-(3 * cells + 1) // 64) * 64  # whole cache lines
        self._state = np.zeros((num, stride), np.uint8)
        self._state[:, 3 * cells] = 1  # the slot that is always taken
        self._flat = self._state.reshape(-1)
        self.boards = self._state[:, : 3 * cells].reshape(num, 3, self.height, self.width)
        """The planes for head, body and food: the state itself."""
        self._base = np.arange(num, dtype=np.intp) * stride
        self._cell = np.zeros(num, np.intp)
        """Where each head is, as a cell of its board."""
        self._heading = np.zeros(num, np.intp)
        self._apple = np.full(num, NOWHERE, np.intp)
        self._length = np.zeros(num, np.intp)
        self._num_draws = np.zeros(num, np.uint64)
        self._num_rows = 1 << (cells - 1).bit_length()
        self._trail = np.zeros((self._num_rows, num), np.uint16)
        """In row `clock`, modulo the rows, each game's head after that step."""
        self._columns = np.arange(num, dtype=np.intp)
        self._scratch = [np.zeros(num, np.intp) for _ in range(5)]
        self._bits = [np.zeros(num, np.uint8) for _ in range(2)]
        self._tail_cell = np.zeros(num, np.uint16)
        self._lag = np.zeros(num, np.intp)
        """1 for a snake that has crashed: it is a row behind in the trail."""
        self._ate = np.zeros(num, np.bool_)

    def start(self, games: NDArray[np.intp]) -> None:
        """Lay snakes and apples in some games."""
        cells, length = self._num_cells, self._start_length
        # The first draw is the place, the second the first try for the apple; see `SnakeGame.start`.
        drawn = draw_many(self.keys[games][:, None], _FIRST_TWO, self._first_outcomes)
        self._num_draws[games] = 2
        place, first_try = drawn.T.astype(np.intp)
        bodies = self._start_bodies.take(place, axis=0)
        self._state[games, : 3 * cells] = 0
        self._flat[self._start_marks.take(place, axis=0) + self._base[games][:, None]] = 1
        self._cell[games] = bodies[:, -1]
        self._heading[games] = self._start_headings[place]
        self._length[games] = length
        self._lag[games] = 0
        rows = np.arange(self.clock - length + 1, self.clock + 1) % self._num_rows
        self._trail[rows[:, None], games] = bodies.T
        self._place_apples(games, first_try)
        if self._sight is not None:
            self._sight.start(games, bodies, self.clock)

    def move(self, actions: NDArray[Any]) -> Outcome:
        """Move every snake by one cell."""
        cells, flat, base = self._num_cells, self._flat, self._base
        here, there, tail, index, body = self._scratch
        taken, grown = self._bits
        # Turn, and look at the cell ahead.
        np.multiply(self._heading, self._num_actions, out=index)
        np.add(index, actions, out=index, casting="unsafe")
        self._turns.take(index, out=self._heading, mode="clip")
        np.multiply(self._heading, cells, out=index)
        np.add(index, self._cell, out=index)
        self._ahead.take(index, out=there, mode="clip")
        ate = np.equal(there, self._apple, out=self._ate)
        # Where the tail is: `length` rows back, counting the head's own.
        np.subtract(self.clock, self._length, out=index)
        np.bitwise_and(index, self._num_rows - 1, out=index)
        np.multiply(index, self.num_envs, out=index)
        np.add(index, self._columns, out=index)
        self._trail.reshape(-1).take(index, out=self._tail_cell, mode="clip")
        # The body follows: the old head's cell becomes body, the tail's cell is left unless it ate.
        np.add(base, self._cell, out=here)
        np.add(base, there, out=there)
        np.add(base, self._tail_cell, out=tail)
        np.add(tail, cells, out=tail)
        np.add(here, cells, out=index)
        flat[index] = 1
        np.copyto(grown, ate)
        flat[tail] = grown
        np.add(there, cells, out=body)
        flat.take(body, out=taken, mode="clip")
        crashed = taken.astype(np.bool_)
        dead = np.flatnonzero(crashed)
        if dead.size:  # they stay where they were
            flat[tail[dead]] = 1
            flat[index[dead]] = 0
            there[dead] = here[dead]
        flat[here] = 0
        flat[there] = 1
        eaters = np.flatnonzero(ate)
        np.subtract(there, base, out=there)
        score = self._length - self._start_length
        moves = Moves(ate, crashed, eaters, dead, score, self._cell, there, self._apple)
        result = self._rewards.judge(moves)
        np.copyto(self._cell, there)
        np.copyto(self._lag, crashed)
        self._trail[self.clock % self._num_rows] = self._cell
        if self._sight is not None:
            self._sight.follow(self._cell, self.clock - self._lag)
        if eaters.size:
            self._eat(eaters, crashed)
        return result, crashed

    def scores(self) -> NDArray[np.int64]:
        """Apples eaten in each game."""
        return self._length - self._start_length

    def reward_parts(self) -> dict[str, Floats]:
        """The parts of the last rewards."""
        return self._rewards.parts

    def draw(self, game: int) -> Canvas:
        """One game as a picture."""
        from csai_envs.snake.rendering import draw

        return draw(self._single(game), self.resolution, bool(self._lag[game]))

    def draw_cells(self, games: Games) -> NDArray[np.uint8]:
        """The boards as colors."""
        return COLORS[self._codes(games)]

    def state_dict(self) -> dict[str, Any]:
        """Where every game is and what its random numbers are; see `BatchedEnv.state_dict`."""
        entered = None if self._sight is None else self._sight.entered.copy()
        return {**super().state_dict(), "entered": entered}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Return every game to where `state_dict` was called; see `BatchedEnv.load_state_dict`."""
        super().load_state_dict(state)
        if self._sight is not None:
            self._sight.entered[...] = state["entered"]

    # --- inner workings

    def _single(self, game: int) -> SnakeGame:
        """One game, as `rules.py` plays it."""
        head_row = self.clock - int(self._lag[game])
        rows = np.arange(head_row - self._length[game] + 1, head_row + 1) % self._num_rows
        single = SnakeGame(self.width, self.height, self._start_length)
        single.load_state_dict(
            {
                "body": self._trail[rows, game].tolist(),
                "heading": int(self._heading[game]),
                "apple": int(self._apple[game]),
                "score": int(self._length[game]) - self._start_length,
                "key": int(self.keys[game]),
                "num_draws": int(self._num_draws[game]),
            }
        )
        return single

    def _eat(self, eaters: NDArray[np.intp], crashed: NDArray[np.bool_]) -> None:
        self._length[eaters] += 1
        self._flat[self._base[eaters] + 2 * self._num_cells + self._apple[eaters]] = 0
        self._apple[eaters] = NOWHERE
        is_full = self._length[eaters] >= self._num_cells
        if any_of(is_full):  # which ends the game too
            crashed[eaters[is_full]] = True
            eaters = eaters[~is_full]
        drawn = draw_many(self.keys[eaters], self._num_draws[eaters], self._num_cells)
        self._num_draws[eaters] += _ONE
        self._place_apples(eaters, drawn.astype(np.intp))

    def _place_apples(self, games: NDArray[np.intp], cell: NDArray[np.intp]) -> None:
        """Put an apple on a free cell of each game, by the same draws as `SnakeGame` makes.

        Args:
            games: games with a free cell.
            cell: the first try of each; unlucky ones are replaced.
        """
        base = self._base[games]
        at = base + cell
        is_taken = self._flat[at] | self._flat[at + self._num_cells]
        if 1 in is_taken.tobytes():
            for unlucky in is_taken.nonzero()[0].tolist():
                cell[unlucky] = self._try_again(int(games[unlucky]))
            at = base + cell
        self._apple[games] = cell
        self._flat[at + 2 * self._num_cells] = 1

    def _try_again(self, game: int) -> int:
        """The cell for the apple of a game whose first try was a taken cell. They are too few for numpy."""
        key, k = int(self.keys[game]), int(self._num_draws[game])
        is_taken = (
            self._state[game, : self._num_cells] | self._state[game, self._num_cells :][: self._num_cells]
        )
        for draws in range(k, k + TRIES - 1):
            cell = draw(key, draws, self._num_cells)
            if not is_taken[cell]:
                self._num_draws[game] = draws + 1
                return cell
        free = np.flatnonzero(is_taken == 0)
        self._num_draws[game] = k + TRIES
        return int(free[draw(key, k + TRIES - 1, free.size)])

    def observe_attribute(self, name: str, games: Games) -> Any:
        """What can be seen of some games; for "board" of all, the state itself."""
        if name == "board":
            return self.boards[games]
        if name == "moving_direction":
            return self._heading[games]
        if name == "game_state":
            return SHADES[self._codes(games)][:, None]
        if name == "senses":
            return self._observe_senses(games)
        if name == "sight":
            return self._observe_sight(games)
        cell = self._cell[games]
        if name == "apple_pos":
            cell = np.where(self._apple[games] == NOWHERE, cell, self._apple[games])
        return np.stack(np.divmod(cell, self.width), axis=1)

    def _codes(self, games: Games) -> NDArray[np.uint8]:
        """What lies in each cell, numbered as on the single game's board: (games, height, width)."""
        head, body, food = (self.boards[games, plane] for plane in range(3))
        codes: NDArray[np.uint8] = body + 2 * head + 3 * food
        return codes

    def _observe_sight(self, games: Games) -> NDArray[np.uint8]:
        """What each snake sees, as `sight.sight` has it."""
        if self._sight is None:
            raise RuntimeError("sight is kept only where it is observed")
        cell, apple = self._cell[games], self._apple[games]
        apple = np.where(apple == NOWHERE, cell, apple)
        since = self.clock - self._lag[games]
        return self._sight.observe(games, cell, self._heading[games], apple, self._length[games], since)

    def _observe_senses(self, games: Games) -> NDArray[np.int8]:
        """Twelve bits for each game, as `observations.senses` has them."""
        cells = self._num_cells
        cell, heading, apple = self._cell[games], self._heading[games], self._apple[games]
        base = self._base[games]
        row = (self.clock - self._length[games] + 1 - self._lag[games]) % self._num_rows
        tail = self._trail[row, self._columns[games]]
        apple = np.where(apple == NOWHERE, cell, apple)
        (y, x), (apple_y, apple_x) = np.divmod(cell, self.width), np.divmod(apple, self.width)
        seen = np.zeros((cell.size, 12), np.int8)
        for direction in range(4):
            ahead = self._ahead[direction * cells + cell]
            seen[:, direction] = self._flat[base + cells + ahead] & (ahead != tail)
            seen[:, 8 + direction] = heading == direction
        seen[:, 4:8] = np.stack([apple_x < x, apple_x > x, apple_y < y, apple_y > y], axis=1)
        return seen
