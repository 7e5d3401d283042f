"""Colors that must be told apart are told apart by color-blind viewers too."""

import itertools

import pytest

from color_blindness import COLORED, difference
from csai_core.games import BACKGROUND, BLUE, DEEP_BLUE, LIGHT_CELL, LOSS, ORANGE, TEXT, WALL, WIN
from csai_envs.frozenlake.rendering import HOLE, ICE

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


@pytest.mark.parametrize("kind", COLORED)
@pytest.mark.parametrize("picture", TOGETHER)
def test_colors_stay_apart(kind, picture):
    for one, other in itertools.combinations(TOGETHER[picture], 2):
        assert difference(one, other, kind) > 15, (one, other)
