"""Actions of the checks: seeded, allowed by masks of every form, now and then at the bounds."""

import numpy as np
import pytest
from gymnasium import spaces

from csai_core.testing import ConformanceError
from csai_core.testing.environment.actions import ActionSource, mask_for_sampling

PARTS = spaces.Dict(
    {"go": spaces.Discrete(3, start=2), "push": spaces.Box(-1, 1, (2,)), "set": spaces.MultiBinary(2)}
)


def drawn(space, mask=None, count=200, seed=0):
    source = ActionSource(space, seed)
    return [source.draw({} if mask is None else {"action_mask": mask}) for _ in range(count)]


def test_the_seed_decides_and_the_spaces_own_generator_does_not():
    space = spaces.Box(-1, 1, (2,))
    space.seed(7)
    one = drawn(space)
    space.sample()
    assert np.array_equal(one, drawn(space))
    assert not np.array_equal(one, drawn(space, seed=1))


def test_bounds_and_zero_are_tried_where_there_are_any():
    low, high = np.array([-1, -np.inf], np.float32), np.array([2, np.inf], np.float32)
    actions = np.array(drawn(spaces.Box(low, high)))
    assert {-1.0, 0.0, 2.0} < set(actions[:, 0].tolist())
    assert np.isfinite(actions).all()


@pytest.mark.parametrize(
    ("space", "mask", "allowed"),
    [
        (spaces.Discrete(3, start=4), np.array([0, 1, 0], np.int8), {5}),
        (spaces.Discrete(3), [True, False, False], {0}),
        (spaces.MultiDiscrete([2, 2]), np.array([0, 1, 1, 0], np.int8), {(1, 0)}),
        (
            spaces.MultiDiscrete([2, 2]),
            (np.array([0, 1], np.int8), np.array([1, 1], np.int8)),
            {(1, 0), (1, 1)},
        ),
        (spaces.MultiBinary(2), np.array([0, 1], np.int8), {(0, 0), (0, 1)}),
    ],
)
def test_only_what_a_mask_allows_is_done(space, mask, allowed):
    assert {tuple(np.ravel(each).tolist()) for each in drawn(space, mask)} == {
        tuple(np.ravel(each).tolist()) for each in allowed
    }


def test_masks_of_parts_hold_for_their_parts():
    actions = drawn(PARTS, {"go": np.array([0, 0, 1], np.int8)})
    assert {each["go"] for each in actions} == {4}
    assert len({each["push"].tobytes() for each in actions}) > 100


def test_a_row_becomes_what_gymnasium_takes():
    mask = mask_for_sampling(PARTS, np.array([1, 0, 0, 0, 1], np.int8))
    assert mask["push"] is None
    assert mask["set"].tolist() == [0, 2]
    assert PARTS.sample(mask)["go"] == 2


def test_what_is_no_mask_is_refused():
    with pytest.raises(ConformanceError, match="an array of 3 ones and zeros"):
        drawn(spaces.Discrete(3), [1, 0])
