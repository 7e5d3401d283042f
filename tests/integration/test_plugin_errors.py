"""Whatever fails in a plugin's code is said to be its, and the run can be gone on with once it is mended.

The plugin here is sound, and fails in the one place that FAULT names: by an exception, or by sys.exit.
"""

from __future__ import annotations

import importlib
import sys

import gymnasium
import pytest
from click.testing import CliRunner

from csai_core import RandomAgent
from csai_core.commands import main
from csai_core.errors import EnvironmentFailedError
from csai_core.plugins import installed
from csai_neural import InputBlock, Net, OutputBlock
from csai_train import deep_q_learning, evaluate

HOOKS = """
from csai_core import Entry, hookimpl
from gymnasium.envs.registration import EnvSpec

def offered(name, attribute, module="things", **more):
    return [Entry(name=name, target=f"hostile_{module}:{attribute}", **more)]

@hookimpl
def csai_environments():
    return [EnvSpec("Hostile-v0", "hostile_things:World", max_episode_steps=5)]

@hookimpl
def csai_agents():
    return offered("hostile_agent", "Player")

@hookimpl
def csai_algorithms():
    return offered("hostile_algorithm", "Guesser", config="hostile_things:Settings")

@hookimpl
def csai_buffers():
    return offered("hostile_buffer", "Memory", "training")

@hookimpl
def csai_blocks():
    return offered("hostile_block", "Layer", "training")

@hookimpl
def csai_wrappers():
    return offered("hostile_wrapper", "Slower")

@hookimpl
def csai_networks():
    return offered("hostile_network", "network", "training")

@hookimpl
def csai_callbacks():
    return offered("hostile_callback", "Listener", "training")

@hookimpl
def csai_datasets():
    return offered("hostile_dataset", "Numbers", "training")

@hookimpl
def csai_commands():
    return offered("hostile", "command")
"""
THINGS = """
import os
import sys
from dataclasses import dataclass

import click
import gymnasium
import numpy as np
from csai_core import Agent
from csai_core.algorithm import Algorithm, Decision

FAULT = os.environ.get("HOSTILE", "")

def fail_at(place, count=0, at=0):
    if FAULT == place and count >= at:
        raise ZeroDivisionError("that went wrong")
    if FAULT == f"{place} by exit" and count >= at:
        sys.exit(0)
    if FAULT == f"{place} without words" and count >= at:
        raise MuteError

class MuteError(Exception):
    def __str__(self):
        raise ZeroDivisionError("that went wrong")

class Slower(gymnasium.Wrapper):
    def __init__(self, env, factor=2):
        super().__init__(env)
        self.taken = 0
        fail_at("wrapper's constructor")

    def step(self, action):
        self.taken += 1
        fail_at("wrapper", self.taken, 23)
        return self.env.step(action)

class World(gymnasium.Env):
    metadata = {"render_modes": ["ansi"], "render_fps": 30}
    observation_space, action_space = gymnasium.spaces.Discrete(6), gymnasium.spaces.Discrete(2)

    def __init__(self, render_mode=None):
        self.render_mode, self.taken = render_mode, 0
        fail_at("constructor")

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place = 0
        fail_at("reset", self.taken, 20)
        return 0, {}

    def step(self, action):
        self.place += int(action)
        self.taken += 1
        fail_at("step", self.taken, 23)
        return self.place, float(action), False, False, {}

    def render(self):
        fail_at("render")
        return "."

class Player(Agent):
    def __init__(self, env):
        super().__init__(env.action_space)
        fail_at("agent's constructor")

    def get_next_action(self, observation):
        fail_at("agent")
        return 1

@dataclass(frozen=True, kw_only=True)
class Settings:
    num_envs: int = 1

class Guesser(Algorithm):
    def __init__(self, observation_space, action_space, config, *, total_steps, seed):
        self.config, self.count = config, 0
        fail_at("algorithm's constructor")

    def act(self, observation, *, explore, action_mask=None):
        fail_at("act", self.count, 33)
        return Decision(np.zeros(len(observation), np.int64))

    def learn(self, step):
        self.count += 1
        fail_at("learn", self.count, 33)
        return {"count": float(self.count)}

    def state_dict(self):
        fail_at("state_dict", self.count, 27)
        return {"count": self.count}

    def load_state_dict(self, state):
        fail_at("load_state_dict")
        self.count = state["count"]

@click.command()
def command():
    fail_at("command")
"""
TRAINING = """
import torch
from csai_neural import Block, InputBlock, Net
from csai_train import Callback, ReplayBuffer
from csai_train.datasets import Dataset, DatasetOrigin
from hostile_things import fail_at

class Memory(ReplayBuffer):
    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        fail_at("buffer's constructor")

    def extend(self, step, **settings):
        super().extend(step, **settings)
        fail_at("buffer", self.size(), 33)

class Layer(Block):
    kind = "hostile_block"

    def build(self, input_shape):
        self.count = 0
        fail_at("block's build")
        return input_shape

    def forward(self, x):
        self.count += 1
        fail_at("block", self.count, 33)
        return x

def network(observation_space):
    fail_at("network")
    net = Net("hostile")
    for block in (InputBlock(observation_space), Layer()):
        net.add_block(block)
    return net

class Listener(Callback):
    def __init__(self, run):
        fail_at("callback's constructor")

    def start(self, training):
        fail_at("callback's start")

    def step(self, training):
        fail_at("callback", training.steps, 33)

class Numbers(Dataset):
    def __init__(self):
        super().__init__(DatasetOrigin.CUSTOM)
        fail_at("dataset's constructor")

    def _load_data(self):
        self.trainset, self.testset, self.num_classes = Examples(), Examples(), 2

class Examples:
    def __len__(self):
        return 64

    def __getitem__(self, index):
        if not 0 <= index < 64:
            raise IndexError
        fail_at("dataset")
        return torch.full((4,), float(index % 2)), index % 2
"""
TRAIN = ("train", "Hostile-v0", "--total-steps", "60", "--seed", "1", "--episodes", "2", "--run-dir", "run")
Q_LEARNING = (*TRAIN, "--algorithm", "q_learning")
DEEP = (*TRAIN, "--algorithm", "deep_q_learning", "--learning-starts", "10", "--batch-size", "8")
ON_DATA = ("train-dataset", "hostile_dataset", "--net", "linear", "--epochs", "1", "--run-dir", "run")
WAYS = {
    "constructor": Q_LEARNING,
    "reset": Q_LEARNING,
    "step": Q_LEARNING,
    "step in a worker": (*Q_LEARNING, "--num-envs", "2", "--workers", "1"),
    "wrapper's constructor": (*Q_LEARNING, "--wrap", "hostile_wrapper"),
    "wrapper": (*Q_LEARNING, "--wrap", "hostile_wrapper"),
    "render": ("play", "Hostile-v0", "--agent", "random", "--episodes", "1"),
    "agent's constructor": ("play", "Hostile-v0", "--agent", "hostile_agent", "--episodes", "1"),
    "agent": ("play", "Hostile-v0", "--agent", "hostile_agent", "--episodes", "1"),
    "algorithm's constructor": (*TRAIN, "--algorithm", "hostile_algorithm"),
    "act": (*TRAIN, "--algorithm", "hostile_algorithm"),
    "learn": (*TRAIN, "--algorithm", "hostile_algorithm"),
    "state_dict": (*TRAIN, "--algorithm", "hostile_algorithm"),
    "buffer's constructor": (*DEEP, "--buffer", "hostile_buffer"),
    "buffer": (*DEEP, "--buffer", "hostile_buffer"),
    "network": (*DEEP, "--net", "hostile_network"),
    "block's build": (*DEEP, "--net", "hostile_network"),
    "block": (*DEEP, "--net", "hostile_network"),
    "callback's constructor": (*Q_LEARNING, "--callback", "hostile_callback"),
    "callback's start": (*Q_LEARNING, "--callback", "hostile_callback"),
    "callback": (*Q_LEARNING, "--callback", "hostile_callback"),
    "dataset's constructor": ON_DATA,
    "dataset": ON_DATA,
    "command": ("hostile",),
}
"""Where the plugin fails, and what is typed."""
SAVED = {"reset": 19, "step": 22, "act": 33, "learn": 30, "buffer": 30, "block": 30, "callback": 33}
SAVED |= {"step in a worker": 44, "wrapper": 22, "state_dict": 24}
"""How many steps are kept: all that are complete, or up to a checkpoint where one is broken off."""


@pytest.fixture
def plugin(tmp_path_factory, monkeypatch):
    """The plugin, installed; its module with FAULT."""
    site = tmp_path_factory.mktemp("site")
    modules = {"hostile_hooks": HOOKS, "hostile_things": THINGS, "hostile_training": TRAINING}
    for name, source in modules.items():
        (site / f"{name}.py").write_text(source)
    info = site / "csai_hostile-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: csai-hostile\nVersion: 1.2\n")
    (info / "RECORD").write_text("".join(f"{name}.py,,\n" for name in modules))
    (info / "entry_points.txt").write_text("[csai]\nhostile = hostile_hooks\n")
    monkeypatch.syspath_prepend(str(site))
    installed.cache_clear()
    yield importlib.import_module("hostile_things")
    installed.cache_clear()
    gymnasium.registry.pop("Hostile-v0", None)
    for name in modules:
        sys.modules.pop(name, None)


@pytest.fixture
def csai(tmp_path, monkeypatch):
    """Runs `csai` in an empty folder; returns its exit status and all that it says."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words):
        ended = CliRunner().invoke(main, words, catch_exceptions=False)
        return ended.exit_code, ended.output

    return run


@pytest.mark.parametrize("how", ["", " by exit", " without words"])
@pytest.mark.parametrize("place", WAYS)
def test_an_error_in_a_plugins_code_names_the_plugin_and_leaves_the_run(
    plugin, csai, tmp_path, monkeypatch, place, how
):
    plugin.FAULT = place.removesuffix(" in a worker") + how
    monkeypatch.setenv("HOSTILE", plugin.FAULT)
    status, said = csai(*WAYS[place])
    if place + how == "command by exit":
        assert (status, said) == (0, "")  # a command may end when it likes, with any status
        return
    assert status == 1, said
    assert "It comes from plugin 'hostile' (csai-hostile 1.2)" in said.splitlines()[-1]
    assert "Traceback (most recent call last)" not in said
    assert "at fault" not in said
    assert "that went wrong" in said or how
    if place in SAVED:
        assert f"it is saved as it was after {SAVED[place]} steps" in said
        plugin.FAULT = ""
        monkeypatch.delenv("HOSTILE")
        status, said = csai("train", "--resume", "run", "--episodes", "2")
        assert status == 0, said
        assert f"Continuing run after {SAVED[place]} steps" in said
    else:
        assert not (tmp_path / "run" / "checkpoints").exists() or place == "callback's start"


@pytest.mark.parametrize("fault", ["step", "step by exit", "reset"])
def test_in_python_the_plugin_is_a_note_on_the_exception(plugin, fault):
    plugin.FAULT = fault
    with pytest.raises(EnvironmentFailedError) as failed:
        evaluate(RandomAgent(gymnasium.spaces.Discrete(2), seed=1), "Hostile-v0", episodes=9, seed=1)
    (note,) = failed.value.__notes__
    assert note.startswith("It comes from plugin 'hostile' (csai-hostile 1.2): ")


def test_what_an_environment_gives_is_its_plugins_too(plugin, monkeypatch):
    monkeypatch.setattr(plugin.World, "step", lambda self, action: (0, None, False, False, {}))
    with pytest.raises(EnvironmentFailedError, match="The reward is not a finite number") as failed:
        evaluate(RandomAgent(gymnasium.spaces.Discrete(2), seed=1), "Hostile-v0", episodes=9, seed=1)
    assert failed.value.__notes__ == ["It comes from plugin 'hostile' (csai-hostile 1.2)."]


@pytest.mark.parametrize(
    ("part", "method", "option"),
    [
        ("Memory", "sample", ("--buffer", "hostile_buffer")),
        ("Layer", "forward", ("--net", "hostile_network")),
    ],
)
def test_what_a_buffer_or_a_block_gives_is_its_plugins_too(plugin, csai, monkeypatch, part, method, option):
    training = importlib.import_module("hostile_training")
    monkeypatch.setattr(getattr(training, part), method, lambda self, given: None)
    status, said = csai(*DEEP, *option)
    assert status == 1
    assert "It comes from plugin 'hostile' (csai-hostile 1.2)." in said.splitlines()[-1]


@pytest.mark.parametrize("place", ["buffer", "block", "what the buffer gives", "what the block gives"])
def test_so_it_is_where_they_were_made_without_their_names(plugin, monkeypatch, place):
    training = importlib.import_module("hostile_training")
    buffer, net = training.Memory(8, 500), Net("mine")
    for block in (InputBlock(plugin.World.observation_space), training.Layer(), OutputBlock(num_classes=2)):
        net.add_block(block)
    net.compile()
    plugin.FAULT = place
    if place.startswith("what"):
        part, method = (buffer, "sample") if "buffer" in place else (training.Layer, "forward")
        monkeypatch.setattr(part, method, lambda *given: None)
    with pytest.raises((ZeroDivisionError, AttributeError)) as failed:
        deep_q_learning(None, plugin.World(), net, net.copy(), buffer, 30, 5)
    (note,) = failed.value.__notes__
    assert note.startswith("It comes from plugin 'hostile' (csai-hostile 1.2)")
