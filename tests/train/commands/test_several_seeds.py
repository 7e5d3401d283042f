"""`csai train --seeds`: what may be typed, what it tells, and that it goes on."""

import click
import pytest
from click.testing import CliRunner
from rich.console import Console

from csai_core.commands import main
from csai_train import Run
from csai_train.commands.several_seeds import Seeds, _Table
from csai_train.studies.processes import Progress


@pytest.mark.parametrize(
    ("typed", "seeds"),
    [("0-4", [0, 1, 2, 3, 4]), ("7", [7]), ("5,1", [5, 1]), ("8, 0-2", [8, 0, 1, 2]), ("3-3", [3])],
)
def test_seeds_as_they_are_typed(typed, seeds):
    assert [*Seeds().convert(typed, None, None)] == seeds


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "does not name seeds, as 0-4 and 1,5,7 do"),
        ("many", "does not name seeds"),
        ("1.5", "does not name seeds"),
        ("-1", "does not name seeds"),
        ("1,,2", "does not name seeds"),
        ("9" * 40, "does not name seeds"),
        ("4-0", "'4-0' is given; it must rise"),
        ("0-1000000", "it must rise, by 1,000 at most"),
        ("0-2,1", "names a seed twice"),
    ],
)
def test_what_names_no_seeds(typed, told):
    with pytest.raises(click.BadParameter, match=told):
        Seeds().convert(typed, None, None)


@pytest.fixture
def csai(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(main, ["train", *words])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--seeds", "0-2", "--seed", "1"], "Both --seed and --seeds are given"),
        (["--seeds", "0-2", "--resume"], "--seeds cannot be given with --resume: the same command"),
        (["--seeds", "0-2", "--live"], "--live shows one training"),
        (["--jobs", "2"], "--jobs says how many of --seeds are trained at a time"),
    ],
)
def test_what_does_not_go_together(csai, words, told):
    result = csai("FrozenLake-v1", *words)
    assert result.exit_code == 2
    assert told in " ".join(result.output.split())


def test_a_study_is_told_drawn_and_gone_on_with(csai, tmp_path):
    words = ["FrozenLake-v1", "--algorithm", "q_learning", "--total-steps", "2000", "--episodes", "3"]
    result = csai(*words, "--seeds", "0", "--run-dir", "study")
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0] == "Training q_learning with 1 seed in FrozenLake-v1; the runs are kept in study"
    assert lines[1] == "seed 0: training"
    assert lines[2].startswith("seed 0: done after 2,000 of 2,000 steps, mean of the last 100 episodes ")
    assert (tmp_path / "study" / "curves.png").exists()
    result = csai(*words, "--seeds", "0-1", "--jobs", "1", "--run-dir", "study")
    assert result.exit_code == 0, result.output
    assert "seed 0: training" not in result.output
    assert "seed 1: training" in result.output
    (row,) = [line.split() for line in result.output.splitlines() if line.startswith("q_learning")]
    assert row[1] == "2"
    assert "Compare with others:   csai compare study OTHERS" in result.output
    assert Run.open("study/seed-1").seed == 1


def test_a_terminal_shows_all_seeds_at_once():
    console = Console(force_terminal=True, width=80, record=True)
    table = _Table(console)
    with table:
        table.show(
            [Progress(0, "done", 50, 50, 1.5), Progress(1, "training", 20, 50), Progress(2, "waiting")]
        )
    lines = [line.split() for line in console.export_text().splitlines()]
    assert ["0", "done", "50", "of", "50", "1.50"] in lines
    assert ["1", "training", "20", "of", "50"] in lines
    assert ["2", "waiting"] in lines
