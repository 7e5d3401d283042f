"""FrozenLake as a Gymnasium environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from csai_core import ActionAttribute, BoxType, DiscreteType, ObsAttribute, SpaceType
from csai_core.games import ORANGE, Canvas, Color, KeyedShell, Target, observe_with
from csai_envs.frozenlake.palette import HOLE, ICE
from csai_envs.frozenlake.rules import DEFAULT_LAKE, DOWN, LEFT, RIGHT, UP, make_world
from csai_envs.gridworld import GridWorld, Outcomes, target_beside, with_walkers

SHADES = {"S": 0.0, "F": 0.0, "H": 1 / 3, "G": 2 / 3}
"""What "game_state" shows for each letter of the map; the walker is 1."""

COLORS: Mapping[str, Color] = {"S": ICE, "F": ICE, "H": HOLE, "G": ORANGE}
"""What the view "pixels" shows for each letter."""

FPS, RESOLUTION = 4, (400, 450)
"""How fast and how large games are shown, unless they are told otherwise."""


def spaces(world: GridWorld) -> dict[str, SpaceType]:
    """The space of each observation attribute."""
    return {
        "cell": DiscreteType(world.height * world.width),
        "game_state": BoxType(0, 1, (1, world.height, world.width), np.float32),
    }


def shades(lake: Sequence[str]) -> NDArray[np.float32]:
    """The map as "game_state" shows it without the walker, of shape (height, width)."""
    return np.array([[SHADES[letter] for letter in row] for row in lake], np.float32)


def ground(lake: Sequence[str]) -> NDArray[np.uint8]:
    """The colors of the map without the walker, of shape (height, width, 3)."""
    return np.array([[COLORS[letter] for letter in row] for row in lake], np.uint8)


class FrozenLakeEnv(KeyedShell):
    """Cross the ice to the goal and keep out of the holes.

    ## Description
    A walk on a map, on firm or on slippery ice. What it teaches: on firm ice, finding a path; on slippery
    ice, that the best path is the one with room for bad luck.

    ## Action space
    `Discrete(4)`, an attribute named "actions": 0 left, 1 right, 2 up, 3 down. Walls stop the walker. On
    slippery ice an action is turned to its left or right two times in three.

    ## Observation space
    Two attributes: "cell", `Discrete(height * width)`, the walker's cell, row by row; and "game_state",
    `Box(0, 1, (1, height, width), float32)`: 0 ice, 1/3 hole, 2/3 goal, 1 walker.
    `gymnasium.make("CSAI/FrozenLake-v0")` observes "cell".

    ## Rewards
    1 for the goal, -1 for a hole, 0 elsewhere; `info["reward_parts"]` calls them "goal" and "hole".

    ## Starting state
    The walker is on the map's S.

    ## Episode end
    Terminated at the goal or in a hole. `gymnasium.make` truncates after 100 steps.

    ## Information
    "score": 1 at the goal, else 0.

    Args:
        lake: the map, rows of the letters S (start), F (frozen), H (hole) and G (goal).
        is_slippery: whether only one action in three happens as it was meant.
        **settings: those of `Shell`, among them `render_mode` and `attributes`.

    Raises:
        ConfigError: if the map cannot be walked on.
    """

    environment_id = "CSAI/FrozenLake-v0"
    keys_to_action: ClassVar[Mapping[str, Any]] = {
        **{"left": LEFT, "a": LEFT, "right": RIGHT, "d": RIGHT},
        **{"up": UP, "w": UP, "down": DOWN, "s": DOWN},
    }

    def __init__(
        self, lake: Sequence[str] = DEFAULT_LAKE, is_slippery: bool = False, **settings: Any
    ) -> None:
        defaults = {"target_fps": FPS, "resolution": RESOLUTION, "environment_name": "FrozenLake"}
        super().__init__(**{**defaults, **settings})
        self.world = make_world(lake, is_slippery)
        self.lake = tuple(lake)
        self.cell = self.world.start
        """Where the walker is, row by row; writable."""
        self.has_moved = False
        readers = {"cell": lambda: self.cell, "game_state": self._game_state}
        for name, space in spaces(self.world).items():
            self.register_attribute(ObsAttribute(name, space, readers[name], cached=False))
        self.register_attribute(ActionAttribute("actions", DiscreteType(4)))

    def start_episode(self, options: dict[str, Any]) -> None:
        """Put the walker at the start."""
        super().start_episode(options)
        self.cell, self.has_moved = self.world.start, False

    def advance(self, action: Any, d_t: float) -> None:
        """Take a step, perhaps another one than was meant."""
        if self.world.slips:
            action = self.world.slips[action][self.keyed_random.draw(3)]
        self.cell, self.has_moved = self.world.ahead(self.cell, action), True

    def get_current_reward(self, action: Any, current_state: Any) -> tuple[float, bool]:
        """1 at the goal, -1 in a hole."""
        return sum(self.world.rewards(self.cell).values()), self.world.ends[self.cell]

    def get_info(self) -> dict[str, Any]:
        """The score and, after a step, the parts of the reward."""
        parts = self.world.rewards(self.cell)
        info: dict[str, Any] = {"score": int(parts["goal"] > 0)}
        return {**info, "reward_parts": parts} if self.has_moved else info

    def overlay_states(self) -> dict[tuple[int, int], Any]:
        """What would be observed in each cell."""
        cells = range(self.world.height * self.world.width)
        return {divmod(cell, self.world.width): observe_with(self, cell=cell) for cell in cells}

    @property
    def P(self) -> Outcomes:  # noqa: N802, the name that Gymnasium's grid worlds have for it
        """What each action in each cell may lead to; see `GridWorld.outcomes`."""
        return self.world.outcomes()

    def target_at(self, x: float, y: float) -> Target | None:
        """The move to the cell that is pointed at."""
        here = divmod(self.cell, self.world.width)
        return target_beside(self.draw(), here, self.world.moves, self.world.cells, x, y)

    def has_won(self) -> bool | None:
        """True at the goal, false in a hole."""
        return {"G": True, "H": False}.get("".join(self.lake)[self.cell])

    def draw(self) -> Canvas:
        """The lake as a picture."""
        from csai_envs.frozenlake.rendering import draw

        return draw(self.lake, self.cell, self.resolution)

    def draw_cells(self) -> NDArray[np.uint8]:
        """The lake as colors."""
        cells: NDArray[np.uint8] = with_walkers(ground(self.lake), np.array([self.cell]))[0]
        return cells

    def render_text(self) -> str:
        """The lake as text, a row in each line."""
        from csai_envs.frozenlake.rendering import render_text

        return render_text(self.lake, self.cell)

    def _game_state(self) -> NDArray[np.float32]:
        picture = shades(self.lake)
        picture.reshape(-1)[self.cell] = 1.0
        return picture[None]
