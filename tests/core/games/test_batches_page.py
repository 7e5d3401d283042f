"""What docs/batches.md shows is run, in the order of the page, and its pairs of classes are the same game."""

import os
import re
import subprocess
import sys
from pathlib import Path

import gymnasium
import pytest

from csai_core.errors import ConfigError
from csai_core.testing import EnvironmentSuite

PAGE = (Path(__file__).parents[3] / "docs" / "batches.md").read_text(encoding="utf-8")
ENVIRONMENTS = ("stairs/Stairs-v0", "stairs/Narrow-v0")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture
def run_page():
    """Run the page's code; its environments are registered for one test."""
    names = {}
    for code in blocks("python"):
        exec(compile(code, "batches.md", "exec"), names)
    yield names
    for name in ENVIRONMENTS:
        del gymnasium.registry[name]


def test_the_output_shown_is_the_output(capsys, run_page):
    assert capsys.readouterr().out == blocks("text")[0]


def test_it_needs_csai_core_alone():
    program = """
import sys

class Refused:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"csai_envs", "csai_neural", "csai_train", "pygame", "torch"}:
            raise AssertionError(f"{name} was imported")

sys.meta_path.insert(0, Refused())
exec(sys.stdin.read(), {"__name__": "__main__"})

import gymnasium
from csai_core.testing import EnvironmentSuite

for name in ("stairs/Stairs-v0", "stairs/Narrow-v0"):
    suite = type("StairsSuite", (EnvironmentSuite,), {"environment_id": name})()
    suite.test_batched_version_equals_singles()
"""
    ran = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        input="\n".join(blocks("python")),
        capture_output=True,
        text=True,
        env={**os.environ, "CSAI_PLUGINS": "csai_core"},
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == blocks("text")[0]


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_both_play_the_same_game(run_page, name):
    suite = type("StairsSuite", (EnvironmentSuite,), {"environment_id": name})()
    outcomes = {each.check: each for each in suite.run()}
    assert outcomes["batched version equals singles"].status == "passed"
    # The page's classes are defined nowhere that a pickle or a specification could find them.
    failed = {each.check for each in outcomes.values() if each.status == "failed"}
    assert failed == {"pickling and copying", "specification"}


def test_what_has_no_frame_is_not_drawn(run_page):
    assert run_page["StairsVectorEnv"](2).metadata["render_modes"] == []
    with pytest.raises(ConfigError, match=r"StairsVectorEnv was given .*; it can do \[None\]"):
        run_page["StairsVectorEnv"](2, render_mode="rgb_array")


def test_its_saved_games_go_on_exactly(run_page):
    envs, others = (run_page["StairsVectorEnv"](20) for _ in range(2))
    envs.reset(seed=0)
    envs.action_space.seed(0)
    for _ in range(10):
        envs.step(envs.action_space.sample())
    others.load_state_dict(envs.state_dict())
    for _ in range(50):
        actions = envs.action_space.sample()
        assert (others.step(actions)[0] == envs.step(actions)[0]).all()
