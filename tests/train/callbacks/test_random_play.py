"""A run knows from its start what random actions bring."""

from __future__ import annotations

import gymnasium
import pytest

from csai_core.testing.toys import Walk
from csai_train import Callback, Run, resume, train
from csai_train.runs.evaluation_file import RANDOM_PLAY, read_random_play


class Look(Callback):
    """Looks at what is known before the first step."""

    def start(self, training):
        self.found = read_random_play(Run.open(self.path))


def test_it_is_known_before_the_first_step(tmp_path):
    look = Look()
    look.path = tmp_path / "run"
    train("q_learning", "FrozenLake-v1", total_steps=100, run_dir=look.path, callbacks=[look])
    assert look.found.episodes >= 1
    assert 0 <= look.found.mean_return <= 1
    assert look.found.mean_length > 1
    assert look.found.std_return >= 0


def test_a_run_that_does_not_know_it_finds_it_out_when_it_goes_on_and_only_then(tmp_path):
    path = tmp_path / "run"
    train("q_learning", "FrozenLake-v1", total_steps=100, run_dir=path, seed=1)
    (path / RANDOM_PLAY).unlink()
    resume(path, total_steps=200)
    written = (path / RANDOM_PLAY).read_bytes()
    (path / RANDOM_PLAY).write_bytes(written.replace(b'"episodes": ', b'"episodes": 7'))
    resume(path, total_steps=300)
    assert read_random_play(Run.open(path)).episodes >= 70


def test_training_is_the_same_with_and_without(tmp_path):
    def weights(**kept):
        config = {"num_steps": 64, "num_envs": 4}
        done = train("ppo", "CartPole-v1", total_steps=600, seed=4, config=config, **kept)
        return done.state_dict()["algorithm"]["backend"]["networks"][0]

    with_it, without = weights(run_dir=tmp_path / "run"), weights()
    assert all((with_it[name] == without[name]).all() for name in without)


def test_an_environment_that_fails_is_left_for_the_training_to_tell(tmp_path):
    gymnasium.register("FailsLate-v0", lambda **options: Failing())
    try:
        with pytest.raises(Exception, match="out of order"):
            train("q_learning", "FailsLate-v0", total_steps=100, run_dir=tmp_path / "run")
    finally:
        del gymnasium.registry["FailsLate-v0"]
    assert not (tmp_path / "run" / RANDOM_PLAY).exists()


class Failing(Walk):
    def step(self, action):
        raise RuntimeError("out of order")
