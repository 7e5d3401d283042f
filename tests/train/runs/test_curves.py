"""Curves of runs: drawn into one, and several in one picture."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from csai_train import Run, train
from csai_train.errors import RunError
from csai_train.runs.curves import draw_comparison, draw_curves, running_mean


def test_the_running_mean_by_hand():
    values = np.array([1.0, 3.0, 5.0, 7.0])
    assert running_mean(values, window=2).tolist() == [1, 2, 4, 6]
    assert running_mean(values).tolist() == [1, 2, 3, 4]


def test_a_curve_is_drawn_into_the_run(runs):
    path = draw_curves(runs[0])
    assert path == runs[0].path / "curves.png"
    with Image.open(path) as picture:
        assert picture.size[0] == 960


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_seeds_become_one_line_in_a_band(runs, tmp_path, suffix):
    path = draw_comparison(runs, tmp_path / f"curves.{suffix}")
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG" if suffix == "png" else b"<?xml")


def test_a_run_without_an_episode_has_no_curve(tmp_path):
    train("q_learning", "FrozenLake-v1", total_steps=1, run_dir=tmp_path / "run")
    run = Run.open(tmp_path / "run")
    assert draw_curves(run) is None
    with pytest.raises(RunError, match="no finished episode"):
        draw_comparison([run, run], tmp_path / "x.png")
