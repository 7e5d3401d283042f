"""Training in our games: batched or one by one, straight through or resumed, it is the same training."""

from __future__ import annotations

import pytest

import csai_envs  # noqa: F401 - registers the games
from csai_core.games import BatchedEnv
from csai_envs.hooks import ENVIRONMENTS
from csai_train import Callback, resume, train
from csai_train.environments import make
from csai_train.environments.make import specify
from csai_train.runs import checkpoint

BATCHED = [spec.id for spec in ENVIRONMENTS if spec.vector_entry_point]
CONFIGS = {
    "ppo": {"num_envs": 8, "num_steps": 16, "hidden_sizes": (8,)},
    "deep_q_learning": {"num_envs": 8, "learning_starts": 100, "hidden_sizes": (8,)},
}


class StopAt(Callback):
    def __init__(self, steps):
        self.steps = steps

    def step(self, training):
        training.stop_requested = training.steps == self.steps


def digest(training):
    state = training.state_dict()
    return checkpoint.digests({name: each for name, each in state.items() if name != "environments"})


@pytest.mark.parametrize("environment_id", BATCHED)
@pytest.mark.parametrize("algorithm", CONFIGS)
def test_batched_games_train_as_single_ones_do(monkeypatch, environment_id, algorithm):
    batched = train(algorithm, environment_id, total_steps=800, seed=1, config=CONFIGS[algorithm])
    assert isinstance(batched.envs, BatchedEnv)
    monkeypatch.setattr(make, "FEWEST_BATCHED", 9)
    single = train(algorithm, environment_id, total_steps=800, seed=1, config=CONFIGS[algorithm])
    assert not isinstance(single.envs, BatchedEnv)
    assert digest(batched) == digest(single)
    assert list(batched.recent) == list(single.recent)


@pytest.mark.parametrize("environment_id", [*BATCHED, "sight"])
def test_batched_games_are_resumed_exactly(tmp_path, environment_id):
    options = {}
    if environment_id == "sight":
        environment_id, options = "CSAI/Snake-v0", {"attributes": "sight", "steering": "snake"}
    environment = specify(environment_id, options)
    settings = {"total_steps": 1200, "seed": 2, "config": CONFIGS["ppo"]}
    straight = train("ppo", environment, **settings)
    train("ppo", environment, **settings, run_dir=tmp_path / "run", callbacks=[StopAt(600)])
    resumed = resume(tmp_path / "run")
    assert isinstance(resumed.envs, BatchedEnv)
    assert checkpoint.digests(resumed.state_dict()) == checkpoint.digests(straight.state_dict())
