"""What the last evaluation has found, kept beside the run."""

from __future__ import annotations

import json

import numpy as np
import pytest

from csai_train import Run, train
from csai_train.events import Evaluation
from csai_train.runs.evaluation_file import (
    EVALUATION,
    RANDOM_PLAY,
    EvaluationSummary,
    read_evaluation,
    read_random_play,
    write_evaluation,
    write_random_play,
)


@pytest.fixture
def run(tmp_path):
    train("q_learning", "FrozenLake-v1", total_steps=10, run_dir=tmp_path / "run")
    return Run.open(tmp_path / "run")


def test_it_is_read_as_it_was_written(run):
    assert read_evaluation(run) is None
    write_evaluation(run, Evaluation(np.array([1.0, 2.0]), np.array([3, 4])))
    found = read_evaluation(run)
    assert (found.steps, found.episodes, found.mean_return, found.mean_score) == (10, 2, 1.5, None)
    assert found.value == 1.5
    write_evaluation(run, Evaluation(np.array([1.0]), np.array([3]), np.array([7.0])))
    assert read_evaluation(run).value == 7.0


def test_random_play_is_known_however_long_is_trained(run):
    write_random_play(run, Evaluation(np.array([1.0, 2.0]), np.array([3, 4])))
    run.steps_taken = lambda: 99
    found = read_random_play(run)
    assert (found.mean_return, found.std_return, found.mean_length) == (1.5, 0.5, 3.5)
    old = {"steps": 0, "episodes": 2, "mean_return": 1.0, "mean_score": None}
    (run.path / RANDOM_PLAY).write_text(json.dumps(old))
    assert read_random_play(run).std_return is None
    assert read_evaluation(run) is None
    (run.path / RANDOM_PLAY).write_bytes(b"{")
    assert read_random_play(run) is None


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"\xff", b"[" * 9000, b'{"steps": 9, "episodes": 2, "mean_return": 1.0, "mean_score": null}',
     b'{"steps": 10, "episodes": 0, "mean_return": 1.0, "mean_score": null}',
     b'{"steps": 10, "episodes": 2, "mean_return": NaN, "mean_score": null}', b"0" * 20_000],
)  # fmt: skip
def test_what_is_damaged_or_of_other_steps_is_as_none(run, content):
    (run.path / EVALUATION).write_bytes(content)
    assert read_evaluation(run) is None


@pytest.mark.parametrize(("episodes", "words"), [(1, "1 game"), (2, "2 games")])
def test_one_game_is_not_several(episodes, words):
    assert EvaluationSummary(steps=10, episodes=episodes, mean_return=0.5, mean_score=None).games == words


def test_the_interval_is_that_of_the_games_themselves(run):
    games = Evaluation(np.array([1.0, 2.0, 4.0, 9.0]), np.ones(4, int))
    run.steps_taken = lambda: 10
    write_evaluation(run, games)
    assert read_evaluation(run).interval_return == pytest.approx(games.interval_return)
    low, high = games.interval_return
    assert high - low == pytest.approx(2 * 3.182 * games.returns.std(ddof=1) / 2, rel=2e-3)
    assert np.isnan(EvaluationSummary(10, 5, 1.0, None).interval_return).all()
    assert np.isnan(EvaluationSummary(10, 1, 1.0, None, 0.0).interval_return).all()
