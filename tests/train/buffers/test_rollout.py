"""The rollout buffer: what goes in at (step, environment) is found there."""

import numpy as np
import pytest

from csai_train.buffers.rollout import RolloutBuffer


def add(buffer, number, truncated=False, terminated=False, **changes):
    """Add a step whose every number tells its own and its environment's."""
    num_envs = buffer.num_envs
    numbers = number + np.arange(num_envs) / 10
    fields = {
        "observation": numbers[:, None],
        "action": numbers.astype(np.float32),
        "reward": numbers,
        "terminated": np.full(num_envs, terminated),
        "truncated": np.full(num_envs, truncated),
        "next_observation": numbers[:, None] + 1,
    }
    buffer.add(**{**fields, **changes})


def test_fills_and_starts_over():
    buffer = RolloutBuffer(3, 2)
    for number in range(1, 4):
        assert not buffer.is_full
        add(buffer, number)
    assert buffer.is_full
    assert buffer.reward == pytest.approx(np.array([[1.0, 1.1], [2.0, 2.1], [3.0, 3.1]]))
    assert np.allclose(buffer.observation[..., 0], buffer.reward)
    assert buffer.next_observation.ravel().tolist() == [4.0, 4.1]
    add(buffer, 9)
    assert buffer.position == 1
    assert buffer.reward[0].tolist() == pytest.approx([9.0, 9.1])


def test_last_observations_of_episodes_cut_short_are_kept():
    buffer = RolloutBuffer(2, 2)
    add(buffer, 1, truncated=np.array([False, True]))
    add(buffer, 2, truncated=np.array([True, True]), terminated=np.array([True, False]))
    assert [(t, i) for t, i, _ in buffer.cut_short] == [(0, 1), (1, 1)]
    assert [float(last[0]) for _, _, last in buffer.cut_short] == pytest.approx([2.1, 3.1])
    add(buffer, 3)
    assert buffer.cut_short == []


def test_dtypes_stay_and_dicts_are_kept_by_key():
    buffer = RolloutBuffer(2, 1)
    image = np.full((1, 3, 4, 4), 200, dtype=np.uint8)
    observation = {"image": image, "pair": (np.array([3]), np.array([[1.5]], dtype=np.float32))}
    add(buffer, 1, observation=observation, action={"push": np.array([[0.5]])})
    assert buffer.observation["image"].dtype == np.uint8
    assert buffer.observation["image"].shape == (2, 1, 3, 4, 4)
    assert buffer.observation["pair"][0][0] == [3]
    assert buffer.action["push"][0].tolist() == [[0.5]]


def test_what_was_added_is_not_touched_by_later_changes():
    buffer = RolloutBuffer(2, 1)
    observation = np.ones((1, 1))
    add(buffer, 1, observation=observation, truncated=True, next_observation=observation)
    observation[:] = 7
    assert buffer.observation[0].item() == 1
    assert buffer.cut_short[0][2].item() == 1


@pytest.mark.parametrize("observed", [np.ones((1, 2)), (np.ones((1, 1)), {"a": np.ones((1, 3))})])
def test_a_saved_rollout_and_its_copy_do_not_touch_each_other(observed):
    buffer = RolloutBuffer(3, 1)
    add(buffer, 1, observation=observed, next_observation=observed, truncated=True)
    other = RolloutBuffer(3, 1)
    other.load_state_dict(buffer.state_dict())
    add(other, 2, observation=observed, next_observation=observed, truncated=True)
    assert (buffer.position, other.position) == (1, 2)
    assert (len(buffer.cut_short), len(other.cut_short)) == (1, 2)
    assert buffer.reward[1] == 0


def test_the_values_of_what_followed():
    buffer = RolloutBuffer(3, 2)
    for number in range(3):
        add(buffer, number, truncated=np.array([number == 0, False]))

    def judge(observation):
        return np.asarray(observation)[..., 0] * 100

    values = np.arange(6, dtype=np.float32).reshape(3, 2)
    # Environment 0 was cut short at step 0, where it saw 0 + 1; the last steps led to 3 and 3.1.
    expected = [[100, 3], [4, 5], [300, 310]]
    assert buffer.next_values(values, judge) == pytest.approx(np.array(expected))


def test_tensors_have_one_leading_axis():
    buffer = RolloutBuffer(2, 2)
    add(buffer, 1)
    add(buffer, 2, action_mask=np.array([[1, 0], [1, 1]], dtype=np.int8))
    observation, action, mask = buffer.flat()
    assert observation.shape == (4, 1)
    assert action.tolist() == pytest.approx([1.0, 1.1, 2.0, 2.1])
    assert mask.tolist() == [[True, True], [True, True], [True, False], [True, True]]


def test_cut_episodes_count_as_cut_short_and_lead_to_their_own_last_observation():
    rollout = RolloutBuffer(2, 2)
    flags = [np.array([False, False])] * 2
    rollout.add(np.array([1.0, 2.0]), np.zeros(2), np.ones(2), *flags, np.array([3.0, 4.0]))
    rollout.cut()
    rollout.add(np.array([5.0, 6.0]), np.zeros(2), np.ones(2), *flags, np.array([7.0, 8.0]))
    assert rollout.truncated.tolist() == [[True, True], [False, False]]
    following = rollout.next_values(rollout.observation.astype(np.float32), lambda seen: seen)
    assert following.tolist() == [[3.0, 4.0], [7.0, 8.0]]


def test_a_cut_leaves_alone_what_has_ended_and_what_is_no_step():
    ended = np.array([True, False, False, False])
    rollout = RolloutBuffer(2, 4)
    numbers = np.arange(4.0)
    rollout.add(numbers, numbers, numbers, ended, ended[[1, 0, 2, 3]], numbers, is_reset=ended[[3, 1, 0, 2]])
    before = [(t, i) for t, i, _ in rollout.cut_short]
    rollout.cut()
    assert rollout.terminated[0].tolist() == [True, False, False, False]
    assert rollout.truncated[0].tolist() == [False, True, False, True]
    assert [(t, i) for t, i, _ in rollout.cut_short] == [*before, (0, 3)]


@pytest.mark.parametrize("num_added", [0, 2])
def test_a_cut_before_the_first_step_or_after_the_last_changes_nothing(num_added):
    rollout = RolloutBuffer(2, 2)
    for number in range(num_added):
        add(rollout, number)
    rollout.cut()
    assert not rollout.truncated.any()
    assert rollout.cut_short == []


def test_memory_is_asked_for_as_much_as_the_rows_need(monkeypatch):
    asked = []
    monkeypatch.setattr("csai_train.buffers.rollout.require_memory", lambda *words: asked.append(words))
    buffer = RolloutBuffer(3, 2)
    add(buffer, 1, observation={"x": np.zeros((2, 5))}, action=np.zeros(2, np.int64))
    what, cure = "A rollout of 3 steps in 2 environments", "Give a smaller num_steps or num_envs."
    assert asked == [(what, 6 * 3 * 2, cure), (what, 3 * (2 * 5 * 8 + 2 * 8), cure)]


def test_before_the_first_step_there_is_nothing():
    state = RolloutBuffer(3, 2).state_dict()
    assert state["observation"] is state["action"] is state["next_observation"] is None
    assert state["action_mask"] is state["is_reset"] is None


def test_a_rollout_without_masks_and_resets_is_whole():
    buffer = RolloutBuffer(1, 2)
    add(buffer, 1)
    assert buffer.taken() == slice(None)
    assert buffer.action_mask is buffer.flat()[2] is None
    assert buffer.reward.dtype == np.float32


def test_masks_and_resets_of_a_former_rollout_are_forgotten():
    buffer = RolloutBuffer(1, 2)
    mask, is_reset = np.array([[1, 0], [0, 1]], np.int8), np.array([True, False])
    add(buffer, 1, action_mask=mask, is_reset=is_reset)
    assert buffer.action_mask.dtype == np.int8
    assert buffer.taken().tolist() == [1]
    add(buffer, 2)
    assert buffer.action_mask.tolist() == [[[1, 1], [1, 1]]]
    assert buffer.taken().tolist() == [0, 1]
