"""`load_network`: one way from whatever names a network to the network."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from gymnasium import spaces
from torch import nn

from csai_core.errors import ConfigError, PluginError, UnknownNameError
from csai_core.plugins import installed
from csai_neural import InputBlock, LinearBlock, Net, OutputBlock, load_network
from csai_neural.errors import NetFileError, ShapeError

VECTOR = spaces.Box(-1, 1, (4,))
X = np.ones(4, np.float32)
MODULE = """
from csai_neural import InputBlock, LinearBlock, Net
from torch import nn

class Eyes(nn.Module):
    def __init__(self, observation_space):
        super().__init__()
        self.layer = nn.Linear(observation_space.shape[0], 7)

    def forward(self, x):
        return self.layer(x)

def make(observation_space):
    net = Net("made")
    net.add_block(InputBlock(observation_space))
    net.add_block(LinearBlock(hidden_size=[6]))
    return net

from gymnasium import spaces
def broken(observation_space):
    raise RuntimeError("out of paper")

def two(observation_space, size):
    return None

ready = make(spaces.Box(-1, 1, (4,)))
number = 3
"""


def make_net(*blocks):
    net = Net("mine")
    for block in (InputBlock(VECTOR), *(blocks or (LinearBlock(hidden_size=[5]),))):
        net.add_block(block)
    return net


@pytest.fixture
def _module(tmp_path, monkeypatch):
    (tmp_path / "my_networks.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    sys.modules.pop("my_networks", None)


def test_a_net_is_used_as_it_is():
    for net in (make_net(), make_net(OutputBlock(num_classes=2))):
        assert load_network(net, VECTOR, seed=1) is net
        assert net.is_compiled


def test_a_plain_module_and_a_function_that_makes_one():
    module = nn.Linear(4, 3)
    net = load_network(module, VECTOR, seed=1)
    assert torch.equal(net(X), module(torch.from_numpy(X)))
    assert "plain torch module" in net.notes[0]
    assert load_network(lambda space: nn.Linear(space.shape[0], 9), VECTOR, seed=1).output_shape == (9,)


@pytest.mark.parametrize("as_text", [True, False])
def test_files(tmp_path, as_text):
    net = make_net()
    net.compile()
    net.save(tmp_path / "net.safetensors")
    (tmp_path / "net.toml").write_text('[[block]]\nblock = "linear"\nhidden_size = [8]')
    saved, written = (
        load_network(str(path) if as_text else path, VECTOR, seed=1)
        for path in (tmp_path / "net.safetensors", tmp_path / "net.toml")
    )
    assert torch.equal(saved(X), net(X))
    assert written.output_shape == (8,)


@pytest.mark.parametrize("name", [Path("net"), "net.safetensors", "net.toml"])
def test_files_that_are_not_there(name):
    with pytest.raises(NetFileError, match=f"There is no .*'{name}'"):
        load_network(name, VECTOR, seed=1)


@pytest.mark.usefixtures("_module")
@pytest.mark.parametrize(
    ("name", "size"), [("my_networks:Eyes", 7), ("my_networks:make", 6), ("my_networks:ready", 6)]
)
def test_what_stands_in_a_module(name, size):
    assert load_network(name, VECTOR, seed=1)(X).shape == (size,)


@pytest.mark.usefixtures("_module")
@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("my_networks:nothing", PluginError, "has no attribute 'nothing'"),
        ("my_network:make", PluginError, "No module named 'my_network'"),
        ("my_networks:number", ConfigError, "3 is no network"),
        ("my_networks:InputBlock", ConfigError, "cannot be the body"),
        ("my_networks:broken", ConfigError, r"my_networks:broken.*broken\(obs.*RuntimeError: out of paper"),
        ("my_networks:two", ConfigError, r"my_networks:two.*two\(observation_space\).*TypeError.*'size'"),
        (nn.Linear, ConfigError, r"'Linear' cannot be made: Linear\(observation_space\).*TypeError"),
        (lambda space: 1 / 0, ConfigError, r"observation_space\) raised ZeroDivisionError"),
        ("mpl", UnknownNameError, r"Did you mean 'mlp'\?.*module:name"),
        (None, ConfigError, "None is no network"),
    ],
)
def test_names_of_nothing(name, error, message):
    with pytest.raises(error, match=message):
        load_network(name, VECTOR, seed=1)


@pytest.mark.usefixtures("_stranger")
@pytest.mark.parametrize("name", ["tripled", "stranger:tripled"])
def test_a_strangers_network(name):
    net = load_network(name, VECTOR, seed=1)
    assert net(X).tolist() == [3.0] * 4
    assert Net.from_structure(net.structure())(X).tolist() == [3.0] * 4


@pytest.mark.parametrize("name", ["linear", "mlp", "conv", "nature_cnn", "recurrent"])
def test_the_seed_decides_and_the_global_generator_stays(name):
    space = spaces.Box(0, 1, (1, 40, 40))
    before = torch.random.get_rng_state()
    one, same, other = (load_network(name, space, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), before)
    x = space.sample()
    assert torch.equal(one(x), same(x))
    assert name == "linear" or not torch.equal(one(x), other(x))


def test_every_registered_network_of_this_package_is_a_body():
    names = [name for name, entry in installed().entries("networks").items() if entry.plugin == "csai_neural"]
    assert sorted(names) == ["conv", "linear", "mlp", "nature_cnn", "recurrent"]
    for name in names:
        net = load_network(f"csai_neural:{name}", spaces.Box(0, 255, (4, 84, 84), np.uint8), seed=1)
        assert net.followed_by(OutputBlock(num_classes=3)).output_shape == (3,)
        assert net.name == name
        assert net.structure()


def test_a_network_for_images_says_so_to_vectors():
    with pytest.raises(ShapeError, match="it takes images"):
        load_network("conv", VECTOR, seed=1)


def test_a_network_for_other_observations():
    with pytest.raises(ShapeError, match="Make its InputBlock for that space"):
        load_network(make_net(), spaces.Discrete(4), seed=1)


@pytest.mark.parametrize("typed", ["../evil:net", "/tmp/x:net", "my file:net"])
def test_a_path_before_the_colon_is_no_module(typed):
    with pytest.raises(PluginError, match="no name of a module"):
        load_network(typed, VECTOR, seed=0)
