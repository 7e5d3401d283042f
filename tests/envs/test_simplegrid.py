"""SimpleGrid, walked by hand."""

import pytest

from csai_core.errors import ConfigError
from csai_envs import SimpleGridEnv
from csai_envs.simplegrid.rules import DOWN, LEFT, RIGHT, UP


def test_walls_stop_the_walker_and_the_goal_ends_the_walk():
    env = SimpleGridEnv(3, attributes="agent_pos")
    env.reset(seed=0)
    seen = [env.step(action) for action in (UP, LEFT, RIGHT, RIGHT, DOWN, DOWN)]
    assert [step[0].tolist() for step in seen] == [[0, 0], [0, 0], [0, 1], [0, 2], [1, 2], [2, 2]]
    assert [step[1] for step in seen] == [-0.01] * 5 + [1.0]
    assert [step[2] for step in seen] == [False] * 5 + [True]
    assert seen[-1][4] == {"score": 1, "reward_parts": {"step": 0.0, "goal": 1.0}}
    assert env.render_text() == ". . .\n. . .\n. . @\nGoal!"


def test_overlay_states_are_all_that_can_be_observed():
    cells = SimpleGridEnv(4, attributes="cell").overlay_states()
    assert cells == {(y, x): 4 * y + x for y in range(4) for x in range(4)}
    both = SimpleGridEnv(4).overlay_states()
    assert both[1, 2]["cell"] == 6
    assert both[1, 2]["agent_pos"].tolist() == [1, 2]


def test_sizes_out_of_range_are_refused():
    with pytest.raises(ConfigError, match="grid_size=1; it must be an integer from 2 to 100"):
        SimpleGridEnv(1)


def test_what_may_follow_is_what_follows():
    env = SimpleGridEnv(3, attributes="cell")
    outcomes = env.P
    assert outcomes[0][RIGHT] == [(1.0, 1, -0.01, False)]
    assert outcomes[5][DOWN] == [(1.0, 8, 1.0, True)]
    assert outcomes[8][UP] == [(1.0, 8, 0.0, True)]  # the game is over there
    for cell in range(8):
        for action in (UP, RIGHT, DOWN, LEFT):
            env.reset()
            env.cell = cell
            observation, reward, terminated, _, _ = env.step(action)
            assert outcomes[cell][action] == [(1.0, observation, reward, terminated)]
