"""One loop plays every episode: what each step brought, how the game stands, and masks heeded."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest

from csai_core import Agent
from csai_core.play import LONGEST_EPISODE, Game, Transition, longest_episode, play_episode


class Countdown(gymnasium.Env):
    """Counts down from where its seed says; allows the actions 1 and 2 in turn, and keeps a score."""

    observation_space = gymnasium.spaces.Discrete(10)
    action_space = gymnasium.spaces.Discrete(3)

    def __init__(self, truncates=False):
        self.truncates = truncates

    def info(self):
        mask = np.zeros(3, np.int8)
        mask[1 + self.left % 2] = 1
        return {"action_mask": mask, **({"score": self.left} if self.left != 1 else {})}

    def reset(self, *, seed=None, options=None):
        self.left = 3 if seed is None else seed
        return self.left, self.info()

    def step(self, action):
        self.left -= 1
        is_over = np.bool_(self.left == 0)
        ends = (False, is_over) if self.truncates else (is_over, False)
        return self.left, np.float32(0.5), *ends, self.info()


class First(Agent):
    """Does the first allowed action."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def get_next_action(self, state):
        raise AssertionError("the mask must be heeded")

    def get_allowed_action(self, state, action_mask):
        self.seen.append(state)
        return int(np.flatnonzero(action_mask)[0])


class Zero(Agent):
    def get_next_action(self, state):
        return 0


@pytest.mark.parametrize("truncates", [False, True])
def test_each_step_is_told_from_the_reset_to_the_end(truncates):
    agent = First()
    games, transitions = [], []
    for game in play_episode(Countdown(truncates), agent, seed=2):
        games.append(game)
        transitions.append(game.transition)
    assert transitions == [
        None,
        Transition(2, 1, 0.5, False, False, 1),
        Transition(1, 2, 0.5, not truncates, truncates, 0),
    ]
    assert [type(each) for each in transitions[-1][2:5]] == [float, bool, bool]
    assert all(each is game for each in games)
    assert agent.seen == [2, 1]


def test_a_game_keeps_account_of_itself():
    env = Countdown()
    game = Game(env, seed=2)
    assert (game.observation, game.total_reward, game.num_steps, game.is_over) == (2, 0.0, 0, False)
    assert game.env is env
    assert str(game) == "score 2, return 0.00 in 0 steps"
    game.step(1)
    assert not game.is_over
    assert game.score == 2  # the last one that was told
    game.step(2)
    assert game.is_over
    assert str(game) == "score 0, return 1.00 in 2 steps"


def test_without_a_seed_an_episode_goes_on_with_the_environments_randomness():
    assert Game(Countdown()).observation == 3


def test_an_episode_that_nobody_asks_on_is_left_where_it_is():
    env = Countdown()
    for game in play_episode(env, First(), seed=9):
        if game.num_steps == 2:
            break
    assert env.left == 7


def test_agents_that_know_no_masks_do_as_they_please():
    assert Game(Countdown(), seed=2).choose(Zero()) == 0


def test_a_game_is_cut_short_where_it_is_told_to_be():
    game = Game(Countdown(), seed=3, max_steps=2)
    game.step(1)
    assert not game.is_over
    game.step(1)
    assert game.is_over
    assert game.is_cut
    assert str(game) == "score 2, return 1.00 in 2 steps, where it was cut short"
    *_, last = play_episode(Countdown(), First(), seed=9, max_steps=4)
    assert (last.num_steps, last.is_cut) == (4, True)


@pytest.mark.parametrize("truncates", [False, True])
def test_a_game_that_ends_with_its_last_step_is_not_cut(truncates):
    *_, last = play_episode(Countdown(truncates), First(), seed=2, max_steps=2)
    assert last.is_over
    assert not last.is_cut


@pytest.mark.parametrize(("own", "limit"), [(None, LONGEST_EPISODE), (5, LONGEST_EPISODE), (10**6, 10**6)])
def test_an_agents_game_has_a_limit_that_is_never_before_its_own(own, limit):
    env = Countdown()
    env.spec = gymnasium.envs.registration.EnvSpec("Testing/Countdown-v0", max_episode_steps=own)
    assert longest_episode(env) == limit
    assert longest_episode(Countdown()) == LONGEST_EPISODE
