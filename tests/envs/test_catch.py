"""Catch, played by hand."""

import pytest

from csai_core.errors import ConfigError
from csai_envs import CatchEnv
from csai_envs.catch.rules import LEFT, RIGHT, STAY, CatchGame


def test_the_paddle_moves_within_the_walls_and_the_ball_falls():
    game = CatchGame(3, 4)
    game.start(2)
    assert (game.ball_y, game.ball_x, game.paddle) == (0, 2, 1)
    for action, paddle in ((LEFT, 0), (LEFT, 0), (STAY, 0)):
        game.move(action)
        assert game.paddle == paddle
    assert game.is_over
    assert not game.is_caught


@pytest.mark.parametrize(("column", "reward"), [(2, 1.0), (0, -1.0)])
def test_only_the_last_step_is_rewarded(column, reward):
    env = CatchEnv(3, 4)
    env.reset(seed=0)
    env.game.start(column)
    rewards = [env.step(action)[1:3] for action in (RIGHT, RIGHT, STAY)]
    assert rewards == [(0, False), (0, False), (reward, True)]
    assert env.get_info()["score"] == (reward > 0)
    assert env.render_text().splitlines()[-1] == ("Caught!" if reward > 0 else "Missed")


def test_balls_fall_in_every_column():
    env = CatchEnv(4, 3, attributes="positions")
    env.reset(seed=0)
    assert {int(env.reset()[0][1]) for _ in range(60)} == {0, 1, 2, 3}


def test_overlay_states_cover_the_board():
    env = CatchEnv(3, 4)
    env.reset(seed=0)
    env.step(2)
    states = CatchEnv(3, 4, attributes="positions").overlay_states()
    assert states.keys() == {(y, x) for y in range(4) for x in range(3)}
    assert states[2, 1].tolist() == [2, 1, 0]
    game = env.game
    assert env.overlay_states()[game.ball_y, game.ball_x]["cell"] == env.get_observation("cell")


@pytest.mark.parametrize("size", [{"width": 1}, {"height": 101}])
def test_sizes_out_of_range_are_refused(size):
    with pytest.raises(ConfigError, match="from 2 to 100"):
        CatchEnv(**size)
