"""Pictures are made in memory, of the size that was asked for; what is missing without pygame is named."""

import subprocess
import sys

import numpy as np
import pytest

from csai_core.games import BACKGROUND, BLUE, ORANGE, Canvas, mix


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
