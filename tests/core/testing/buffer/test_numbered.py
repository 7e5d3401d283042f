"""The story that buffers are told, and what its numbers show."""

import numpy as np
import pytest

from csai_core import trees
from csai_core.testing.buffer import numbered
from csai_core.testing.buffer.numbered import APART, FORMS, Story


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_states_are_read_from_observations(form):
    n = np.array([0, 3, 255, 256, 5_003, 30_000])
    assert form.state(form.observation(n)).tolist() == n.tolist()
    assert trees.length(form.action(n)) == 6


def test_episodes_end_as_they_say():
    story = Story(FORMS[0], num_envs=1)
    steps = [*story.steps(9)]
    assert [int(step.observation[0, 0]) for step in steps] == [0, 1, 2, 4, 5, 6, 7, 8, 10]
    assert [int(step.next_observation[0, 0]) for step in steps] == [1, 2, 3, 5, 6, 7, 8, 9, 11]
    assert [bool(step.terminated[0]) for step in steps] == [*[False] * 2, True, *[False] * 5, True]
    assert [bool(step.truncated[0]) for step in steps] == [*[False] * 7, True, False]
    assert story.transitions[8] == numbered.Transition(0, (0, 1), terminated=False, truncated=True)
    assert steps[4].is_reset is None


def test_environments_have_numbers_and_lengths_of_their_own():
    story = Story(FORMS[0], num_envs=3)
    [step] = story.steps(1, ends=False)
    assert step.observation[:, 0].tolist() == [0, APART, 2 * APART]
    assert step.terminated.tolist() == [False, False, True]
    assert not step.truncated.any()


def test_all_episodes_are_cut_short_with_the_last_step():
    [step] = Story(FORMS[0], num_envs=3).steps(1)
    assert step.truncated.tolist() == [True, True, False]


def test_a_reset_takes_a_step_of_its_own():
    story = Story(FORMS[0], num_envs=1, has_resets=True)
    steps = [*story.steps(5)]
    assert [step.is_reset is not None for step in steps] == [False, False, False, True, False]
    assert (steps[3].observation[0, 0], steps[3].next_observation[0, 0], steps[3].reward[0]) == (3, 4, 0)
    assert story.resets == {3}
    assert 3 not in story.transitions


def test_a_mask_is_that_of_the_state_and_allows_something():
    [step] = Story(FORMS[0], num_envs=2, has_masks=True).steps(1)
    assert np.array_equal(step.next_action_mask, numbered.mask(np.array([1, APART + 1])))
    assert numbered.mask(np.arange(100)).any(axis=1).all()


def test_judgments_are_those_of_the_transitions():
    story = Story(FORMS[0], num_envs=2)
    [step] = story.steps(1)
    assert np.array_equal(story.judgments(step)["value"], numbered.value(np.array([0, APART])))
    assert np.array_equal(story.judgments(step)["log_prob"], numbered.log_prob(np.array([0, APART])))


def test_goals_pay_when_they_are_achieved():
    reward = numbered.goal_envs(1).envs[0].unwrapped.compute_reward
    assert reward(np.array([[1.0, 2.0], [1.0, 2.0]]), np.array([[1.0, 2.0], [1.0, 3.0]]), {}).tolist() == [
        0,
        -1,
    ]
