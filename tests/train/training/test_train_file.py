"""train.toml as it is read: what it may say, and what is answered to anything else."""

from __future__ import annotations

import sys

import gymnasium
import pytest

from csai_core import trust
from csai_core.errors import ConfigError, CsaiError, UnknownNameError, UntrustedModuleError
from csai_train.training.train_file import TrainFile

MISTAKES = {
    "no TOML": ("environment =", ConfigError, "train.toml cannot be read: it is no TOML"),
    "an unknown word": ("enviroment = 'x'", UnknownNameError, "Did you mean 'environment'"),
    "a folder for what it leaves": ("run_dir = '/tmp'", UnknownNameError, "'run_dir'"),
    "a text for a number": ("total_steps = '5'", ConfigError, "total_steps = '5'; it must be a whole number"),
    "a truth for a number": ("seed = true", ConfigError, "it must be a whole number from 0"),
    "no steps": ("total_steps = 0", ConfigError, "total_steps = 0"),
    "one name for several": ("wrappers = 'FlattenObservation'", ConfigError, "a list of texts"),
    "a value for a table": ("config = 3", ConfigError, "a table of the algorithm's settings"),
    "another checkpoint": ("start_checkpoint = 'last'", ConfigError, "newest"),
    "a bomb": ("x = " + "[" * 10_000, ConfigError, "nested too deeply"),
}


@pytest.fixture
def read(tmp_path):
    def read(text):
        (tmp_path / "train.toml").write_text(text)
        return TrainFile.read(tmp_path / "train.toml")

    return read


@pytest.mark.parametrize(("text", "error", "message"), MISTAKES.values(), ids=MISTAKES.keys())
def test_each_mistake_is_answered(read, text, error, message):
    with pytest.raises(error, match=message) as caught:
        read(text)
    assert isinstance(caught.value, CsaiError)


def test_a_file_that_is_none_or_large(tmp_path):
    with pytest.raises(ConfigError, match="There is no file"):
        TrainFile.read(tmp_path / "train.toml")
    (tmp_path / "train.toml").write_text("#" * 1_000_001)
    with pytest.raises(ConfigError, match="may have 1,000,000"):
        TrainFile.read(tmp_path / "train.toml")


def test_names_are_exact_and_a_wrong_one_is_answered_with_the_nearest(read):
    file = read("environment = 'CartPol-v1'\nalgorithm = 'poo'\nnetwork = 'mlpp'")
    for word, near in (("environment", "CartPole-v1"), ("algorithm", "ppo"), ("network", "mlp")):
        with pytest.raises(UnknownNameError, match=f"Did you mean '{near}'"):
            getattr(file, word)
    with pytest.raises(UnknownNameError, match="Did you mean 'gamma'"):
        read("[config]\ngama = 0.9").config("ppo")
    with pytest.raises(ConfigError, match="gamma"):
        read("[config]\ngamma = 'much'").config("ppo")


def test_what_is_not_said_is_none(read):
    file = read("")
    assert (file.environment, file.algorithm, file.network, file.start_from) == (None,) * 4
    assert file.wrappers(gymnasium.spec("CartPole-v1")) == []
    assert file.config("ppo") == {}


def test_files_are_seen_from_the_folder_of_the_file(read, tmp_path):
    file = read("network = 'eyes.toml'\nstart_from = '../old'")
    assert file.network == str(tmp_path / "eyes.toml")
    assert file.start_from == tmp_path / "../old"


def test_what_toml_lacks_is_a_literal(read):
    file = read('[environment_options]\ncells = {literal = "(1, None)"}')
    assert file.values["environment_options"] == {"cells": (1, None)}


@pytest.fixture
def marked_module(tmp_path, monkeypatch):
    """A module of this folder that leaves a mark when it is imported, and that nobody has typed."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    monkeypatch.setattr(trust, "_TYPED", set())
    monkeypatch.setattr(sys, "path", list(sys.path))
    text = "import pathlib, gymnasium\npathlib.Path('mark').touch()\ndef make(space):\n    return None\n"
    text += "gymnasium.register('Marked-v0', 'gymnasium.envs.classic_control:CartPoleEnv')\n"
    (tmp_path / "marked_module.py").write_text(text)
    monkeypatch.chdir(tmp_path)
    yield tmp_path / "mark"
    sys.modules.pop("marked_module", None)
    gymnasium.registry.pop("Marked-v0", None)


@pytest.mark.parametrize("word", ["environment", "network"])
def test_a_module_that_nobody_typed_is_not_imported(read, marked_module, word):
    name = {"environment": "marked_module:Marked-v0", "network": "marked_module:make"}[word]
    file = read(f"{word} = '{name}'")
    with pytest.raises(UntrustedModuleError, match="--import marked_module"):
        getattr(file, word)
    assert not marked_module.exists()
    trust.remember("marked_module")
    assert getattr(file, word) == name
    assert marked_module.exists()


@pytest.mark.parametrize("word", ["environment", "network"])
@pytest.mark.parametrize("module", ["os", "subprocess", "no_such_module"])
def test_parts_of_python_and_what_is_not_there_are_refused(read, word, module):
    with pytest.raises(UntrustedModuleError):
        getattr(read(f"{word} = '{module}:system'"), word)
