"""A running mean begins where it means something, and the shortest games do not stand for all."""

from __future__ import annotations

import json

import numpy as np
import pytest

from csai_train import Run, train
from csai_train.runs.running_means import WINDOW, Episodes, episodes_of, running_mean


def test_the_running_mean_by_hand():
    values = np.array([1.0, 3.0, 5.0, 7.0])
    assert running_mean(values, window=2).tolist() == [1, 2, 4, 6]
    assert running_mean(values).tolist() == [1, 2, 3, 4]


def test_a_mean_begins_with_a_full_window():
    steps, values = np.arange(1.0, 1001.0), np.arange(1000.0)
    at, means = Episodes(steps, values, num_first=1).mean()
    assert (at[0], means[0]) == (WINDOW, values[:WINDOW].mean())
    assert (at[-1], means[-1]) == (1000.0, values[-WINDOW:].mean())
    assert len(at) == len(means) == 1000 - WINDOW + 1


@pytest.mark.parametrize(("count", "window"), [(1, 1), (4, 1), (50, 10), (499, 99), (500, 100), (9000, 100)])
def test_in_short_trainings_the_window_is_a_fifth_of_them(count, window):
    episodes = Episodes(np.arange(1.0, count + 1), np.ones(count), num_first=1)
    assert episodes.window == window
    assert len(episodes.mean()[0]) == count - window + 1


def side_by_side(num_envs, lengths, seed=0):
    """Games of random lengths played side by side, each worth its length: what a feed would say of them."""
    random, ended = np.random.default_rng(seed), []
    for _ in range(num_envs):
        at = 0
        while at < 2000:
            length = int(random.choice(lengths))
            at += length
            ended.append((at * num_envs, length))
    return sorted(ended)


def write_feed(run, ended):
    lines = [
        {"event": "episode", "steps": steps, "total_reward": float(length), "length": length, "score": None}
        for steps, length in ended
    ]
    (run.path / "events.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_games_that_never_change_have_a_curve_that_neither_falls_nor_rises(tmp_path):
    num_envs, lengths = 64, [10, 10, 10, 10, 200]
    train("q_learning", "FrozenLake-v1", total_steps=10, run_dir=tmp_path, config={"num_envs": 1})
    config = json.loads((tmp_path / "config.json").read_text())
    config["config"]["num_envs"] = num_envs
    (tmp_path / "config.json").write_text(json.dumps(config))
    run = Run.open(tmp_path)
    ended = [each for each in side_by_side(num_envs, lengths) if each[0] < 2000 * num_envs]
    write_feed(run, ended)
    episodes = episodes_of(run, "return")
    at, means = episodes.mean()
    expected = np.mean(lengths)
    from_the_start = running_mean(episodes.values)
    assert from_the_start[WINDOW] < 0.4 * expected  # only the shortest have ended by then
    assert at[0] >= 200 * num_envs  # when every first game has ended
    assert abs(means[: 5 * WINDOW].mean() / expected - 1) < 0.2
    assert means.min() > 0.4 * expected


def test_a_training_of_one_game_at_a_time_begins_at_once(runs):
    episodes = episodes_of(runs[0], "return")
    assert episodes.num_first == 1
    assert episodes_of(runs[0], "score") is None  # it keeps none
