"""Steering as the snake: the same game, told in other words."""

import gymnasium
import pytest

from csai_core.errors import ConfigError, SpaceError, UnknownNameError
from csai_envs import SnakeEnv
from csai_envs.snake.board import Action
from csai_envs.snake.planners import make_astar_agent


@pytest.fixture
def env():
    env = SnakeEnv(8, 8, steering="snake", attributes="board")
    env.reset(seed=0)
    return env


@pytest.mark.parametrize(
    ("heading", "left", "right"),
    [
        (Action.LEFT, Action.DOWN, Action.UP),
        (Action.RIGHT, Action.UP, Action.DOWN),
        (Action.UP, Action.LEFT, Action.RIGHT),
        (Action.DOWN, Action.RIGHT, Action.LEFT),
    ],
)
def test_turns_are_as_the_snake_sees_them(env, heading, left, right):
    for action, expected in enumerate([left, heading, right]):
        env.reset(seed=0)
        env.snake_agent.body = [(4, 4)]
        env.game.heading = heading
        env.step(action)
        assert env.game.heading == expected


def test_there_are_three_actions(env):
    assert env.action_space == gymnasium.spaces.Discrete(3)
    for wrong in (3, -1, 0.5, None):
        with pytest.raises(SpaceError, match="actions"):
            env.step(wrong)


def test_keys_turn_it(env):
    assert env.get_keys_to_action() == SnakeEnv(8, 8, steering="snake").get_keys_to_action()
    assert set(env.get_keys_to_action().values()) <= {0, 1, 2}


def test_it_plays_the_same_game_as_steering_by_the_board(env):
    other = SnakeEnv(8, 8, attributes="board")
    other.reset(seed=0)
    for action in [0, 1, 2, 2, 1, 0]:
        mine = env.step(action)
        theirs = other.step(env.game.heading)
        assert (mine[0] == theirs[0]).all()
        assert mine[1:] == theirs[1:]


def test_an_unknown_way_of_steering_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="Did you mean 'snake'"):
        SnakeEnv(8, 8, steering="snak")


def test_agents_that_know_the_board_refuse_it(env):
    with pytest.raises(ConfigError, match="steers by the board"):
        make_astar_agent(env)
