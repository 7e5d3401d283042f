"""Steps joined by the joiner, against a plain loop over each episode."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csai_core.algorithm import Step
from csai_core.errors import ConfigError
from csai_train.buffers.n_step import NStepAccumulator


def step(number, terminated, truncated):
    """A step of as many environments as there are flags; its numbers tell it and the environment."""
    numbers = number + np.arange(len(terminated)) / 10
    return Step(numbers, {"a": numbers}, numbers, np.array(terminated), np.array(truncated), numbers + 1)


def test_three_steps_by_hand():
    joiner = NStepAccumulator(3, gamma=0.5)
    no, yes = [False], [True]
    assert list(joiner.join(step(1, no, no))) == []
    assert list(joiner.join(step(2, no, no))) == []
    [(joined, count)] = joiner.join(step(3, no, no))
    assert count == 3
    assert (joined.observation, joined.action["a"], joined.next_observation) == (1, 1, 4)
    assert joined.reward == 1 + 0.5 * 2 + 0.25 * 3
    found = list(joiner.join(step(4, yes, no)))
    assert [(j.observation.item(), j.reward.item(), n) for j, n in found] == [
        (2, 2 + 0.5 * 3 + 0.25 * 4, 3),
        (3, 3 + 0.5 * 4, 2),
        (4, 4, 1),
    ]
    assert all(j.terminated.all() and j.next_observation == 5 for j, _ in found)
    assert list(joiner.join(step(5, no, no))) == []


endings = st.lists(
    st.tuples(*[st.sampled_from(["", "", "", "terminated", "truncated"])] * 2), min_size=1, max_size=12
)


@given(endings, st.integers(1, 4))
def test_every_step_is_joined_once_and_never_across_an_end(endings, num_steps):
    joiner = NStepAccumulator(num_steps, gamma=0.9)
    found = {}
    for number, flags in enumerate(endings):
        now = step(number, [f == "terminated" for f in flags], [f == "truncated" for f in flags])
        for joined, count in joiner.join(now):
            for i, name in enumerate(joined.observation):
                assert name not in found
                found[round(float(name), 1)] = (
                    joined.reward[i],
                    count,
                    joined.terminated[i],
                    joined.truncated[i],
                    joined.next_observation[i],
                )
    for env in range(2):
        for start in range(len(endings)):
            end = start
            while end < len(endings) - 1 and not endings[end][env] and end - start < num_steps - 1:
                end += 1
            name = round(start + env / 10, 1)
            if not endings[end][env] and end - start < num_steps - 1:
                assert name not in found
                continue
            reward, count, terminated, truncated, following = found[name]
            assert count == end - start + 1
            assert np.isclose(reward, sum(0.9**k * (start + k + env / 10) for k in range(count)))
            assert (terminated, truncated) == (
                endings[end][env] == "terminated",
                endings[end][env] == "truncated",
            )
            assert np.isclose(following, end + 1 + env / 10)


def test_goes_on_from_its_state():
    one, other = NStepAccumulator(3, 0.9), NStepAccumulator(3, 0.9)
    no = [False, False]
    for number in range(4):
        list(one.join(step(number, no, [False, number == 2])))
    other.load_state_dict(one.state_dict())
    for joiner_step in (step(4, no, no), step(5, no, no)):
        assert str(list(one.join(joiner_step))) == str(list(other.join(joiner_step)))


def test_a_state_of_another_number_of_steps_is_refused():
    state = NStepAccumulator(3, 0.9).state_dict()
    with pytest.raises(ConfigError, match=r"joined 3 steps at a time cannot go on with 2\."):
        NStepAccumulator(2, 0.9).load_state_dict(state)


def test_what_is_left_of_cut_episodes_is_joined_as_cut_short():
    accumulator = NStepAccumulator(3, gamma=0.5)
    for number in (1, 2):
        assert not list(accumulator.join(step(number, [False], [False])))
    found = [(count, joined.reward.item(), joined.truncated.item()) for joined, count in accumulator.cut()]
    assert found == [(2, 1 + 0.5 * 2, True), (1, 2.0, True)]
    assert not list(accumulator.cut())


def test_rows_that_are_no_steps_are_joined_with_none():
    accumulator = NStepAccumulator(2, gamma=0.5)
    no = np.array([False, False])
    assert not list(accumulator.join(step(1, no, no)))
    is_reset = np.array([True, False])
    [(joined, _)] = accumulator.join(step(2, no, no)._replace(is_reset=is_reset))
    assert joined.observation.tolist() == [1.1]
    [(joined, _)] = accumulator.join(step(3, no, no))
    assert joined.observation.tolist() == [2.1]
    [(joined, _)] = accumulator.join(step(4, no, no))
    assert joined.observation.tolist() == pytest.approx([3.0, 3.1])


def test_of_several_environments_each_part_is_that_of_those_that_are_joined():
    accumulator = NStepAccumulator(2, gamma=0.5)
    no, mask = np.array([False, False]), np.array([[1, 0], [0, 1]], np.int8)
    [(joined, count)] = accumulator.join(step(1, no, [False, True])._replace(next_action_mask=mask))
    assert count == 1
    assert joined.next_action_mask.tolist() == [[0, 1]]
    assert (joined.observation, joined.action["a"], joined.next_observation) == (1.1, 1.1, 2.1)
    [(joined, count)] = accumulator.cut()
    assert count == 1
    assert (joined.observation, joined.action["a"], joined.next_observation) == (1.0, 1.0, 2.0)
    assert joined.next_action_mask.tolist() == [[1, 0]]


def test_no_more_steps_are_kept_than_are_joined():
    accumulator = NStepAccumulator(2, gamma=0.5)
    for number in range(5):
        list(accumulator.join(step(number, [False], [False])))
        assert len(accumulator.state_dict()["steps"]) <= 2
        other = NStepAccumulator(2, gamma=0.5)
        other.load_state_dict(accumulator.state_dict())
        accumulator = other
