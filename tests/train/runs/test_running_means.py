"""A running mean begins where it means something, and the shortest games do not stand for all."""

from __future__ import annotations

import json

import numpy as np
import pytest

from csai_train import Run, train
from csai_train.runs.running_means import WINDOW, Episodes, episodes_of, grouped_mean, running_mean


def test_the_running_mean_by_hand():
    values = np.array([1.0, 3.0, 5.0, 7.0])
    assert running_mean(values, window=2).tolist() == [1, 2, 4, 6]
    assert running_mean(values).tolist() == [1, 2, 3, 4]


def test_the_mean_of_groups_by_hand():
    """The fewest last groups that hold three values: 2 + 1, then 1 + 2 + …, then the four of the last."""
    values, counts = np.array([2.0, 8.0, 4.0, 7.0]), np.array([2.0, 1.0, 1.0, 4.0])
    assert grouped_mean(values, counts, window=3).tolist() == [2, 4, 4, 7]
    assert grouped_mean(values, counts, window=2).tolist() == [2, 4, 6, 7]


def test_the_mean_of_what_never_changes_does_not_change_either():
    assert set(running_mean(np.full(1000, 0.3), window=7)) == {0.3}
    assert grouped_mean(np.full(50, 0.1), np.arange(1.0, 51.0), window=100).tolist() == [0.1] * 50


def one_by_one(steps, values):
    """As feeds of older versions have them."""
    return Episodes(steps, values, np.ones(len(steps)), num_first=1, singles=(steps, values))


def test_groups_of_episodes_have_the_mean_that_the_episodes_have():
    random = np.random.default_rng(3)
    values, sizes = random.normal(size=3000), [1, 2, 27, 70, 150, 250] * 6
    ends = np.cumsum(sizes)
    groups = np.array([values[end - size : end].mean() for end, size in zip(ends, sizes, strict=True)])
    grouped = Episodes(ends * 1.0, groups, np.array(sizes, float), num_first=1, singles=(ends, groups))
    for at, mean in zip(*grouped.mean(), strict=True):
        held = next(
            sum(sizes[i : list(ends).index(at) + 1])
            for i in range(len(sizes) - 1, -1, -1)
            if i <= list(ends).index(at) and sum(sizes[i : list(ends).index(at) + 1]) >= WINDOW
        )
        assert mean == pytest.approx(values[int(at) - held : int(at)].mean())


def test_a_mean_begins_with_a_full_window():
    steps, values = np.arange(1.0, 1001.0), np.arange(1000.0)
    at, means = one_by_one(steps, values).mean()
    assert (at[0], means[0]) == (WINDOW, values[:WINDOW].mean())
    assert (at[-1], means[-1]) == (1000.0, values[-WINDOW:].mean())
    assert len(at) == len(means) == 1000 - WINDOW + 1


@pytest.mark.parametrize(("count", "window"), [(1, 1), (4, 1), (50, 10), (499, 99), (500, 100), (9000, 100)])
def test_in_short_trainings_the_window_is_a_fifth_of_them(count, window):
    episodes = one_by_one(np.arange(1.0, count + 1), np.ones(count))
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
