"""The train.toml of a run on a dataset: it makes the run again, to the same weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch import nn

from csai_core.commands import main
from csai_core.errors import ConfigError, UnknownNameError
from csai_train.datasets import DatasetRun, MNISTDataset, Trainer, train_on_dataset
from csai_train.datasets.learning.dataset_file import DatasetFile
from csai_train.runs import checkpoint

CONFIG = {"batch_size": 32, "learning_rate": 0.01, "augment": ("crop",), "schedule": "one_cycle"}


def as_numbers(image):
    return torch.from_numpy(np.array(image, dtype=np.float32))[None] / 255


def learned(run):
    """The SHA-256 of the newest state."""
    return checkpoint.read_manifest(DatasetRun.open(run).checkpoints.saved()[0])["files"]


def csai(*words, status=0):
    ran = CliRunner().invoke(main, ["train-dataset", *map(str, words)])
    assert ran.exit_code == status, f"{ran.output}{ran.exception!r}"
    return " ".join((ran.output + str(ran.exception or "")).split())


@pytest.fixture
def kept(mnist, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    train_on_dataset(
        "mlp", MNISTDataset(root=mnist), 2, seed=3, config=CONFIG, run_dir="run", checkpoint_every=5
    )
    return tmp_path / "run" / "train.toml"


def test_it_makes_the_run_again_to_the_same_hash(kept):
    csai(kept, "--run-dir", "again")
    assert learned("again") == learned("run")
    configs = [{**DatasetRun.open(run).config, "created": 0, "number": 0} for run in ("again", "run")]
    assert configs[0] == configs[1]


def test_weights_that_a_program_gave_are_where_it_begins(mnist, tmp_path, monkeypatch, net):
    monkeypatch.chdir(tmp_path)
    train_on_dataset(net, MNISTDataset(root=mnist), 1, seed=3, run_dir="run")
    csai("run/train.toml", "--run-dir", "again")
    assert learned("again") == learned("run")


def test_what_is_typed_beside_it_counts_more(kept):
    csai(kept, "--run-dir", "again", "--epochs", 1, "--seed", 5, "--learning-rate", 0.02, "--threads", 1)
    run = DatasetRun.open("again")
    assert (run.epochs, run.seed, run.settings.learning_rate) == (1, 5, 0.02)
    assert (run.settings.batch_size, run.settings.augment) == (32, ("crop",))


def test_what_it_lacks_is_as_if_it_were_not_typed(mnist, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lesson.toml").write_text('network = "linear"\nepochs = 1\n')
    assert "Say what to train on" in csai("lesson.toml", status=2)
    (tmp_path / "lesson.toml").write_text('dataset = "mnist"\nnetwork = "linear"\nepochs = 1\n')
    csai("lesson.toml", "--root", mnist, "--run-dir", "run", "--seed", 1)
    assert DatasetRun.open("run").epochs == 1


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("epoch = 3", UnknownNameError, "'epoch'. Did you mean 'epochs'"),
        ("epochs = 0", ConfigError, "epochs = 0; it must be a whole number from 1"),
        ("dataset = 3", ConfigError, "it must be the name of a dataset"),
    ],
)
def test_a_wrong_word_or_value_is_refused_when_it_is_read(tmp_path, text, error, message):
    path = tmp_path / "lesson.toml"
    path.write_text(text)
    with pytest.raises(error, match=message):
        DatasetFile.read(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('dataset = "mnits"', "Did you mean 'mnist'"),
        ('dataset = "mnist"\nnetwork = "mpl"', "Did you mean 'mlp'"),
        ('dataset = "mnist"\n[config]\nbatch = 3', "'batch'. Did you mean 'batch_size'"),
        ('dataset = "mnist"\nnetwork = "no_such_module:net"', "asks for the network no_such_module:net"),
    ],
)
def test_what_it_names_is_looked_for_before_anything_is_done(tmp_path, monkeypatch, text, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lesson.toml").write_text(text)
    assert message in csai("lesson.toml", status=1)
    assert not (tmp_path / "runs").exists()


@pytest.mark.filterwarnings("ignore::csai_train.errors.TrainingWarning")
def test_what_no_file_can_say_leaves_none(mnist, tmp_path):
    dataset = MNISTDataset(root=mnist)
    net = nn.Sequential(nn.Flatten(), nn.Linear(144, 10))
    train_on_dataset(net, dataset, 1, seed=0, run_dir=tmp_path / "a module")
    train_on_dataset("linear", MNISTDataset(root=mnist, transform=as_numbers), 1, run_dir=tmp_path / "own")
    for name in ("a module", "own"):
        assert not (tmp_path / name / "train.toml").exists()


def test_a_trainer_of_ones_own_leaves_none(mnist, tmp_path, net):
    train_on_dataset(net, MNISTDataset(root=mnist), 1, trainer=Trainer(net), run_dir=tmp_path / "run")
    assert not (tmp_path / "run" / "train.toml").exists()
