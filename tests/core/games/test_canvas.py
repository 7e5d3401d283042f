"""Pictures are made in memory, of the size that was asked for; what is missing without pygame is named."""

import subprocess
import sys

import numpy as np
import pytest

from csai_core.games import BACKGROUND, BLUE, LOSS, ORANGE, WIN, Canvas, mix


@pytest.fixture
def small():
    """A board of 3 x 2 cells on 90 x 60 pixels."""
    pytest.importorskip("pygame")
    return Canvas((90, 60), 3, 2, "")


def test_long_texts_fit_into_narrow_pictures():
    pytest.importorskip("pygame")
    picture = Canvas((60, 90), 3, 3, "A very long line of text").finish()
    assert picture.shape == (90, 60, 3)


def test_what_is_drawn_is_there(small):
    small.rectangle(BLUE, 0, 0, 1, 1)
    small.disc(ORANGE, 2.5, 1.5, 0.4)
    picture = small.finish()
    assert picture.dtype == np.uint8
    colors = {tuple(pixel) for pixel in picture.reshape(-1, 3).tolist()}
    assert {BACKGROUND, BLUE, ORANGE} <= colors


def with_ball(x):
    canvas = Canvas((90, 60), 3, 2, "")
    with canvas.piece("ball"):
        canvas.rectangle(ORANGE, x, 0, 1, 1)
    return canvas


def test_a_piece_is_drawn_on_its_way_and_then_where_it_is():
    pytest.importorskip("pygame")
    before, now = with_ball(0), with_ball(2)
    assert np.array_equal(now.on_the_way(before, 0.5), with_ball(1).finish())
    assert np.array_equal(now.on_the_way(before, 1.0), now.finish())
    assert np.array_equal(now.on_the_way(before, 0.0), before.finish())


def test_a_cell_is_found_from_its_pixels_and_the_other_way_round(small):
    left, top, width, height = small.area(2, 1)
    assert small.cell_at(left, top) == pytest.approx((2, 1))
    assert small.cell_at(left + width / 2, top + height / 2) == pytest.approx((2.5, 1.5))
    small.rectangle(BLUE, 2, 1, 1, 1)
    picture = small.finish()
    assert picture[int(top + height / 2), int(left + width / 2)].tolist() == list(BLUE)
    assert picture[int(top + height / 2), int(left - width / 2)].tolist() == list(BACKGROUND)


def test_a_win_is_ringed_and_a_loss_crossed_out(small):
    small.rectangle(ORANGE, 0, 0, 3, 2)
    small.mark_win(0.5, 0.5)
    small.mark_loss(2.5, 1.5)
    picture = small.finish()
    left, top, width, height = (round(each) for each in small.area(2, 1))
    assert picture[top + height // 2, left + width // 2].tolist() == list(LOSS)
    left, top, width, height = (round(each) for each in small.area(0, 0))
    assert picture[top + height // 2, left + width // 2].tolist() == list(ORANGE)
    assert list(WIN) in picture[top + height // 2, left : left + width].tolist()


def test_mixing_goes_from_one_color_to_the_other():
    assert mix((0, 100, 200), (100, 0, 200), 0.0) == (0, 100, 200)
    assert mix((0, 100, 200), (100, 0, 200), 0.25) == (25, 75, 200)
    assert mix((0, 100, 200), (100, 0, 200), 1.0) == (100, 0, 200)


def test_only_drawing_needs_pygame():
    program = """
import sys
import csai_core.games
assert "pygame" not in sys.modules
sys.modules["pygame"] = None
from csai_core.errors import MissingExtraError
try:
    csai_core.games.Canvas((60, 60), 1, 1, "")
except MissingExtraError as error:
    print(error)
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "csai-core[render]" in ran.stdout
