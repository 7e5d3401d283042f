"""Checkups made up of what a test says, so that every rule can be asked about exactly one thing."""

from __future__ import annotations

import pytest

from csai_train.health import Checkup, Mark, Subject
from csai_train.health.checkup import RandomPlay

SETTINGS = {"learning_rate": 1e-3, "gamma": 0.99, "entropy_coef": 0.01}


@pytest.fixture
def summary():
    """Make a summary of episodes."""
    return summarized


def summarized(mean=20.0, spread=10.0, length=20.0, count=10, **more):
    """A summary of episodes as the feed has it."""
    return {
        "count": count,
        "mean_return": mean,
        "std_return": spread / 2,
        "lowest_return": mean - spread,
        "highest_return": mean + spread,
        "mean_length": length,
        "shortest": int(length) - 1,
        "longest": int(length) + 1,
        "num_cut": 0,
        "num_moments": count,
        **more,
    }


@pytest.fixture
def checkup():
    """Make a checkup: how many of 100 marks are over, and what stood at each of them."""

    def make(
        marks=50, *, total=100_000, episodes=None, metrics=None, vitals=None, play=None, error="", **about
    ):
        def at(given, i):
            return given(i) if callable(given) else given or {}

        found = about.pop("found", ())
        subject = {"algorithm": "ppo", "environment": "Mine-v0", "config": SETTINGS, **about}
        history = [
            Mark(
                total * i // 100,
                at(summarized() if episodes is None else episodes, i),
                {"loss": 0.1} | at(metrics, i),
                {"weights_moved": 0.01} | at(vitals, i),
            )
            for i in range(1, marks + 1)
        ]
        random_play = None if play is None else RandomPlay(play, None, 100, 5.0)
        return Checkup(Subject(total_steps=total, **subject), history, random_play, error, found)

    return make
