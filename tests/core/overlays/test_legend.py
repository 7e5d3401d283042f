"""The scale in the picture."""

import math

import gymnasium
import numpy as np
import pytest

import csai_core
from csai_core.overlays import ColorScale, Scene
from csai_core.overlays.legend import legend, was
from csai_core.overlays.ruler import Ruler


@pytest.fixture
def placed(table_agent, view_of):
    """A function that gives the pixels of a legend, and of the cells of a game that it hides."""

    def make(env, *lines, width=None):
        values = np.tile(np.arange(env.action_space.n, dtype=float), (500, 1))
        scene = Scene.of(view_of(env, table_agent(values)))
        frame = np.asarray(env.render())
        if width is not None:
            frame = np.zeros((round(len(frame) * width / frame.shape[1]), width, 3), np.uint8)
        grid = scene.board.on(frame)
        shapes = legend(ColorScale(-1, 2), scene, frame, *lines)
        x, y, wide, high = shapes[0].numbers
        (left, top), (right, bottom) = grid.at(x, y), grid.at(x + wide, y + high)
        assert left >= 0
        assert top >= 0
        assert right <= frame.shape[1]
        assert bottom <= frame.shape[0]
        corners = {(math.floor(y + j), math.floor(x + i)) for i in (0, wide) for j in (0, high)}
        return {s.text for s in shapes if s.text}, scene, corners

    return make


def test_the_ends_have_their_signs(placed):
    texts, _, _ = placed(gymnasium.make("FrozenLake-v1", render_mode="rgb_array"))
    assert texts == {"-1", "+2"}


@pytest.mark.parametrize("width", [200, 600])
@pytest.mark.parametrize("env_id", ["FrozenLake-v1", "CliffWalking-v1"])
def test_where_the_board_fills_the_picture_it_lies_on_cells_with_nothing_else(placed, env_id, width):
    if (env_id, width) == ("CliffWalking-v1", 200):
        pytest.skip("cells are too low for it")
    _, scene, corners = placed(gymnasium.make(env_id, render_mode="rgb_array"), width=width)
    assert corners.isdisjoint(scene.thoughts)
    assert corners.isdisjoint({cell for cell, reward in scene.ends.items() if reward > 0})  # the goal is seen


@pytest.mark.parametrize("env_id", ["CSAI/SimpleGrid-v0", "Taxi-v4"])
def test_where_there_is_room_beside_the_board_it_lies_there(placed, env_id):
    settings = {"attributes": "cell"} if env_id.startswith("CSAI") else {}
    env = csai_core.make(env_id, render_mode="rgb_array", **settings)
    _, scene, corners = placed(env)
    assert corners.isdisjoint(scene.board.states)


def test_the_longest_lines_that_have_room_are_told(placed):
    env = csai_core.make("CSAI/SimpleGrid-v0", render_mode="rgb_array", attributes="cell")
    texts, _, _ = placed(env, ["one"] * 40, ["two"], ["three"], width=600)
    assert texts == {"-1", "+2", "two"}
    lake = gymnasium.make("FrozenLake-v1", desc=["SF", "FG"], render_mode="rgb_array")
    texts, _, _ = placed(lake, ["one"] * 2, ["two"])
    assert texts == {"-1", "+2", "two"}  # nowhere is room


def test_a_widened_scale_is_told():
    ruler = Ruler()
    assert was(ruler) == []
    ruler.fixed_by([1.0])
    ruler.fixed_by([7.0])
    assert was(ruler) == ["was 0 +1"]
