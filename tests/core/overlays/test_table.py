"""Tables of what follows."""

import gymnasium
import numpy as np
import pytest

from csai_core.overlays import Table


def test_outcomes_become_arrays():
    table = Table.from_outcomes(
        {0: {0: [(0.25, 1, -1.0, False), (0.75, 0, 2.0, True)], 1: [(1.0, 1, 0.0, False)]}, 1: {0: [], 1: []}}
    )
    assert table.chances.tolist() == [[[0.25, 0.75], [1, 0]], [[0, 0], [0, 0]]]
    assert table.next_states[0, 0].tolist() == [1, 0]
    assert table.rewards[0, 0].tolist() == [-1, 2]
    assert table.ends[0].tolist() == [[False, True], [False, False]]


@pytest.mark.parametrize(
    ("env_id", "final"),
    [
        ("FrozenLake-v1", {5: 0.0, 7: 0.0, 11: 0.0, 12: 0.0, 15: 1.0}),
        ("CliffWalking-v1", {47: -1.0}),
    ],
)
def test_final_states_and_what_comes_with_them(env_id, final):
    table = Table.from_outcomes(gymnasium.make(env_id).unwrapped.P)
    assert np.allclose(table.chances.sum(axis=2), 1)
    assert table.final_rewards == final


def test_the_best_way_to_an_end_counts():
    table = Table.from_outcomes(
        {0: {0: [(1.0, 1, -1.0, True)], 1: [(1.0, 1, 3.0, True)]}, 1: {0: [(1.0, 1, 9.0, True)], 1: []}}
    )
    assert table.final_rewards == {1: 3.0}


def test_states_are_reached_from_others():
    table = Table.from_outcomes(
        {
            0: {0: [(1.0, 1, 0.0, False), (0.0, 3, 0.0, False)]},
            1: {0: [(1.0, 1, 0.0, False)]},
            2: {0: [(1.0, 0, 0.0, False)]},
            3: {0: [(1.0, 3, 0.0, False)]},
        }
    )
    assert table.reachable_from([0]) == {0, 1}
    assert table.reachable_from([2, 3]) == {0, 1, 2, 3}
