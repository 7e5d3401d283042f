"""Films of growing skill: the same game at every stage, with captions."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from csai_train import Run, train
from csai_train.errors import RunError
from csai_train.evaluation.growth import film_growth, moment_in_words
from csai_train.runs.earlier_agents import known_steps, open_earlier_agent

pytest.importorskip("pygame")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = tmp_path_factory.mktemp("growth") / "run"
    train("q_learning", "CSAI/FrozenLake-v0", total_steps=3000, seed=1, run_dir=path, preset=None)
    return Run.open(path)


def test_every_stage_plays_the_same_game_and_says_how_it_went(run, tmp_path):
    stages = [open_earlier_agent(run, steps) for steps in (0, known_steps(run)[-1])]
    grown = film_growth(stages, run.environment, tmp_path / "it.gif", seed=4, max_steps=20)
    assert [each.steps for each in grown] == [0, 3000]
    again = film_growth(stages[1:], run.environment, tmp_path / "again.gif", seed=4, max_steps=20)
    assert again == grown[1:]
    with Image.open(tmp_path / "it.gif") as film:
        assert film.n_frames >= 2
        frame = np.asarray(film.convert("RGB"))
    assert len(np.unique(frame[:44].reshape(-1, 3), axis=0)) > 2  # letters


def test_long_games_are_thinned_and_left(run, tmp_path):
    stage = open_earlier_agent(run, 0)  # goes to the left for ever
    grown = film_growth([stage], run.environment, tmp_path / "it.gif", seed=4, max_steps=90)
    assert grown[0].length <= 100
    with Image.open(tmp_path / "it.gif") as film:
        assert film.n_frames <= 92


def test_only_films_are_films(run, tmp_path):
    with pytest.raises(RunError, match=r"must end in .gif or .mp4"):
        film_growth([], run.environment, tmp_path / "it.png", seed=1)


def test_moments_are_told_by_games():
    assert moment_in_words(0, 0) == "before training"
    assert moment_in_words(9, 1) == "after 1 game"
    assert moment_in_words(9000, 2000) == "after 2,000 games"
