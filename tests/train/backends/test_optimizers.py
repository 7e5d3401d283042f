"""Optimizers by their words: what text makes, what it cannot say, and what is refused."""

import pytest
import torch
from torch import nn

from csai_core.errors import ConfigError, UnknownNameError
from csai_train.backends.flat import FlatParameters
from csai_train.backends.optimizers import Adam, TorchOptimizer, make_optimizer, optimizer_in_words


def make(wanted, learning_rate=0.5):
    network = nn.Linear(1, 1, bias=False)
    with torch.no_grad():
        network.weight.fill_(3.0)
    parameters = FlatParameters(network)
    return network, parameters, make_optimizer(wanted, network, parameters, learning_rate)


def test_nothing_said_is_adam():
    assert isinstance(make(None)[2], Adam)


@pytest.mark.parametrize("text", ["SGD", "SGD()", " SGD(momentum=0.9) "])
def test_text_makes_an_optimizer_that_moves_the_flat_parameters(text):
    network, parameters, optimizer = make(text)
    parameters.gradients.fill_(2.0)
    optimizer.step()
    assert network.weight.item() == parameters.values.item() == 3.0 - 0.5 * 2.0
    optimizer.step()
    assert network.weight.item() == pytest.approx(2.0 - 0.5 * (3.8 if "momentum" in text else 2.0))


def test_one_that_is_made_already_keeps_its_learning_rate():
    network = nn.Linear(1, 1)
    made = torch.optim.SGD(network.parameters(), lr=0.25)
    optimizer = make_optimizer(made, network, FlatParameters(network), 7.0)
    assert isinstance(optimizer, TorchOptimizer)
    assert optimizer.learning_rate == 0.25


def test_a_rate_that_stays_the_same_changes_nothing():
    network = nn.Linear(1, 1)
    groups = [
        {"params": [each], "lr": rate} for each, rate in zip(network.parameters(), (1e-3, 0.7), strict=True)
    ]
    optimizer = TorchOptimizer(torch.optim.SGD(groups))
    before = optimizer.state_dict()["param_groups"]
    optimizer.learning_rate = 1e-3
    assert [each["lr"] for each in optimizer.state_dict()["param_groups"]] == [each["lr"] for each in before]
    optimizer.learning_rate = 2e-3
    assert [each["lr"] for each in optimizer.state_dict()["param_groups"]] == pytest.approx([2e-3, 1.4])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SGD(0.9)",
        "torch.optim.SGD",
        "SGD(momentum=open('x'))",
        "SGD(**{'momentum': 1})",
        "S" * 600,
        "(" * 400,
    ],
)
def test_text_that_says_no_optimizer_runs_nothing_and_is_refused(text):
    with pytest.raises(ConfigError, match="must be like 'SGD'"):
        make(text)


@pytest.mark.parametrize("text", ["SGD(speed=1)", "SGD(momentum=-1.0)", "SGD(lr=0.1)"])
def test_arguments_that_an_optimizer_does_not_take(text):
    with pytest.raises(ConfigError, match="cannot be made"):
        make(text)


@pytest.mark.parametrize("text", ["SDG", "LBFGS", "Optimizer", "lr_scheduler"])
def test_unknown_names(text):
    with pytest.raises(UnknownNameError, match="SGD"):
        make(text)


class Own(torch.optim.SGD):
    """An optimizer of somebody's."""


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        (torch.optim.Adam, {}, "Adam()"),
        (torch.optim.Adam, {"betas": (0.8, 0.9), "amsgrad": True}, "Adam(betas=(0.8, 0.9), amsgrad=True)"),
        (Own, {}, None),
        (torch.optim.SGD, {"momentum": torch.tensor(0.5)}, None),
        (torch.optim.SGD, {"momentum": float("nan")}, None),
    ],
)
def test_an_optimizer_in_words(kind, options, words):
    assert optimizer_in_words(kind, options) == words
    if words is not None:
        assert isinstance(make(words)[2]._optimizer, kind)


def two_layers():
    return nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))


@pytest.mark.parametrize(
    ("moved", "said"),
    [
        (
            lambda net: two_layers().parameters(),
            "of these 4 it lacks 4, such as 0.weight, and of others it has 4",
        ),
        (lambda net: net[0].parameters(), r"lacks 2, such as 1.weight, and of others it has 0.*net\.freeze"),
        (lambda net: [*net.parameters(), nn.Parameter(torch.ones(1))], "lacks 0, and of others it has 1"),
    ],
)
def test_an_optimizer_over_other_parameters_than_those_that_learn_is_refused(moved, said):
    network = two_layers()
    parameters = FlatParameters(network)
    with pytest.raises(ConfigError, match=said):
        make_optimizer(torch.optim.SGD(moved(network), lr=0.1), network, parameters, 0.1)


def test_what_is_frozen_belongs_in_no_optimizer():
    network = two_layers()
    network[0].requires_grad_(False)
    parameters = FlatParameters(network)
    with pytest.raises(ConfigError, match="of others it has 2"):
        make_optimizer(torch.optim.SGD(network.parameters(), lr=0.1), network, parameters, 0.1)
    for wanted in ("SGD", torch.optim.SGD(network[1].parameters(), lr=0.1)):
        assert isinstance(make_optimizer(wanted, network, parameters, 0.1), TorchOptimizer)
