"""TensorBoard is given what happens in a training."""

from __future__ import annotations

import sys
import types

import pytest

from csai_core.errors import LostDirectoryError, MissingExtraError
from csai_train import Callback, train
from csai_train.callbacks.tensorboard import TensorBoard
from csai_train.errors import TrainingWarning


class Writer:
    """What TensorBoard's own writer offers."""

    made: list[Writer] = []  # noqa: RUF012

    def __init__(self, directory, purge_step):
        self.directory, self.purge_step, self.scalars, self.is_closed = directory, purge_step, [], False
        self.made.append(self)

    def add_scalar(self, name, value, step):
        self.scalars.append((name, value, step))

    def close(self):
        self.is_closed = True


@pytest.fixture
def writers(monkeypatch):
    module = types.ModuleType("torch.utils.tensorboard")
    module.SummaryWriter = Writer
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", module)
    monkeypatch.setattr(Writer, "made", [])
    return Writer.made


def test_tensorboard_is_given_every_episode_and_what_was_measured(tmp_path, writers):
    training = train(
        "q_learning",
        "FrozenLake-v1",
        total_steps=100,
        run_dir=tmp_path / "run",
        callbacks=["tensorboard", "evaluation"],
    )
    (writer,) = writers
    assert writer.directory == str(tmp_path / "run" / "tensorboard")
    assert writer.is_closed
    assert writer.purge_step == 1
    names = [name for name, _, _ in writer.scalars]
    assert names.count("episode/return") == names.count("episode/length") == training.num_episodes
    assert names.count("update/td_error") == 100
    assert names.count("evaluation/mean_return") == 10
    assert "episode/score" not in names


@pytest.mark.parametrize("method", ["__init__", "add_scalar", "close"])
def test_a_full_disk_costs_events_and_not_the_training(tmp_path, writers, monkeypatch, method):
    def fail(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Writer, method, fail)
    with pytest.warns(TrainingWarning, match="tensorboard could not be written.*No space left") as warned:
        training = train(
            "q_learning", "FrozenLake-v1", total_steps=60, run_dir=tmp_path / "run", callbacks=["tensorboard"]
        )
    assert training.is_complete
    assert len(warned) == 1


def test_nothing_is_written_where_the_runs_folder_is_no_longer(tmp_path, writers):
    class Mover(Callback):
        def step(self, training):
            if training.steps == 50:
                (tmp_path / "run").rename(tmp_path / "elsewhere")

    with pytest.raises(LostDirectoryError):
        train(
            "q_learning",
            "FrozenLake-v1",
            total_steps=100,
            run_dir=tmp_path / "run",
            callbacks=["tensorboard", Mover()],
        )
    assert max(step for _, _, step in writers[0].scalars) <= 50
    assert not (tmp_path / "run").exists()


def test_without_tensorboard_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'csai-train\[tensorboard\]'"):
        TensorBoard(types.SimpleNamespace(path=tmp_path))
