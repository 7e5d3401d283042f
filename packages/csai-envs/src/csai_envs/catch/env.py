"""Catch as a Gymnasium environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from csai_core import (
    ActionAttribute,
    BoxType,
    DiscreteType,
    MultiDiscreteType,
    ObsAttribute,
    SpaceType,
)
from csai_core.games import BLUE, DARK_CELL, ORANGE, Canvas, KeyedShell, observe_with
from csai_envs.catch.rules import LEFT, RIGHT, STAY, CatchGame

FPS, RESOLUTION = 4, (300, 560)
"""How fast and how large games are shown, unless they are told otherwise."""


def spaces(width: int, height: int) -> dict[str, SpaceType]:
    """The space of each observation attribute."""
    return {
        "board": BoxType(0, 1, (2, height, width), np.uint8),
        "positions": MultiDiscreteType([height, width, width]),
        "cell": DiscreteType(height * width * width),
    }


def draw_cells(
    width: int, height: int, ball_y: NDArray[np.int64], ball_x: NDArray[np.int64], paddle: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """The colors of some boards' cells, of shape (games, height, width, 3); the ball hides the paddle."""
    games = np.arange(ball_y.size)
    cells = np.full((ball_y.size, height, width, 3), DARK_CELL, np.uint8)
    cells[games, -1, paddle] = BLUE
    cells[games, ball_y, ball_x] = ORANGE
    return cells


class CatchEnv(KeyedShell):
    """Be under the ball when it comes down.

    ## Description
    A ball falls from a random column, one row in each step; the paddle on the bottom row moves one column
    or stays. What it teaches: the whole loop of learning, in seconds.

    ## Action space
    `Discrete(3)`, an attribute named "actions": 0 left, 1 stay, 2 right.

    ## Observation space
    Three attributes:
    - "board": `Box(0, 1, (2, height, width), uint8)`, planes for ball and paddle;
    - "positions": `MultiDiscrete([height, width, width])`: the ball's row and column, the paddle's column;
    - "cell": `Discrete(height * width * width)`, the three as one number, for tables.

    `gymnasium.make("CSAI/Catch-v0")` observes "board".

    ## Rewards
    1 for the ball caught, -1 for the ball missed, 0 before; `info["reward_parts"]` calls them "caught" and
    "missed".

    ## Starting state
    The ball is in the top row, in any column with equal chances; the paddle in the middle.

    ## Episode end
    Terminated when the ball reaches the bottom row, after height - 1 steps.

    ## Information
    "score": 1 once the ball is caught, else 0.

    Args:
        width: columns, from 2 to 100.
        height: rows, from 2 to 100.
        **settings: those of `Shell`, among them `render_mode` and `attributes`.

    Raises:
        ConfigError: if a side is out of range.
    """

    environment_id = "CSAI/Catch-v0"
    keys_to_action: ClassVar[Mapping[str, Any]] = {"left": LEFT, "a": LEFT, "right": RIGHT, "d": RIGHT}
    idle_action: ClassVar[Any] = STAY

    def __init__(self, width: int = 5, height: int = 10, **settings: Any) -> None:
        defaults = {"target_fps": FPS, "resolution": RESOLUTION, "environment_name": "Catch"}
        super().__init__(**{**defaults, **settings})
        self.game = CatchGame(width, height)
        readers = {"board": self._board, "positions": self._positions, "cell": self._cell}
        for name, space in spaces(width, height).items():
            self.register_attribute(ObsAttribute(name, space, readers[name], cached=False))
        self.register_attribute(ActionAttribute("actions", DiscreteType(3)))

    def start_episode(self, options: dict[str, Any]) -> None:
        """Let a ball go."""
        super().start_episode(options)
        self.game.start(self.keyed_random.draw(self.game.width))

    def advance(self, action: Any, d_t: float) -> None:
        """Move the paddle and the ball."""
        self.game.move(action)

    def get_current_reward(self, action: Any, current_state: Any) -> tuple[float, bool]:
        """1 for a ball caught, -1 for one missed."""
        return sum(self._parts().values()), self.game.is_over

    def get_info(self) -> dict[str, Any]:
        """The score and, after a step, the parts of the reward."""
        info: dict[str, Any] = {"score": int(self.game.is_caught)}
        return {**info, "reward_parts": self._parts()} if self.game.ball_y else info

    def has_won(self) -> bool | None:
        """Whether the ball was caught."""
        return self.game.is_caught

    def draw(self) -> Canvas:
        """The board as a picture."""
        from csai_envs.catch.rendering import draw

        return draw(self.game, self.resolution)

    def draw_cells(self) -> NDArray[np.uint8]:
        """The board as colors."""
        places = np.array([[self.game.ball_y], [self.game.ball_x], [self.game.paddle]])
        cells: NDArray[np.uint8] = draw_cells(self.game.width, self.game.height, *places)[0]
        return cells

    def render_text(self) -> str:
        """The board as text, a row in each line."""
        from csai_envs.catch.rendering import render_text

        return render_text(self.game)

    def overlay_states(self) -> dict[tuple[int, int], Any]:
        """What would be observed if the ball were in each cell, with the paddle where it is now."""
        cells = [(y, x) for y in range(self.game.height) for x in range(self.game.width)]
        return {(y, x): observe_with(self, game=replace(self.game, ball_y=y, ball_x=x)) for y, x in cells}

    def _parts(self) -> dict[str, float]:
        game = self.game
        return {"caught": float(game.is_caught), "missed": -float(game.is_over and not game.is_caught)}

    def _board(self) -> NDArray[np.uint8]:
        planes = np.zeros((2, self.game.height, self.game.width), np.uint8)
        planes[0, self.game.ball_y, self.game.ball_x] = 1
        planes[1, -1, self.game.paddle] = 1
        return planes

    def _positions(self) -> NDArray[np.int64]:
        return np.array([self.game.ball_y, self.game.ball_x, self.game.paddle])

    def _cell(self) -> int:
        game = self.game
        return (game.ball_y * game.width + game.ball_x) * game.width + game.paddle
