"""What a policy draws, in the units of a Box."""

import numpy as np
import pytest
from gymnasium import spaces

from csai_neural.box_scale import WIDEST, BoxScale

BIG = np.finfo(np.float64).max
DRAWN = np.array([-2, -1, -0.25, 0, 0.5, 1, 3], np.float32)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 100, [0, 0, 37.5, 50, 75, 100, 100]),
        (-2, 2, [-2, -2, -0.5, 0, 1, 2, 2]),
        (90, 110, [90, 90, 97.5, 100, 105, 110, 110]),
        (-60_000, 60_000, [-60_000, -60_000, -15_000, 0, 30_000, 60_000, 60_000]),
        (0, 2**-10, [0, 0, 3 * 2**-13, 2**-11, 3 * 2**-12, 2**-10, 2**-10]),
        (4, 4, [4] * 7),
        (-1, 1, [-1, -1, -0.25, 0, 0.5, 1, 1]),
        (-np.inf, np.inf, [-2, -1, -0.25, 0, 0.5, 1, 3]),
        (0, np.inf, [0, 0, 0, 0, 0.5, 1, 3]),
        (-np.inf, 2, [-2, -1, -0.25, 0, 0.5, 1, 2]),
    ],
)
def test_minus_one_and_one_are_the_bounds(low, high, expected, dtype):
    space = spaces.Box(low, high, (7,), dtype)
    found = BoxScale(space).to_environment(DRAWN)
    assert space.contains(found)
    np.testing.assert_allclose(found, np.array(expected, dtype), rtol=1e-3 if dtype == np.float16 else 1e-6)


@pytest.mark.parametrize("high", [2 * WIDEST, 1e30, BIG])
def test_bounds_that_are_far_apart_scale_nothing(high):
    space = spaces.Box(-high, high, (7,), np.float64)
    np.testing.assert_array_equal(BoxScale(space).to_environment(DRAWN), DRAWN)


def test_each_number_has_its_own_scale():
    space = spaces.Box(np.array([[-1, 0], [0, -np.inf]]), np.array([[1, 8], [1, np.inf]]), dtype=np.float64)
    scale = BoxScale(space)
    assert scale.center.tolist() == [[0, 4], [0.5, 0]]
    assert scale.scale.tolist() == [[1, 4], [0.5, 1]]
    drawn = np.full((3, 2, 2), 0.5, np.float32)
    assert scale.to_environment(drawn).tolist() == [[[0.5, 6], [0.75, 0.5]]] * 3


@pytest.mark.parametrize("shape", [(), (0,), (2, 3)])
def test_every_shape(shape):
    found = BoxScale(spaces.Box(0, 10, shape)).to_environment(np.ones((4, *shape), np.float32))
    assert found.shape == (4, *shape)
    assert (found == 10).all()


def test_what_needs_no_scale_comes_out_bit_for_bit():
    drawn = np.random.default_rng(0).normal(0, 1, (500, 7)).astype(np.float32)
    unscaled = BoxScale(spaces.Box(-1, 1, (7,))).to_environment(drawn)
    assert unscaled.tobytes() == drawn.clip(-1, 1).tobytes()
    unbounded = BoxScale(spaces.Box(-np.inf, np.inf, (7,))).to_environment(drawn)
    assert unbounded.tobytes() == drawn.tobytes()


def test_actions_are_taken_back_to_what_was_drawn_and_a_number_without_a_choice_to_its_middle():
    scale = BoxScale(spaces.Box(np.float32([-2, 3, 0]), np.float32([4, 3, 10])))
    back = scale.from_environment(np.float32([[-2, 3, 10], [1, 3, 5]]))
    np.testing.assert_allclose(back, [[-1, 0, 1], [0, 0, 0]])
    assert back.dtype == np.float32
