"""Runs on datasets: killed or stopped anywhere, they end as if they had never been."""

from __future__ import annotations

import subprocess
import sys
import time
import types
from pathlib import Path

import pytest
import torch

from csai_train import Callback
from csai_train.datasets import DatasetRun, MNISTDataset, resume_on_dataset, train_on_dataset
from csai_train.errors import CheckpointError, RunError, TrainingWarning
from csai_train.runs import checkpoint
from csai_train.runs.events_file import read_events
from csai_train.runs.listing import find_runs
from csai_train.runs.run import Run
from csai_train.runs.status import status_of

CONFIG = {
    "batch_size": 30,
    "learning_rate": 0.01,
    "schedule": "one_cycle",
    "augment": ("crop", "cutout"),
    "label_smoothing": 0.1,
    "patience": 2,
}


class StopAfter(Callback):
    def __init__(self, steps):
        self.steps = steps

    def step(self, training):
        if training.steps == self.steps:
            training.stop_requested = True


def train(net, dataset, run, **kwargs):
    config = {name: kwargs.pop(name, value) for name, value in CONFIG.items()}
    return train_on_dataset(net, dataset, **{"epochs": 3, "seed": 1, **kwargs}, run_dir=run, config=config)


def newest_state(run):
    path = DatasetRun.open(run).checkpoints.saved()[0]
    return path.name, checkpoint.read_manifest(path)["files"]


@pytest.mark.parametrize("steps", [1, 4, 10, 17, 20, 29])
def test_a_stopped_run_ends_as_if_it_had_not_been(tmp_path, samples, dataset, steps):
    whole = train(samples.make_net(dropout=0.2), dataset, tmp_path / "whole")
    part = train(samples.make_net(dropout=0.2), dataset, tmp_path / "parts", callbacks=[StopAfter(steps)])
    assert not part.is_complete
    torch.rand(7)  # what else the process does must not matter
    ended = resume_on_dataset(tmp_path / "parts")
    assert newest_state(tmp_path / "whole") == newest_state(tmp_path / "parts")
    assert ended.curve == whole.curve
    for one, other in zip(ended.net.parameters(), whole.net.parameters(), strict=True):
        assert torch.equal(one, other)
    metrics = [(tmp_path / name / "metrics.csv").read_text() for name in ("whole", "parts")]
    assert metrics[0] == metrics[1]


CODE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from conftest import make_net
from csai_train.datasets import MNISTDataset, resume_on_dataset, train_on_dataset
if Path(sys.argv[1]).exists():
    resume_on_dataset(sys.argv[1])
else:
    train_on_dataset(make_net(), MNISTDataset(root=sys.argv[3]), epochs=40, seed=1, run_dir=sys.argv[1],
                     config={"batch_size": 10, "augment": ("crop",)}, checkpoint_every=7)
"""


def test_a_killed_run_ends_as_if_it_had_not_been(tmp_path, samples, mnist):
    run = tmp_path / "run"
    command = [sys.executable, "-c", CODE, str(run), str(Path(__file__).parents[1]), str(mnist)]
    for kill in range(2):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        taken = DatasetRun.open(run).steps_taken() if run.exists() else 0
        while process.poll() is None and not (run.exists() and DatasetRun.open(run).steps_taken() > taken):
            time.sleep(0.005)
        process.kill()
        _, err = process.communicate()
        assert process.returncode in (-9, 0), err.decode()
        assert kill > 0 or process.returncode == -9
    ended = resume_on_dataset(run)
    whole = train_on_dataset(
        samples.make_net(),
        MNISTDataset(root=mnist),
        epochs=40,
        seed=1,
        config={"batch_size": 10, "augment": ("crop",)},
    )
    assert ended.is_complete
    assert ended.curve == whole.curve
    for one, other in zip(ended.net.parameters(), whole.net.parameters(), strict=True):
        assert torch.equal(one, other)


@pytest.mark.filterwarnings("ignore:Your own transform:csai_train.errors.TrainingWarning")
def test_a_transform_that_draws_is_resumed_exactly_too(tmp_path, samples, mnist):
    def noisy(image):
        return torch.rand(1, 12, 12) + image.getpixel((0, 0)) / 255

    nets = [samples.make_net(), samples.make_net()]
    noisy_set = MNISTDataset(transform=noisy, root=mnist)
    train(nets[0], noisy_set, tmp_path / "whole", augment=())
    train(nets[1], noisy_set, tmp_path / "parts", augment=(), callbacks=[StopAfter(14)])
    with pytest.raises(RunError, match=r"or has its own transform\. Give it: resume_on_dataset"):
        resume_on_dataset(tmp_path / "parts")
    resume_on_dataset(tmp_path / "parts", net=nets[1], dataset=noisy_set)
    assert all(torch.equal(*pair) for pair in zip(nets[0].parameters(), nets[1].parameters(), strict=True))


def test_an_optimizer_of_torch_is_resumed_exactly(tmp_path, samples, dataset):
    from csai_train.datasets import Trainer

    nets = [samples.make_net() for _ in range(3)]
    trainers = [
        Trainer(net, optimizer=torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.1)) for net in nets
    ]
    train(nets[0], dataset, tmp_path / "whole", trainer=trainers[0])
    train(nets[1], dataset, tmp_path / "parts", trainer=trainers[1], callbacks=[StopAfter(13)])
    resume_on_dataset(tmp_path / "parts", trainer=trainers[2])
    assert newest_state(tmp_path / "whole") == newest_state(tmp_path / "parts")


def test_a_run_holds_what_it_should(tmp_path, net, dataset):
    history = train(net, dataset, tmp_path / "run").history
    run = DatasetRun.open(tmp_path / "run")
    assert {path.name for path in run.path.iterdir()} == {
        "config.json",
        "events.jsonl",
        "metrics.csv",
        "checkpoints",
        "best.json",
        "lock.json",
        "net.safetensors",
        "train.toml",
    }
    assert (run.subject, run.method, run.seed, run.settings.augment) == (
        "mnist",
        "train_on_dataset",
        1,
        ("crop", "cutout"),
    )
    told = run.history()
    assert told.epochs == history.epochs
    assert told.curve == history.curve
    events = read_events(run.path)
    assert [event["epoch"] for event in events if event["event"] == "epoch"] == [1, 2, 3]
    assert [each.path for each in find_runs(tmp_path)] == [run.path]
    state = status_of(run)
    assert (state.state, state.steps) == ("complete", 30)
    assert state.test_accuracy == pytest.approx(history.epochs[-1].test_accuracy)


def test_the_best_network_is_kept(tmp_path, net, dataset):
    history = train(net, dataset, tmp_path / "run", epochs=4, patience=None).history
    run = DatasetRun.open(tmp_path / "run")
    best = run.checkpoints.best()
    assert best == {
        "steps": history.best.epoch * 10,
        "value": history.best.test_accuracy,
        "judged_by": "test set",
    }
    inputs = dataset.testset.images.float() / 127.5 - 1
    answers = run.net("best")(inputs).argmax(1)
    assert (answers == dataset.testset.labels).float().mean().item() == pytest.approx(best["value"])
    assert all(
        torch.equal(*pair) for pair in zip(run.net("newest").parameters(), net.parameters(), strict=True)
    )


def test_a_complete_run_can_be_extended(tmp_path, net, dataset):
    train(net, dataset, tmp_path / "run", patience=None)
    history = resume_on_dataset(tmp_path / "run", epochs=5).history
    assert [epoch.epoch for epoch in history.epochs] == [1, 2, 3, 4, 5]
    assert all(epoch.seconds > 0 for epoch in history.epochs)
    assert DatasetRun.open(tmp_path / "run").epochs == 5
    with pytest.raises(RunError, match="is planned for 50 steps"):
        resume_on_dataset(tmp_path / "run", epochs=4)


def test_another_net_or_dataset_is_refused(tmp_path, samples, net, dataset):
    train(net, dataset, tmp_path / "run", callbacks=[StopAfter(5)])
    with pytest.raises(RunError, match=r"was trained with another network: Net of .* then, and Net of"):
        resume_on_dataset(tmp_path / "run", net=samples.make_net(hidden=8))
    samples.write_mnist(dataset.root, count=150)
    with pytest.raises(RunError, match=r"another dataset: 300 and 100 examples #.* then, and 150 and 50"):
        resume_on_dataset(tmp_path / "run")


def test_a_damaged_checkpoint_is_passed_over_and_it_is_said(tmp_path, net, dataset):
    train(net, dataset, tmp_path / "run", callbacks=[StopAfter(15)])
    run = DatasetRun.open(tmp_path / "run")
    newest, before = run.checkpoints.saved()[:2]
    (newest / "tensors.safetensors").write_bytes(b"")
    with pytest.warns(
        TrainingWarning, match=rf"{newest.name}.*is damaged.*newest good checkpoint is {before}"
    ):
        assert resume_on_dataset(tmp_path / "run").is_complete
    with pytest.raises(CheckpointError, match="does not exist"):
        run.net(7)


def test_runs_of_agents_and_on_datasets_are_told_apart(tmp_path, net, dataset):
    train(net, dataset, tmp_path / "run", epochs=1)
    with pytest.raises(RunError, match=r"run of another kind.*csai train-dataset --resume"):
        Run.open(tmp_path / "run")
    with pytest.raises(RunError, match="exists already"):
        train(net, dataset, tmp_path / "run")


def test_the_net_of_a_module_of_torch_must_be_given_again(tmp_path, dataset):
    def make():
        torch.manual_seed(0)
        return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(144, 10))

    train(make(), dataset, tmp_path / "run", callbacks=[StopAfter(5)])
    with pytest.raises(RunError, match=r"Give it: resume_on_dataset\(run, net=...\)"):
        resume_on_dataset(tmp_path / "run")
    assert resume_on_dataset(tmp_path / "run", net=make()).is_complete


def test_named_callbacks_listen_again_when_a_run_is_resumed(tmp_path, net, dataset, monkeypatch):
    class Writer:
        def __init__(self, directory, purge_step):
            self.add_scalar = lambda name, value, step: told.append((name, step))

        def close(self):
            pass

    told = []
    module = types.ModuleType("torch.utils.tensorboard")
    module.SummaryWriter = Writer
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", module)
    train(net, dataset, tmp_path / "run", callbacks=["tensorboard", StopAfter(15)])
    assert ("update/test_accuracy", 15) in told
    assert DatasetRun.open(tmp_path / "run").callbacks == ["tensorboard"]
    resume_on_dataset(tmp_path / "run")
    assert ("update/test_accuracy", 30) in told
