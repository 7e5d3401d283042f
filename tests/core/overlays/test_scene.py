"""What an agent thinks in every cell."""

from types import SimpleNamespace

import gymnasium
import numpy as np
import pytest

from csai_core.explanation import Amount, Explanation, Options
from csai_core.overlays import Scene
from csai_core.overlays.scene import best_of, is_undecided, options_now, options_of, policy_of


def options(values=None, chances=None, allowed=None, chosen=0):
    count = len(values or chances or (0, 0))
    names = tuple(map(str, range(count)))
    return Options("", names, chosen, values, chances, allowed or (True,) * count)


def test_the_best_actions_are_those_that_tie_among_the_allowed():
    assert best_of(options(values=(1.0, 3.0, 3.0))) == (1, 2)
    assert best_of(options(values=(1.0, 3.0, 9.0), allowed=(True, True, False))) == (1,)
    assert best_of(options(chances=(0.2, 0.7, 0.1))) == (1,)
    assert best_of(options(chosen=1)) == (1,)
    assert best_of(options(values=(-np.inf, 1e-300, 0.0))) == (1, 2)


def test_values_are_a_policy_that_shares_ties():
    assert policy_of(options(values=(1.0, 3.0, 3.0))) == (0, 0.5, 0.5)
    assert policy_of(options(values=(9.0, 3.0), chances=(0.25, 0.75))) == (0.25, 0.75)


def test_an_agent_is_undecided_where_all_allowed_actions_are_worth_the_same():
    assert is_undecided(options(values=(0.0, 0.0)))
    assert is_undecided(options(values=(2.0, 2.0, 9.0), allowed=(True, True, False)))
    assert not is_undecided(options(values=(2.0, 2.0 + 1e-9)))
    assert not is_undecided(options(values=(2.0, 9.0), allowed=(True, False)))  # there is no choice
    assert not is_undecided(options(chances=(0.5, 0.5)))  # that is a policy


def test_only_a_single_choice_has_options():
    part = options(values=(1.0, 2.0))
    assert options_of(Explanation(1, (part,), None)) is part
    assert options_of(Explanation([1, 1], (part, part), None)) is None
    assert options_of(Explanation([0.5], (Amount("", 0.5, None, None, None, None),), None)) is None


@pytest.fixture
def lake():
    return gymnasium.make("FrozenLake-v1", desc=["SFF", "FHG"], render_mode="rgb_array")


def test_cells_in_which_nothing_is_chosen_are_not_asked_for(lake, table_agent, view_of):
    scene = Scene.of(view_of(lake, table_agent(np.arange(24.0).reshape(6, 4))))
    assert scene.thoughts.keys() == {(0, 0), (0, 1), (0, 2), (1, 0)}
    assert scene.values == {(0, 0): 3.0, (0, 1): 7.0, (0, 2): 11.0, (1, 0): 15.0}
    assert scene.ends == {(1, 1): 0.0, (1, 2): 1.0}
    assert sorted(scene.action_values) == [*range(12), *range(12, 16)]


def test_cells_that_no_game_comes_to_are_left(table_agent, view_of):
    env = gymnasium.make("FrozenLake-v1", desc=["SFHF", "FFHG"], is_slippery=False, render_mode="rgb_array")
    scene = Scene.of(view_of(env, table_agent(np.ones((8, 4)))))
    assert scene.thoughts.keys() == {(0, 0), (0, 1), (1, 0), (1, 1)}


def test_all_cells_are_asked_for_at_once(lake, table_agent, view_of):
    agent, asked = table_agent(np.ones((6, 4))), []

    def explain_all(states, masks=None):
        asked.append(list(states))
        return agent.explain_all(states, masks)

    Scene.of(view_of(lake, SimpleNamespace(explain_all=explain_all)))
    assert asked == [[0, 1, 2, 3]]


def test_an_agent_that_tells_nothing_has_no_scene(lake, view_of):
    silent = SimpleNamespace(explain_all=lambda states, masks: [None] * len(states))
    assert Scene.of(view_of(lake, silent)) is None
    assert options_now(view_of(lake, silent)) is None


def test_what_is_chosen_now(lake, table_agent, view_of):
    view = view_of(lake, table_agent(np.arange(24.0).reshape(6, 4)))
    assert options_now(view).values == (0, 1, 2, 3)
    masked = view._replace(info={"action_mask": np.array([1, 1, 0, 0], np.int8)})
    assert options_now(masked).chosen == 1
    over = view._replace(info={"action_mask": np.zeros(4, np.int8)})
    assert options_now(over) is None
