"""Learning batch by batch: what a plain loop of torch learns, and losses and optimizers of one's own."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from csai_core.errors import ConfigError
from csai_train.datasets import Trainer
from csai_train.errors import NonFiniteError
from csai_train.group import Group
from train.group.processes import run_in_group


def make_pooling_net():
    torch.manual_seed(0)
    layers = [nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 8, 3), nn.ReLU()]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(128, 10))


@pytest.mark.parametrize("kind", ["layers", "convolutions and pooling"])
def test_adam_and_the_fast_path_learn_what_torch_and_a_plain_loop_would(
    samples, dataset, kind, train, weights
):
    make = samples.make_net if kind == "layers" else make_pooling_net
    ours, theirs = make(), make()
    train(ours, dataset, epochs=1, batch_size=50, learning_rate=0.003)
    from csai_train.datasets.learning.epoch_order import shuffled

    optimizer = torch.optim.Adam(theirs.parameters(), lr=0.003)
    for _, chosen in shuffled(300, 50, seed=1, epoch=0).batches():
        inputs = dataset.trainset.images[chosen].float() / 127.5 - 1
        optimizer.zero_grad()
        nn.functional.cross_entropy(theirs(inputs), dataset.trainset.labels[chosen]).backward()
        optimizer.step()
    torch.testing.assert_close(weights(ours), weights(theirs), rtol=1e-4, atol=1e-5)


def test_a_trainer_of_ones_own(samples, dataset, train):
    net = samples.make_net()
    sgd = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    trainer = Trainer(net, nn.MultiMarginLoss(), sgd)
    history = train(net, dataset, epochs=5, trainer=trainer, learning_rate=0.1, batch_size=20).history
    assert history.epochs[-1].test_accuracy > 0.5
    with pytest.raises(ConfigError, match="was made for another network"):
        train(samples.make_net(), dataset, trainer=trainer)


def test_a_loop_of_ones_own(net, dataset):
    trainer = Trainer(net, learning_rate=0.01)
    losses = [trainer.train_epoch(dataset.get_train_loader(20))[0] for _ in range(3)]
    assert losses[2] < losses[0]
    loss, accuracy = trainer.evaluate(dataset.get_test_loader())
    assert 0 < accuracy <= 1
    assert math.isfinite(loss)


def test_any_module_of_torch_is_trained(dataset, train):
    net = nn.Sequential(nn.Flatten(), nn.Linear(144, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 10))
    training = train(net, dataset, epochs=4, batch_size=23)  # 300 = 13 * 23 + 1
    assert training.epochs[-1].test_accuracy > 0.7


def test_a_loss_that_is_not_finite_is_named_and_nothing_is_learned(net, dataset, tmp_path, train, weights):
    with torch.no_grad():
        next(net.parameters())[0, 0] = math.inf
    before = weights(net)
    with pytest.raises(NonFiniteError, match=r"The loss has become nan, at a learning rate of 0\.01.*0\.001"):
        train(net, dataset, run_dir=tmp_path / "run")
    assert torch.equal(before, weights(net))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_on_a_gpu_everything_is_there(samples, dataset, train):
    net = samples.make_net().to("cuda")
    history = train(net, dataset, epochs=6, batch_size=20, augment=("crop",)).history
    assert history.epochs[-1].test_accuracy > 0.8


def test_bfloat16_trains_too(samples, dataset, train):
    history = train(samples.make_net(), dataset, epochs=4, batch_size=20, precision="bfloat16").history
    assert history.epochs[-1].test_accuracy > 0.7


SHARES = {"unequal": (20, 44), "one": (1, 63), "none": (0, 64)}
OPTIMIZERS = {"adam": lambda parameters: None, "sgd": lambda parameters: torch.optim.SGD(parameters, lr=0.1)}


def learned_from(group, shares, kind):
    """The gradient of one batch, and the loss and weights after some, each of which is shared so."""
    torch.manual_seed(group.rank)
    model = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 3)).double()
    if group.is_main:
        torch.manual_seed(0)
        for parameter in model.parameters():
            nn.init.normal_(parameter)
    trainer = Trainer(model, optimizer=OPTIMIZERS[kind](model.parameters()))
    trainer.join(group)
    random = np.random.default_rng(0)
    inputs = torch.from_numpy(random.normal(size=(64, 6)))
    labels = torch.from_numpy(random.integers(3, size=64))
    first = sum(shares[: group.rank])
    part = slice(first, first + max(1, shares[group.rank]))
    gradient = None
    for _ in range(20):
        trainer.train_batch(inputs[part], labels[part], shares[group.rank])
        if gradient is None:
            gradient = np.concatenate([p.grad.numpy().ravel().copy() for p in model.parameters()])
    weights = np.concatenate([p.detach().numpy().ravel() for p in model.parameters()])
    return gradient, weights, trainer.take_means()


def learned_in_all_ways(group):
    return {(name, kind): learned_from(group, SHARES[name], kind) for name in SHARES for kind in OPTIMIZERS}


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    return run_in_group(learned_in_all_ways, 2, tmp_path_factory.mktemp("trainer") / "meeting")


@pytest.mark.parametrize("kind", OPTIMIZERS)
@pytest.mark.parametrize("name", SHARES)
def test_processes_learn_by_the_gradient_of_the_whole_batch(learned, name, kind):
    gradient, weights, (loss, accuracy, count) = learned_from(Group(), (64,), kind)
    for each in learned:
        found, after, means = each[name, kind]
        assert np.abs(found - gradient).max() <= 1e-12 * np.abs(gradient).max()
        assert np.abs(after - weights).max() <= 1e-9
        assert np.array_equal(after, learned[0][name, kind][1])
        assert means == (pytest.approx(loss, rel=1e-9), pytest.approx(accuracy), count)
