"""`csai tune`: what may be typed, what is passed on, and what it tells."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from csai_core.commands import main
from csai_core.ranges import Choices, Range
from csai_train.tuning import tune as module
from csai_train.tuning.result import Trial, Tuning
from csai_train.tuning.search import TrialProgress

TRIALS = [
    Trial(0, "complete", {"learning_rate": 0.1, "gamma": 0.95}, 0.25, (0.2, 0.3), ""),
    Trial(1, "pruned", {"learning_rate": 0.9, "gamma": 0.9}, None, (), "worse than half of the others"),
    Trial(2, "complete", {"learning_rate": 0.0123, "gamma": 0.99}, 0.5, (0.5, 0.5), ""),
]
SEARCHED = {"learning_rate": "0.01 to 1, log", "gamma": "0.9 to 0.99"}


@pytest.fixture
def csai(tmp_path, monkeypatch):
    """The command, whose search finds something at once; what it was asked for is in `.asked`."""
    monkeypatch.chdir(tmp_path)

    def tune(algorithm, environment, *, watch, **asked):
        run.asked = {"algorithm": algorithm, "environment": environment.id, **asked}
        for each in TRIALS:
            watch(TrialProgress(each.number, "begun", each.settings))
            watch(TrialProgress(each.number, each.state, each.settings, each.value, each.reason))
        if asked["trials"] == 7:
            raise KeyboardInterrupt
        importances = {"gamma": 0.8, "learning_rate": 0.2}
        preset = Path(asked["run_dir"]) / "preset.toml"
        return Tuning("FrozenLake-v1", "q_learning", "x", SEARCHED, TRIALS, importances, preset)

    monkeypatch.setattr(module, "tune", tune)

    def run(*words):
        return CliRunner().invoke(main, ["tune", *words], env={"COLUMNS": "200"})

    return run


def test_what_is_typed_is_what_is_searched(csai):
    words = ["--trials", "5", "--seeds", "4,6", "--jobs", "2", "--storage", "sqlite:x.db", "--study", "mine"]
    more = ["--no-prune", "--seed", "9", "--episodes", "3", "--total-steps", "50", "--epsilon-end", "0.2"]
    search = ["--search", "learning_rate=0.1..0.5,gamma,initial-value=-1..1, rule=sarsa|q_learning"]
    result = csai("FrozenLake-v1", "--algorithm", "q_learning", *words, *more, *search)
    assert result.exit_code == 0, result.output
    expected = {
        **{"algorithm": "q_learning", "environment": "FrozenLake-v1", "trials": 5, "seeds": [4, 6]},
        **{"jobs": 2, "storage": "sqlite:x.db", "study": "mine", "prune": False, "seed": 9, "episodes": 3},
        **{"total_steps": 50, "config": {"epsilon_end": 0.2}, "preset": "auto", "callbacks": ()},
        "run_dir": Path("runs/tune-FrozenLake-v1-q_learning"),
        "search": {
            "learning_rate": Range(0.1, 0.5, "log"),
            "gamma": None,
            "initial_value": Range(-1.0, 1.0),
            "rule": Choices("sarsa", "q_learning"),
        },
        "threads": 1,
    }
    assert csai.asked == expected


def test_what_was_found_is_told(csai):
    result = csai("FrozenLake-v1", "--run-dir", "here")
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0].startswith(
        "Training q_learning in FrozenLake-v1: 30 trials, 3 seeds each; all is kept in here"
    )
    assert "trial 0: begun with learning_rate 0.1, gamma 0.95" in lines
    assert "trial 0: complete, 0.25, the best so far" in lines
    assert "trial 1: pruned, worse than half of the others" in lines
    assert "trial 2: complete, 0.50, the best so far" in lines
    rows = [line.split() for line in lines]
    assert ["trial", "value", "learning_rate", "gamma"] in rows
    assert rows.index(["2", "0.50", "0.0123", "0.99"]) < rows.index(["0", "0.25", "0.1", "0.95"])
    assert ["matters", "20%", "80%"] in rows
    assert "csai train FrozenLake-v1 --preset here/preset.toml" in result.output


def test_programs_are_told_as_json(csai):
    result = csai("FrozenLake-v1", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["best"], found["environment"], found["searched"]) == (2, "FrozenLake-v1", SEARCHED)
    assert found["trials"][1] == {
        **{"number": 1, "state": "pruned", "settings": {"learning_rate": 0.9, "gamma": 0.9}},
        **{"value": None, "values": [], "reason": "worse than half of the others"},
    }
    assert found["preset"].endswith("preset.toml")


def test_when_it_is_stopped_it_says_how_to_go_on(csai):
    result = csai("FrozenLake-v1", "--trials", "7")
    assert result.exit_code == 130
    assert "Go on with the same command and --run-dir runs/tune-FrozenLake-v1-q_learning" in result.output


def test_help_shows_the_algorithms_ranges(csai):
    text = " ".join(csai("--algorithm", "q_learning", "--help").output.split())
    assert "searched: 0.01 to 1, log" in text
    assert "csai tune --algorithm NAME --help" in " ".join(csai("--help").output.split())
