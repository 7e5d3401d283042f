"""A command line whose options follow the algorithm that it names."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from csai_train.commands.algorithm_command import hear, named_algorithm
from csai_train.commands.train import train_command


@pytest.mark.parametrize(
    ("words", "algorithm"),
    [
        (["--algorithm", "ppo"], "ppo"),
        (["csai_envs:CSAI/Snake-v0"], "ppo"),
        (["X-v0", "--algorithm=ppo", "--seed", "1"], "ppo"),
        (["FrozenLake-v1"], "q_learning"),
        (["--seed", "3", "FrozenLake-v1"], "q_learning"),
        (["Unheard-v0"], None),
        (["FrozenLake-v1", "--algorithm", "ppo"], "ppo"),
        (["CSAI/Snake-v0", "--preset", "q_learning"], "q_learning"),
        (["--preset=long", "CSAI/Snake-v0"], "ppo"),
        (["CSAI/Snake-v0", "--preset=Q-Learning"], "q_learning"),
        (["snake"], "ppo"),
        (["x", "--algorithm", "DQN"], "deep_q_learning"),
        (["x", "--alg", "deep-q-learning"], "deep_q_learning"),
        (["--run-dir", "snake", "FrozenLake-v1"], "q_learning"),
        (["--double", "--gamma", "0.9", "snake"], "ppo"),
        (["cartpole"], None),
        ([], None),
    ],
)
def test_the_algorithm_is_named_or_the_presets(words, algorithm):
    if "nake" in str(words):
        pytest.importorskip("csai_envs")
    assert named_algorithm(hear(train_command.params, words)) == algorithm


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (
            ["CartPole-v1", "--polyak", "1"],
            "--polyak is an option of deep_q_learning, sac, td3, but ppo has none.",
        ),
        (
            ["X-v0", "--polyak", "1"],
            "--polyak is an option of deep_q_learning, sac, td3, but no algorithm was named.",
        ),
        (
            ["X-v0", "--lr", "1"],
            "--lr is an option of a2c, deep_q_learning, ppo, q_learning, reinforce, sac, td3, but no",
        ),
        (["--resume", "x", "--gamma", "1"], "--gamma cannot be given with --resume: a run goes on as it was"),
        (["CartPole-v1", "--clip-rgane", "1"], "No such option --clip-rgane. Did you mean --clip-range?"),
    ],
)
def test_an_option_of_another_algorithm_is_told_from_one_that_is_none(words, answer):
    result = CliRunner().invoke(train_command, words)
    assert result.exit_code == 2
    assert answer in " ".join(result.output.split()).replace("'", "")


def test_an_environment_that_is_not_certain_is_said_before_the_option_that_none_has():
    result = CliRunner().invoke(train_command, ["Half", "--lr", "0.1"])
    assert "'Half' may mean more than one environment: HalfCheetah-v" in str(result.exception)


def test_an_algorithm_in_the_place_of_an_environment_is_told_so():
    result = CliRunner().invoke(train_command, ["dqn"])
    assert "'dqn' is an algorithm; say where it learns, as in: csai train snake --algorithm dqn" in str(
        result.exception
    )


def test_the_buffer_is_an_option_of_the_algorithm_that_draws_from_one():
    result = CliRunner().invoke(train_command, ["--algorithm", "deep_q_learning", "--help"])
    assert "--buffer NAME" in result.output
    assert "csai list buffers" in " ".join(result.output.split())


def test_help_says_what_may_change_and_how_that_is_typed():
    help_text = " ".join(CliRunner().invoke(train_command, ["--algorithm", "sac", "--help"]).output.split())
    assert (
        "usual 0.95 to 0.999. [default: 0.99; may change; searched: 0.9 to 0.999, log below 1]" in help_text
    )
    assert "What may change over a training takes a schedule too, in quotes: 'linear:3e-4->0'" in help_text
    assert "may change" not in " ".join(CliRunner().invoke(train_command, ["--help"]).output.split())
