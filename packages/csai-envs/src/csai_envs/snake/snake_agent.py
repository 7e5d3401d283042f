"""The snake as lessons handle it: `env.snake_agent.body` can be read and changed like a list."""

from __future__ import annotations

from collections.abc import Iterable, MutableSequence
from typing import Any, overload

from csai_core import Agent
from csai_core.errors import SpaceError
from csai_envs.snake.board import Action
from csai_envs.snake.rules import SnakeGame

Position = tuple[int, int]
"""(y, x): the row from the top, and the column from the left."""


def cell_at(position: Iterable[int], game: SnakeGame) -> int:
    """The cell at a position (y, x).

    Raises:
        SpaceError: if it is not on the board.
    """
    y, x = (int(each) for each in position)
    if not (0 <= y < game.height and 0 <= x < game.width):
        raise SpaceError(
            f"Position (y={y}, x={x}) is not on the board; "
            f"y must be from 0 to {game.height - 1} and x from 0 to {game.width - 1}."
        )
    return y * game.width + x


class SnakeBody(MutableSequence[Position]):
    """The snake's cells as positions (y, x) from tail to head; changes take effect at once.

    Args:
        game: the game whose snake it is.
    """

    def __init__(self, game: SnakeGame) -> None:
        self._game = game

    def __repr__(self) -> str:
        return repr(list(self))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Iterable) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __len__(self) -> int:
        return len(self._game.body)

    @overload
    def __getitem__(self, index: int) -> Position: ...
    @overload
    def __getitem__(self, index: slice) -> list[Position]: ...
    def __getitem__(self, index: int | slice) -> Position | list[Position]:
        positions = [divmod(cell, self._game.width) for cell in self._game.body]
        return positions[index]

    def __setitem__(self, index: Any, value: Any) -> None:
        positions = list(self)
        positions[index] = value
        self.replace(positions)

    def __delitem__(self, index: int | slice) -> None:
        positions = list(self)
        del positions[index]
        self.replace(positions)

    def insert(self, index: int, value: Position) -> None:
        """Insert a position; `body.append((y, x))` puts a new head in front."""
        positions = list(self)
        positions.insert(index, value)
        self.replace(positions)

    def replace(self, positions: Iterable[Iterable[int]]) -> None:
        """Lay the whole snake down again.

        Raises:
            SpaceError: if a position is not on the board, or there is none at all.
        """
        cells = [cell_at(position, self._game) for position in positions]
        if not cells:
            raise SpaceError("A snake has at least one cell: its head.")
        self._game.lay(cells)


class SnakeAgent(Agent):
    """The snake of a game. It goes straight on unless a subclass, or somebody else, chooses its actions.

    Args:
        game: the game that it is in, which owns its state.
    """

    def __init__(self, game: SnakeGame) -> None:
        super().__init__()
        self._body = SnakeBody(game)

    @property
    def body(self) -> SnakeBody:
        """The snake's cells as positions (y, x) from tail to head; writable."""
        return self._body

    @body.setter
    def body(self, positions: Iterable[Iterable[int]]) -> None:
        self._body.replace(positions)

    def get_actions(self) -> list[Action]:
        """LEFT, RIGHT, UP, DOWN and NOACTION."""
        return list(Action)

    def get_next_action(self, state: Any) -> Action:
        """Straight on, whatever the state."""
        return Action.NOACTION

    def update(self, state: Any, action: Any, next_state: Any, reward: float) -> None:
        """Learn nothing."""
