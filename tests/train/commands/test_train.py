"""What `csai train` makes of the words it is given, training next to nothing."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from csai_core.commands import main
from csai_train import Run, train
from csai_train.commands.train import _view


def test_attributes_are_one_name_or_several():
    assert _view("senses") == {"attributes": "senses"}
    assert _view("a,b") == {"attributes": ("a", "b")}
    assert _view(None) == {}


@pytest.fixture
def old(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = {"num_envs": 2, "num_steps": 16, "num_minibatches": 1, "hidden_sizes": (8,)}
    train("ppo", "CartPole-v1", total_steps=64, seed=1, config=config, preset=None, run_dir="runs/old")
    return Run.open("runs/old")


def csai(*words):
    result = CliRunner().invoke(main, ["train", *words, "--episodes", "1"])
    return result.exit_code, " ".join((result.output + str(result.exception or "")).split())


def test_a_run_to_start_from_says_what_was_not_said(old):
    status, output = csai("--start-from", "old", "--learning-rate", "1e-4", "--run-dir", "runs/new")
    assert status == 0
    assert "It starts from what runs/old had learned after 64 steps." in output
    new = Run.open("runs/new")
    assert (new.algorithm_name, new.environment_id, new.total_steps) == ("ppo", "CartPole-v1", 64)
    assert (new.settings.num_steps, new.settings.learning_rate) == (16, 1e-4)
    shown = CliRunner().invoke(main, ["show", "runs/new"]).output
    assert "old, ppo in CartPole-v1 after 64 steps" in " ".join(shown.split())


def test_another_algorithm_and_checkpoint_can_be_asked_for(old):
    words = ["CartPole-v1", "--algorithm", "a2c", "--start-from", "runs/old", "--start-checkpoint", "best"]
    status, _ = csai(*words, "--total-steps", "32", "--run-dir", "runs/new")
    assert status == 0
    assert Run.open("runs/new").config["started_from"]["algorithm"] == "ppo"


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["CartPole-v1", "--start-checkpoint", "best"], "--start-checkpoint says which checkpoint of"),
        (["--start-from", "old", "--start-checkpoint", "5"], "step-000000000005 does not exist"),
        (["--start-from", "nowhere"], "nowhere is not a run of csai"),
        (["--start-from", "old", "--algorithm", "deep_q_learning"], "deep_q_learning learns a network of"),
        (["Acrobot-v1", "--start-from", "old"], "its observations are Box("),
        (["--start-from", "old", "--resume", "old"], "--start-from cannot be given with --resume"),
    ],
)
def test_what_cannot_be_started_from_is_refused_and_nothing_is_written(old, words, answer):
    status, output = csai(*words, "--run-dir", "runs/new") if "--resume" not in words else csai(*words)
    assert status != 0
    assert answer in output
    assert [path.name for path in old.path.parent.iterdir()] == ["old"]
