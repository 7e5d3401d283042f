"""`csai show-run`: what a run was trained on, how, and how far it has come."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from csai_core.commands import main
from csai_train import train


@pytest.fixture
def run(tmp_path):
    config = {"num_envs": 2, "num_steps": 16, "num_minibatches": 1}
    settings = {"total_steps": 64, "seed": 7, "preset": None, "config": config}
    train("ppo", "CartPole-v1", network="mlp", run_dir=tmp_path / "run", **settings)
    return tmp_path / "run"


@pytest.mark.parametrize("command", ["show", "show-run"])
def test_a_run_is_explained_with_its_network(run, command):
    output = CliRunner().invoke(main, [command, str(run)], catch_exceptions=False).output
    words = " ".join(output.split())
    assert "method ppo" in words
    assert "on CartPole-v1" in words
    assert "state complete, 64 of 64 steps" in words
    assert "seed 7" in words
    assert "computing backend numpy, device cpu: " in words
    assert "num_steps 16" in words
    assert "mlp" in words
    assert "LinearBlock" in words
    assert "hidden_sizes" not in words  # which the network that was given stands in for


def test_a_table_has_no_network_to_show(tmp_path):
    train("q_learning", "FrozenLake-v1", total_steps=10, run_dir=tmp_path / "run")
    output = CliRunner().invoke(main, ["show", str(tmp_path / "run")], catch_exceptions=False).output
    assert "q_learning" in output
    assert "computing" not in output
    assert "gamma" in output
    assert "The network" not in output


def test_a_folder_that_is_no_run_is_told_so(tmp_path):
    result = CliRunner().invoke(main, ["show", str(tmp_path)])
    assert result.exit_code != 0
    assert "is not a run of csai" in str(result.exception) + result.output
