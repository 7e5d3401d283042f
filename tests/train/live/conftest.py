"""Runs to be watched."""

from __future__ import annotations

import pytest

from csai_train import Run, train


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A short training of a table that is over."""
    path = tmp_path_factory.mktemp("live") / "run"
    train("q_learning", "FrozenLake-v1", total_steps=3000, seed=1, preset=None, run_dir=path)
    return Run.open(path)
