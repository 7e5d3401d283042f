"""Which states a table can have a row for."""

import numpy as np
import pytest
from gymnasium import spaces

from csai_core.errors import SpaceError
from csai_train import QLearning
from csai_train.algorithms.q_table import is_key_of, state_key

SPACES = {
    "Discrete": spaces.Discrete(4),
    "Discrete from 3": spaces.Discrete(4, start=3),
    "MultiDiscrete": spaces.MultiDiscrete([3, 4]),
    "MultiDiscrete of two axes": spaces.MultiDiscrete([[3, 4], [2, 2]]),
    "MultiBinary": spaces.MultiBinary(3),
    "Tuple": spaces.Tuple([spaces.Discrete(2), spaces.MultiBinary(2)]),
    "Dict": spaces.Dict({"a": spaces.Discrete(9), "b": spaces.Tuple([spaces.Discrete(2)])}),
}


@pytest.mark.parametrize("name", SPACES)
def test_every_observation_of_a_space_is_a_state_of_it_and_of_no_other(name):
    space = SPACES[name]
    space.seed(0)
    states = [state_key(space.sample()) for _ in range(20)]
    assert all(is_key_of(state, space) for state in states)
    others = {other: each for other, each in SPACES.items() if not other.startswith(name[:8])}
    assert not any(is_key_of(state, each) for state in states for each in others.values())


@pytest.mark.parametrize("state", [4, -1, 0.5, "0", (0, 0), None, np.array([0.5, 0.5])])
def test_a_state_of_another_space_is_refused_and_none_is_learned_from(state):
    table = QLearning([0, 1], observation_space=spaces.Discrete(4))
    assert table.choose_action(3, explore=False) == 0
    with pytest.raises(SpaceError, match=r"asked for the state .*, but its states are Discrete\(4\)"):
        table.choose_action(state, explore=False)
    with pytest.raises(SpaceError):
        table.update_q_table(state, 0, 1.0, 0)
    with pytest.raises(SpaceError):
        table.update_q_table(0, 0, 1.0, state)
    assert set(table.q_table) <= {0}


def test_a_table_that_was_told_of_no_space_takes_whatever_comes():
    assert QLearning(["hit", "stick"]).choose_action(("ace", 12), explore=False) == "hit"
