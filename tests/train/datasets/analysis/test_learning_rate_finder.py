"""The learning rate that is found learns."""

from __future__ import annotations

import pytest
import torch

from csai_core.errors import ConfigError
from csai_train.datasets import (
    find_learning_rate,
    train_on_dataset,
)


def test_the_learning_rate_that_is_found_learns_and_the_net_is_left_as_it_is(
    net, dataset, tmp_path, is_figure
):
    before = [parameter.clone() for parameter in net.parameters()]
    found = find_learning_rate(net, dataset, batch_size=30, num_batches=80)
    assert all(torch.equal(*pair) for pair in zip(before, net.parameters(), strict=True))
    assert found.rates == sorted(found.rates)
    assert found.rates[0] == 1e-5
    assert 1e-4 < found.suggestion < 0.3
    training = train_on_dataset(net, dataset, epochs=4, seed=1, config={"learning_rate": found.suggestion})
    assert training.epochs[-1].test_accuracy > 0.8
    found.plot(tmp_path / "rates.png")
    assert is_figure(tmp_path / "rates.png")


def test_a_search_ends_where_the_loss_grows_out_of_hand(net, dataset):
    found = find_learning_rate(net, dataset, highest=1e5, num_batches=60)
    assert len(found.rates) < 60
    assert found.suggestion < 1


@pytest.mark.parametrize("kwargs", [{"lowest": 0}, {"lowest": 1, "highest": 0.1}, {"num_batches": 3}])
def test_rates_must_rise(net, dataset, kwargs):
    with pytest.raises(ConfigError, match="the rates must rise from above 0"):
        find_learning_rate(net, dataset, **kwargs)
