"""The scaling of observations and rewards, against numpy on everything at once."""

import numpy as np
import pytest
import torch
from gymnasium import spaces
from hypothesis import given
from hypothesis import strategies as st

from csai_core import tree_codec, trees
from csai_core.errors import ConfigError
from csai_train.algorithms.scaling import ObservationScaler, RewardScaler

SPACE = spaces.Box(-np.inf, np.inf, (3,))


def learn(scaler, *batches):
    for batch in batches:
        scaler.include(batch)
    return scaler


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.integers(0, 2**32 - 1))
def test_mean_and_deviation_are_those_of_all_that_was_seen(sizes, seed):
    random = np.random.default_rng(seed)
    parts = [random.normal(5.0, 3.0, (size, 3)) for size in sizes]
    scaler = learn(ObservationScaler(SPACE), *parts)
    everything = np.concatenate(parts)
    probe = random.normal(5.0, 3.0, (4, 3))
    expected = (probe - everything.mean(axis=0)) / np.sqrt(everything.var(axis=0) + 1e-8)
    np.testing.assert_allclose(scaler.scale(probe), np.clip(expected, -10, 10), rtol=1e-4, atol=1e-4)


def test_nothing_is_learned_by_scaling():
    scaler = ObservationScaler(SPACE)
    observation = np.full((2, 3), 4.0)
    assert scaler.scale(observation).tolist() == pytest.approx(observation)
    assert scaler.state_dict()["count"] == 0


def test_surprises_are_cut_off_and_the_result_is_float32():
    scaled = learn(ObservationScaler(SPACE), np.zeros((5, 3))).scale(np.full((1, 3), 1e6))
    assert scaled.tolist() == [[10.0, 10.0, 10.0]]
    assert scaled.dtype == np.float32


NESTED = spaces.Dict(
    {
        "arm": spaces.Tuple([spaces.Box(-9, 9, (2,)), spaces.Discrete(3)]),
        "camera": spaces.Box(0, 255, (4, 4, 3), np.uint8),
        "count": spaces.Box(0, 99, (1,), np.int64),
        "switches": spaces.Dict({"bits": spaces.MultiBinary(2), "dials": spaces.MultiDiscrete([3, 4])}),
    }
)


def nested(arm, count, picture=7):
    size = len(arm)
    return {
        "arm": (np.array(arm, np.float32), np.arange(size) % 3),
        "camera": np.full((size, 4, 4, 3), picture, np.uint8),
        "count": np.array(count),
        "switches": {"bits": np.ones((size, 2), np.int8), "dials": np.zeros((size, 2), np.int64)},
    }


def test_each_box_of_a_dict_is_scaled_by_itself_and_nothing_else():
    seen = nested([[1, 10], [3, 10]], [[0], [8]])
    scaler = learn(ObservationScaler(NESTED), seen)
    scaled = scaler.scale(nested([[5, 10]], [[12]]))
    # Of 1 and 3 the mean is 2 and the deviation 1; 10 is always 10; of 0 and 8 both are 4.
    assert scaled["arm"][0].tolist() == [[pytest.approx(3.0), 0.0]]
    assert scaled["count"].tolist() == [[pytest.approx(2.0)]]
    assert scaled["count"].dtype == np.float32
    for name in ("camera", "switches"):
        assert trees.are_equal(scaled[name], nested([[5, 10]], [[12]])[name])
    assert scaled["camera"].dtype == np.uint8
    assert scaled["arm"][1].dtype == np.int64


@pytest.mark.parametrize(
    "space",
    [spaces.Discrete(3), spaces.MultiBinary(2), spaces.Box(0, 255, (2, 2), np.uint8), NESTED["switches"]],
)
def test_where_there_is_nothing_to_scale_nothing_happens(space):
    scaler = ObservationScaler(space)
    batch = trees.of_one(space.sample())
    assert learn(scaler, batch).scale(batch) is batch
    assert scaler.state_dict() is None


def test_off_leaves_observations_as_they_are():
    batch = np.ones((2, 3))
    scaler = learn(ObservationScaler(SPACE, is_on=False), batch)
    assert scaler.scale(batch) is batch
    assert scaler.state_dict() is None


@pytest.mark.parametrize(
    ("space", "first", "second"),
    [
        (SPACE, *np.random.default_rng(0).normal(size=(2, 5, 3))),
        (NESTED, nested([[1, 2], [3, 5]], [[1], [4]]), nested([[7, 7]], [[3]])),
    ],
)
def test_goes_on_from_its_state_as_a_file_holds_it(space, first, second):
    scaler = learn(ObservationScaler(space), first)
    other = ObservationScaler(space)
    other.load_state_dict(tree_codec.from_file(*tree_codec.to_file(scaler.state_dict())))
    assert trees.are_equal(learn(scaler, second).scale(first), learn(other, second).scale(first))


def test_the_same_is_told_to_who_takes_the_network_elsewhere():
    seen = nested([[1, 10], [3, 12]], [[0], [8]])
    scaler = learn(ObservationScaler(NESTED), seen)
    (arm, choice), scaled = scaler.scales()["arm"], scaler.scale(seen)
    assert choice is None
    np.testing.assert_allclose(arm(torch.from_numpy(seen["arm"][0])), scaled["arm"][0], atol=1e-6)
    counts = scaler.scales()["count"](torch.from_numpy(seen["count"] * 1000))
    np.testing.assert_allclose(counts, scaler.scale({**seen, "count": seen["count"] * 1000})["count"])


@pytest.mark.parametrize("was_on", [False, True])
def test_a_state_of_observations_that_were_scaled_otherwise_is_refused(was_on):
    state = ObservationScaler(SPACE, is_on=was_on).state_dict()
    with pytest.raises(ConfigError, match=f"train with normalize_observation={was_on}"):
        ObservationScaler(SPACE, is_on=not was_on).load_state_dict(state)


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
