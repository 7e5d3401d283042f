"""Windows of episodes against sums done by hand, and how small they stay."""

from __future__ import annotations

import numpy as np
import pytest

from csai_train.episode_window import EpisodeWindow
from csai_train.events import Episode


def window_of(*episodes, num_envs=1):
    window = EpisodeWindow(num_envs)
    for episode in episodes:
        window.include([episode])
    return window


def test_episodes_are_summed_up():
    window = window_of(Episode(4, 1.0, 4, 2.0), Episode(10, -3.0, 6, 4.0), Episode(12, 5.0, 2, 0.0))
    summary = window.summary()
    newest = summary.pop("newest")
    assert summary == {
        "count": 3,
        "num_first": 1,
        "mean_return": 1.0,
        "lowest_return": -3.0,
        "highest_return": 5.0,
        "mean_length": 4.0,
        "std_return": pytest.approx(np.std([1, -3, 5])),
        "shortest": 2,
        "longest": 6,
        "num_cut": 0,
        "num_moments": 3,
        "mean_score": 2.0,
    }
    assert newest[-1] == {"steps": 12, "total_reward": 5.0, "length": 2, "score": 0.0}


def test_a_window_is_as_small_after_a_thousand_episodes_and_goes_on_from_its_state():
    episodes = [Episode(step, float(step % 7), 1) for step in range(1, 1001)]
    window, half = window_of(*episodes), window_of(*episodes[:500])
    assert len(window.summary()["newest"]) == 4
    assert window.summary()["mean_score"] is None
    other = EpisodeWindow(1)
    other.load_state_dict(half.state_dict())
    for episode in episodes[500:]:
        other.include([episode])
    assert other.summary() == window.summary()
    assert half.count == 500
