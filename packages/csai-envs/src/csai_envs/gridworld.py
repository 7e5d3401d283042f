"""Grid worlds, in which every cell has a reward: what SimpleGrid and FrozenLake have in common.

A grid world is three tables: where each action leads from each cell, what entering a cell brings, and which
cells end the game.
"""

from __future__ import annotations

import math
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from csai_core import AttributeNames, DiscreteType, SpaceType
from csai_core.games import (
    DEEP_BLUE,
    BatchedEnv,
    Canvas,
    Color,
    Floats,
    Games,
    Outcome,
    Target,
    draw_many,
)

Move = tuple[int, int]
"""(down, right), in cells."""
Cell = tuple[int, int]
"""(row, column)."""
WALKER: Color = DEEP_BLUE
"""The color of a walker's cell in the view "pixels"."""
Outcomes = dict[int, dict[int, list[tuple[float, int, float, bool]]]]
"""For each cell and action what may follow: (chance, next cell, reward, whether the game ends)."""


@dataclass(frozen=True)
class GridWorld:
    """A grid to walk on; cells are numbered row by row from the top left corner."""

    height: int
    width: int
    start: int
    moves: tuple[Move, ...]
    """For each action, the move it means."""
    parts: dict[str, tuple[float, ...]]
    """The named parts of the reward for entering each cell."""
    ends: tuple[bool, ...]
    """Which cells end the game."""
    slips: tuple[tuple[int, ...], ...] = ()
    """For each action, the actions that may happen instead, with equal chances; empty if none may."""

    @property
    def cells(self) -> set[Cell]:
        """All cells."""
        return {divmod(cell, self.width) for cell in range(self.height * self.width)}

    def ahead(self, cell: int, action: int) -> int:
        """The cell that an action leads to; walls leave the walker where it is."""
        y, x = divmod(cell, self.width)
        down, right = self.moves[action]
        y, x = min(max(y + down, 0), self.height - 1), min(max(x + right, 0), self.width - 1)
        return y * self.width + x

    def outcomes(self) -> Outcomes:
        """What each action in each cell may lead to, as Gymnasium's own grid worlds say it in their `P`.

        Returns:
            For each cell and action a list of (chance, next cell, reward, whether the game ends). Where the
            game is over, nothing follows but the same cell.
        """
        cells, actions = range(self.height * self.width), range(len(self.moves))
        return {cell: {action: self._may_follow(cell, action) for action in actions} for cell in cells}

    def _may_follow(self, cell: int, action: int) -> list[tuple[float, int, float, bool]]:
        if self.ends[cell]:
            return [(1.0, cell, 0.0, True)]
        taken = self.slips[action] if self.slips else (action,)
        ahead = [self.ahead(cell, each) for each in taken]
        return [(1 / len(taken), c, sum(self.rewards(c).values()), self.ends[c]) for c in ahead]

    def rewards(self, cell: int) -> dict[str, float]:
        """The parts of the reward for entering a cell."""
        return {name: values[cell] for name, values in self.parts.items()}


def target_beside(
    canvas: Canvas, position: Cell, moves: Sequence[Move], cells: Container[Cell], x: float, y: float
) -> Target | None:
    """What a click means to a walker: the move to the cell that is pointed at, if one move leads there.

    Args:
        canvas: on which the walker is drawn.
        position: where it is.
        moves: for each action, the move it means.
        cells: where it can go.
        x: pixels from the left edge of the picture.
        y: pixels from its upper edge.
    """
    column, row = (math.floor(each) for each in canvas.cell_at(x, y))
    move = row - position[0], column - position[1]
    is_meant = move in moves and (row, column) in cells
    return Target(moves.index(move), canvas.area(column, row)) if is_meant else None


def with_walkers(ground: NDArray[np.uint8], cell: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Worlds as the colors of their cells, a walker in each.

    Args:
        ground: the colors of a world without a walker, of shape (height, width, 3).
        cell: where each walker is, of shape (walkers,).

    Returns:
        An array of shape (walkers, height, width, 3).
    """
    worlds = np.tile(ground.reshape(-1, 3), (cell.size, 1, 1))
    worlds[np.arange(cell.size), cell] = WALKER
    return worlds.reshape(cell.size, *ground.shape)


class GridWorldVectorEnv(BatchedEnv):
    """Many walkers in one kind of world; a subclass says what they see.

    Args:
        num_envs: how many walkers.
        world: where they walk.
        attributes: the space of each attribute.
        view: which of them are observed.
        **settings: those of `BatchedEnv`.
    """

    state_names: ClassVar[tuple[str, ...]] = (*BatchedEnv.state_names, "cell", "_num_draws")

    def __init__(
        self,
        num_envs: int,
        world: GridWorld,
        attributes: dict[str, SpaceType],
        view: AttributeNames | None,
        **settings: Any,
    ) -> None:
        super().__init__(num_envs, attributes, DiscreteType(len(world.moves)), view=view, **settings)
        self.world = world
        self.cell = np.zeros(num_envs, np.int64)
        """Where each walker is."""
        self._num_draws = np.zeros(num_envs, np.uint64)
        num_cells = world.height * world.width
        self._ahead = np.array(
            [[world.ahead(c, a) for c in range(num_cells)] for a in range(len(world.moves))]
        )
        self._parts = {name: np.array(values) for name, values in world.parts.items()}
        self._ends = np.array(world.ends)
        self._goal = np.array([sum(world.rewards(c).values()) > 0 for c in range(num_cells)])
        self._slips = np.array(world.slips)

    def start(self, games: NDArray[np.intp]) -> None:
        """Put walkers at the start."""
        self.cell[games] = self.world.start
        self._num_draws[games] = 0

    def move(self, actions: NDArray[Any]) -> Outcome:
        """Let every walker take a step."""
        if self._slips.size:
            drawn = draw_many(self.keys, self._num_draws, self._slips.shape[1])
            self._num_draws += np.uint64(1)
            actions = self._slips[actions, drawn.astype(np.intp)]
        self.cell = self._ahead[actions, self.cell]
        rewards: Floats = np.zeros(self.num_envs)
        for values in self._parts.values():
            rewards += values[self.cell]
        return rewards, self._ends[self.cell]

    def scores(self) -> NDArray[np.int64]:
        """1 for each walker at the goal."""
        return self._goal[self.cell].astype(np.int64)

    def reward_parts(self) -> dict[str, Floats]:
        """The parts of the last rewards."""
        return {name: values[self.cell] for name, values in self._parts.items()}

    def observe_attribute(self, name: str, games: Games) -> Any:
        """The attribute of that name, of some walkers."""
        return self.observe_cells(name, self.cell[games])

    def observe_cells(self, name: str, cell: NDArray[np.int64]) -> Any:
        """The attribute of that name, of walkers in these cells."""
        raise NotImplementedError

    def ground(self) -> NDArray[np.uint8]:
        """The colors of the world without a walker, of shape (height, width, 3)."""
        raise NotImplementedError

    def draw_cells(self, games: Games) -> NDArray[np.uint8]:
        """Some walkers' worlds as colors."""
        return with_walkers(self.ground(), self.cell[games])
