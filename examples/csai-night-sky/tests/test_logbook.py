"""The logbook tells of games and epochs, and goes on with a resumed run."""

import pytest
from csai_train import Callback, resume, train, train_on_dataset
from csai_train.errors import CallbackError
from csai_train.testing import CallbackSuite

from csai_night_sky.dataset import ConstellationsDataset


class TestLogbook(CallbackSuite):
    """Everything a callback should pass."""

    entry_name = "logbook"


def entries(run):
    """The paragraphs of a run's logbook."""
    return (run / "logbook.md").read_text(encoding="utf-8").strip().split("\n\n")


def test_a_training_has_ten_entries(tmp_path):
    run = tmp_path / "run"
    train("q_learning", "FrozenLake-v1", total_steps=1000, seed=1, run_dir=run, callbacks=["logbook"])
    begin, departure, *middle, end = entries(run)
    assert (begin, departure, end) == ("# Logbook", "A journey of 1,000 steps begins.", "Arrived.")
    assert len(middle) == 10
    assert all(" of late a game brings " in entry for entry in middle)


def test_a_resumed_run_goes_on_with_it(tmp_path):
    run = tmp_path / "run"
    train("q_learning", "FrozenLake-v1", total_steps=500, seed=1, run_dir=run, callbacks=["logbook"])
    before = entries(run)
    resume(run, total_steps=1000)
    assert entries(run)[: len(before)] == before
    assert entries(run)[len(before)] == "At 500 of 1,000 steps it goes on."
    assert entries(run).count("Arrived.") == 2


def test_what_stranded_is_told(tmp_path):
    class Rock(Callback):
        def step(self, training):
            if training.steps == 100:
                raise ValueError("a rock")

    run = tmp_path / "run"
    with pytest.raises(CallbackError):
        train(
            "q_learning",
            "FrozenLake-v1",
            total_steps=1000,
            seed=1,
            run_dir=run,
            callbacks=["logbook", Rock()],
        )
    assert entries(run)[-1].startswith("Stranded at step 100:")


def test_epochs_of_a_dataset_are_entries(tmp_path):
    run = tmp_path / "run"
    dataset = ConstellationsDataset(size=100)
    train_on_dataset("linear", dataset, epochs=2, seed=1, run_dir=run, callbacks=["logbook"])
    assert [entry[:9] for entry in entries(run)[2:4]] == ["Epoch 1: ", "Epoch 2: "]
