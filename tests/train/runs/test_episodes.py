"""Summaries of episodes: those that are in a feed, and those of older feeds, which have none."""

from __future__ import annotations

import json

import pytest

from csai_train import Callback, Run, train
from csai_train.events import Episode
from csai_train.runs import read_episodes


class Heard(Callback):
    def __init__(self):
        self.episodes = []

    def episode(self, training, episode):
        self.episodes.append(episode)


def test_every_episode_is_in_one_summary(tmp_path, corridor_id):
    heard = Heard()
    train("q_learning", corridor_id, total_steps=3000, seed=1, run_dir=tmp_path / "run", callbacks=[heard])
    found, rest = read_episodes(Run.open(tmp_path / "run")), list(heard.episodes)
    for summary in found:
        own, rest = rest[: summary.count], rest[summary.count :]
        returns = [episode.total_reward for episode in own]
        assert own[-1].steps <= summary.steps
        assert summary.mean_return == pytest.approx(sum(returns) / len(own))
        assert (summary.lowest_return, summary.highest_return) == (min(returns), max(returns))
        assert summary.newest == tuple(own[-4:])
        assert summary.mean_score == pytest.approx(sum(episode.score for episode in own) / len(own))
    assert not rest


def test_older_feeds_have_a_summary_for_each_episode(tmp_path):
    train("q_learning", "FrozenLake-v1", total_steps=10, seed=1, run_dir=tmp_path / "run")
    lines = [
        {"event": "start", "steps": 0, "time": 1.0, "schema": 1, "total_steps": 10},
        {"event": "episode", "steps": 4, "total_reward": 0.5, "length": 4, "score": None},
        {"event": "episode", "steps": 9, "total_reward": 1.0, "length": 5, "score": 2.0},
        {"event": "episode", "steps": 10, "total_reward": None, "length": 1, "score": None},
    ]
    feed = tmp_path / "run" / "events.jsonl"
    feed.write_text("".join(json.dumps(line) + "\n" for line in lines))
    one, two = read_episodes(Run.open(tmp_path / "run"))
    assert (one.steps, one.count, one.num_first, one.mean_return, one.mean_score) == (4, 1, 1, 0.5, None)
    assert (two.steps, two.num_first, two.newest) == (9, 0, (Episode(9, 1.0, 5, 2.0),))
