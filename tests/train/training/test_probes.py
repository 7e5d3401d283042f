"""Probes: our algorithms pass, and each planted fault fails at the probe that names it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from csai_core.errors import UnknownNameError
from csai_neural import InputBlock, LinearBlock, Net
from csai_train.algorithms import a2c, deep_q_learning, on_policy
from csai_train.training import probes
from csai_train.training.probes import PROBES, probe


@pytest.mark.parametrize("algorithm", ["q_learning", "deep_q_learning", "reinforce", "a2c", "ppo"])
def test_our_algorithms_pass(algorithm):
    results = list(probe(algorithm))
    assert [result.probe for result in results] == [each.name for each in PROBES]
    assert all(result.passed for result in results), results


def test_a_network_is_tried_along_and_stays_as_it_was():
    from csai_core.testing.algorithm.rooms import SIGHTS

    net = Net()
    net.add_block(InputBlock(SIGHTS["a vector"].space))
    net.add_block(LinearBlock(hidden_size=[32]))
    net.compile()
    before = [each.clone() for each in net.parameters()]
    assert all(result.passed for result in probe("a2c", net))
    assert all(map(torch.equal, before, net.parameters()))


def without_what_follows(monkeypatch):
    learn = deep_q_learning.DeepQLearning.learn

    def blind(self, step):
        return learn(self, step._replace(terminated=np.ones_like(step.terminated)))

    monkeypatch.setattr(deep_q_learning.DeepQLearning, "learn", blind)


def without_discount(monkeypatch):
    make = deep_q_learning.DeepQLearning.__init__

    def undiscounted(self, observation_space, action_space, config, **settings):
        make(self, observation_space, action_space, replace(config, gamma=1.0), **settings)

    monkeypatch.setattr(deep_q_learning.DeepQLearning, "__init__", undiscounted)


def with_the_wrong_sign(monkeypatch):
    loss = a2c.policy_gradient
    monkeypatch.setattr(a2c, "policy_gradient", lambda *arguments: -loss(*arguments))


def without_a_gradient_to_the_policy(monkeypatch):
    loss = a2c.policy_gradient
    monkeypatch.setattr(a2c, "policy_gradient", lambda *arguments: loss(*arguments).detach())


def with_values_frozen(monkeypatch):
    loss = a2c.value_loss
    monkeypatch.setattr(a2c, "value_loss", lambda *arguments: loss(*arguments).detach())


def with_a_blind_network(monkeypatch):
    build = a2c.build_actor_critic

    def blind(*arguments, **settings):
        net = build(*arguments, **settings)
        net.register_forward_pre_hook(lambda module, given: (torch.zeros_like(torch.as_tensor(given[0])),))
        evaluate = net.evaluate_actions
        net.evaluate_actions = lambda seen, *rest: evaluate(torch.zeros_like(torch.as_tensor(seen)), *rest)
        return net

    monkeypatch.setattr(a2c, "build_actor_critic", blind)
    backend = on_policy.Backend
    monkeypatch.setattr(
        on_policy, "Backend", lambda net, **settings: backend(net, **{**settings, "choice": "torch"})
    )


PLANTED = [
    (without_what_follows, "deep_q_learning", "delayed reward", "no bootstrapping"),
    (without_discount, "deep_q_learning", "delayed reward", "discount is left out"),
    (with_the_wrong_sign, "a2c", "two actions", "a sign is wrong"),
    (without_a_gradient_to_the_policy, "a2c", "two actions", "policy's gradient"),
    (with_values_frozen, "a2c", "constant reward", "not learned at all"),
    (with_a_blind_network, "a2c", "readable reward", "does not reach"),
]


@pytest.mark.parametrize(("plant", "algorithm", "name", "words"), PLANTED)
def test_what_is_broken_fails_where_it_is_named(monkeypatch, plant, algorithm, name, words):
    monkeypatch.setattr(probes, "_ATTEMPTS", ((8_000, 0),))
    plant(monkeypatch)
    *before, last = probe(algorithm)
    assert all(result.passed for result in before)
    assert (last.probe, last.passed) == (name, False), last
    assert words in last.broken


@pytest.mark.parametrize(("share", "is_told"), [(0.0, True), (0.03, True), (0.35, True), (0.5, False)])
def test_a_policy_that_goes_the_wrong_way_is_told_of_however_far_it_went(share, is_told):
    (two_actions,) = (each for each in PROBES if each.name == "two actions")
    assert ("a sign is wrong" in probes._diagnosis(two_actions, (share,))) == is_told


def test_an_algorithm_that_nobody_offers_is_refused():
    with pytest.raises(UnknownNameError):
        list(probe("nothing"))
