"""Colors and numbers of a scale."""

import math

import numpy as np
import pytest

from csai_core.errors import ConfigError
from csai_core.overlays.color_scale import ColorScale, ink_on
from csai_core.palette import BACKGROUND, DEEP_NEGATIVE, DEEP_POSITIVE, NEGATIVE, NEUTRAL, POSITIVE


@pytest.mark.parametrize(
    ("numbers", "low", "high"),
    [
        ([0.2, 0.87], 0.0, 1.0),
        ([0.2, 0.53], 0.0, 0.6),
        ([0.469, 0.887], 0.4, 0.9),
        ([0.961, 0.997], 0.96, 1.0),
        ([7.0], 0.0, 8.0),
        ([-13.1, -1.0], -15.0, 0.0),
        ([-13.1, -12.2], -13.1, -12.2),
        ([-130, -101], -130, -100),
        ([-0.2, 3.0], -3.0, 3.0),
        ([-11, 3.0], -15.0, 15.0),
        ([0.0, 100.0], 0.0, 100.0),
        ([0.0, 0.0003], 0.0, 0.0003),
        ([math.nan, 1.0, math.inf], 0.0, 1.0),
    ],
)
def test_a_scale_holds_numbers_between_round_ends(numbers, low, high):
    scale = ColorScale.holding(numbers)
    assert (scale.low, scale.high) == (pytest.approx(low), pytest.approx(high))
    assert math.copysign(1, scale.high) == 1 or scale.high < 0


def test_where_nothing_differs_from_zero_there_is_no_scale():
    assert ColorScale.holding([]) is None
    assert ColorScale.holding([0.0, 0.0]) is None


def test_a_scale_has_the_signs_of_numbers_that_lie_beyond_it():
    assert ColorScale.holding([0.8, 1.0], signs_of=[-5.0]) == ColorScale(-1.0, 1.0)
    assert ColorScale.holding([-0.8], signs_of=[5.0]) == ColorScale(-0.8, 0.8)
    assert ColorScale.holding([0.8, 1.0], signs_of=[2.0]) == ColorScale(0.8, 1.0)
    assert ColorScale.holding([0.0], signs_of=[-1.0, 1.0]) is None


def test_two_signs_go_from_orange_over_gray_to_blue():
    scale = ColorScale(-2.0, 4.0)
    assert [scale.color(each) for each in (-2, 0, 4)] == [NEGATIVE, NEUTRAL, POSITIVE]
    assert [scale.color(each) for each in (-9, 9)] == [NEGATIVE, POSITIVE]
    assert scale.share(2.0) == 0.5
    assert scale.share(-1.0) == -0.5


def test_one_sign_is_the_lightness_of_one_hue():
    up, down = ColorScale(0.4, 0.9), ColorScale(-15.0, 0.0)
    assert [up.color(each) for each in (0.1, 0.65, 2.0)] == [NEUTRAL, POSITIVE, DEEP_POSITIVE]
    assert [down.color(each) for each in (1.0, -7.5, -99)] == [NEUTRAL, NEGATIVE, DEEP_NEGATIVE]
    for scale in (up, down):
        lightness = [sum(scale.color(each)) for each in np.linspace(scale.low, scale.high, 20)]
        assert lightness == sorted(lightness, reverse=scale is up)


@pytest.mark.parametrize("ends", [(1.0, 1.0), (2.0, 1.0), (math.nan, 1.0), (0.0, math.inf)])
def test_a_scale_needs_two_ends(ends):
    with pytest.raises(ConfigError, match=r"A scale was given from .* it needs two finite numbers"):
        ColorScale(*ends)


def test_ink_is_read_on_every_color_of_a_scale():
    for scale in (ColorScale(-1, 1), ColorScale(0, 1), ColorScale(-1, 0)):
        for each in np.linspace(-1, 1, 41):
            color = scale.color(each)
            assert contrast(ink_on(color), color) >= 4.0, (color, ink_on(color))
    assert ink_on(NEUTRAL) == BACKGROUND


def contrast(one, other):
    """The ratio of luminances by WCAG 2."""

    def luminance(color):
        parts = [c / 255 for c in color]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)
