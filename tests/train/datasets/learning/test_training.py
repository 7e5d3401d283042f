"""The loop: epochs, tests after them, early stopping, and what listeners hear."""

from __future__ import annotations

import warnings
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from csai_core.errors import ConfigError
from csai_train import Callback
from csai_train.datasets import DatasetRun, MNISTDataset, Trainer, resume_on_dataset
from csai_train.errors import TrainingWarning
from csai_train.runs import checkpoint
from train.group.processes import run_in_group


def test_what_is_told_is_so(net, dataset, train):
    history = train(net, dataset, epochs=2, batch_size=32).history
    with torch.no_grad():
        outputs = net(dataset.testset.images.float() / 127.5 - 1)
    loss = nn.functional.cross_entropy(outputs, dataset.testset.labels)
    accuracy = (outputs.argmax(1) == dataset.testset.labels).float().mean()
    assert history.epochs[-1].test_loss == pytest.approx(loss.item(), rel=1e-5)
    assert history.epochs[-1].test_accuracy == pytest.approx(accuracy.item())


def test_early_stopping_takes_the_best_weights(samples, mnist, train):
    net, dataset = samples.make_net(hidden=4), MNISTDataset(root=mnist)
    training = train(net, dataset, epochs=60, learning_rate=0.05, patience=2)
    history = training.history
    assert len(history.epochs) < 60
    assert len(history.epochs) == history.best.epoch + 2
    assert training.is_complete
    _, accuracy = Trainer(net).evaluate(
        [(dataset.testset.images.float() / 127.5 - 1, dataset.testset.labels)]
    )
    assert accuracy == history.best.test_accuracy


def test_label_smoothing_is_for_training_alone(samples, dataset, train):
    smooth, plain = samples.make_net(), samples.make_net()
    histories = [
        train(net, dataset, epochs=8, label_smoothing=share, batch_size=20).history
        for net, share in ((smooth, 0.3), (plain, 0.0))
    ]
    # Half of the smoothing's loss stays, however well the network has learned.
    assert histories[0].epochs[-1].loss > histories[1].epochs[-1].loss + 0.3
    assert histories[0].epochs[-1].test_accuracy > 0.8


def test_a_callback_hears_of_epochs_after_their_last_step(net, dataset, train):
    heard = []

    class Listener(Callback):
        def epoch(self, training, epoch):
            heard.append((training.steps, epoch.epoch))

    train(net, dataset, epochs=2, batch_size=30, callbacks=[Listener()])
    assert heard == [(10, 1), (20, 2)]


# --- several processes

BATCHES = 5
"""Of 25 examples, and a last one of 3, in an epoch of 103."""


class StopsAfter(Callback):
    def __init__(self, steps):
        self.steps = steps

    def step(self, training):
        training.stop_requested = training.steps >= self.steps


def examples():
    random = np.random.default_rng(0)
    inputs, labels = random.normal(size=(133, 8)).astype(np.float32), random.integers(4, size=133)
    inputs[np.arange(133), labels] += 2
    return SimpleNamespace(
        trainset=(inputs[:103], labels[:103]), testset=(inputs[103:], labels[103:]), num_classes=4
    )


def network(kind):
    middle = {"plain": [], "dropout": [nn.Dropout(0.3)], "batch norm": [nn.BatchNorm1d(16)]}[kind]
    return nn.Sequential(nn.Linear(8, 16), *middle, nn.ReLU(), nn.Linear(16, 4))


def carry_out(group, what, *arguments, **given):
    from csai_train.datasets.learning import train

    train.find_group = lambda: group
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TrainingWarning)
        return getattr(train, what)(*arguments, **given)


def train_together(group, kind, **given):
    torch.manual_seed(7 * group.rank)
    given = {"epochs": 3, "seed": 1, "config": {"batch_size": 25}, **given}
    return carry_out(group, "train_on_dataset", network(kind), examples(), **given)


def seen(training):
    """What is compared of a training between processes."""
    history = [(e.epoch, e.loss, e.accuracy, e.test_loss, e.test_accuracy) for e in training.epochs]
    return {
        "weights": {name: each.numpy().tobytes() for name, each in training.net.state_dict().items()},
        "history": history,
        "steps": training.steps,
        "callbacks": len(training.callbacks),
        "digests": checkpoint.digests(training.state_dict()),
    }


def trainings_together(group, folder):
    found = {}
    for kind in ("plain", "dropout"):
        found[kind, "whole"] = seen(train_together(group, kind))
        path = folder / kind
        stops = [StopsAfter(BATCHES + 2)]
        found[kind, "stopped"] = seen(train_together(group, kind, run_dir=path, callbacks=stops))
        resumed = carry_out(
            group, "resume_on_dataset", path, net=network(kind), dataset=examples(), epochs=None
        )
        found[kind, "resumed"] = seen(resumed)
    found["batch"] = refusal(group, "plain", config={"batch_size": 1})
    found["batch norm"] = refusal(group, "batch norm")
    return found


def refusal(group, kind, **given):
    try:
        train_together(group, kind, **given)
    except ConfigError as error:
        return str(error)
    return ""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("together")


@pytest.fixture(scope="module")
def together(folder):
    return run_in_group(trainings_together, 2, folder / "meeting", folder)


KINDS = pytest.mark.parametrize("kind", ["plain", "dropout"])


@KINDS
def test_processes_learn_and_measure_the_same(together, kind):
    first, second = (each[kind, "whole"] for each in together)
    assert first["history"] == second["history"]
    assert first["steps"] == second["steps"] == 3 * BATCHES
    assert first["weights"] == second["weights"]


def test_processes_learn_what_one_would(together):
    torch.manual_seed(0)
    from csai_train.datasets import train_on_dataset

    alone = train_on_dataset(network("plain"), examples(), 3, seed=1, config={"batch_size": 25})
    assert np.allclose(seen(alone)["history"], together[0]["plain", "whole"]["history"], rtol=1e-4)


@KINDS
def test_as_many_processes_go_on_exactly(together, kind):
    for each in together:
        assert each[kind, "stopped"]["steps"] == BATCHES + 2
        assert each[kind, "resumed"]["weights"] == each[kind, "whole"]["weights"]
        assert each[kind, "resumed"]["history"] == each[kind, "whole"]["history"]
        assert each[kind, "resumed"]["digests"] == each[kind, "whole"]["digests"]


def test_one_process_is_told_and_writes(folder, together):
    assert together[0]["plain", "stopped"]["callbacks"]
    assert not together[1]["plain", "stopped"]["callbacks"]
    run = DatasetRun.open(folder / "plain")
    assert run.processes == 2
    assert len(checkpoint.load_processes(run.checkpoints.saved()[0])) == 1


def test_another_number_of_processes_goes_on_and_says_so(folder, together):
    with pytest.warns(TrainingWarning, match="trained by 2 processes, and goes on with 1"):
        training = resume_on_dataset(folder / "dropout", net=network("dropout"), dataset=examples(), epochs=4)
    assert training.is_complete
    assert len(training.epochs) == 4


def test_what_several_would_learn_otherwise_is_refused(together):
    for each in together:
        assert "each of 2 processes needs one at least" in each["batch"]
        assert "The network has batch norm (1), which goes by all examples" in each["batch norm"]
