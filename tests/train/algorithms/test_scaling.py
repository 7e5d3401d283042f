"""The scaling of observations, against numpy on everything at once."""

import numpy as np
import pytest
from gymnasium import spaces
from hypothesis import given
from hypothesis import strategies as st

from csai_core.errors import ConfigError
from csai_train.algorithms.scaling import ObservationScaler, RewardScaler

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


def test_rewards_by_hand():
    scaler = RewardScaler(1, gamma=0.5, std=2.0, epsilon=0.0)
    # The start counts as one sum of variance 4 around 0. The first sum is 3: mean 1.5, variance 13/2 - 2.25.
    assert scaler.scale(np.array([3.0]), np.array([False])).item() == pytest.approx(
        3 / np.sqrt(13 / 2 - 2.25)
    )
    # The next sum is 0.5 * 3 + 1, so that all squares add up to 4 + 9 + 6.25, and all sums to 5.5.
    variance = 19.25 / 3 - (5.5 / 3) ** 2
    assert scaler.scale(np.array([1.0]), np.array([True])).item() == pytest.approx(1 / np.sqrt(variance))
    # An episode ended, so the next sum is the reward alone.
    variance = (19.25 + 4) / 4 - (7.5 / 4) ** 2
    assert scaler.scale(np.array([2.0]), np.array([False])).item() == pytest.approx(2 / np.sqrt(variance))


def test_equal_rewards_are_never_blown_up():
    scaler = RewardScaler(2, gamma=0.99)
    for number in range(500):
        scaled = scaler.scale(np.ones(2), np.full(2, number % 50 == 49))
    assert 0.01 < scaled.max() < 1


def test_the_scaling_of_rewards_goes_on_from_its_state():
    one, other = RewardScaler(2, gamma=0.9), RewardScaler(2, gamma=0.9, std=5.0)
    no = np.zeros(2, dtype=bool)
    one.scale(np.array([1.0, 5.0]), no)
    other.load_state_dict(one.state_dict())
    assert np.array_equal(one.scale(np.ones(2), no), other.scale(np.ones(2), no))


def test_sums_do_not_go_on_where_episodes_were_cut():
    cut, plain = (RewardScaler(1, 0.9) for _ in range(2))
    no = np.zeros(1, bool)
    for scaler in (cut, plain):
        scaler.scale(np.array([5.0]), no)
    cut.cut()
    assert cut.scale(np.array([1.0]), no) != plain.scale(np.array([1.0]), no)
    assert cut._sums.tolist() == [1.0]
