"""What a notebook shows of a run."""

from __future__ import annotations

import json
import shutil

import pytest

from csai_train import Run, fork


def test_a_run_tells_what_came_of_it(runs, tmp_path):
    fork(runs[0], at=300, changes={"gamma": 0.5}, run_dir=tmp_path / "new")
    shown = Run.open(tmp_path / "new")._repr_html_()
    for words in (
        "q_learning in FrozenLake-v1",
        "complete, 600 of 600 steps",
        "after 300 steps: gamma 0.5",
        "<svg",
    ):
        assert words in shown


@pytest.mark.parametrize("lost", ["events.jsonl", "metrics.csv", "checkpoints"])
def test_whatever_is_lost_a_run_is_shown_and_escaped(runs, tmp_path, lost):
    place = tmp_path / "<b>run"
    shutil.copytree(runs[0].path, place)
    target = place / lost
    shutil.rmtree(target) if target.is_dir() else target.unlink()
    config = json.loads((place / "config.json").read_text())
    config["environment"]["id"] = "<img src=x>"
    (place / "config.json").write_text(json.dumps(config))
    shown = Run.open(place)._repr_html_()
    assert "<b>" not in shown
    assert "<img" not in shown
    assert "&lt;img src=x&gt;" in shown
