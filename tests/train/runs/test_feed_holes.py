"""Lines that are missing from the middle of a feed."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from csai_core.commands import main
from csai_train import Run, resume, train
from csai_train.live.account import Account
from csai_train.runs.events_file import read_events
from csai_train.runs.feed_holes import Hole, holes_in, wide_gaps
from csai_train.runs.status import what_is_lost


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that was trained, and gone on with for far longer."""
    path = tmp_path_factory.mktemp("feeds") / "run"
    train("q_learning", "FrozenLake-v1", total_steps=1000, seed=1, run_dir=path, preset=None)
    resume(path, total_steps=6000)
    return Run.open(path)


@pytest.fixture
def cut(whole, tmp_path):
    """Gives the run with lines cut out of its feed: those of the steps between two."""
    import shutil

    def cut(after, until):
        shutil.copytree(whole.path, tmp_path / "cut")
        feed = tmp_path / "cut" / "events.jsonl"
        lines = feed.read_text().splitlines(keepends=True)
        feed.write_text("".join(line for line in lines if not after < json.loads(line)["steps"] < until))
        return Run.open(tmp_path / "cut")

    return cut


def test_a_whole_feed_has_none_however_often_it_went_on(whole):
    assert holes_in(read_events(whole.path)) == []
    assert what_is_lost(whole) == ""


@pytest.mark.parametrize("algorithm", ["ppo", "deep_q_learning", "a2c"])
def test_a_training_that_learns_now_and_then_has_none(tmp_path, algorithm):
    train(algorithm, "CartPole-v1", total_steps=3000, seed=1, run_dir=tmp_path / "run", preset=None)
    assert holes_in(read_events(tmp_path / "run")) == []


@pytest.mark.parametrize(("after", "until"), [(400, 700), (3000, 4500)])
def test_lines_cut_out_of_the_middle_are_noticed(cut, after, until):
    (hole,) = holes_in(read_events(cut(after, until).path))
    assert after - 60 <= hole.after <= after
    assert until <= hole.until <= until + 60


def test_a_feed_without_its_beginning_is_noticed(cut):
    assert holes_in(read_events(cut(-1, 500).path))[0] == Hole(0, 500)


def test_every_reader_says_so_and_reads_on(cut):
    run = cut(3000, 4500)
    (hole,) = holes_in(read_events(run.path))
    assert f"has holes, {hole}. What came then was cut off or lost." in what_is_lost(run)
    account = Account()
    for event in read_events(run.path):
        account.include([event])
    told = [each for each in account.remarks if "hole" in each.text]
    assert [each.text for each in told] == [f"The feed has a hole, {hole}: lines are missing."]
    assert account.steps == 6000
    for words in (["doctor", str(run.path)], ["plot", str(run.path), "--out", str(run.path / "x.png")]):
        result = CliRunner().invoke(main, words)
        assert result.exit_code == 0
        assert f"has holes, {hole}" in " ".join(result.output.split())


def test_few_marks_or_long_steps_are_no_holes():
    assert wide_gaps([0, 100, 1000]) == []
    assert wide_gaps([10, 20, 40, 50, 70, 80]) == []
    assert wide_gaps([10, 20, 30, 40, 80, 90]) == [Hole(40, 80)]
    assert wide_gaps([5, 5, 5, 5, 5, 9]) == []
