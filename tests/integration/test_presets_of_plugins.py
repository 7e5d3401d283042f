"""A plugin brings presets for its own environment and for others', and the commands take them."""

from __future__ import annotations

import json
import sys

import pytest
from click.testing import CliRunner

from csai_core.commands import main
from csai_core.plugins import installed
from csai_train import Run

HOOKS = """
from gymnasium.envs.registration import EnvSpec

from csai_core import Entry, hookimpl

@hookimpl
def csai_environments():
    return [EnvSpec(id="Lanes/Walk-v0", entry_point="csai_core.testing.toys:Walk", max_episode_steps=20)]

@hookimpl
def csai_presets():
    return [Entry(name="lanes", target="csai_lanes_presets:FOLDER", summary="For walks.")]
"""
FOLDER = """
from pathlib import Path

FOLDER = Path(__file__).parent / "lanes"
"""
WALK = """
algorithm = "q_learning"

[q_learning]
total_steps = 300
result = "0.7 a game"
command = "csai train Lanes/Walk-v0"
config = { learning_rate = 0.25 }
"""


@pytest.fixture
def csai(tmp_path, monkeypatch):
    """Runs `csai` in an empty folder, where the plugin is installed."""
    site = tmp_path / "site"
    (site / "lanes").mkdir(parents=True)
    (site / "csai_lanes_hooks.py").write_text(HOOKS)
    (site / "csai_lanes_presets.py").write_text(FOLDER)
    (site / "lanes" / "Lanes--Walk-v0.toml").write_text(WALK)
    (site / "lanes" / "FrozenLake-v1.toml").write_text(WALK.replace("300", "400"))
    (site / "lanes" / "Taxi-v4.toml").write_text("[q_learning")
    info = site / "csai_lanes-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: csai-lanes\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[csai]\nlanes = csai_lanes_hooks\n")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.chdir(tmp_path)
    installed.cache_clear()
    yield lambda *words: CliRunner(env={"COLUMNS": "200"}).invoke(main, list(words))
    installed.cache_clear()
    for module in ("csai_lanes_hooks", "csai_lanes_presets"):
        sys.modules.pop(module, None)


SHORT = ("--episodes", "2", "--seed", "1", "--run-dir", "run")


def test_an_environment_is_trained_as_its_own_plugin_says_without_an_option(csai, tmp_path):
    result = csai("train", "Lanes/Walk-v0", *SHORT)
    assert result.exit_code == 0, result.output
    assert "Its preset, lanes:q_learning, has reached: 0.7 a game" in result.output
    run = Run.open(tmp_path / "run")
    assert (run.algorithm_name, run.total_steps, run.settings.learning_rate) == ("q_learning", 300, 0.25)
    assert run.config["preset"] == "lanes:q_learning"
    assert "lanes:q_learning" in csai("show", "run").output
    again = csai("train", "--resume", "run", "--total-steps", "400", "--episodes", "2")
    assert again.exit_code == 0, again.output


def test_a_preset_of_anothers_environment_is_taken_by_its_full_name(csai, tmp_path):
    shown = json.loads(csai("show", "FrozenLake-v1", "--json").output)[0]["presets"]
    assert [each["plugin"] for each in shown] == ["csai_train", "lanes"]
    assert "preset lanes:q_learning trains q_learning for 400 steps; it has reached" in (
        csai("show", "FrozenLake-v1").output
    )
    result = csai("train", "FrozenLake-v1", "--preset", "lanes:q_learning", *SHORT)
    assert result.exit_code == 0, result.output
    run = Run.open(tmp_path / "run")
    assert (run.config["preset"], run.total_steps) == ("lanes:q_learning", 400)


def test_a_broken_file_costs_its_own_environments_preset_and_nothing_else(csai):
    result = csai("show", "Taxi-v4")
    assert result.exit_code == 0
    assert "lanes: presets for Taxi-v4: " in result.stderr
    assert "is no TOML" in result.stderr
    assert "preset csai_train:q_learning" in result.stdout
    mistyped = csai("train", "FrozenLake-v1", "--preset", "lanes:q_lerning", *SHORT)
    assert mistyped.exit_code == 1
    assert "preset of FrozenLake-v1" in mistyped.stderr
    assert "lanes:q_learning" in mistyped.stderr
