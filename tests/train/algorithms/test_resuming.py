"""Every algorithm's run, stopped in the middle and continued from its file, ends as if never stopped."""

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from csai_core.testing.compare import difference
from csai_train import resume, train
from csai_train.events import Callback

SMALL = {"num_envs": 2, "hidden_sizes": (8,)}
DQN = {**SMALL, "learning_starts": 40, "batch_size": 8}
CASES = [
    ("q_learning", "FrozenLake-v1", {"num_envs": 2}),
    ("q_learning", "FrozenLake-v1", {"num_envs": 2, "rule": "sarsa"}),
    ("deep_q_learning", "CartPole-v1", DQN),
    (
        "deep_q_learning",
        "CartPole-v1",
        {**DQN, "n_step": 3, "prioritized": True, "dueling": True, "polyak": 0.1},
    ),
    ("reinforce", "CartPole-v1", SMALL),
    ("reinforce", "FrozenLake-v1", SMALL),
    ("a2c", "CartPole-v1", {**SMALL, "anneal_learning_rate": False}),
    ("ppo", "CartPole-v1", {**SMALL, "num_steps": 32, "anneal_learning_rate": False}),
    (
        "ppo",
        "CartPole-v1",
        {**SMALL, "num_steps": 32, "anneal_learning_rate": False, "normalize_observation": True},
    ),
    *((name, "Pendulum-v1", DQN) for name in ("sac", "td3")),
    *(
        (name, "Pendulum-v1", {**DQN, "n_step": 3, "prioritized": True, "max_grad_norm": 1.0})
        for name in ("sac", "td3")
    ),
]


class StopAt(Callback):
    def __init__(self, steps):
        self.steps = steps

    def step(self, training):
        training.stop_requested = training.steps >= self.steps


class Lamp(gymnasium.Env):
    """A light that goes left and right through a picture, until it leaves it."""

    observation_space = spaces.Box(0, 255, (36, 36), np.uint8)
    action_space = spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place = int(self.np_random.integers(12, 24))
        return self.observe(), {}

    def step(self, action):
        self.place += int(self.np_random.integers(1, 4)) * (2 * int(action) - 1)
        return self.observe(), 1.0, not 0 <= self.place < 36, False, {}

    def observe(self):
        picture = np.zeros((36, 36), np.uint8)
        picture[:, self.place % 36] = 200
        return picture


@pytest.mark.parametrize(("algorithm", "environment", "config"), CASES, ids=str)
def test_a_run_goes_on_as_if_it_had_never_stopped(tmp_path, algorithm, environment, config):
    require_same(tmp_path, algorithm, environment, config)


@pytest.fixture
def lamp():
    """It, as runs can name it."""
    gymnasium.register("Testing/Lamp-v0", entry_point=Lamp, max_episode_steps=25)
    yield "Testing/Lamp-v0"
    del gymnasium.registry["Testing/Lamp-v0"]


@pytest.mark.parametrize("config", [{}, {"n_step": 3, "prioritized": True}], ids=str)
def test_a_run_on_stacked_pictures_goes_on_as_if_it_had_never_stopped(lamp, tmp_path, config):
    config = {**DQN, "buffer_capacity": 120, "train_every": 10, **config}
    require_same(tmp_path, "deep_q_learning", lamp, config, wrappers=["FrameStackObservation:stack_size=4"])


def require_same(tmp_path, algorithm, environment, config, **settings):
    """That a run which is stopped and continued ends as one that never stopped."""
    settings = {"total_steps": 400, "seed": 0, "config": config, **settings}
    whole = train(algorithm, environment, **settings)
    stopped = train(algorithm, environment, **settings, run_dir=tmp_path / "run", callbacks=[StopAt(150)])
    assert stopped.steps == 150
    continued = resume(tmp_path / "run")
    assert continued.steps == 400
    assert not difference(whole.algorithm.state_dict(), continued.algorithm.state_dict(), "state_dict()")
    draws = [each.envs.envs[0].unwrapped.np_random.random() for each in (whole, continued)]
    assert draws[0] == draws[1]
