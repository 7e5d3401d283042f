"""`csai train-dataset`, `csai datasets`, and the commands that look at runs."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from rich.console import Console

from csai_core.commands import main, output
from csai_train.datasets import DatasetRun


@pytest.fixture
def csai(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*words, status=0):
        result = CliRunner().invoke(main, [str(word) for word in words])
        assert result.exit_code == status, (result.output, result.exception)
        return result.output

    return run


@pytest.fixture
def trained(csai, mnist):
    csai(
        "train-dataset",
        "mnist",
        "--root",
        mnist,
        "--net",
        "mlp",
        "--epochs",
        2,
        "--seed",
        1,
        "--run-dir",
        "run",
    )
    return DatasetRun.open("run")


def test_datasets_are_listed_and_it_is_said_which_are_here(csai, mnist):
    rows = {line.split()[0]: line for line in csai("datasets", "--root", mnist).splitlines() if line.strip()}
    assert " here " in rows["mnist"]
    assert "not here" not in rows["mnist"]
    assert "not here" in rows["cifar10"]
    assert "imagenet" in rows


def test_training_leaves_a_run_with_images(csai, mnist):
    said = csai(
        "train-dataset", "mnist", "--root", mnist, "--net", "linear", "--epochs", 2, "--augment", "crop,flip"
    )
    (path,) = Path("runs").iterdir()
    assert f"the run is kept in {path}" in said
    assert "test accuracy" in said
    assert {"curves.png", "mistakes.png", "net.safetensors"} <= {each.name for each in path.iterdir()}
    assert DatasetRun.open(path).settings.augment == ("crop", "flip")


def test_a_training_is_drawn_while_it_learns_and_told_again(csai, trained, mnist, monkeypatch):
    console = Console(file=io.StringIO(), force_terminal=True, width=100, height=30, color_system=None)
    with monkeypatch.context() as patched:
        patched.setattr(output, "console", lambda **given: console)
        csai("train-dataset", "--resume", "run", "--epochs", 3, "--live")
    drawn = console.file.getvalue()
    assert "mnist by train_on_dataset" in drawn
    assert "accuracy while learning" in drawn
    assert "From elsewhere: csai live run" in drawn
    lines = csai("live", "run").splitlines()
    assert lines[0] == "mnist by train_on_dataset"
    assert "test after epoch 3" in lines[-2]
    assert lines[-1].startswith("complete after ")


def test_the_default_net_is_made_of_convolutions_however_small_the_images(csai, tmp_path, samples):
    samples.write_mnist(tmp_path, size=10)
    csai("train-dataset", "mnist", "--root", tmp_path, "--epochs", 1, "--run-dir", "run")
    assert "ConvBlock" in str(DatasetRun.open("run").make_net().summary())


def test_a_run_is_continued_and_extended(csai, trained):
    assert "is complete" in csai("train-dataset", "--resume", "run", status=1)
    csai("train-dataset", "--resume", "run", "--epochs", 3)
    assert [epoch.epoch for epoch in DatasetRun.open("run").history().epochs] == [1, 2, 3]


def test_a_command_has_the_options_of_train(csai, mnist):
    words = ("train-dataset", "mnist", "--root", mnist, "--net", "linear", "--epochs", 1, "--run-dir", "run")
    assert "There is no device 'gpu'" in csai(*words, "--device", "gpu", status=1)
    assert "lets an agent play" in csai(*words, "--callback", "evaluation", status=1)
    said = csai(*words, "--device", "cpu", "--checkpoint-every", 2)
    assert "epoch 1/1" in said
    assert [path.name[-1] for path in DatasetRun.open("run").checkpoints.saved()] == ["5", "4", "2"]


def test_runs_are_listed_and_drawn(csai, trained, tmp_path):
    row = csai("runs", tmp_path).splitlines()[1].split()
    assert row[:3] == ["run", "train_on_dataset", "mnist"]
    assert row[3].endswith("%")
    csai("plot", "run")
    csai("plot", "run", "run", "--out", "both.png")
    assert (tmp_path / "curves.png").exists()
    assert (tmp_path / "both.png").exists()
    assert "run of another kind" in csai("evaluate", "run", status=1)


def test_a_net_from_a_file_or_a_module(csai, mnist, tmp_path, net):
    net.save("net.safetensors")
    csai(
        "train-dataset", "mnist", "--root", mnist, "--net", "net.safetensors", "--epochs", 1, "--run-dir", "a"
    )
    (tmp_path / "my_nets.py").write_text(
        "import torch\n"
        "def tiny(space):\n"
        "    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(144, 10))\n"
    )
    csai("train-dataset", "mnist", "--root", mnist, "--net", "my_nets:tiny", "--epochs", 1, "--run-dir", "b")
    assert DatasetRun.open("b").network.startswith("Net of 1,450 parameters")
    assert "Give it" in csai("train-dataset", "--resume", "b", "--epochs", 2, status=1)
    csai("train-dataset", "--resume", "b", "--epochs", 2, "--net", "my_nets:tiny")


def test_trying_out_leaves_no_run(csai, mnist, tmp_path):
    words = ("train-dataset", "mnist", "--root", mnist, "--net", "mlp")
    assert "learned by heart: loss 0.0" in csai(*words, "--overfit-one-batch", "--learning-rate", 0.01)
    assert "--learning-rate 0.0" in csai(*words, "--find-learning-rate")
    assert "Warning: The network could not learn" in csai(
        *words, "--overfit-one-batch", "--learning-rate", 1e-6, status=1
    )
    assert not (tmp_path / "runs").exists()


def test_ctrl_c_saves_and_says_how_to_go_on(csai, mnist, monkeypatch):
    from csai_train.datasets.learning.training import DatasetTraining

    learn = DatasetTraining._learn_an_epoch

    def interrupted(training):
        learn(training)
        training.stop_requested = True

    monkeypatch.setattr(DatasetTraining, "_learn_an_epoch", interrupted)
    said = csai("train-dataset", "mnist", "--root", mnist, "--net", "mlp", "--run-dir", "run", status=130)
    assert "Stopped, and saved. Go on with:  csai train-dataset --resume run" in said
    assert DatasetRun.open("run").steps_taken() == 5


def test_a_loss_that_is_not_finite_is_answered(csai, mnist, monkeypatch):
    monkeypatch.setattr(torch.nn.CrossEntropyLoss, "forward", lambda self, x, y: x.sum() * torch.nan)
    said = csai("train-dataset", "mnist", "--root", mnist, "--net", "mlp", status=1)
    assert "The loss has become nan" in said


@pytest.mark.parametrize(
    ("words", "status", "answer"),
    [
        ([], 2, "Say what to train on, such as: csai train-dataset mnist"),
        (["minst"], 1, "No dataset named 'minst'. Did you mean 'mnist'?"),
        (["imagenet"], 2, "is yours to bring; say where it is: --root FOLDER"),
        (["mnist", "--net", "cnv"], 1, "No network named 'cnv'. Did you mean 'conv'?"),
        (["mnist", "--net", "no_such_module:net"], 1, "cannot be imported"),
        (["mnist", "--resume", "."], 2, "as the run was started; only --epochs, --net, --device"),
        (
            ["--resume", ".", "--batch-size", "3"],
            2,
            "as the run was started; only --epochs, --net, --device",
        ),
        (["--resume", "nowhere"], 1, "No run named 'nowhere'"),
        (["mnist", "--augment", "flop"], 1, "Did you mean 'flip'"),
        (["mnist", "--batch-size", "0"], 1, "batch_size is 0"),
    ],
)
def test_wrong_words_are_answered(csai, mnist, monkeypatch, words, status, answer):
    monkeypatch.setenv("CSAI_DATA", str(mnist))
    assert answer in " ".join(csai("train-dataset", *words, status=status).split())


def test_without_files_it_is_said_where_to_put_them(csai, tmp_path):
    said = csai("train-dataset", "cifar10", "--root", tmp_path, "--no-download", status=1)
    assert f"Put these files into {tmp_path / 'cifar-10-batches-py'}" in said


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        ("csai_train.datasets.learning.history.History.plot", "The curves could not be drawn: "),
        (
            "csai_train.datasets.analysis.error_analysis.ErrorAnalysis.plot",
            "The mistakes could not be drawn: ",
        ),
    ],
)
def test_a_figure_that_cannot_be_made_does_not_make_the_training_look_failed(
    csai, mnist, monkeypatch, broken, line
):
    def fail(self, path):
        raise ValueError("no such backend")

    monkeypatch.setattr(broken, fail)
    said = csai("train-dataset", "mnist", "--root", mnist, "--net", "linear", "--epochs", 1)
    assert line in said
    assert "no such backend" in said
