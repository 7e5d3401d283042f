"""What a run names of plugins: found by whatever name it has here, or told with what to install."""

from __future__ import annotations

import json
import shutil
import sys

import gymnasium
import pytest
from click.testing import CliRunner

from csai_core import trust
from csai_core.commands import main
from csai_core.errors import CsaiError, DuplicateNameError, UnknownNameError
from csai_core.plugins import Entry, installed
from csai_train import Run, resume, train
from csai_train.errors import TrainingWarning
from csai_train.runs.recorded_plugins import RecordedPlugins

HOOKS = """
from csai_core import Entry, hookimpl
from gymnasium.envs.registration import EnvSpec

HERE = "{module}"

@hookimpl
def csai_algorithms():
    return [Entry(name="guess", target=f"{{HERE}}:Guess", config=f"{{HERE}}:GuessConfig")]

@hookimpl
def csai_environments():
    return [EnvSpec("Walks/Walk-v0", entry_point=f"{{HERE}}:Walk", max_episode_steps=20)]

@hookimpl
def csai_wrappers():
    return [Entry(name="slow", target=f"{{HERE}}:Slow")]

@hookimpl
def csai_buffers():
    return [Entry(name="heap", target=f"{{HERE}}:Heap")]

@hookimpl
def csai_callbacks():
    return [Entry(name="note", target=f"{{HERE}}:Note")]

@hookimpl
def csai_blocks():
    return [Entry(name="same", target=f"{{HERE}}:SameBlock")]
"""
THINGS = """
from dataclasses import dataclass

import gymnasium
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
        return {}

    def state_dict(self):
        return {"count": self.count}

    def load_state_dict(self, state):
        self.count = state["count"]

class Slow(gymnasium.Wrapper):
    pass

class Heap(ReplayBuffer):
    pass

class Note(Callback):
    def __init__(self, run):
        pass

class SameBlock(Block):
    def build(self, input_shape):
        return input_shape

    def forward(self, x):
        return x
"""
NETWORK = """
name = "odd"

[[block]]
block = "flatten"

[[block]]
block = "same"
"""
TRAININGS = {
    "algorithm": ("FrozenLake-v1", "--algorithm", "guess"),
    "environment": ("Walks/Walk-v0", "--algorithm", "q_learning"),
    "wrapper": ("FrozenLake-v1", "--algorithm", "q_learning", "--wrap", "slow"),
    "buffer": ("FrozenLake-v1", "--algorithm", "dqn", "--buffer", "heap", "--learning-starts", "10"),
    "callback": ("FrozenLake-v1", "--algorithm", "q_learning", "--callback", "note"),
    "block": ("FrozenLake-v1", "--algorithm", "dqn", "--net", "odd.toml", "--learning-starts", "10"),
}
"""A training for each kind of thing that a run can name."""


class Plugins:
    """Plugins that can be installed, and uninstalled again."""

    def __init__(self, folder):
        self.folder = folder
        self.modules = set()

    def install(self, plugin, module=None, distribution=None, version="1.0"):
        module, distribution = module or f"{plugin}_things", distribution or f"{plugin}-pack"
        self.modules |= {module, f"{plugin}_hooks"}
        (self.folder / f"{plugin}_hooks.py").write_text(HOOKS.format(module=module))
        (self.folder / f"{module}.py").write_text(THINGS)
        info = self.folder / f"{plugin}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(f"[csai]\n{plugin} = {plugin}_hooks\n")
        self.forget()

    def uninstall(self, plugin):
        shutil.rmtree(self.folder / f"{plugin}.dist-info")
        self.forget()

    def forget(self):
        installed.cache_clear()
        for name in [name for name in gymnasium.registry if name.endswith("Walks/Walk-v0")]:
            del gymnasium.registry[name]
        for module in self.modules:
            sys.modules.pop(module, None)


@pytest.fixture
def plugins(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    monkeypatch.setattr(trust, "_TYPED", set())
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    (tmp_path / "odd.toml").write_text(NETWORK)
    found = Plugins(tmp_path / "site")
    yield found
    found.forget()


def csai(*words):
    return CliRunner().invoke(main, list(map(str, words)), env={"COLUMNS": "500"})


def make_run(what, path="run"):
    result = csai("train", *TRAININGS[what], "--total-steps", 60, "--episodes", 1, "--run-dir", path)
    assert result.exit_code == 0, result.output


COMMANDS = {
    "watch": ("watch", "run", "--text", "--episodes", 1, "--fps", 9999),
    "evaluate": ("evaluate", "run", "--episodes", 1),
    "resume": ("train", "--resume", "run", "--total-steps", 100),
    "verify": ("verify", "run"),
}


@pytest.mark.parametrize("what", TRAININGS)
def test_what_is_missing_is_told_with_the_distribution_to_install(plugins, tmp_path, what):
    plugins.install("zulu")
    make_run(what)
    before = (tmp_path / "run" / "config.json").read_text()
    plugins.uninstall("zulu")
    for name, words in COMMANDS.items():
        result = csai(*words)
        if what == "callback" and name != "resume":
            assert result.exit_code == 0  # they need none
            continue
        assert result.exit_code == 1, result.output
        error = result.output.splitlines()[-1]
        assert "zulu (zulu-pack 1.0)" in error or "'zulu' (zulu-pack 1.0)" in error
        assert error.endswith("pip install zulu-pack")
        assert error.count("zulu-pack") == 2
        assert "--import" not in error
    assert (tmp_path / "run" / "config.json").read_text() == before


@pytest.mark.parametrize("what", ["wrapper", "environment"])
def test_a_module_that_was_typed_does_not_stand_for_a_plugin_that_is_missing(plugins, what):
    plugins.install("zulu")
    make_run(what)
    plugins.uninstall("zulu")
    trust.remember("zulu_things")
    with pytest.raises(UnknownNameError, match="pip install zulu-pack"):
        _ = Run.open("run").environment


@pytest.mark.parametrize("what", ["wrapper", "environment"])
def test_the_same_class_of_another_plugin_is_used_and_told(plugins, what):
    plugins.install("zulu", module="shared_things")
    make_run(what)
    plugins.uninstall("zulu")
    plugins.install("yankee", module="shared_things")
    with pytest.warns(TrainingWarning, match="is used") as caught:
        spec = Run.open("run").environment
    told = str(caught[0].message)
    assert "yankee:slow" in told if what == "wrapper" else "Walks/Walk-v0" in told
    assert "shared_things" in told
    assert "the plugin 'zulu' (zulu-pack 1.0), which is not installed here" in told
    is_same = spec.entry_point == "shared_things:Walk" if what == "environment" else spec.additional_wrappers
    assert is_same
    plugins.forget()
    result = csai("evaluate", "run", "--episodes", 1, "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["environment"]
    assert result.stderr.count("Warning: In place of ") == 1


def test_another_class_of_another_plugin_is_not(plugins):
    plugins.install("zulu")
    make_run("environment")
    make_run("wrapper", "wrapped")
    plugins.uninstall("zulu")
    plugins.install("yankee")
    for run in ("run", "wrapped"):
        with pytest.raises(UnknownNameError, match="pip install zulu-pack"):
            _ = Run.open(run).environment


@pytest.fixture
def old_run(plugins, tmp_path):
    """A run as older versions left it: it names the algorithm of zulu alone."""
    plugins.install("zulu")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Entry, "full_name", property(lambda entry: entry.name))
        train("guess", "FrozenLake-v1", total_steps=50, seed=1, run_dir=tmp_path / "run")
    assert Run.open(tmp_path / "run").algorithm_name == "guess"
    return tmp_path / "run"


@pytest.mark.filterwarnings("ignore::csai_core.plugins.PluginWarning")
def test_a_name_alone_that_two_plugins_share_by_now_means_the_one_that_was_there(plugins, old_run):
    plugins.install("alpha")
    assert Run.open(old_run).algorithm_entry.full_name == "zulu:guess"
    assert type(Run.open(old_run).make_algorithm()).__module__ == "zulu_things"
    assert resume(old_run, total_steps=80).algorithm.count == 80
    assert csai("train", "FrozenLake-v1", "--start-from", old_run, "--help").exit_code == 0


@pytest.mark.filterwarnings("ignore::csai_core.plugins.PluginWarning")
def test_where_nobody_knows_which_it_was_it_is_told_how_to_say_that(plugins, old_run, monkeypatch):
    config = json.loads((old_run / "config.json").read_text())
    (old_run / "config.json").write_text(json.dumps({**config, "plugins": {}}))
    plugins.install("alpha")
    with pytest.raises(DuplicateNameError, match="CSAI_DISABLE_PLUGINS=zulu for alpha:guess"):
        resume(old_run, total_steps=80)
    monkeypatch.setenv("CSAI_DISABLE_PLUGINS", "alpha")
    plugins.forget()
    assert resume(old_run, total_steps=80).algorithm.count == 80


def test_a_name_alone_that_is_another_plugins_by_now_is_told(plugins, old_run):
    plugins.uninstall("zulu")
    with pytest.raises(UnknownNameError, match="pip install zulu-pack"):
        Run.open(old_run).make_algorithm()
    plugins.install("alpha")
    with pytest.warns(
        TrainingWarning, match=r"'guess' alone\. Here it is alpha:guess.*pip install zulu-pack"
    ):
        Run.open(old_run).make_algorithm()


@pytest.mark.filterwarnings("ignore::csai_core.plugins.PluginWarning")
@pytest.mark.parametrize(
    ("hooks", "words"),
    [
        (None, "which is switched off by CSAI_DISABLE_PLUGINS"),
        ("1 / 0", "which cannot be used here: load: ZeroDivisionError"),
        ("", "which does not offer it here as zulu-pack 2.0; the run was made with zulu-pack 1.0"),
    ],
    ids=["disabled", "failed", "changed"],
)
def test_a_plugin_that_is_here_and_lacks_it_is_told_so(plugins, monkeypatch, hooks, words):
    plugins.install("zulu", version="2.0")
    if hooks is None:
        monkeypatch.setenv("CSAI_DISABLE_PLUGINS", "zulu")
    else:
        (plugins.folder / "zulu_hooks.py").write_text(hooks)
    plugins.forget()
    with pytest.raises(UnknownNameError) as caught:
        RecordedPlugins({"zulu": "zulu-pack 1.0"}).find("algorithms", "zulu:guess")
    assert words in str(caught.value)
    assert "pip install" not in str(caught.value)


@pytest.mark.parametrize(
    "origin",
    ["", "--index-url=http://evil 1.0", "../evil 1.0", "-e. 1", "evil;rm 1.0", "git+https://evil", "x" * 200],
)
def test_what_is_no_name_of_a_distribution_is_not_advised(plugins, origin):
    with pytest.raises(CsaiError) as caught:
        RecordedPlugins({"nobody": origin}).find("algorithms", "nobody:guess")
    assert "pip install" not in str(caught.value)
    assert "does not say which distribution" in str(caught.value)


@pytest.mark.parametrize("module", ["../evil", "os", "-e .", "gone"])
def test_a_module_that_is_of_no_use_is_not_advised(plugins, tmp_path, module):
    train("q_learning", "FrozenLake-v1", total_steps=50, seed=1, run_dir=tmp_path / "run")
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    config["environment"] |= {"id": "Evil-v0", "plugin": None, "module": module, "entry_point": "evil:Evil"}
    (tmp_path / "run" / "config.json").write_text(json.dumps(config))
    result = csai("evaluate", "run")
    assert result.exit_code == 1
    assert "--import" not in result.output
    assert ("No module gone is installed here." in result.output) is (module == "gone")


@pytest.mark.filterwarnings("ignore::csai_core.plugins.PluginWarning")
def test_an_old_run_in_an_environment_that_two_plugins_share_by_now_means_its_class(plugins, tmp_path):
    plugins.install("zulu")
    make_run("environment")
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    del config["environment"]["plugin"]
    (tmp_path / "run" / "config.json").write_text(json.dumps(config))
    plugins.install("alpha")
    assert Run.open("run").environment.entry_point == "zulu_things:Walk"
    plugins.uninstall("zulu")
    with pytest.raises(CsaiError, match="zulu_things:Walk"):
        _ = Run.open("run").environment
