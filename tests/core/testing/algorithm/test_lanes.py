"""Copies of an environment side by side give the Steps that a training would."""

from __future__ import annotations

import numpy as np
import pytest

from csai_core.algorithm import Decision
from csai_core.episode_memory import EpisodeMemory
from csai_core.testing.algorithm.lanes import Lanes
from csai_core.testing.algorithm.rooms import Rooms
from csai_core.testing.algorithm.worlds import CUT, FORBIDDEN, SOON_FORBIDDEN, STOPPED


def lanes(world, **wishes):
    made = Lanes(Rooms(world, "a number", "a choice of two"), 2, **wishes)
    for env in made.envs:
        env.room = 0
    return made


def test_an_episode_that_was_cut_short_gives_its_last_observation_and_starts_anew():
    played = lanes(CUT)
    step = played.step(Decision(np.array([1, 0])))
    assert step.next_observation.tolist() == [1, 2]
    assert (step.terminated.tolist(), step.truncated.tolist()) == ([False, True], [True, False])
    assert step.is_reset is None
    assert set(played.observation) <= {0, 1}


def test_where_resets_take_a_step_its_row_is_marked():
    played = lanes(CUT, resets_take_a_step=True)
    played.step(Decision(np.array([1, 0])))
    assert played.observation.tolist() == [1, 2]
    step = played.step(Decision(np.array([1, 1])))
    assert step.is_reset.tolist() == [True, True]
    assert step.reward.tolist() == [0.0, 0.0]
    assert step.num_taken == 0


def test_masks_go_along():
    played = lanes(SOON_FORBIDDEN)
    step = played.step(Decision(np.array([1, 0])))
    assert step.action_mask.tolist() == [[1, 1], [1, 1]]
    assert step.next_action_mask.tolist() == [[1, 0], [1, 1]]


@pytest.mark.parametrize("name", ["observation", "next_observation", "action"])
def test_nobody_else_holds_the_arrays_of_a_step(name):
    played = lanes(CUT)
    action = np.array([1, 0])
    shown = played.observation.copy()
    array = getattr(played.step(Decision(action)), name)
    array[:] = 7
    assert action.tolist() == [1, 0]
    assert 7 not in played.observation
    assert shown.tolist() != [7, 7]


def test_the_first_of_several_may_start_elsewhere():
    played = Lanes(Rooms(FORBIDDEN, "a number", "a choice of two"), 3)
    assert played.observation.tolist() == [3, 0, 0]
    step = played.step(Decision(np.array([1, 1, 1])))
    assert step.next_observation.tolist() == [3, 1, 1]
    assert step.reward.tolist() == [1.0, 0.0, 0.0]
    assert played.observation.tolist() == [3, 1, 1]
    assert Lanes(Rooms(FORBIDDEN, "a number", "a choice of two"), 1).observation.tolist() == [0]


def test_a_stop_starts_all_anew_without_a_word_in_the_step():
    played = lanes(STOPPED)
    step = played.step(Decision(np.array([1, 0])))
    assert (step.terminated.tolist(), step.truncated.tolist()) == ([False, True], [False, False])
    assert step.next_observation.tolist() == [2, 2]
    assert played.was_stopped
    assert played.observation[0] == 3
    assert played.step(Decision(np.array([0, 0]))).reward[0] == 0.8
    assert not played.was_stopped


class Counting:
    """Remembers how many steps an episode has had."""

    def initial_memory(self, num_envs):
        return np.zeros(num_envs, np.int64)


def test_what_is_remembered_goes_on_and_is_forgotten_where_an_episode_ends():
    env = Rooms(CUT, "a number", "a choice of two")
    played = Lanes(env, 2, EpisodeMemory(Counting(), 2))
    for each in played.envs:
        each.room = 0
    played.step(Decision(np.array([1, 0]), memory=np.array([1, 1])))
    assert played.memory.now.tolist() == [0, 0]  # one was cut, one left
    for each in played.envs:
        each.room = 1
    played.memory.load(np.array([3, 4]))
    played.step(Decision(np.array([0, 0])))
    assert played.memory.now.tolist() == [3, 4]  # somebody else decided
    stopped = Lanes(Rooms(STOPPED, "a number", "a choice of two"), 2, EpisodeMemory(Counting(), 2))
    for each in stopped.envs:
        each.room = 0
    while not stopped.was_stopped:
        stopped.step(Decision(np.array([1, 1]), memory=np.array([1, 1])))
    assert stopped.memory.now.tolist() == [0, 0]


def test_the_memo_of_a_step_is_a_copy():
    memo = {"drawn": np.array([1.0, 2.0])}
    step = lanes(CUT).step(Decision(np.array([1, 0]), memo))
    step.memo["drawn"][:] = 0
    assert memo["drawn"].tolist() == [1.0, 2.0]
