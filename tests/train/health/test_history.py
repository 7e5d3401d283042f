"""The health of a run is judged again with its settings as they were."""

from __future__ import annotations

from csai_core.schedules import Schedule
from csai_train import Run, train
from csai_train.health.history import subject_of


def test_a_schedule_is_one_again(tmp_path):
    config = {"learning_rate": "linear:0.5->0", "rule": "sarsa"}
    train("q_learning", "FrozenLake-v1", total_steps=40, seed=1, config=config, run_dir=tmp_path / "run")
    settings = subject_of(Run.open(tmp_path / "run")).config
    assert settings["learning_rate"] == Schedule("linear", 0.5, 0)
    assert (settings["rule"], settings["visit_horizon"]) == ("sarsa", 100.0)
