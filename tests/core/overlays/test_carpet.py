"""The carpet of values, and the way up it."""

import gymnasium
import numpy as np
import pytest

from csai_core.games.shapes import Grid
from csai_core.overlays import ColorScale, Scene
from csai_core.overlays.carpet import carpet, steepest_path

GRID = Grid(0, 0, 200, 200)
LAKE = ["SFFF", "FHFF", "FFFG"]


@pytest.fixture
def scene_of(table_agent, view_of):
    def make(values, lake=LAKE):
        env = gymnasium.make("FrozenLake-v1", desc=lake, render_mode="rgb_array")
        return Scene.of(view_of(env, table_agent(values)))

    return make


def rows(*best, worst=-0.5):
    """Values of four actions, by the value of the best, which is the one to the right."""
    return np.array([[worst, worst, each, worst] for each in best])


def test_every_cell_has_its_value(scene_of):
    scale = ColorScale(0, 1)
    values = rows(0.1, 0.2, 0.3, 0.4, 0.15, 9, 0.5, 0.6, 0.12, 0.13, 0.7, 9)
    shapes = carpet(scene_of(values), scale, GRID)
    fills = {s.numbers[1::-1]: s.color for s in shapes if s.kind == "rectangle" and s.numbers[2:] == (1, 1)}
    assert fills.keys() == {(r, c) for r in range(3) for c in range(4)} - {(1, 1), (2, 3)}
    assert fills[0, 3] == scale.color(0.4)
    assert fills[2, 2] == scale.color(0.7)
    assert "+0.700" in {s.text for s in shapes}


def test_what_is_not_known_is_hatched_and_zero_is_not_written(scene_of):
    values = rows(*[0.5] * 12)
    values[2], values[3] = 0.0, 0.25
    shapes = carpet(scene_of(values), ColorScale(0, 1), GRID)
    assert {s.numbers[1::-1] for s in shapes if s.kind == "hatch"} == {(0, 2), (0, 3)}
    assert "0" not in {s.text for s in shapes}
    assert "+0.250" in {s.text for s in shapes}


def test_the_path_goes_up_steepest_to_the_goal(scene_of):
    values = rows(0.1, 0.2, 0.3, 0.25, 0.15, 9, 0.5, 0.4, 0.12, 0.13, 0.7, 9)
    scene = scene_of(values)
    path = [(0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 3)]
    assert steepest_path(scene) == path
    dots = {s.numbers[:2] for s in carpet(scene, ColorScale(0, 1), GRID) if s.kind == "disc"}
    assert dots == {(column + 0.5, row + 0.62) for row, column in path}


def test_the_path_ends_where_nothing_is_higher(scene_of):
    assert steepest_path(scene_of(rows(*[0.5] * 12))) == [(0, 0)]
    assert steepest_path(scene_of(np.zeros((12, 4)))) == [(0, 0)]
    assert steepest_path(scene_of(rows(0.1, 0.2, *[0] * 10))) == [(0, 0), (0, 1)]


def test_a_player_at_the_end_has_no_way(table_agent, view_of):
    env = gymnasium.make("FrozenLake-v1", desc=LAKE, render_mode="rgb_array")
    view = view_of(env, table_agent(rows(*[0.5] * 12)))
    env.unwrapped.s = 5
    assert steepest_path(Scene.of(view._replace(observation=5))) == []


def test_walls_are_gone_around(table_agent, view_of):
    env = gymnasium.make("Taxi-v4", render_mode="rgb_array")
    taxi = env.unwrapped
    values = np.zeros((500, 6))
    for column in range(5):  # the higher the farther to the left
        for row in range(5):
            values[taxi.encode(row, column, 0, 1)] = 5 - column + 0.1 * row
    view = view_of(env, table_agent(values))
    taxi.s = taxi.encode(0, 2, 0, 1)
    view = view._replace(observation=taxi.s)
    assert steepest_path(Scene.of(view))[:4] == [(0, 2), (1, 2), (2, 2), (2, 1)]


def test_numbers_leave_room_for_arrows_where_there_is_any(scene_of):
    scene = scene_of(rows(*[0.5] * 12))
    for side, is_free in ((200, True), (40, False)):
        grid = Grid(0, 0, side, side)
        numbers = [s for s in carpet(scene, ColorScale(0, 1), grid) if s.kind == "text"]
        assert len(numbers) == 9
        for x, y, height in (s.numbers for s in numbers):
            far = abs(x % 1 - 0.5) > 0.1 and abs(y % 1 - 0.5) - height / 2 > 0.1
            assert far == is_free
