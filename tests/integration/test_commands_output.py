"""What every command prints, in every encoding and at every width: it works, and no name is cut."""

from __future__ import annotations

import json
import shutil

import pytest
from click.testing import CliRunner

from csai_core.commands import main
from csai_core.diagnostics import Finding
from csai_core.plugins import installed
from csai_train import Run, evaluate, train
from csai_train.runs.evaluation_file import write_evaluation

COMMANDS = {
    "help": ["--help"],
    "list": ["list"],
    "list environments": ["list", "environments"],
    "show environment": ["show", "CSAI/Snake-v0"],
    "show algorithm": ["show", "deep_q_learning"],
    "show run": ["show", "a-run-of-a-long-name-that-shall-not-be-cut"],
    "plugins": ["plugins"],
    "doctor": ["doctor"],
    "check": ["check", "basic"],
    "datasets": ["datasets"],
    "runs": ["runs"],
    "evaluate": ["evaluate", "--episodes", "2"],
    "watch": ["watch", "--text", "--episodes", "1", "--fps", "9999"],
    "plot": ["plot"],
    "compare": ["compare", "a-run-of-a-long-name-that-shall-not-be-cut"],
    "league": ["league", "a-run-of-a-long-name-that-shall-not-be-cut", "--episodes", "2"],
    "verify": ["verify", "--steps", "10"],
    "play": ["play", "CSAI/TicTacToe-v0", "--agent", "random", "--episodes", "1", "--fps", "9999"],
    "new-plugin": ["new-plugin", "moon-walk"],
    "train": ["train", "FrozenLake-v1", "--total-steps", "30", "--episodes", "2", "--run-dir", "made"],
    "train --help": ["train", "--help"],
    "train --algorithm --help": ["train", "--algorithm", "ppo", "--help"],
    "a wrong name": ["train", "snaek"],
    "several names": ["train", "cartpole"],
}
NAMES = {
    "list": ["CSAI/FrozenLake-v0", "deep_q_learning", "csai_envs"],
    "list environments": ["CSAI/FrozenLake-v0", "CSAI/SimpleGrid-v0"],
    "show algorithm": ["target_every_episodes", "learning_rate"],
    "runs": ["a-run-of-a-long-name-that-shall-not-be-cut", "q_learning", "FrozenLake-v1", "complete"],
    "plugins": ["csai_core", "csai_neural"],
    "datasets": ["fashion_mnist"],
    "evaluate": ["q_learning"],
    "league": ["a-run-of-a-long-name-that-shall-not-be-cut"],
    "train": ["made/curves.png", "made/video/game.gif", "trained"],
    "several names": ["CSAI/CartPole-v0,", "CartPole-v1,"],
}
"""What must stand there in one piece."""
JSON = {
    "list": ["list", "--json"],
    "show": ["show", "ppo", "--json"],
    "show environment": ["show", "snake", "--json"],
    "show run": ["show", "--json"],
    "runs": ["runs", "--json"],
    "evaluate": ["evaluate", "--episodes", "1", "--json"],
    "compare": ["compare", "a-run", "--json"],
    "league": ["league", "a-run", "--episodes", "2", "--json"],
    "doctor": ["doctor", "--json"],
    "plugins": ["plugins", "--json"],
}


@pytest.mark.parametrize("width", [40, 60, 80, 200])
@pytest.mark.parametrize("command", [*sorted(main.list_commands(None)), ""])
def test_every_help_fits(command, width):
    words = [*filter(None, [command]), "--help"]
    result = CliRunner(env={"COLUMNS": str(width)}).invoke(main, words)
    assert result.exit_code == 0
    wide = [line for line in result.output.splitlines() if len(line) > width and " " in line.strip()]
    assert not wide


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained") / "a-run-of-a-long-name-that-shall-not-be-cut"
    train("q_learning", "FrozenLake-v1", total_steps=30, seed=0, run_dir=folder)
    write_evaluation(Run.open(folder), evaluate(folder, episodes=2, seed=0))
    return folder


@pytest.fixture
def here(trained, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = {"loading": "{}"}
    monkeypatch.setattr(
        "csai_core.diagnostics._tried", lambda topic, *_: Finding(topic, "ok", said.get(topic, "imports"))
    )
    monkeypatch.setattr("csai_train.runs.curves.draw_curves", lambda run, path=None: run.path / "curves.png")
    monkeypatch.setattr("csai_train.evaluation.video.record_game", lambda agent, spec, path, **more: path)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(name, raising=False)
    shutil.copytree(trained, tmp_path / "runs" / trained.name)
    return tmp_path


@pytest.mark.parametrize("name", COMMANDS)
def test_every_encoding_and_every_width(here, name):
    for encoding in ("ascii", "cp1252", "utf-8"):
        for width in (40, 60, 80, 200):
            shutil.rmtree(here / "made", ignore_errors=True)
            shutil.rmtree(here / "moon-walk", ignore_errors=True)
            runner = CliRunner(charset=encoding, env={"COLUMNS": str(width), "TERM": "dumb", "NO_COLOR": "1"})
            result = runner.invoke(main, COMMANDS[name])
            assert isinstance(result.exception, SystemExit | None), (encoding, width, result.exception)
            assert result.exit_code == (1 if "name" in name else 0), (encoding, width, result.output)
            words = result.output.split()
            assert set(NAMES.get(name, ())) <= set(words), (encoding, width, result.output)
            assert "\x1b" not in result.output


@pytest.mark.parametrize("name", JSON)
def test_json_is_all_that_stands_on_stdout(here, name):
    for encoding in ("ascii", "utf-8"):
        result = CliRunner(charset=encoding, env={"COLUMNS": "20"}).invoke(main, JSON[name])
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout, parse_constant=pytest.fail)


@pytest.mark.parametrize("name", ["list", "runs", "evaluate", "compare", "league", "doctor"])
def test_the_keys_of_json_are_those_that_help_names(here, name):
    contents = json.loads(CliRunner().invoke(main, JSON[name]).stdout)
    text = " ".join(installed().find("commands", name).load().help.split())
    for key in contents[0] if isinstance(contents, list) else contents:
        assert key in text
