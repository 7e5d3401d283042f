"""Learning rates over a training."""

from __future__ import annotations

import pytest

from csai_train import Callback
from csai_train.datasets.learning.schedules import learning_rate_factor


def test_one_cycle_by_hand():
    assert [learning_rate_factor("one_cycle", each) for each in (0, 0.25, 0.625, 1)] == pytest.approx(
        [0.04, 1, 0.5, 0]
    )
    assert learning_rate_factor("constant", 0.7) == 1
    shares = [learning_rate_factor("one_cycle", step / 100) for step in range(101)]
    assert shares == sorted(shares[:26]) + sorted(shares[26:], reverse=True)


def test_the_learning_rate_follows_the_schedule(net, dataset, train):
    rates = []

    class Listener(Callback):
        def step(self, training):
            rates.append(training.trainer.learning_rate)

    train(net, dataset, epochs=2, batch_size=30, schedule="one_cycle", callbacks=[Listener()])
    assert rates == pytest.approx([0.01 * learning_rate_factor("one_cycle", step / 20) for step in range(20)])
