"""Videos of a training."""

from __future__ import annotations

import pytest

from csai_train import train
from csai_train.errors import TrainingWarning


def test_an_environment_without_pictures_is_warned_of_and_trained_in(tmp_path, corridor_id):
    with pytest.warns(
        TrainingWarning, match=r"step-[0-9]+\.gif could not be recorded: .* it offers: nothing"
    ):
        training = train(
            "q_learning", corridor_id, total_steps=50, run_dir=tmp_path / "run", callbacks=["video"]
        )
    assert training.is_complete


def test_a_full_disk_costs_films_and_not_the_training(tmp_path, monkeypatch):
    def full(*arguments, **settings):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("csai_train.callbacks.videos.record_game", full)
    with pytest.warns(TrainingWarning, match=r"step-[0-9]+\.gif could not be recorded: No space left"):
        training = train(
            "q_learning", "FrozenLake-v1", total_steps=100, run_dir=tmp_path / "run", callbacks=["video"]
        )
    assert training.is_complete
