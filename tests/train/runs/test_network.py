"""A network that a training is given: it trains, its run keeps it, and whoever opens the run has it again."""

from __future__ import annotations

import json

import gymnasium
import numpy as np
import pytest
import torch
from torch import nn

from csai_core.errors import ConfigError, UnknownNameError
from csai_neural import ActorCritic, Block, InputBlock, LinearBlock, Net
from csai_neural.errors import ShapeError
from csai_train import Callback, Run, resume, train
from csai_train.errors import RunError, TrainingWarning
from csai_train.runs import checkpoint
from csai_train.runs.network import NETWORK
from csai_train.training.verify import verify

SPACE = gymnasium.make("CartPole-v1").observation_space
CONFIG = {"num_envs": 2, "num_steps": 32, "num_minibatches": 2}


def body(activation="tanh"):
    net = Net("mine")
    net.add_block(InputBlock(SPACE))
    net.add_block(LinearBlock(hidden_size=[5], activation=activation))
    net.compile()
    return net


def start(tmp_path, network, **more):
    settings = {"total_steps": 256, "seed": 1, "config": CONFIG, "preset": None, **more}
    return train("ppo", "CartPole-v1", network=network, run_dir=tmp_path / "run", **settings)


class Stop(Callback):
    def step(self, training):
        training.stop_requested = training.steps >= 100


def test_the_structure_stands_in_the_config_and_the_first_weights_beside_it(tmp_path):
    net = body()
    first = {name: weight.clone() for name, weight in net.state_dict().items()}
    training = start(tmp_path, net)
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert config["network"]["kind"] == "net"
    assert [each["kind"] for each in config["network"]["blocks"]] == ["input", "linear"]
    kept = Run.open(tmp_path / "run").network()
    assert all(torch.equal(weight, first[name]) for name, weight in kept.state_dict().items())
    trained = training.algorithm.net.state_dict()
    assert any(weight.shape == (5, 4) for weight in trained.values())
    assert config["computing"].keys() == {"backend", "device", "reason"}


@pytest.mark.parametrize("kind", ["net", "actor_critic"])
def test_a_run_with_a_network_goes_on_exactly_is_verified_and_plays(tmp_path, kind):
    def make():
        torch.manual_seed(3)
        whole = ActorCritic(SPACE, gymnasium.spaces.Discrete(2), net_arch=[5])
        return body() if kind == "net" else whole

    whole = start(tmp_path / "whole", make())
    start(tmp_path / "parts", make(), callbacks=[Stop()])
    parts = resume(tmp_path / "parts" / "run")
    digests = [checkpoint.digests(training.state_dict()) for training in (whole, parts)]
    assert digests[0] == digests[1]
    run = Run.open(tmp_path / "parts" / "run")
    assert verify(run).difference == ""
    seen = np.zeros(4, np.float32)
    assert run.agent().get_next_action(seen) == whole.agent().get_next_action(seen)


def test_a_network_may_be_named_in_every_way_that_networks_are_named(tmp_path):
    body().save(tmp_path / "mine.safetensors")
    for source in (tmp_path / "mine.safetensors", "linear", lambda space: body("relu")):
        training = train("ppo", "CartPole-v1", total_steps=64, seed=1, config=CONFIG, network=source)
        assert training.is_complete
    with pytest.raises(UnknownNameError, match="Did you mean 'linear'"):
        train("ppo", "CartPole-v1", total_steps=64, network="liner")


def test_a_plain_torch_module_trains_with_a_word_and_keeps_no_run(tmp_path):
    module = nn.Linear(4, 3)
    with pytest.warns(TrainingWarning, match="plain torch module"):
        train("ppo", "CartPole-v1", total_steps=64, config=CONFIG, network=module)
    with (
        pytest.warns(TrainingWarning, match="plain torch module"),
        pytest.raises(ConfigError, match=r"train without run_dir.*Linear"),
    ):
        start(tmp_path, module)
    assert not (tmp_path / "run").exists()


class Weird(Block):
    """A block that no plugin offers."""

    def build(self, input_shape):
        self.layers = nn.Sequential(nn.Linear(*input_shape, 3))
        return (3,)


@pytest.mark.parametrize("kind", ["net", "actor_critic"])
def test_a_network_with_a_block_of_no_plugin_trains_and_keeps_no_run(tmp_path, kind):
    net = body().followed_by(Weird())
    network = net if kind == "net" else ActorCritic(SPACE, gymnasium.spaces.Discrete(2), net)
    train("ppo", "CartPole-v1", total_steps=64, config=CONFIG, network=network)
    with pytest.raises(ConfigError, match=r"the block Weird \(kind 'weird'\). Offer it .*csai_blocks"):
        start(tmp_path, network)
    assert not (tmp_path / "run").exists()


def test_a_network_for_other_observations_is_refused_before_anything_is_written(tmp_path):
    other = Net("other")
    other.add_block(InputBlock(gymnasium.spaces.Box(0, 1, (7,))))
    with pytest.raises(ShapeError, match=r"takes Box.*7"):
        start(tmp_path, other)
    assert not (tmp_path / "run").exists()


def test_a_network_that_a_run_lost_or_never_had_is_named(tmp_path):
    start(tmp_path, body())
    run = Run.open(tmp_path / "run")
    for network, message in (
        ({"kind": "web"}, "a network of kind 'web'"),
        ({"kind": "net"}, "another network than its config.json describes"),
        ({**run.config["network"], "name": "other"}, "another network than its config.json describes"),
    ):
        with pytest.raises(RunError, match=message):
            Run(run.path, {**run.config, "network": network}).network()
    (run.path / NETWORK).unlink()
    with pytest.raises(RunError, match=rf"lacks {NETWORK}"):
        run.network()
    old = {name: value for name, value in run.config.items() if name not in ("network", "device", "backend")}
    assert Run(run.path, old).network() is None


def test_a_run_may_go_on_on_another_device_and_says_so(tmp_path):
    start(tmp_path, None, callbacks=[Stop()])
    resume(tmp_path / "run", device="cpu")
    events = [json.loads(line) for line in (tmp_path / "run" / "events.jsonl").read_text().splitlines()]
    reasons = [event["computing"]["reason"] for event in events if event["event"] == "start"]
    assert len(reasons) == 2
    assert reasons[1] == "cpu was asked for"
    assert Run.open(tmp_path / "run").config["device"] == "auto"
