"""Thousands of random games: whatever happens, every observation lies in its space."""

import gymnasium
import numpy as np
import pytest

from csai_envs.hooks import ENVIRONMENTS

IDS = [spec.id for spec in ENVIRONMENTS]
BATCHED = [spec.id for spec in ENVIRONMENTS if spec.vector_entry_point]
MANY = pytest.param(10_000, marks=[pytest.mark.learning, pytest.mark.timeout(3600)])


@pytest.mark.parametrize("num_games", [30, MANY])
@pytest.mark.parametrize("environment_id", IDS)
def test_single_games_stay_inside_their_spaces(environment_id, num_games):
    env = gymnasium.make(environment_id)
    actions = np.random.default_rng(0)
    space, num_actions = env.observation_space, env.action_space.n
    for game in range(num_games):
        observation, _ = env.reset(seed=game)
        is_over = False
        while not is_over:
            assert observation in space
            observation, reward, terminated, truncated, info = env.step(int(actions.integers(num_actions)))
            assert reward == pytest.approx(sum(info["reward_parts"].values()))
            is_over = terminated or truncated
        assert observation in space


@pytest.mark.parametrize("num_games", [200, MANY])
@pytest.mark.parametrize("environment_id", BATCHED)
def test_batched_games_stay_inside_their_spaces(environment_id, num_games):
    envs = gymnasium.make_vec(environment_id, 64, vectorization_mode="vector_entry_point")
    actions = np.random.default_rng(0)
    observation, _ = envs.reset(seed=0)
    num_over = 0
    while num_over < num_games:
        assert observation in envs.observation_space
        chosen = actions.integers(envs.single_action_space.n, size=64)
        observation, rewards, terminated, truncated, _ = envs.step(chosen)
        assert np.isfinite(rewards).all()
        num_over += (terminated | truncated).sum()
