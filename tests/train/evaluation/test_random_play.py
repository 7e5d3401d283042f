"""What random actions bring, found out in little time and without a trace."""

from __future__ import annotations

import random

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium import spaces

from csai_core import RandomAgent
from csai_train import evaluate
from csai_train.environments.make import specify
from csai_train.errors import RunError
from csai_train.evaluation.random_play import MOST_GAMES, SEED, play_at_random


class Greedy(gymnasium.Env):
    """Draws from every generator that a process shares; a game is as long as `length` says."""

    observation_space = spaces.Discrete(2)
    action_space = spaces.Discrete(2)

    def __init__(self, length=3, render_mode=None):
        self.length, self.steps = length, 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        random.random()
        np.random.random()  # noqa: NPY002
        torch.rand(1)
        return 0, {}

    def step(self, action):
        self.steps += 1
        return 0, 1.0, self.steps >= self.length, False, {}


@pytest.fixture
def greedy():
    gymnasium.register("Greedy-v0", Greedy)
    yield lambda **options: specify("Greedy-v0", options)
    del gymnasium.registry["Greedy-v0"]


class Clock:
    """Each look at it takes `seconds`."""

    def __init__(self, seconds):
        self.now, self.seconds = 0.0, seconds

    def __call__(self):
        self.now += self.seconds
        return self.now


def test_its_games_are_the_first_of_those_that_are_evaluated_at_the_end():
    spec = specify("FrozenLake-v1", {})
    found = play_at_random(spec, seed=3, most_steps=60)
    expected = evaluate(RandomAgent(spaces.Discrete(4), seed=3), spec, len(found.returns), SEED)
    assert found.returns.tolist() == expected.returns.tolist()
    assert found.lengths.tolist() == expected.lengths.tolist()
    assert sum(found.lengths[:-1]) < 60 <= sum(found.lengths)


def test_scores_are_kept_where_the_game_keeps_one():
    pytest.importorskip("csai_envs")
    found = play_at_random(specify("CSAI/Snake-v0", {}), seed=1, most_steps=200)
    assert len(found.scores) == len(found.returns)
    assert play_at_random(specify("FrozenLake-v1", {}), seed=1, most_steps=20).scores is None


def test_shared_generators_are_as_before(greedy):
    before = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()  # noqa: NPY002
    assert len(play_at_random(greedy(), seed=1, most_steps=10**9).returns) == MOST_GAMES
    after = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()  # noqa: NPY002
    assert before == after


@pytest.mark.parametrize(("seconds", "games"), [(0.05, 3), (0.1, 1), (1.0, 0)])
def test_little_time_is_spent(greedy, seconds, games):
    found = play_at_random(greedy(), seed=1, most_steps=10**9, clock=Clock(seconds))
    assert (0 if found is None else len(found.returns)) == games


def test_a_game_that_does_not_end_is_given_up_and_not_counted(greedy):
    clock = Clock(0.01)
    assert play_at_random(greedy(length=10**9), seed=1, most_steps=1, clock=clock) is None
    assert clock.now < 2.1


def test_what_cannot_be_made_is_an_error(greedy):
    with pytest.raises(RunError, match="Greedy-v0"):
        play_at_random(greedy(nonsense=1), seed=1, most_steps=1)
