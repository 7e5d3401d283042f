"""Colors that must be told apart are told apart by color-blind viewers too."""

import itertools

import numpy as np
import pytest

from csai_core.games import BACKGROUND, BLUE, DEEP_BLUE, LIGHT_CELL, LOSS, ORANGE, TEXT, WALL, WIN
from csai_envs.frozenlake.rendering import HOLE, ICE

# Machado, Oliveira and Fernandes 2009, doi:10.1109/TVCG.2009.113, at full severity: what a viewer without
# one kind of cone sees, in linear RGB.
BLINDNESS = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
    "none": np.eye(3),
}
# What must be told apart in one picture.
TOGETHER = {
    "snake": [LIGHT_CELL, BLUE, ORANGE],
    "snake's tail": [LIGHT_CELL, DEEP_BLUE, ORANGE],
    "lake": [ICE, HOLE, ORANGE, DEEP_BLUE],
    "text": [BACKGROUND, TEXT],
    "how a game ended": [BACKGROUND, WIN, LOSS],
    "who won": [BLUE, ORANGE, WALL],
    "words on a band": [BACKGROUND, BLUE],
    "words on the other band": [BACKGROUND, ORANGE],
    "what lost a game": [LOSS, ORANGE, BACKGROUND, BLUE],
}


def lightness_and_color(color, matrix):
    """A color as CIE L*a*b*, as seen through a matrix."""
    srgb = np.array(color) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(matrix) @ linear, 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = (to_xyz @ seen) / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("kind", BLINDNESS)
@pytest.mark.parametrize("picture", TOGETHER)
def test_colors_stay_apart(kind, picture):
    for one, other in itertools.combinations(TOGETHER[picture], 2):
        first, second = (lightness_and_color(each, BLINDNESS[kind]) for each in (one, other))
        assert np.linalg.norm(first - second) > 15, (one, other)
