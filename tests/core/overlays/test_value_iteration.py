"""Values by sweeps, against sums done by hand."""

import numpy as np
import pytest

from csai_core.errors import ConfigError
from csai_core.overlays import Table, value_iteration

# Three states in a row; action 0 stays, action 1 goes on. The last step brings 1 and ends the game.
CHAIN = {
    0: {0: [(1.0, 0, 0.0, False)], 1: [(1.0, 1, -0.1, False)]},
    1: {0: [(1.0, 1, 0.0, False)], 1: [(1.0, 2, 1.0, True)]},
    2: {0: [(1.0, 2, 0.0, True)], 1: [(1.0, 2, 0.0, True)]},
}


def test_a_chain_of_three_states_by_hand():
    # V(1) = 1, as the game is over then; V(0) = -0.1 + 0.5 * 1 = 0.4; staying is worth half of what one has.
    values = value_iteration(Table.from_outcomes(CHAIN), gamma=0.5)
    assert values == pytest.approx(np.array([[0.2, 0.4], [0.5, 1.0], [0.0, 0.0]]), abs=1e-8)


def test_chance_is_weighed():
    # V(1) = 1; going on from 0 slips back in one case of four:
    # Q = 0.75 (-0.1 + 0.8 V(1)) + 0.25 (0 + 0.8 V(0)).
    slippery = {**CHAIN, 0: {**CHAIN[0], 1: [(0.75, 1, -0.1, False), (0.25, 0, 0.0, False)]}}
    first = 0.75 * 0.7 / (1 - 0.25 * 0.8)
    values = value_iteration(Table.from_outcomes(slippery), gamma=0.8)
    assert values[0] == pytest.approx([0.8 * first, first], abs=1e-8)


def test_an_end_is_worth_what_comes_with_it_and_no_more():
    # The same state may be come to by an end and without one, as where a wall ends the game.
    both = {0: {0: [(1.0, 0, 1.0, True)], 1: [(1.0, 0, 0.5, False)]}}
    values = value_iteration(Table.from_outcomes(both), gamma=0.9)
    assert values == pytest.approx(np.array([[1.0, 0.5 / (1 - 0.9)]]), abs=1e-6)


def test_without_a_discount_a_goal_is_worth_all_that_leads_to_it():
    values = value_iteration(Table.from_outcomes(CHAIN), gamma=1.0)
    assert values.max(axis=1) == pytest.approx([0.9, 1.0, 0.0])


def test_gamma_zero_looks_one_step_ahead():
    assert value_iteration(Table.from_outcomes(CHAIN), gamma=0).tolist() == [[0, -0.1], [0, 1], [0, 0]]


def test_values_that_grow_without_end_are_refused():
    endless = Table.from_outcomes({0: {0: [(1.0, 0, 1.0, False)]}})
    with pytest.raises(ConfigError, match=r"still change by 1 after 500 sweeps with gamma=1\.0; try"):
        value_iteration(endless, gamma=1.0, most_sweeps=500)


@pytest.mark.parametrize("gamma", [-0.1, 1.1, float("nan"), "x"])
def test_gamma_is_checked(gamma):
    with pytest.raises(ConfigError, match="gamma"):
        value_iteration(Table.from_outcomes(CHAIN), gamma)


@pytest.mark.parametrize("gamma", [0.9, 0.999])
def test_values_are_as_near_as_was_asked_for(gamma):
    random = np.random.default_rng(0)
    chances = random.dirichlet(np.ones(5), (20, 3))
    next_states = random.integers(20, size=(20, 3, 5))
    table = Table(chances, next_states, random.normal(size=(20, 3, 5)), random.random((20, 3, 5)) < 0.05)
    values = value_iteration(table, gamma)
    best = values.argmax(axis=1)
    # Solve the linear equations of the best policy exactly.
    onward, rewards = np.zeros((20, 20)), np.zeros(20)
    for state, action in enumerate(best):
        rewards[state] = chances[state, action] @ table.rewards[state, action]
        for p, ahead, ends in zip(
            chances[state, action], next_states[state, action], table.ends[state, action], strict=True
        ):
            onward[state, ahead] += gamma * p * (not ends)
    exact = np.linalg.solve(np.eye(20) - onward, rewards)
    assert np.abs(values.max(axis=1) - exact).max() <= 1e-8
