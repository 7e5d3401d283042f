"""Environments with known answers, for every algorithm's tests."""

import copy

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces


class Copycat(gymnasium.Env):
    """Shows a value of a space and pays for giving it back: 1 for the same, less for anything else.

    Every episode has eight steps, in each of which another value is shown.
    """

    def __init__(self, space, mask=None):
        self.observation_space = copy.deepcopy(space)
        self.action_space = copy.deepcopy(space)
        self.mask = mask
        self.taken = []

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        if seed is not None:
            self.observation_space.seed(seed)
        self.count = 0
        self.shown = self.observation_space.sample()
        return self.shown, self.info()

    def step(self, action):
        assert self.action_space.contains(action), action
        self.taken.append(action)
        reward = likeness(self.shown, action)
        self.shown = self.observation_space.sample()
        self.count += 1
        return self.shown, reward, self.count == 8, False, self.info()

    def info(self):
        return {} if self.mask is None else {"action_mask": self.mask}


def likeness(one, other):
    """1 for equal values; the share of equal parts, or 1 less the squared distance."""
    if isinstance(one, dict):
        return float(np.mean([likeness(one[name], other[name]) for name in one]))
    one, other = np.asarray(one), np.asarray(other)
    if one.dtype.kind == "f":
        return 1.0 - float(np.square(one - other).mean())
    return float((one == other).mean())


class Loop(gymnasium.Env):
    """One cell, one action, reward 1, no end: worth 1 / (1 - gamma) however often it is cut short."""

    observation_space = spaces.Discrete(1)
    action_space = spaces.Discrete(1)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return 0, {}

    def step(self, action):
        return 0, 1.0, False, False, {}


@pytest.fixture
def copycat():
    return Copycat


@pytest.fixture
def loop():
    """Cut short every third step."""
    return gymnasium.wrappers.TimeLimit(Loop(), max_episode_steps=3)


@pytest.fixture
def skill():
    """How well a learner copies, on average over a hundred values: 1 is perfect."""

    def measure(learner, space, count=100):
        space = copy.deepcopy(space)
        space.seed(123)
        values = [space.sample() for _ in range(count)]
        batch = gymnasium.vector.utils.concatenate(
            space, values, gymnasium.vector.utils.create_empty_array(space, n=count)
        )
        actions = list(
            gymnasium.vector.utils.iterate(
                gymnasium.vector.utils.batch_space(space, count), learner.act(batch, explore=False)
            )
        )
        return float(np.mean([likeness(*pair) for pair in zip(values, actions, strict=True)]))

    return measure
