"""Algorithms by name: what a training asks of them, and what they know nothing of."""

from __future__ import annotations

import types

import gymnasium
import pytest

from csai_core.errors import ConfigError, UnknownNameError
from csai_train.algorithms import registry
from csai_train.algorithms.ppo import PPOConfig
from csai_train.algorithms.registry import configure, make_algorithm

SPACE = gymnasium.spaces.Discrete(2)


@pytest.fixture
def offered(monkeypatch):
    """Lets the registry find a class or function of one's choice by any name."""

    def offer(target):
        entry = types.SimpleNamespace(load=lambda: target, load_config=lambda: None, plugin="toys")
        monkeypatch.setattr(
            registry, "installed", lambda: types.SimpleNamespace(find=lambda kind, name: entry)
        )

    return offer


def given_to(**wishes):
    return make_algorithm("toy", SPACE, SPACE, None, total_steps=5, seed=1, **wishes)


def test_wishes_reach_an_algorithm_that_takes_them(offered):
    def toy(observation_space, action_space, config, *, total_steps, seed, network=None, device="x"):
        return network, device

    offered(toy)
    assert given_to() == (None, "x")
    assert given_to(network=7, device="cpu", backend="auto") == (7, "cpu")


def test_an_algorithm_that_takes_everything_takes_wishes_too(offered):
    offered(lambda *spaces, total_steps, seed, **more: more)
    assert given_to(device="auto") == {}
    assert given_to(backend="torch") == {"backend": "torch"}


@pytest.mark.parametrize(
    ("wish", "value", "shown"),
    [("network", gymnasium, "a module"), ("device", "cpu", "'cpu'"), ("backend", "torch", "'torch'")],
)
def test_a_wish_that_an_algorithm_knows_nothing_of_is_refused_by_name(offered, wish, value, shown):
    offered(lambda observation_space, action_space, config, *, total_steps, seed: None)
    with pytest.raises(ConfigError, match=rf"'toy' takes no {wish}; leave out {wish}={shown}"):
        given_to(**{wish: value})


def test_a_table_knows_no_device():
    with pytest.raises(ConfigError, match="'q_learning' takes no device"):
        make_algorithm(
            "q_learning", SPACE, SPACE, configure("q_learning", None), total_steps=5, seed=1, device="cpu"
        )


def test_a_config_is_made_of_its_class_of_a_dict_or_of_nothing(offered):
    assert configure("ppo", {"gamma": 0.5}) == PPOConfig(gamma=0.5)
    assert configure("ppo", PPOConfig(gamma=0.5)).gamma == 0.5
    assert configure("ppo", None) == PPOConfig()
    with pytest.raises(ConfigError, match="must be a PPOConfig"):
        configure("ppo", 3)
    with pytest.raises(UnknownNameError, match="Did you mean 'ppo'"):
        configure("pppo", None)
    offered(None)
    with pytest.raises(ConfigError, match="'toy' of plugin 'toys' has no config class"):
        configure("toy", None)
