"""Games recorded as GIF and MP4."""

from __future__ import annotations

import sys

import gymnasium
import numpy as np
import pytest
from PIL import Image

from csai_core.errors import ConfigError, MissingExtraError
from csai_train import Run, train
from csai_train.errors import RunError, TrainingWarning
from csai_train.evaluation.video import record_game


@pytest.fixture
def run_with_pictures(corridor, tmp_path, monkeypatch):
    frames = [np.full((40, 60, 3), value, np.uint8) for value in range(0, 250, 10)]

    def render(self):
        return frames[self.place]

    monkeypatch.setattr(corridor, "render_frame", render)
    monkeypatch.setitem(corridor.metadata, "render_modes", ["human", "rgb_array"])
    gymnasium.register("Testing/Seen-v0", entry_point=corridor, max_episode_steps=30)
    train("q_learning", "Testing/Seen-v0", total_steps=300, seed=1, run_dir=tmp_path / "run")
    yield Run.open(tmp_path / "run")
    del gymnasium.registry["Testing/Seen-v0"]


def test_a_game_is_recorded_frame_by_frame(run_with_pictures, tmp_path):
    run = run_with_pictures
    path = record_game(run.agent(), run.environment, tmp_path / "new" / "game.gif", seed=1)
    with Image.open(path) as picture:
        assert picture.size == (60, 40)
        assert picture.is_animated


def test_what_the_agent_thinks_is_drawn_beside_the_game_on_one_scale(run_with_pictures, tmp_path):
    pytest.importorskip("pygame")
    run = run_with_pictures
    path = record_game(run.agent(), run.environment, tmp_path / "game.gif", seed=1, thinks=True)
    with Image.open(path) as film:
        assert film.size == (420 + 340, 420)
        pictures = []
        for number in range(film.n_frames):
            film.seek(number)
            pictures.append(np.asarray(film.convert("RGB"), int))
    assert len(pictures) > 2
    panels = [picture[:, 420:] for picture in pictures]
    assert any((panels[0] != panel).any() for panel in panels[1:])
    words = slice(30, 50)  # the scale stands there, and it is the same from the first picture on
    assert all((panels[0][words] == panel[words]).all() for panel in panels[1:-1])


def test_a_film_that_ends_before_its_game_is_warned_of_and_can_be_longer(
    run_with_pictures, tmp_path, monkeypatch
):
    run = run_with_pictures
    monkeypatch.setattr("csai_train.evaluation.video.MOST_STEPS", 3)
    agent = run.agent()
    monkeypatch.setattr(agent, "get_allowed_action", lambda observation, mask: 0)  # there is no end that way
    with pytest.warns(TrainingWarning, match=r"ends after 3 steps.*--max-episode-steps 30"):
        record_game(agent, run.environment, tmp_path / "game.gif", seed=1)
    record_game(agent, run.environment, tmp_path / "game.gif", seed=1, max_steps=5)
    with pytest.raises(ConfigError, match=r"A film of 1,000,000,000,000 steps needs"):
        record_game(agent, run.environment, tmp_path / "game.gif", seed=1, max_steps=10**12)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of the writer's own pipes
def test_a_game_is_recorded_as_mp4(run_with_pictures, tmp_path):
    imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg")
    run = run_with_pictures
    path = record_game(run.agent(), run.environment, tmp_path / "game.mp4", seed=1, fps=5)
    frames, seconds = imageio_ffmpeg.count_frames_and_secs(str(path))
    assert frames > 1
    assert seconds == pytest.approx(frames / 5)


def test_what_cannot_be_recorded_is_said_before_anything_is_written(run_with_pictures, tmp_path, monkeypatch):
    run = run_with_pictures
    with pytest.raises(RunError, match=r"\.gif or \.mp4"):
        record_game(run.agent(), run.environment, tmp_path / "game.avi", seed=1)
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(MissingExtraError, match=r"csai-train\[mp4\]"):
        record_game(run.agent(), run.environment, tmp_path / "game.mp4", seed=1)
    with pytest.raises(MissingExtraError, match=r"csai-train\[mp4\]"):
        train(
            "q_learning",
            "Testing/Seen-v0",
            total_steps=30,
            run_dir=tmp_path / "other",
            callbacks=["video_mp4"],
        )
    assert not (tmp_path / "game.mp4").exists()


def test_an_environment_without_pictures_is_told_of(corridor_id, tmp_path):
    train("q_learning", corridor_id, total_steps=30, run_dir=tmp_path / "run")
    run = Run.open(tmp_path / "run")
    with pytest.raises(RunError, match="cannot be rendered as rgb_array; it offers: nothing"):
        record_game(run.agent(), run.environment, tmp_path / "game.gif", seed=1)
