"""Where cells lie on pictures."""

from __future__ import annotations

import gymnasium
import numpy as np

import csai_core
from csai_core.errors import MissingExtraError
from csai_core.games.shapes import Grid
from csai_core.overlays.layout import canvas_of, grid_on


def test_the_canvas_of_a_game_is_found_through_its_wrappers(monkeypatch):
    env = csai_core.make("CSAI/FrozenLake-v0", render_mode="rgb_array")
    env.reset(seed=1)
    canvas = canvas_of(env)
    assert (canvas.rows, canvas.columns) == (4, 4)

    def missing():
        raise MissingExtraError("no pygame")

    monkeypatch.setattr(env.unwrapped, "draw", missing)
    assert canvas_of(env) is None
    assert canvas_of(gymnasium.make("FrozenLake-v1")) is None


def test_cells_lie_further_apart_on_an_enlarged_picture():
    grid = Grid(10, 20, 30, 40)
    same, large = (grid_on(np.zeros((200 * factor, 100 * factor, 3), np.uint8), grid, (100, 200))
                   for factor in (1, 3))  # fmt: skip
    assert same == grid
    assert large == grid.scaled(3)
