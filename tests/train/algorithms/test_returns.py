"""Returns and advantages against sums done by hand."""

import numpy as np
import pytest

from csai_train.algorithms.returns import discounted_returns, gae, require_finite_steps
from csai_train.errors import NonFiniteError


def column(*values, dtype=np.float32):
    return np.array(values, dtype=dtype)[:, None]


NEVER = column(False, False, False, dtype=bool)


def test_returns_within_one_episode():
    returns = discounted_returns(column(1, 0, 2), column(0, 0, 8), NEVER, NEVER, gamma=0.5)
    # From the back: 2 + 0.5 * 8 = 6; 0 + 0.5 * 6 = 3; 1 + 0.5 * 3 = 2.5.
    assert returns.ravel().tolist() == [2.5, 3.0, 6.0]


def test_returns_end_where_the_game_does():
    ended = column(False, True, False, dtype=bool)
    returns = discounted_returns(column(1, 1, 1), column(9, 9, 4), ended, NEVER, gamma=0.5)
    assert returns.ravel().tolist() == [1.5, 1.0, 3.0]


def test_returns_count_what_would_follow_a_cut():
    cut = column(False, True, False, dtype=bool)
    returns = discounted_returns(column(1, 1, 1), column(9, 6, 4), NEVER, cut, gamma=0.5)
    assert returns.ravel().tolist() == [3.0, 4.0, 3.0]


def test_gae_by_hand():
    advantage = gae(
        column(1, 0, 2), column(1, 2, 3), column(2, 3, 4), NEVER, NEVER, gamma=0.5, gae_lambda=0.5
    )
    # Errors: 1 + 1 - 1 = 1; 0 + 1.5 - 2 = -0.5; 2 + 2 - 3 = 1. Carried on by 0.25.
    assert advantage.ravel().tolist() == [1 + 0.25 * (-0.5 + 0.25), -0.5 + 0.25, 1.0]


def test_gae_of_a_single_step():
    advantage = gae(column(1), column(1), column(2), NEVER[:1], NEVER[:1], gamma=0.5, gae_lambda=0.5)
    assert advantage.ravel().tolist() == [1.0]


def test_gae_stops_at_the_end_of_an_episode_of_either_kind():
    terminated, truncated = column(True, False, False, dtype=bool), column(False, True, False, dtype=bool)
    advantage = gae(
        column(1, 1, 1), column(0, 0, 0), column(10, 10, 10), terminated, truncated, gamma=0.5, gae_lambda=1.0
    )
    assert advantage.ravel().tolist() == [1.0, 6.0, 6.0]


@pytest.mark.parametrize("gae_lambda", [0.0, 1.0])
def test_lambda_ranges_from_one_step_errors_to_whole_returns(gae_lambda):
    random = np.random.default_rng(0)
    reward, value = random.normal(size=(2, 6, 3)).astype(np.float32)
    last = random.normal(size=(1, 3)).astype(np.float32)
    next_value = np.concatenate([value[1:], last])
    never = np.zeros((6, 3), dtype=bool)
    advantage = gae(reward, value, next_value, never, never, gamma=0.9, gae_lambda=gae_lambda)
    if gae_lambda == 0.0:
        expected = reward + 0.9 * next_value - value
    else:
        expected = discounted_returns(reward, next_value, never, never, gamma=0.9) - value
    np.testing.assert_allclose(advantage, expected, rtol=1e-5, atol=1e-6)


def test_environments_do_not_touch_each_other():
    random = np.random.default_rng(1)
    reward, value, next_value = random.normal(size=(3, 8, 4)).astype(np.float32)
    terminated, truncated = random.random((2, 8, 4)) < 0.2
    arguments = (reward, value, next_value, terminated, truncated)
    together = gae(*arguments, gamma=0.9, gae_lambda=0.8)
    for i in range(4):
        alone = gae(*(each[:, i : i + 1] for each in arguments), gamma=0.9, gae_lambda=0.8)
        np.testing.assert_array_equal(together[:, i : i + 1], alone)


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_steps_with_numbers_that_are_none_are_refused_by_name_and_place(number):
    values = np.zeros((3, 2), dtype=np.float32)
    require_finite_steps(reward=values, value=values)
    values[2, 1] = number
    with pytest.raises(NonFiniteError, match=f"value of step 2, in environment 1, is {number}"):
        require_finite_steps(reward=np.zeros((3, 2), dtype=np.float32), value=values)
