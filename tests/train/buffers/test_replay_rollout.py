"""The rollout that waits in a replay buffer: what is learned from is what that gives back."""

import numpy as np
import pytest

from csai_core.errors import ConfigError
from csai_train.buffers.replay import BasicReplayBuffer, DictReplayBuffer, ReplayBuffer
from csai_train.buffers.replay_rollout import ReplayRollout


def add(rollout, number, **changes):
    numbers = number + np.arange(rollout.num_envs) / 10
    no = np.zeros(rollout.num_envs, bool)
    fields = {
        "observation": numbers[:, None],
        "action": numbers,
        "reward": numbers,
        "terminated": no,
        "truncated": no,
        "next_observation": numbers[:, None] + 1,
    }
    rollout.add(**{**fields, **changes})


def test_steps_wait_in_the_memory_until_the_rollout_is_full():
    memory = BasicReplayBuffer()
    memory.store_memory(np.zeros(1), 0.0, None, None, 0.0, False, np.zeros(1))
    rollout = ReplayRollout(memory, 2, 2)
    assert memory.size() == 0
    add(rollout, 1)
    assert memory.size() == 2
    assert memory.in_order().next_observation.ravel().tolist() == [2.0, 2.1]
    add(rollout, 2, truncated=np.array([False, True]))
    assert rollout.is_full
    assert memory.size() == 0
    assert rollout.reward == pytest.approx(np.array([[1.0, 1.1], [2.0, 2.1]]))
    assert rollout.observation.shape == (2, 2, 1)
    assert [(t, i) for t, i, _ in rollout.cut_short] == [(1, 1)]
    add(rollout, 3)
    assert rollout.position == 1
    assert rollout.cut_short == []


def test_what_the_memory_gives_back_is_what_is_learned_from():
    class Doubling(ReplayBuffer):
        def in_order(self):
            kept = super().in_order()
            return kept._replace(reward=2 * kept.reward)

    rollout = ReplayRollout(Doubling(), 2, 1)
    add(rollout, 1)
    add(rollout, 2)
    assert rollout.reward.ravel().tolist() == [2.0, 4.0]


def test_goes_on_from_its_state_in_the_middle():
    rollout, other = (ReplayRollout(DictReplayBuffer(capacity=each), 3, 1) for each in (10, 20))
    for number in (1, 2):
        add(rollout, number, observation={"a": np.array([number])}, next_observation={"a": np.array([9])})
    other.load_state_dict(rollout.state_dict())
    assert (
        "capacity" not in rollout.state_dict()["memory"]
    )  # so that a repetition with a larger one is the same
    for each in (rollout, other):
        add(each, 3, observation={"a": np.array([3])}, next_observation={"a": np.array([9])})
        assert each.observation["a"].ravel().tolist() == [1, 2, 3]
        assert each.reward.ravel().tolist() == [1.0, 2.0, 3.0]


def test_memories_that_do_not_fit():
    with pytest.raises(ConfigError, match="larger capacity"):
        ReplayRollout(BasicReplayBuffer(capacity=5), 3, 2)

    class Forgetting(ReplayBuffer):
        def in_order(self):
            return super().in_order()._replace(reward=np.zeros(1, np.float32))

    rollout = ReplayRollout(Forgetting(), 2, 1)
    add(rollout, 1)
    with pytest.raises(ConfigError, match="1 of the 2 steps"):
        add(rollout, 2)


def test_masks_and_rows_that_are_no_steps_are_kept():
    rollout = ReplayRollout(ReplayBuffer(), 1, 2)
    mask, is_reset = np.array([[1, 0], [1, 1]], np.int8), np.array([False, True])
    add(rollout, 1, action_mask=mask, is_reset=is_reset)
    assert rollout.flat()[2].tolist() == mask.tolist()
    assert rollout.taken().tolist() == [0]


def test_a_memory_of_just_the_size_of_a_rollout_is_enough():
    rollout = ReplayRollout(ReplayBuffer(capacity=6), 3, 2)
    for number in range(3):
        add(rollout, number)
    assert rollout.is_full
    assert len(rollout.flat()[0]) == 6


def test_what_is_remembered_is_kept_as_a_rollout_keeps_it():
    rollout = ReplayRollout(BasicReplayBuffer(), 2, 2)
    add(rollout, 1, memory=np.array([1.0, 2.0]), next_memory=np.array([3.0, 4.0]))
    add(
        rollout,
        2,
        memory=np.array([5.0, 6.0]),
        next_memory=np.array([7.0, 8.0]),
        truncated=np.array([False, True]),
    )
    assert rollout.first_memory.tolist() == [1.0, 2.0]
    [(t, env, (observation, memory))] = rollout.cut_short
    assert (t, env, observation.tolist(), float(memory)) == (1, 1, [3.1], 8.0)
    assert rollout.next_observation[1].tolist() == [7.0, 8.0]
