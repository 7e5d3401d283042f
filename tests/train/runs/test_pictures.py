"""Curves, games, states and repetitions of runs."""

from __future__ import annotations

import json
import sys

import gymnasium
import numpy as np
import pytest
from PIL import Image

from csai_core.errors import MissingExtraError
from csai_train import Callback, Run, train
from csai_train.errors import RunError
from csai_train.evaluation.video import record_game
from csai_train.runs.curves import draw_comparison, draw_curves, running_mean
from csai_train.runs.lock import locked
from csai_train.runs.status import status_of
from csai_train.training.verify import verify


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    for seed in range(3):
        train("q_learning", "FrozenLake-v1", total_steps=600, seed=seed, run_dir=folder / f"seed{seed}")
    train(
        "q_learning",
        "FrozenLake-v1",
        total_steps=600,
        seed=0,
        run_dir=folder / "other",
        config={"gamma": 0.5},
    )
    return [Run.open(folder / name) for name in ("seed0", "seed1", "seed2", "other")]


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


# --- states


def test_the_state_of_a_run_is_seen_from_outside(tmp_path):
    seen = []

    class Look(Callback):
        def step(self, training):
            if training.steps == 60:
                seen.append(status_of(Run.open(tmp_path / "run")).state)
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train("q_learning", "FrozenLake-v1", total_steps=100, run_dir=tmp_path / "run", callbacks=[Look()])
    run = Run.open(tmp_path / "run")
    assert seen == ["training"]
    assert status_of(run).state == "failed"
    lines = (run.path / "events.jsonl").read_text().splitlines(keepends=True)
    (run.path / "events.jsonl").write_text("".join(lines[:-1]))
    state = status_of(run)
    assert (state.state, state.steps) == ("killed", 60)
    with locked(run.path):
        assert status_of(run).state == "training"
    (run.path / "events.jsonl").unlink()
    assert status_of(run).state == "new"


def test_a_complete_run_says_so(runs):
    state = status_of(runs[0])
    assert (state.state, state.steps, state.mean_score) == ("complete", 600, None)
    assert 0 <= state.mean_return <= 1


# --- repetition


def test_a_run_repeats_itself(runs):
    result = verify(runs[0], steps=600)
    assert result.difference == ""
    assert (result.steps, result.rows) == (600, 200)
    assert result.checkpoints >= 2
    assert result.episodes > 20


def test_only_the_beginning_is_repeated(runs):
    result = verify(runs[0], steps=100)
    assert (result.steps, result.checkpoints, result.difference) == (100, 0, "")


def test_another_episode_is_found(runs, tmp_path):
    path = runs[1].path / "events.jsonl"
    lines = path.read_text().splitlines()
    number = next(i for i, line in enumerate(lines) if json.loads(line)["event"] == "episode")
    lines[number] = json.dumps({**json.loads(lines[number]), "total_reward": 7.0})
    path.write_text("\n".join(lines) + "\n")
    assert verify(runs[1], steps=200).difference.startswith("The episode number 1 was {")


def test_other_metrics_and_other_weights_are_found(runs, monkeypatch):
    path = runs[2].path / "metrics.csv"
    text = path.read_text()
    path.write_text(text.replace("\n3,0,", "\n3,1,", 1))
    assert verify(runs[2], steps=50).difference.startswith("The row of metrics number 1 was")
    path.write_text(text)
    best = runs[2].checkpoints.best()["steps"]
    state = runs[2].checkpoints.load(best)
    state["algorithm"]["num_steps"] += 1
    runs[2].checkpoints.save(state, best, keep=None)
    difference = verify(runs[2], steps=600).difference
    assert difference == f"The checkpoint step-{best:012d} holds another state than the repetition."


def test_a_run_that_took_no_step_cannot_be_repeated(tmp_path):
    train("q_learning", "FrozenLake-v1", total_steps=5, run_dir=tmp_path / "run")
    (tmp_path / "run" / "events.jsonl").unlink()
    with pytest.raises(RunError, match="has not taken any step"):
        verify(Run.open(tmp_path / "run"))
