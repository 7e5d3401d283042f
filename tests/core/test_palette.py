"""The colors of what agents think, as color-blind people and printers see them."""

import itertools

import numpy as np
import pytest

from color_blindness import BLINDNESS, COLORED, difference, lab
from csai_core.overlays import ColorScale
from csai_core.palette import BACKGROUND, DEEP_NEGATIVE, DEEP_POSITIVE, NEGATIVE, NEUTRAL, POSITIVE, TEXT


@pytest.mark.parametrize("kind", COLORED)
def test_opposite_ends_are_far_apart(kind):
    assert difference(POSITIVE, NEGATIVE, kind) >= 60
    assert difference(POSITIVE, NEUTRAL, kind) >= 30
    assert difference(NEGATIVE, NEUTRAL, kind) >= 30


def test_opposite_ends_differ_in_lightness_too():
    assert abs(lab(POSITIVE)[0] - lab(NEGATIVE)[0]) >= 15
    assert difference(POSITIVE, NEGATIVE, "gray print") >= 15


def test_green_and_red_would_fail():
    green, red = (0, 160, 60), (220, 50, 40)
    assert difference(green, red, "deuteranopia") < 60


@pytest.mark.parametrize("kind", BLINDNESS)
@pytest.mark.parametrize("scale", [ColorScale(0, 1), ColorScale(-1, 0)], ids=["positive", "negative"])
def test_one_sign_gets_darker_step_by_step_for_everybody(kind, scale):
    numbers = np.linspace(0, 1 if scale.high else -1, 11)
    lightness = [lab(scale.color(each), kind)[0] for each in numbers]
    steps = -np.diff(lightness)
    assert (steps >= 1.5).all(), steps
    assert lightness[0] - lightness[-1] >= 50


@pytest.mark.parametrize("kind", BLINDNESS)
def test_marks_are_seen_on_every_color(kind):
    for color in (POSITIVE, NEGATIVE, NEUTRAL, DEEP_POSITIVE, DEEP_NEGATIVE):
        most = max(abs(lab(color, kind)[0] - lab(ink, kind)[0]) for ink in (BACKGROUND, TEXT))
        assert most >= 35, color  # marks have both inks
    assert abs(lab(BACKGROUND, kind)[0] - lab(TEXT, kind)[0]) >= 80


def test_all_constants_differ():
    for one, other in itertools.combinations(
        (POSITIVE, NEGATIVE, NEUTRAL, DEEP_POSITIVE, DEEP_NEGATIVE, BACKGROUND, TEXT), 2
    ):
        assert difference(one, other, "none") >= 10
