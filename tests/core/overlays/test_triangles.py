"""Four triangles a cell, by the values of the actions."""

import gymnasium
import numpy as np
import pytest

from csai_core.games.shapes import Grid, paint_over
from csai_core.overlays import ColorScale, Scene
from csai_core.overlays.triangles import triangles
from csai_core.palette import BACKGROUND, NEGATIVE, POSITIVE

LAKE = ["SFF", "FHG"]
GRID = Grid(0, 0, 200, 200)


@pytest.fixture
def scene(table_agent, view_of):
    """A lake whose first cell has four values, whose second has a tie, and whose third knows nothing."""
    values = np.zeros((6, 4))
    values[0] = [-1.0, 0.25, 0.5, -0.125]
    values[1] = [0.5, -1.0, 0.5, 0.0]
    values[3] = 0.25
    values[4] = 9.0
    env = gymnasium.make("FrozenLake-v1", desc=LAKE, render_mode="rgb_array")
    return Scene.of(view_of(env, table_agent(values)))


def in_cell(shapes, row, column, *kinds):
    """The shapes whose first place lies in a cell."""
    found = []
    for shape in shapes:
        x, y = shape.numbers[1:3] if shape.kind == "outline" else shape.numbers[:2]
        if shape.kind in kinds and column <= x < column + 1 and row <= y < row + 1:
            found.append(shape)
    return found


def test_each_triangle_has_the_color_and_the_number_of_its_action(scene):
    scale = ColorScale(-1, 1)
    shapes = triangles(scene, scale, GRID)
    fills = in_cell(shapes, 0, 0, "polygon")
    assert [shape.color for shape in fills] == [scale.color(each) for each in (-1.0, 0.25, 0.5, -0.125)]
    written = {shape.text: shape.numbers[:2] for shape in in_cell(shapes, 0, 0, "label")}
    assert written.keys() == {"-1.000", "+0.250", "+0.500", "-0.125"}
    assert written["-1.000"][0] < 0.3
    assert written["+0.500"][0] > 0.7
    assert written["-0.125"][1] < 0.3
    assert written["+0.250"][1] > 0.7


def test_the_best_action_has_an_outline_and_ties_show_both(scene):
    shapes = triangles(scene, ColorScale(-1, 1), GRID)

    def outlined(row, column):
        thick = [s for s in in_cell(shapes, row, column, "outline") if s.color == BACKGROUND]
        return {round(float(np.mean(s.numbers[1::2])) - column, 1) for s in thick}

    assert outlined(0, 0) == {0.8}
    assert outlined(0, 1) == {0.2, 0.8}


def test_where_no_action_is_better_the_cell_is_hatched_and_ends_are_left(scene):
    shapes = triangles(scene, ColorScale(-1, 1), GRID)
    hatched = {tuple(int(each) for each in s.numbers[:2]) for s in shapes if s.kind == "hatch"}
    assert hatched == {(2, 0), (0, 1)}
    assert in_cell(shapes, 0, 2, "text", "label", "polygon") == []  # zeros are not painted
    assert [s.text for s in in_cell(shapes, 1, 0, "label")] == ["+0.250"]
    assert in_cell(shapes, 1, 1, "polygon", "text") == in_cell(shapes, 1, 2, "polygon", "text") == []
    assert scene.ends == {(1, 1): 0.0, (1, 2): 1.0}


def test_numbers_get_fewer_decimals_and_vanish_where_there_is_no_room(scene):
    def texts(side):
        shapes = triangles(scene, ColorScale(-1, 1), Grid(0, 0, side, side))
        return [s.text for s in in_cell(shapes, 0, 1, "text")]

    assert texts(200) == ["+0.500", "-1.000", "+0.500", "0"]
    assert texts(100) == ["+0.50", "-1.000", "+0.50", "0"]
    assert texts(52) == ["+0.5", "-1.0", "+0.5", "0"]
    assert texts(20) == []


def test_what_is_painted_is_seen(scene):
    frame = np.full((400, 600, 3), 128, np.uint8)
    painted = paint_over(frame, triangles(scene, ColorScale(-1, 1), GRID), GRID)
    assert (frame == 128).all()
    assert painted.shape == frame.shape
    left, below = painted[130, 225].astype(int), painted[185, 300].astype(int)
    assert np.abs(left - (0.9 * np.mean([NEUTRAL_BLUE], 0) + 0.1 * 128)).max() <= 3
    assert np.abs(below - (0.9 * np.array(NEGATIVE) + 0.1 * 128)).max() <= 3
    assert (painted[210:390, 210:390] == 128).all()  # the hole


NEUTRAL_BLUE = ColorScale(-1, 1).color(0.5)
assert NEUTRAL_BLUE != POSITIVE


def test_actions_that_are_no_moves_share_the_middle_and_forbidden_ones_are_left(table_agent, view_of):
    env = gymnasium.make("Taxi-v4", render_mode="rgb_array")
    values = np.tile([1.0, 2.0, 3.0, 4.0, 9.0, 8.0], (500, 1))
    scene = Scene.of(view_of(env, table_agent(values), seed=5))
    shapes = triangles(scene, ColorScale(0, 10), Grid(0, 0, 300, 300))
    for cell, mask in scene.board.masks.items():
        texts = {s.text for s in in_cell(shapes, *cell, "text", "label")}
        assert texts == {f"+{v:.3f}" for v, is_allowed in zip(values[0], mask, strict=True) if is_allowed}
    passenger = env.unwrapped.locs[env.unwrapped.decode(env.unwrapped.s)[2]]
    (number,) = [s for s in in_cell(shapes, *passenger, "text") if s.text == "+9.000"]
    assert number.numbers[:2] == (passenger[1] + 0.5, passenger[0] + 0.5)
