"""Runs and saved networks say which plugin they mean, so that they mean the same wherever they are opened."""

from __future__ import annotations

import json
import sys

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from csai_core.errors import DuplicateNameError
from csai_core.plugins import Entry, PluginWarning, installed
from csai_neural import InputBlock, Net, load_network
from csai_train import resume, train

BOX = spaces.Box(-1, 1, (1,), np.float32)
HOOKS = """
from csai_core import Entry, hookimpl
from gymnasium.envs.registration import EnvSpec

HERE = "{plugin}_things"

@hookimpl
def csai_algorithms():
    return [Entry(name="guess", target=f"{{HERE}}:Guess", config=f"{{HERE}}:GuessConfig")]

@hookimpl
def csai_blocks():
    return [Entry(name="times", target=f"{{HERE}}:TimesBlock")]

@hookimpl
def csai_environments():
    return [EnvSpec("Walks/Walk-v0", entry_point=f"{{HERE}}:Walk", max_episode_steps=20)]

@hookimpl
def csai_buffers():
    return [Entry(name="heap", target=f"{{HERE}}:Heap")]

@hookimpl
def csai_callbacks():
    return [Entry(name="note", target=f"{{HERE}}:Note")]
"""
THINGS = """
from dataclasses import dataclass

import numpy as np
from csai_core.algorithm import Algorithm, Decision
from csai_core.testing import toys
from csai_neural import Block
from csai_train import Callback, ReplayBuffer

class Walk(toys.Walk):
    pass

@dataclass(frozen=True)
class GuessConfig:
    num_envs: int = 1

class Guess(Algorithm):
    def __init__(self, observation_space, action_space, config, *, total_steps, seed):
        self.count = 0

    def act(self, observation, *, explore, action_mask=None):
        return Decision(np.zeros(len(observation), int))

    def learn(self, step):
        self.count += len(step.reward)
        return {{}}

    def state_dict(self):
        return {{"count": self.count, "of": "{plugin}"}}

    def load_state_dict(self, state):
        assert state["of"] == "{plugin}"
        self.count = state["count"]

class TimesBlock(Block):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def build(self, input_shape):
        return input_shape

    def forward(self, x):
        return x * self.factor * {sign}

class Heap(ReplayBuffer):
    pass

class Note(Callback):
    def __init__(self, run):
        self.path = run.path / "{plugin}.txt"

    def stop(self, training):
        self.path.write_text("noted")
"""


@pytest.fixture
def install(tmp_path_factory, monkeypatch):
    """Installs a plugin of a name; another one differs in what its things do."""
    folder = tmp_path_factory.mktemp("site")
    monkeypatch.syspath_prepend(str(folder))
    plugins = []

    def forget():
        installed.cache_clear()
        for name in [name for name in gymnasium.registry if name.endswith("Walks/Walk-v0")]:
            del gymnasium.registry[name]

    def install(plugin):
        sign = -1 if plugins else 1
        plugins.append(plugin)
        (folder / f"{plugin}_hooks.py").write_text(HOOKS.format(plugin=plugin))
        (folder / f"{plugin}_things.py").write_text(THINGS.format(plugin=plugin, sign=sign))
        info = folder / f"{plugin}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {plugin}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[csai]\n{plugin} = {plugin}_hooks\n")
        forget()

    yield install
    forget()
    for plugin in plugins:
        for module in (f"{plugin}_hooks", f"{plugin}_things"):
            sys.modules.pop(module, None)


@pytest.fixture
def zulu_and_alpha(install):
    """Two plugins with the same names; zulu's were there first."""
    install("zulu")
    install("alpha")


@pytest.mark.filterwarnings("ignore::csai_core.plugins.PluginWarning")
def test_a_run_means_the_plugin_that_trained_it(install, tmp_path):
    install("zulu")
    train("guess", "FrozenLake-v1", total_steps=50, seed=1, run_dir=tmp_path / "run", callbacks=["note"])
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert (config["algorithm"], config["callbacks"]) == ("zulu:guess", ["zulu:note"])
    assert config["plugins"]["zulu"] == "zulu 1.0"
    install("alpha")
    assert resume(tmp_path / "run", total_steps=80).algorithm.count == 80
    assert (tmp_path / "run" / "zulu.txt").exists()
    with pytest.raises(DuplicateNameError, match="alpha:guess, zulu:guess"):
        train("guess", "FrozenLake-v1", total_steps=50)


@pytest.mark.filterwarnings("ignore::csai_core.plugins.PluginWarning")
def test_a_run_goes_on_with_what_another_was_trained_by(zulu_and_alpha, tmp_path):
    first = train("alpha:guess", "FrozenLake-v1", total_steps=50, seed=1, run_dir=tmp_path / "run")
    assert first.algorithm.state_dict()["of"] == "alpha"
    assert resume(tmp_path / "run", total_steps=80).algorithm.state_dict()["of"] == "alpha"


@pytest.mark.filterwarnings("ignore::csai_core.plugins.PluginWarning")
def test_a_run_means_the_environment_of_the_plugin_that_offered_it(install, tmp_path):
    install("zulu")
    train("q_learning", "Walks/Walk-v0", total_steps=50, seed=1, run_dir=tmp_path / "run")
    install("alpha")
    with pytest.raises(DuplicateNameError, match="alpha:Walks/Walk-v0, zulu:Walks/Walk-v0"):
        train("q_learning", "Walks/Walk-v0", total_steps=50)
    assert resume(tmp_path / "run", total_steps=80).steps == 80
    train("q_learning", "alpha:Walks/Walk-v0", total_steps=50, seed=1, run_dir=tmp_path / "other")
    described = json.loads((tmp_path / "other" / "config.json").read_text())["environment"]
    assert (described["plugin"], described["id"]) == ("alpha", "Walks/Walk-v0")
    assert resume(tmp_path / "other", total_steps=80).envs.spec.entry_point == "alpha_things:Walk"


def test_an_older_run_with_the_name_alone_is_opened(install, tmp_path, monkeypatch):
    install("zulu")
    with monkeypatch.context() as earlier:
        earlier.setattr(Entry, "full_name", property(lambda entry: entry.name))
        train("guess", "FrozenLake-v1", total_steps=50, seed=1, run_dir=tmp_path / "run", callbacks=["note"])
    assert "zulu:" not in (tmp_path / "run" / "config.json").read_text()
    assert resume(tmp_path / "run", total_steps=80).algorithm.count == 80


def test_a_run_means_the_buffer_that_it_was_given(install, tmp_path):
    install("zulu")
    config = {"buffer": "heap", "learning_starts": 10, "batch_size": 8}
    train("deep_q_learning", "FrozenLake-v1", total_steps=20, config=config, run_dir=tmp_path / "run")
    assert json.loads((tmp_path / "run" / "config.json").read_text())["config"]["buffer"] == "zulu:heap"


def test_what_our_packages_offer_is_called_by_its_name_alone(tmp_path):
    train("csai_train:q_learning", "FrozenLake-v1", total_steps=50, seed=1, run_dir=tmp_path / "run")
    assert json.loads((tmp_path / "run" / "config.json").read_text())["algorithm"] == "q_learning"


@pytest.mark.filterwarnings("ignore::csai_core.plugins.PluginWarning")
def test_a_saved_network_means_the_block_that_it_was_made_of(zulu_and_alpha, tmp_path):
    for plugin, doubled in (("zulu", 2.0), ("alpha", -2.0)):
        net = Net(plugin)
        net.add_block(InputBlock(BOX))
        net.add_block(installed().find("blocks", f"{plugin}:times").load()(2.0))
        net.compile()
        net.save(tmp_path / f"{plugin}.safetensors")
        loaded = Net.load(tmp_path / f"{plugin}.safetensors")
        assert loaded(np.ones((1, 1), np.float32)).item() == doubled


def test_a_written_network_may_give_full_names(zulu_and_alpha, tmp_path):
    path = tmp_path / "net.toml"
    with pytest.warns(PluginWarning):
        installed().names("blocks")
    for name, factor in (("zulu:times", 3.0), ("alpha:times", -3.0)):
        path.write_text(
            f'[[block]]\nblock = "{name}"\nfactor = 3.0\n[[block]]\nblock = "csai_neural:flatten"\n'
        )
        net = load_network(path, BOX, seed=1)
        assert net(np.ones((1, 1), np.float32)).item() == factor
    path.write_text('[[block]]\nblock = "times"\nfactor = 3.0\n')
    with pytest.raises(DuplicateNameError, match="alpha:times, zulu:times"):
        load_network(path, BOX, seed=1)
