"""Flappy, flown by hand."""

import pytest

from csai_envs import FlappyEnv
from csai_envs.flappy.rules import FLAP, GRAVITY, FlappyGame, Pipe


def test_the_pipe_that_is_touched_is_known():
    game = FlappyGame(y=0.9, pipes=[Pipe(-0.5, 0.5), Pipe(0.25, 0.5), Pipe(0.9, 0.5)])
    assert game.touched_pipe is game.pipes[1]
    assert game.has_crashed
    game.y = 0.5
    assert game.touched_pipe is None
    assert not game.has_crashed


def test_a_bird_falls_and_a_flap_throws_it_up():
    game = FlappyGame()
    game.start(lambda n: n // 2)
    game.move(False, 0.1, lambda n: 0)
    assert game.speed == pytest.approx(0.1 * GRAVITY)
    game.move(True, 0.1, lambda n: 0)
    assert game.speed == pytest.approx(FLAP + 0.1 * GRAVITY)


def test_doing_nothing_ends_on_the_ground():
    env = FlappyEnv()
    env.reset(seed=0)
    outcome = env.step(0)
    while not outcome[2]:
        outcome = env.step(0)
    assert outcome[1] == -1.0
    assert outcome[4] == {"score": 0, "reward_parts": {"pipe": 0.0, "crash": -1.0}}


def test_whoever_flaps_below_the_gap_flies_on():
    env = FlappyEnv()
    state, _ = env.reset(seed=0)
    total = 0.0
    for _ in range(1500):
        state, reward, terminated, _, info = env.step(int(state[0] > state[3] + 0.08))
        total += reward
        assert not terminated
    assert info["score"] == total > 20


def test_a_shorter_step_moves_less():
    positions = []
    for d_t in (0.01, 0.04):
        env = FlappyEnv()
        env.reset(seed=0)
        positions.append(float(env.step(0, d_t)[0][2]))
    assert positions[0] > positions[1]
