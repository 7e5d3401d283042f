"""The sky, checked by hand."""

import numpy as np
import pytest

from csai_night_sky.stars import CONSTELLATIONS, picture, turned


def test_a_star_shines_where_it_is():
    sky = picture(np.array([[-1.0, 1.0]]), np.array([0.5]), size=9)
    assert sky[8, 0] == sky.max() == 0.5
    assert sky[0].max() < 1e-6


def test_the_light_of_stars_adds_up_to_white():
    sky = picture(np.zeros((3, 2)), np.full(3, 0.9), size=5)
    assert sky[2, 2] == 1.0


def test_stars_beyond_the_picture_are_not_seen():
    assert picture(np.array([[3.0, 0.0]]), np.ones(1), size=9).max() < 1e-6


def test_a_quarter_turn_moves_right_to_below():
    assert turned(np.array([[1.0, 0.0]]), np.pi / 2) == pytest.approx(np.array([[0.0, 1.0]]))


@pytest.mark.parametrize("name", CONSTELLATIONS)
def test_every_constellation_fits_into_the_sky(name):
    assert np.abs(CONSTELLATIONS[name]).max() <= 1
