"""The loop: epochs, tests after them, early stopping, and what listeners hear."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from csai_train import Callback
from csai_train.datasets import MNISTDataset, Trainer


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
