"""What is special to batched Snake; that it equals the single game is in ../test_batches.py."""

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from csai_core.errors import ConfigError, UnknownNameError
from csai_envs.snake.batch import SnakeVectorEnv
from csai_envs.snake.env import SnakeEnv
from csai_envs.snake.planners import make_hamilton_agent


def test_full_boards_are_won_and_the_games_go_on():
    envs = SnakeVectorEnv(64, 2, 2, start_length=2, autoreset_mode="SameStep")
    envs.reset(seed=0)
    rng = np.random.default_rng(0)
    wins = 0
    for _ in range(200):
        _, rewards, terminated, _, infos = envs.step(rng.integers(4, size=64))
        if terminated.any():
            won = infos["final_info"]["score"] == 2
            wins += won.sum()
            assert (rewards[won] > 0).all()
    assert wins > 50


def test_through_make_vec():
    envs = gymnasium.make_vec("CSAI/Snake-v0", num_envs=3, vectorization_mode="vector_entry_point")
    assert isinstance(envs, SnakeVectorEnv)
    assert (envs.view, envs.max_episode_steps) == ("game_state", 5000)
    assert envs.metadata["autoreset_mode"] == AutoresetMode.NEXT_STEP


def test_copies_last_and_live_boards_change():
    for copy in (True, False):
        envs = SnakeVectorEnv(4, copy=copy)
        first, _ = envs.reset(seed=1)
        kept = first.copy()
        second, *_ = envs.step(np.full(4, 2))
        assert np.shares_memory(first, second) is not copy
        assert (first == kept).all() == copy


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"num_envs": 0}, ConfigError, "num_envs=0; it must be an integer from 1 to"),
        ({"max_episode_steps": 0}, ConfigError, "max_episode_steps=0"),
        ({"width": 1}, ConfigError, "from 2 to 256"),
        ({"reward": "classical"}, UnknownNameError, "Did you mean 'classic'"),
        ({"attributes": "boards"}, UnknownNameError, "Did you mean 'board'"),
    ],
)
def test_wrong_options_are_refused(wrong, error, message):
    with pytest.raises(error, match=message):
        SnakeVectorEnv(**wrong)


@pytest.mark.parametrize("side", [2, 4])
def test_small_boards_played_to_the_win_are_those_of_single_games(side):
    num_envs = 64
    envs = SnakeVectorEnv(num_envs, side, side, start_length=2, attributes="board")
    singles = [SnakeEnv(width=side, height=side, start_length=2, attributes="board") for _ in range(num_envs)]
    agents = []
    boards, _ = envs.reset(seed=3)
    for i, single in enumerate(singles):
        assert (single.reset(seed=3 + i)[0] == boards[i]).all()
        agents.append(make_hamilton_agent(single))
    playing = list(range(num_envs))
    while playing:
        actions = [agent.get_next_action(None) if i in playing else 0 for i, agent in enumerate(agents)]
        boards, rewards, terminated, *_ = envs.step(np.array(actions))
        for i in list(playing):
            board, reward, is_over, *_ = singles[i].step(actions[i])
            assert (board == boards[i]).all()
            assert (reward, is_over) == (rewards[i], terminated[i])
            if is_over:
                assert board[1:].sum() == side * side - 1
                playing.remove(i)
