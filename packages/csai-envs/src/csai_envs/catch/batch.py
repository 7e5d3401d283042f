"""Many games of Catch at once, in numpy: the same games as `rules.py` plays."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from csai_core import AttributeNames, DiscreteType
from csai_core.games import BatchedEnv, Canvas, Floats, Games, Outcome, draw_many
from csai_envs.catch.env import FPS, RESOLUTION, draw_cells, spaces
from csai_envs.catch.rules import STAY, CatchGame


class CatchVectorEnv(BatchedEnv):
    """Many games of Catch; `CatchEnv` tells what they are. `infos["score"]` is 1 for a ball caught.

    Args:
        num_envs: how many games.
        width: columns, from 2 to 100.
        height: rows, from 2 to 100.
        attributes: which attributes are observed: a name, several for a dict, None for all.
        **settings: those of `BatchedEnv`, among them `render_mode` and `copy`.

    Raises:
        ConfigError: if a side is out of range.
        UnknownNameError: if there is no such attribute.
    """

    state_names: ClassVar[tuple[str, ...]] = (
        *BatchedEnv.state_names,
        *("_ball_y", "_ball_x", "_paddle", "_caught", "_missed"),
    )

    def __init__(
        self,
        num_envs: int = 1,
        width: int = 5,
        height: int = 10,
        *,
        attributes: AttributeNames | None = "board",
        **settings: Any,
    ) -> None:
        CatchGame(width, height)  # refuses sizes that make no game
        settings = {"render_fps": FPS, "resolution": RESOLUTION, **settings}
        super().__init__(num_envs, spaces(width, height), DiscreteType(3), view=attributes, **settings)
        self.width, self.height = width, height
        self._ball_y, self._ball_x, self._paddle = (np.zeros(num_envs, np.int64) for _ in range(3))
        self._caught, self._missed = (np.zeros(num_envs, np.bool_) for _ in range(2))

    def start(self, games: NDArray[np.intp]) -> None:
        """Let balls go."""
        first = np.zeros(games.size, np.uint64)
        self._ball_y[games] = 0
        self._ball_x[games] = draw_many(self.keys[games], first, self.width).astype(np.int64)
        self._paddle[games] = self.width // 2
        self._caught[games] = self._missed[games] = False

    def move(self, actions: NDArray[Any]) -> Outcome:
        """Move every paddle and every ball."""
        np.clip(self._paddle + actions - STAY, 0, self.width - 1, out=self._paddle)
        np.minimum(self._ball_y + 1, self.height - 1, out=self._ball_y)
        is_over = self._ball_y == self.height - 1
        self._caught = is_over & (self._ball_x == self._paddle)
        self._missed = is_over & ~self._caught
        return self._caught * 1.0 - self._missed, is_over

    def scores(self) -> NDArray[np.int64]:
        """1 for each ball caught."""
        return self._caught.astype(np.int64)

    def reward_parts(self) -> dict[str, Floats]:
        """The parts of the last rewards."""
        return {"caught": self._caught * 1.0, "missed": self._missed * -1.0}

    def draw(self, game: int) -> Canvas:
        """One game as a picture."""
        from csai_envs.catch.rendering import draw

        ball_y, ball_x, paddle = (int(each[game]) for each in (self._ball_y, self._ball_x, self._paddle))
        return draw(CatchGame(self.width, self.height, ball_y, ball_x, paddle), self.resolution)

    def draw_cells(self, games: Games) -> NDArray[np.uint8]:
        """The boards as colors."""
        y, x, paddle = self._ball_y[games], self._ball_x[games], self._paddle[games]
        return draw_cells(self.width, self.height, y, x, paddle)

    def observe_attribute(self, name: str, games: Games) -> Any:
        """Ball and paddle, of some games."""
        y, x, paddle = self._ball_y[games], self._ball_x[games], self._paddle[games]
        if name == "positions":
            return np.stack([y, x, paddle], axis=1)
        if name == "cell":
            return (y * self.width + x) * self.width + paddle
        planes = np.zeros((y.size, 2, self.height, self.width), np.uint8)
        rows = np.arange(y.size)
        planes[rows, 0, y, x] = 1
        planes[rows, 1, -1, paddle] = 1
        return planes
