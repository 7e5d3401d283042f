"""The scaling of observations, against numpy on everything at once."""

import numpy as np
import pytest
from gymnasium import spaces
from hypothesis import given
from hypothesis import strategies as st

from csai_core.errors import ConfigError
from csai_train.scaling import ObservationScaler

SPACE = spaces.Box(-np.inf, np.inf, (3,))


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.integers(0, 2**32 - 1))
def test_mean_and_deviation_are_those_of_all_that_was_seen(sizes, seed):
    random = np.random.default_rng(seed)
    parts = [random.normal(5.0, 3.0, (size, 3)) for size in sizes]
    scaler = ObservationScaler(SPACE)
    for part in parts:
        scaler.scale(part, learn=True)
    everything = np.concatenate(parts)
    probe = random.normal(5.0, 3.0, (4, 3))
    expected = (probe - everything.mean(axis=0)) / np.sqrt(everything.var(axis=0) + 1e-8)
    np.testing.assert_allclose(
        scaler.scale(probe, learn=False), np.clip(expected, -10, 10), rtol=1e-4, atol=1e-4
    )


def test_nothing_is_learned_unless_asked():
    scaler = ObservationScaler(SPACE)
    observation = np.full((2, 3), 4.0)
    assert scaler.scale(observation, learn=False).tolist() == pytest.approx(observation)
    assert scaler.state_dict()["count"] == 0


def test_surprises_are_cut_off_and_the_result_is_float32():
    scaler = ObservationScaler(SPACE)
    scaler.scale(np.zeros((5, 3)), learn=True)
    scaled = scaler.scale(np.full((1, 3), 1e6), learn=False)
    assert scaled.tolist() == [[10.0, 10.0, 10.0]]
    assert scaled.dtype == np.float32


def test_goes_on_from_its_state():
    random = np.random.default_rng(0)
    first, second = random.normal(size=(2, 5, 3))
    scaler = ObservationScaler(SPACE)
    scaler.scale(first, learn=True)
    other = ObservationScaler(SPACE)
    other.load_state_dict(scaler.state_dict())
    for each in (scaler, other):
        each.scale(second, learn=True)
    assert np.array_equal(scaler.scale(first, learn=False), other.scale(first, learn=False))


def test_only_boxes():
    with pytest.raises(ConfigError, match="Only Box"):
        ObservationScaler(spaces.Discrete(3))
