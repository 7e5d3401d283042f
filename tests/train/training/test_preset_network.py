"""A preset may name the network that it trains; what is asked for takes its place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from csai_core import presets
from csai_core.errors import UnknownNameError
from csai_train import Callback, PPOConfig, train

PRESET = presets.find("CartPole-v1", "ppo")


class AtOnce(Callback):
    def start(self, training):
        training.stop_requested = True


def planned(**settings):
    """A training that is planned and takes no step."""
    return train("ppo", "CartPole-v1", seed=0, callbacks=[AtOnce()], **settings)


def test_a_preset_may_name_a_network(monkeypatch):
    plain = {name: value for name, value in PRESET.config.items() if name != "hidden_sizes"}
    with_memory = replace(PRESET, config=plain, network="recurrent")
    monkeypatch.setattr(presets, "choose", lambda *args, **kwargs: with_memory)
    assert planned().algorithm.backend.has_memory
    for other in ({"network": "mlp"}, {"config": {"hidden_sizes": (8,)}}, {"config": PPOConfig()}):
        assert not planned(**other).algorithm.backend.has_memory


def test_a_preset_may_not_name_a_network_that_there_is_not(monkeypatch):
    misspelt = replace(PRESET, network="recurent")
    monkeypatch.setattr(presets, "choose", lambda *args, **kwargs: misspelt)
    with pytest.raises(UnknownNameError, match="recurrent"):
        planned()
