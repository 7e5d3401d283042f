"""The picture: right in size, and light where lamps are lit."""

import numpy as np
import pytest

from csai_lights_out import view
from csai_lights_out.env import LightsOutEnv


@pytest.mark.parametrize("resolution", [(480, 480), (300, 200), (200, 301)])
def test_pictures_have_the_resolution_asked_for(resolution):
    picture = view.draw(np.eye(3, dtype=np.int8), resolution)
    assert picture.shape == (resolution[1], resolution[0], 3)
    assert picture.dtype == np.uint8


def test_lit_lamps_are_bright_and_dark_ones_are_not():
    picture = view.draw(np.eye(3, dtype=np.int8), (300, 300))
    centers = picture[50::100, 50::100].mean(axis=2)
    assert (centers.diagonal() > 200).all()
    assert (centers[~np.eye(3, dtype=bool)] < 80).all()


def test_a_click_presses_the_lamp_below_it():
    env = LightsOutEnv(render_mode="rgb_array", size=4, resolution=(440, 400))
    env.reset(seed=1)
    assert env.target_at(20 + 150, 250) == (2 * 4 + 1, (120, 200, 100, 100))
    assert [env.target_at(x, 10) is None for x in (19, 21, 419, 421)] == [True, False, False, True]


def test_the_environment_draws_it():
    env = LightsOutEnv(render_mode="rgb_array", resolution=(90, 60))
    env.reset(seed=1)
    assert env.render().shape == (60, 90, 3)
