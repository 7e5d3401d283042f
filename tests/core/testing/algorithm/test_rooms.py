"""The small worlds look and answer as they say, in every kind of space."""

from __future__ import annotations

import numpy as np
import pytest

from csai_core.testing.algorithm.rooms import HANDS, SIGHTS, Rooms
from csai_core.testing.algorithm.worlds import CORRIDOR, CUT, ENDED, FORBIDDEN, LATER, NUM_ROOMS, REPEAT

LOWEST = {
    "a choice of two": 0,
    "a choice of two from 5": 5,
    "a choice of five": 0,
    "numbers": np.array([-2.0], np.float32),
    "numbers with bounds of their own": np.array([0.2, -9.0], np.float32),
    "a matrix": np.full((2, 3), -1.0, np.float32),
    "unbounded numbers": np.array([-9.0], np.float32),
    "switches": np.zeros(3, np.int8),
    "dials": np.array([0, 0]),
    "dials from elsewhere": np.array([-1, 4]),
    "a dict": {"go": 0, "how_far": np.array([-1.0], np.float32)},
}
HIGHEST = {
    "a choice of two": 1,
    "a choice of two from 5": 6,
    "a choice of five": 4,
    "numbers": np.array([6.0], np.float32),
    "numbers with bounds of their own": np.array([0.7, 1.0], np.float32),
    "a matrix": np.full((2, 3), 1.0, np.float32),
    "unbounded numbers": np.array([9.0], np.float32),
    "switches": np.ones(3, np.int8),
    "dials": np.array([2, 1]),
    "dials from elsewhere": np.array([1, 5]),
    "a dict": {"go": 1, "how_far": np.array([1.0], np.float32)},
}


@pytest.mark.parametrize("sight", SIGHTS)
def test_every_room_is_seen_within_the_space_and_looks_otherwise(sight):
    env = Rooms(REPEAT, sight, "a choice of two")
    seen = []
    for env.room in range(NUM_ROOMS):
        assert env.observation_space.contains(env.seen())
        seen.append(str(env.seen()) if sight != "an image" else env.seen().tobytes())
    assert len(set(seen)) == NUM_ROOMS


@pytest.mark.parametrize("hand", HANDS)
def test_every_hand_says_no_and_yes(hand):
    for action, answer in ((LOWEST[hand], 0.0), (HIGHEST[hand], 1.0)):
        assert HANDS[hand].space.contains(action)
        assert HANDS[hand].yes(action) == pytest.approx(answer, abs=1e-6)


def after(world, room, action):
    env = Rooms(world, "a number", "a choice of two")
    env.reset(seed=1)
    env.room = room
    observation, reward, terminated, truncated, info = env.step(action)
    return env, observation, reward, terminated, truncated, info


@pytest.mark.parametrize(
    ("world", "action", "expected"),
    [
        (REPEAT, 0, (0, 1.0, True, False)),
        (REPEAT, 1, (0, 0.25, True, False)),
        (LATER, 0, (2, 0.5, True, False)),
        (LATER, 1, (1, 0.0, False, False)),
        (CUT, 1, (1, 0.0, False, True)),
        (ENDED, 1, (1, 0.0, True, False)),
        (FORBIDDEN, 1, (1, 0.0, False, False)),
    ],
)
def test_a_choice_brings_what_the_world_says(world, action, expected):
    assert after(world, 0, action)[1:5] == expected


def test_the_next_game_starts_where_the_last_one_led():
    env, *_ = after(ENDED, 0, 1)
    rewards = []
    for _ in range(3):
        env.reset()
        rewards.append(env.step(0)[1])
        env.step(0)
    assert rewards == [0.8, 1.0, -0.8]
    env, *_ = after(ENDED, 0, 0)
    assert {env.reset()[0] for _ in range(20)} == {0, 2}


def test_rooms_of_luck_look_alike():
    env = Rooms(ENDED, "a vector", "a choice of two")
    looks = [env.sight_of(room).tolist() for room in (3, 4, 5)]
    assert looks[0] == looks[1] == looks[2] != env.sight_of(2).tolist()


def test_masks_are_told_where_something_is_forbidden():
    assert after(FORBIDDEN, 1, 1)[-1]["action_mask"].tolist() == [1, 0]
    assert after(FORBIDDEN, 0, 1)[-1]["action_mask"].tolist() == [1, 1]
    assert after(LATER, 0, 1)[-1] == {}


def test_between_no_and_yes_the_reward_lies_between():
    env = Rooms(REPEAT, "a number", "numbers")
    env.reset(seed=0)
    env.room = 0
    assert env.step(np.array([0.0], np.float32))[1] == pytest.approx(0.25 * 0.25 + 0.75)


def test_patience_ends():
    env = Rooms(CORRIDOR, "a number", "a choice of two")
    env.reset(seed=0)
    assert [env.step(0)[3] for _ in range(CORRIDOR.limit)] == [False] * (CORRIDOR.limit - 1) + [True]
