"""The card of a run that is given away: its scores are those of its files, and what it says to type works."""

from __future__ import annotations

import re

import pytest

from csai_train import Run, evaluate, train
from csai_train.runs.archive_card import archive_card
from csai_train.runs.evaluation_file import write_evaluation


@pytest.fixture
def run(tmp_path):
    train("q_learning", "FrozenLake-v1", total_steps=200, seed=1, run_dir=tmp_path / "lake")
    return Run.open(tmp_path / "lake")


def test_it_says_what_is_known(run):
    write_evaluation(run, evaluate(run, episodes=5, seed=1))
    card = archive_card(run, "my lake.zip", "MIT")
    assert card.startswith("# q_learning in FrozenLake-v1\n")
    assert re.search(r"\| plays \| [\d.]+, the mean of 5 games, whose returns deviate by [\d.]+ \|", card)
    assert "| trained | 200 of 200 steps, seed 1 |" in card
    assert "| license | MIT |" in card
    assert "csai verify 'my lake.zip'" in card


def test_what_is_not_known_is_left_out_or_said(run):
    card = archive_card(run, "lake.zip", None)
    assert "| plays |" not in card
    assert "none is said: ask" in card


def test_what_a_run_needs_stands_there_and_breaks_no_table(run):
    environment = {**run.config["environment"], "module": "lake_games"}
    plugins = {"csai_core": "csai-core 0.1.0", "odd": "csai-odd 1.0|2"}
    card = archive_card(
        Run(run.path, {**run.config, "plugins": plugins, "environment": environment}), "x.zip", None
    )
    assert "| needs | csai-odd 1.0\\|2, lake_games (a module that is installed" in card
