"""What a run has measured, as series."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from csai_train import train
from csai_train.errors import RunError
from csai_train.runs import measurements
from csai_train.runs.episodes import read_episodes
from csai_train.runs.events_file import read_events
from csai_train.runs.measurements import Measurements
from csai_train.runs.run import Run


def test_episodes_and_columns_have_names(runs):
    measured = Measurements(runs[0])
    assert measured.names == ["return", "length", "td_error", "epsilon", "states"]
    assert not measured.score_says_more


def test_a_column_is_smoothed_from_where_there_are_enough_rows(runs):
    measured = Measurements(runs[0])
    steps, values = measured.singles("epsilon")
    window = measured.window("epsilon")
    assert window == len(steps) // 20
    smooth = measured.series("epsilon")
    assert smooth.steps[0] == steps[window - 1]
    assert smooth.values[0] == pytest.approx(values[:window].mean())
    assert smooth.values[-1] == pytest.approx(values[-window:].mean())


def test_rows_without_a_finite_number_are_left_out(runs, tmp_path):
    folder = shutil.copytree(runs[0].path, tmp_path / "run")
    rows = "".join(f"{10 * i},{'nan' if i == 3 else i},much,\n" for i in range(1, 61))
    (folder / "metrics.csv").write_text(f"steps,loss,word,empty\n{rows}")
    measured = Measurements(Run.open(folder))
    assert measured.names == ["return", "length", "loss"]
    assert measured.singles("loss").steps.tolist() == [10.0 * i for i in range(1, 61) if i != 3]
    assert np.isfinite(measured.series("loss").values).all()


def test_the_feed_is_read_once(runs, monkeypatch):
    read = []
    monkeypatch.setattr(measurements, "read_events", lambda path: read.append(path) or read_events(path))
    measured = Measurements(runs[0])
    assert len(measured.names) == 5
    measured.places(np.array([9.0]), "time")
    assert read == [runs[0].path]


def test_places_on_every_scale(runs):
    measured = Measurements(runs[0])
    ends = np.array([0.0, 600.0])
    total = sum(summary.count for summary in read_episodes(runs[0]))
    assert measured.places(ends, "steps").tolist() == [0, 600]
    last = read_episodes(runs[0])[-1].steps
    assert measured.places(np.array([0.0, last]), "episodes").tolist() == [0, total]
    seconds = measured.places(np.linspace(0, 600, 50), "time")
    assert seconds[0] == 0
    assert (np.diff(seconds) >= 0).all()
    assert 0 < seconds[-1] < 600


def test_without_episodes_there_is_nothing_to_smooth(tmp_path):
    train("q_learning", "FrozenLake-v1", total_steps=1, run_dir=tmp_path / "run")
    measured = Measurements(Run.open(tmp_path / "run"))
    with pytest.raises(RunError, match="no finished episode"):
        measured.series("return")
    assert measured.places(np.array([1.0]), "episodes").tolist() == [0]
