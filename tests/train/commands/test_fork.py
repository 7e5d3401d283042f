"""`csai fork` as it is typed."""

from __future__ import annotations

import json
import shutil

import pytest
from click.testing import CliRunner

from csai_core.schedules import Schedule
from csai_train import Run, train
from csai_train.commands.fork import fork_command
from csai_train.commands.show_run import show_run_command
from csai_train.commands.train import train_command
from csai_train.runs.fork import Fork


@pytest.fixture
def typed(tmp_path, monkeypatch):
    """Types a command in a folder with a run."""
    monkeypatch.chdir(tmp_path)
    train("q_learning", "FrozenLake-v1", total_steps=600, seed=1, run_dir="runs/old")

    def run(*words, command=fork_command):
        return CliRunner().invoke(command, [*map(str, words)], catch_exceptions=True)

    return run


def test_a_fork_is_typed_with_short_names_and_ends_with_both_curves(typed):
    result = typed("old", "--at", "1e2", "--set", "gamma=0.5", "--set", "lr=0.01", "--episodes", 2)
    assert result.exit_code == 0, result.output
    run = Run.open("runs/old-fork")
    assert [*Fork.of(run).changes] == ["learning_rate", "gamma"]
    assert "after 100 steps, from its start" in result.output
    assert "It goes on to 600 steps, as was planned" in result.output
    first, then = (
        result.output.index(each) for each in ("Until step 100 it is trained as old", "From step 100 on")
    )
    assert first < then
    assert "gamma 0.5 instead of" in result.output
    assert "lr: learning_rate" in result.output
    assert (run.path / "comparison.png").exists()
    assert f"Both curves:           {run.path / 'comparison.png'}" in result.output
    shown = typed(run.path, command=show_run_command).output
    assert "old, after 100 steps: learning_rate 0.01 instead of" in " ".join(shown.split())


def test_a_fork_that_was_stopped_is_resumed_as_it_was_begun(typed):
    typed("old", "--at", 100, "--set", "gamma=0.5", "--episodes", 1, "--run-dir", "runs/new")
    for path in Run.open("runs/new").checkpoints.saved():
        if path.name > "step-000000000100":
            shutil.rmtree(path)
    result = typed("--resume", "runs/new", "--episodes", 1, command=train_command)
    assert "From step 100 on: gamma 0.5" in result.output
    assert "Continuing runs/new after 100 steps" in result.output


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (["--at", "9", "--set", "gamma"], "--set was given 'gamma'; it must look like learning_rate=1e-4"),
        (["--at", "9", "--set", "gamma=x"], "--set gamma=x: 'x' is not a number"),
        (["--at", "9", "--set", "gama=1"], "No setting of q_learning named 'gama'. Did you mean 'gamma'?"),
        (["--at", "9", "--set", "env=x"], "env cannot change in the middle"),
        (["--at", "9", "--set", "total_steps=5"], "give it by itself, as --total-steps"),
        (
            ["--at", "9", "--set", "gamma=.5", "--set", "g=0.9"],
            "--set gives gamma twice, as '.5' and as '0.9'",
        ),
        (["--at", "later"], "--at was given 'later'; it must be newest, best or a number of steps above 0"),
        (["--set", "gamma=1"], "--at"),
    ],
)
def test_wrong_words_are_refused(typed, words, match):
    result = typed("old", *words)
    said = result.output + str(result.exception)
    assert result.exit_code != 0
    assert match in said
    assert [path.name for path in Run.open("runs/old").path.parent.iterdir()] == ["old"]


def test_values_are_understood_by_their_kind(typed):
    typed("old", "--at", 100, "--set", "visit_horizon=30", "--episodes", 1, "--run-dir", "runs/a")
    typed("runs/a", "--at", 200, "--set", "visit_horizon=none", "--set", "rule=sarsa", "--episodes", 1)
    config = json.loads((Run.open("runs/a-fork").path / "config.json").read_text())
    assert (config["config"]["visit_horizon"], config["config"]["rule"]) == (None, "sarsa")
    assert [stage["config"]["visit_horizon"] for stage in config["stages"]] == [100.0, 30.0]


def test_a_schedule_is_set_and_shown_as_text(typed):
    result = typed("old", "--at", 100, "--set", "lr=linear:0.5->0", "--episodes", 1)
    assert result.exit_code == 0, result.output
    said = "learning_rate linear:0.5->0.0 instead of "
    assert f"From step 100 on: {said}" in result.output
    assert Run.open("runs/old-fork").settings.learning_rate == Schedule("linear", 0.5, 0)
    shown = " ".join(typed("runs/old-fork", command=show_run_command).output.split())
    assert f"old, after 100 steps: {said}" in shown
    assert "learning_rate linear:0.5->0.0 visit_horizon" in shown
    refused = typed("old", "--at", 100, "--set", "epsilon_end=linear:0.5->0")
    assert "QLearningConfig.epsilon_end was given 'linear:0.5->0'; it must be a finite number." in str(
        refused.exception
    )
