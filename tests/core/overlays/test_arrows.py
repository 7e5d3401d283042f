"""Arrows by the chances of the policy."""

import gymnasium
import numpy as np
import pytest

from csai_core.games.shapes import Grid
from csai_core.overlays import Scene
from csai_core.overlays.arrows import arrows
from csai_core.palette import TEXT

GRID = Grid(0, 0, 100, 100)
LAKE = ["SFF", "FHG"]


def lengths(shapes, row, column):
    """How far each arrow of a cell comes from its middle, by its direction (right, down)."""
    found = {}
    for shape in shapes:
        if shape.kind == "polygon" and shape.color == TEXT:
            x, y = shape.numbers[0] - column - 0.5, shape.numbers[1] - row - 0.5
            if abs(x) <= 0.5 and abs(y) <= 0.5:
                found[round(np.sign(x)), round(np.sign(y))] = abs(x) + abs(y)
    return found


def scene_of(table_agent, view_of, **told):
    env = gymnasium.make("FrozenLake-v1", desc=LAKE, render_mode="rgb_array")
    return Scene.of(view_of(env, table_agent(**told)))


def test_the_length_is_the_chance(table_agent, view_of):
    chances = np.full((6, 4), 0.25)
    chances[0] = [0.6, 0.3, 0.095, 0.005]
    shapes = arrows(scene_of(table_agent, view_of, chances=chances), GRID)
    first = lengths(shapes, 0, 0)
    assert first.keys() == {(-1, 0), (0, 1), (1, 0)}  # what is below 1 % is hidden
    assert first[-1, 0] / 0.6 == pytest.approx(first[0, 1] / 0.3) == pytest.approx(first[1, 0] / 0.095)
    assert list(lengths(shapes, 0, 1).values()) == pytest.approx([first[-1, 0] / 0.6 / 4] * 4)
    assert lengths(shapes, 1, 1) == lengths(shapes, 1, 2) == {}  # nothing is done in a hole, nor at the goal


def test_values_alone_mean_their_best_actions_and_ties_share(table_agent, view_of):
    values = np.zeros((6, 4))
    values[0] = [0.0, 1.0, 1.0, 0.5]
    values[1] = [2.0, 1.0, 1.0, 0.5]
    shapes = arrows(scene_of(table_agent, view_of, values=values), GRID)
    tie, certain = lengths(shapes, 0, 0), lengths(shapes, 0, 1)
    assert tie.keys() == {(0, 1), (1, 0)}
    assert certain.keys() == {(-1, 0)}
    assert tie[0, 1] == tie[1, 0] == pytest.approx(certain[-1, 0] / 2)
    assert {s.numbers[:2] for s in shapes if s.kind == "hatch"} == {(2, 0), (0, 1)}


def test_waiting_is_a_ring(table_agent, view_of, corridor):
    chances = np.tile([0.0, 0.2, 0.8], (5, 1))
    agent = table_agent(chances=chances, names=corridor.action_names)
    scene = Scene.of(view_of(corridor(render_mode="rgb_array"), agent))
    shapes = arrows(scene, GRID)
    assert lengths(shapes, 0, 3).keys() == {(1, 0)}
    assert [s.numbers[:2] for s in shapes if s.kind == "ring" and s.color == TEXT] == [
        (column + 0.5, 0.5) for column in (0, 1, 3, 4)
    ]
