"""What of the environments of a training is kept in its run, so that they can be made again."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.wrappers.vector import NormalizeObservation

from csai_train import Run, evaluate, resume, train
from csai_train.environments.kept_spec import kept_spec
from csai_train.environments.make import open_environments
from csai_train.errors import RunError, TrainingWarning


class Pool(VectorEnv):
    """Many environments of another library, whose specification is not Gymnasium's."""

    def __init__(self):
        self.metadata = {"autoreset_mode": AutoresetMode.NEXT_STEP}
        self.num_envs = 2
        self.single_observation_space, self.single_action_space = spaces.Discrete(2), spaces.Discrete(2)
        self.observation_space, self.action_space = spaces.MultiDiscrete([2, 2]), spaces.MultiDiscrete([2, 2])
        self.spec = object()

    def reset(self, *, seed=None, options=None):
        return np.zeros(2, int), {}

    def step(self, actions):
        return np.zeros(2, int), np.ones(2), np.zeros(2, bool), np.zeros(2, bool), {}


@pytest.mark.parametrize("mode", ["sync", "vector_entry_point", "async"])
def test_what_gymnasium_makes_many_of_is_kept_as_one_of_them(tmp_path, mode):
    envs = gymnasium.make_vec("CartPole-v1", num_envs=2, vectorization_mode=mode)
    try:
        train("ppo", envs, total_steps=256, seed=1, config={"num_steps": 64}, run_dir=tmp_path / "run")
    finally:
        envs.close()
    run = Run.open(tmp_path / "run")
    assert run.environment == gymnasium.spec("CartPole-v1")
    assert evaluate(run, episodes=2, seed=1).lengths.min() >= 1
    if mode == "sync":  # whose parts can be saved
        assert resume(run, total_steps=512).steps >= 512
        return
    with pytest.warns(TrainingWarning, match="cannot be continued exactly"):
        assert resume(run, total_steps=512).steps >= 512


def test_options_stay_and_those_of_many_go():
    spec = gymnasium.make_vec("FrozenLake-v1", 2, map_name="8x8", max_episode_steps=7).spec
    envs = open_environments("FrozenLake-v1", 2)
    envs.spec = spec
    kept = kept_spec(envs)
    assert kept.kwargs["map_name"] == "8x8"
    assert "num_envs" not in kept.kwargs
    assert gymnasium.make(kept).spec.max_episode_steps == 7


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (Pool, r"A run of Pool cannot be kept.*no id that is registered.*Leave out run_dir"),
        (
            lambda: NormalizeObservation(gymnasium.make_vec("CartPole-v1", num_envs=2)),
            "NormalizeObservation is around all of its environments together",
        ),
        (
            lambda: gymnasium.make_vec(
                "CartPole-v1", 2, vectorization_mode="async", wrappers=[gymnasium.wrappers.FlattenObservation]
            ),
            "gymnasium.make_vec was given wrappers",
        ),
    ],
    ids=["a pool", "wrapped", "wrappers"],
)
def test_what_cannot_be_made_again_is_told_before_the_training(tmp_path, make, words):
    envs = make()
    try:
        with pytest.raises(RunError, match=words):
            kept_spec(envs)
    finally:
        envs.close()
    assert not (tmp_path / "run").exists()


def test_a_pool_trains_without_a_run_and_leaves_none(tmp_path):
    with pytest.raises(RunError, match="A run of Pool cannot be kept"):
        train("q_learning", Pool(), total_steps=50, seed=1, run_dir=tmp_path / "run")
    assert not (tmp_path / "run").exists()
    assert train("q_learning", Pool(), total_steps=50, seed=1).steps == 50
