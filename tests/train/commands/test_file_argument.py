"""`csai train FILE`: what is typed beside the file counts more, and what it lacks is as if not typed."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from csai_core.commands import main
from csai_train import Run

FILE = """
environment = "CartPole-v1"
algorithm = "a2c"
preset = "none"
total_steps = 60
seed = 3

[environment_options]
max_episode_steps = 20

[config]
num_envs = 2
num_steps = 5
hidden_sizes = [8]
"""


@pytest.fixture
def csai(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lesson.toml").write_text(FILE)

    def csai(*words):
        ran = CliRunner().invoke(main, ["train", *words])
        return ran.exit_code, " ".join((ran.output + str(ran.exception or "")).split())

    return csai


def run_of(csai, *words):
    status, output = csai(*words, "--run-dir", "run", "--episodes", "1")
    assert status == 0, output
    return Run.open("run")


def test_a_file_is_a_training(csai):
    run = run_of(csai, "lesson.toml")
    assert (run.environment_id, run.algorithm_name, run.total_steps, run.seed) == (
        "CartPole-v1",
        "a2c",
        60,
        3,
    )
    assert run.settings.hidden_sizes == (8,)
    assert run.environment.max_episode_steps == 20


def test_what_is_typed_counts_more(csai):
    words = ["--seed", "4", "--learning-rate", "0.5", "--env", "max_episode_steps=10", "--total-steps", "80"]
    run = run_of(csai, "lesson.toml", *words, "--wrap", "FlattenObservation")
    assert (run.seed, run.total_steps, run.settings.learning_rate) == (4, 80, 0.5)
    assert (run.settings.num_steps, run.environment.max_episode_steps) == (5, 10)
    assert [each.name for each in run.environment.additional_wrappers] == ["FlattenObservation"]


def test_a_short_file_takes_the_rest_from_the_preset(csai, tmp_path):
    (tmp_path / "short.toml").write_text('environment = "FrozenLake-v1"\ntotal_steps = 50\n')
    run = run_of(csai, "short.toml")
    assert run.algorithm_name == "q_learning"
    assert run.config["preset"] == "csai_train:q_learning"


def test_several_seeds_of_a_file_are_as_many_runs(csai):
    status, output = csai(
        "lesson.toml", "--seeds", "0-1", "--jobs", "1", "--run-dir", "study", "--episodes", "1"
    )
    assert status == 0, output
    assert [Run.open(f"study/seed-{seed}").seed for seed in range(2)] == [0, 1]


def test_a_file_that_asks_for_processes_is_launched(csai, tmp_path, monkeypatch):
    (tmp_path / "several.toml").write_text(f"processes = 2\n{FILE}")
    launched = []
    monkeypatch.setattr(
        "csai_train.group.launch.launch", lambda words, processes, **_: launched.append(processes) or 0
    )
    assert csai("several.toml")[0] == csai("several.toml", "--processes", "3")[0] == 0
    assert launched == [2, 3]
    assert (
        "several.toml asks for 2 processes, and each of --seeds" in csai("several.toml", "--seeds", "0-1")[1]
    )


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["lesson.toml", "--resume", "x"], "lesson.toml cannot be given with --resume"),
        (["lessons.toml"], "There is no file 'lessons.toml'"),
        (["lesson.toml", "--algorithm", "q_learning"], "No option of QLearningConfig named 'num_steps'"),
        (["lesson.toml", "--preset", "ppo"], "is one for ppo, not for a2c"),
        (["lesson.toml", "--clip-range", "0.1"], "--clip-range is an option of ppo, but a2c has none"),
    ],
)
def test_what_does_not_go_together_is_refused(csai, words, answer):
    status, output = csai(*words)
    assert status != 0
    assert answer in output


def test_a_preset_that_there_is_not_is_answered_with_the_nearest(csai, tmp_path):
    (tmp_path / "odd.toml").write_text('environment = "CartPole-v1"\npreset = "poo"\n')
    status, output = csai("odd.toml")
    assert status != 0
    assert "No preset of CartPole-v1 named 'poo'. Did you mean 'ppo'" in output
