"""Two agents that play Snake without learning: one that searches, and one that knows a tour of the board."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import gymnasium

from csai_core import Agent
from csai_core.errors import ConfigError
from csai_core.search import astar
from csai_envs.snake.board import NOWHERE, Action
from csai_envs.snake.env import SnakeEnv
from csai_envs.snake.rewards import distance
from csai_envs.snake.rules import OPPOSITE, SnakeGame


class SnakeGamePlayer(Agent):
    """An agent that looks at the game itself instead of the observation; a subclass chooses.

    Args:
        game: the game it plays.
    """

    def __init__(self, game: SnakeGame) -> None:
        super().__init__()
        self.game = game

    def get_actions(self) -> list[Action]:
        """The actions that do not crash now; all of them if every one does."""
        safe = [Action(heading) for heading in self.headings() if not self.game.would_crash(heading)]
        return safe or list(Action)

    def update(self, state: Any, action: Any, next_state: Any, reward: float) -> None:
        """Learn nothing: it knows the game."""

    def headings(self) -> list[int]:
        """The directions the snake can take: all but the way back."""
        return [heading for heading in range(4) if heading != OPPOSITE[self.game.heading]]

    def heading_to(self, cell: int) -> int | None:
        """The direction of a cell beside the head; None if it is not beside it, or behind."""
        head = self.game.head
        return next((h for h in self.headings() if self.game.ahead[h][head] == cell), None)

    def roomiest_action(self) -> Action:
        """The move that leaves the most cells to go to."""
        return max(self.get_actions(), key=self._room)

    def _room(self, action: Action) -> int:
        if action == Action.NOACTION or self.game.would_crash(action):
            return 0
        seen = {self.game.ahead[action][self.game.head]}
        waiting = list(seen)
        while waiting:
            for cell in self.free_neighbors(waiting.pop()):
                if cell not in seen:
                    seen.add(cell)
                    waiting.append(cell)
        return len(seen)

    def free_neighbors(self, cell: int) -> Iterable[int]:
        """The cells beside a cell that neither a wall nor the snake is in; its tail's cell counts as free."""
        game = self.game
        taken = set(game.body)
        taken.discard(game.body[0])
        around = (game.ahead[heading][cell] for heading in range(4))
        return [each for each in around if each != game.wall and each not in taken]


class AStarAgent(SnakeGamePlayer):
    """Takes a shortest way to the apple; where there is none, the move that leaves the most room.

    It eats fast and ends enclosed by its own body.
    """

    def get_next_action(self, state: Any) -> Action:
        """The first move of a shortest way to the apple."""
        game = self.game
        if game.apple != NOWHERE:
            path = astar(game.head, game.apple, self._neighbors, self._distance)
            heading = self.heading_to(path[1]) if path and len(path) > 1 else None
            if heading is not None:
                return Action(heading)
        return self.roomiest_action()

    def _neighbors(self, cell: int) -> Iterable[int]:
        if cell != self.game.head:
            return self.free_neighbors(cell)
        safe = [heading for heading in self.headings() if not self.game.would_crash(heading)]
        return [self.game.ahead[heading][cell] for heading in safe]

    def _distance(self, cell: int, goal: int) -> float:
        return distance(cell, goal, self.game.width)


class HamiltonAgent(SnakeGamePlayer):
    """Follows a tour that visits every cell once and ends where it began, and so fills the board.

    Where the snake lies after its own tail on the tour, it can never bite itself. It needs about half as
    many steps as the square of the number of cells.

    Raises:
        ConfigError: on a board of two odd sides, which has no such tour.
    """

    def __init__(self, game: SnakeGame) -> None:
        super().__init__(game)
        tour = hamiltonian_cycle(game.width, game.height)
        self._after = dict(zip(tour, [*tour[1:], tour[0]], strict=True))
        self._before = {after: before for before, after in self._after.items()}

    def get_next_action(self, state: Any) -> Action:
        """The next move of the tour, in the direction that the snake goes round it."""
        head = self.game.head
        came_from = self.game.head_before()
        goes_round = self._after if self._before[head] == came_from else self._before
        if came_from not in (self._before[head], self._after[head]):
            goes_round = self._after
        for tour in (goes_round, self._after, self._before):
            heading = self.heading_to(tour[head])
            if heading is not None and not self.game.would_crash(heading):
                return Action(heading)
        return self.roomiest_action()


def hamiltonian_cycle(width: int, height: int) -> list[int]:
    """A tour of a board: every cell once, each beside the one before, the last beside the first.

    It goes back and forth through the rows and leaves the first column free for the way home.

    Raises:
        ConfigError: if both sides are odd.
    """
    if height % 2:
        if width % 2:
            raise ConfigError(
                f"A board of {width} x {height} has no tour through all its cells; one side must be even."
            )
        turned = hamiltonian_cycle(height, width)
        return [(cell % height) * width + cell // height for cell in turned]
    tour = []
    for y in range(height):
        row = [y * width + x for x in range(1, width)]
        tour += row if y % 2 == 0 else row[::-1]
    return tour + [y * width for y in reversed(range(height))]


def make_astar_agent(env: gymnasium.Env[Any, Any]) -> AStarAgent:
    """The searching agent for a Snake environment.

    Raises:
        ConfigError: if it is another game.
    """
    return AStarAgent(_game_of(env, "astar"))


def make_hamilton_agent(env: gymnasium.Env[Any, Any]) -> HamiltonAgent:
    """The touring agent for a Snake environment.

    Raises:
        ConfigError: if it is another game, or a board of two odd sides.
    """
    return HamiltonAgent(_game_of(env, "hamilton"))


def _game_of(env: gymnasium.Env[Any, Any], name: str) -> SnakeGame:
    if not isinstance(env.unwrapped, SnakeEnv):
        raise ConfigError(
            f"The agent {name!r} was given {type(env.unwrapped).__name__}; it plays CSAI/Snake-v0 only."
        )
    if env.unwrapped.steering != "board":
        raise ConfigError(f"The agent {name!r} steers by the board; make Snake without steering='snake'.")
    return env.unwrapped.game
