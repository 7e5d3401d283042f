"""`csai replay`: a film of how an agent grew better."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from csai_core.commands import main
from csai_train import train

pytest.importorskip("pygame")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = tmp_path_factory.mktemp("replay") / "run"
    train("q_learning", "CSAI/FrozenLake-v0", total_steps=2000, seed=1, run_dir=path, preset=None)
    return path


def csai(*words):
    return CliRunner().invoke(main, list(map(str, words)), env={"COLUMNS": "200"})


def test_it_is_saved_to_the_run_or_where_one_says(run, tmp_path):
    result = csai("replay", run, "--stages", "3", "--max-episode-steps", "5", "--seed", "2")
    assert result.exit_code == 0, result.output
    assert (run / "video" / "growth.gif").stat().st_size > 1000
    assert "0 steps" in result.output
    assert "2,000 steps" in result.output
    assert "--seed 2" in result.output
    assert "score" in result.output
    words = ("--stages", "0,300", "--max-episode-steps", "5", "--out", tmp_path / "x.gif")
    result = csai("replay", run, *words)
    assert (tmp_path / "x.gif").exists()
    assert len([line for line in result.output.splitlines() if " steps " in line]) >= 2


@pytest.mark.parametrize("stages", ["1", "0", "-3", "few", "0,x", ""])
def test_stages_that_are_none_are_refused(run, stages):
    result = csai("replay", run, "--stages", stages)
    assert result.exit_code == 2
    assert "0,2000,9000" in result.output


def test_no_score_is_told_of_games_without_one_nor_what_is_damaged(tmp_path):
    train("q_learning", "FrozenLake-v1", total_steps=300, seed=1, run_dir=tmp_path / "run", preset=None)
    damaged = sorted((tmp_path / "run" / "snapshots").iterdir())[0]
    damaged.write_bytes(b"nothing")
    result = csai("replay", tmp_path / "run", "--stages", "0,1,300", "--max-episode-steps", "3")
    assert result.exit_code == 0, result.output
    assert ["after", "games", "return", "steps"] in [line.split() for line in result.output.splitlines()]
    assert damaged.name in result.output
    assert "It is left out" in result.output
