"""Every algorithm's run, stopped in the middle and continued from its file, ends as if never stopped."""

import pytest

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


@pytest.mark.parametrize(("algorithm", "environment", "config"), CASES, ids=str)
def test_a_run_goes_on_as_if_it_had_never_stopped(tmp_path, algorithm, environment, config):
    settings = {"total_steps": 400, "seed": 0, "config": config}
    whole = train(algorithm, environment, **settings)
    stopped = train(algorithm, environment, **settings, run_dir=tmp_path / "run", callbacks=[StopAt(150)])
    assert stopped.steps == 150
    continued = resume(tmp_path / "run")
    assert continued.steps == 400
    assert not difference(whole.algorithm.state_dict(), continued.algorithm.state_dict(), "state_dict()")
    draws = [each.envs.envs[0].unwrapped.np_random.random() for each in (whole, continued)]
    assert draws[0] == draws[1]
