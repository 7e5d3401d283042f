"""Environments in spaces that authors seldom think of."""

from __future__ import annotations

from typing import ClassVar

import gymnasium
import numpy as np
from gymnasium import spaces

from planted.environments.ponds import flawed, right


class Doors(gymnasium.Env):
    """Six doors, numbered from 1, of which some are locked; whoever tries one of these stays outside."""

    metadata: ClassVar = {"render_modes": []}
    render_mode = None
    num_doors = 6

    def __init__(self):
        self.observation_space = spaces.MultiDiscrete([100, 50])
        self.action_space = spaces.Discrete(self.num_doors, start=1)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.house = int(self.np_random.integers(50))
        self.num_tries = 0
        self.lock()
        return self.observe(), {"action_mask": self.mask()}

    def lock(self):
        self.open = self.np_random.integers(0, 2, self.num_doors).astype(bool)
        self.open[self.np_random.integers(self.num_doors)] = True

    def step(self, action):
        self.num_tries += 1
        if self.is_open(action):
            self.enter(action)
        ends = bool(self.np_random.random() < 0.1)
        return self.observe(), float(self.house % 2), ends, False, {"action_mask": self.mask()}

    def is_open(self, action):
        return self.open[action - 1]

    def enter(self, action):
        self.house = (self.house + int(action)) % 50
        self.lock()

    def observe(self):
        return np.array([0, self.house])

    def mask(self):
        return self.open.astype(np.int8)


@flawed("counted from 0, and its actions from 1")
class MasksFromZero(Doors):
    """The mask's first number is about action 0, which there is not."""

    def mask(self):
        return np.array([action > 0 and self.is_open(action) for action in range(6)], np.int8)

    def lock(self):
        super().lock()
        self.open[[0, 2]] = True, False


@flawed("counted from 0, and its actions from 3|six? ones and zeros|array of 6")
class MasksAsLongAsTheLastAction(Doors):
    """The mask has a number for every action from 0 on, as none was subtracted."""

    def mask(self):
        return np.concatenate([[0], self.open]).astype(np.int8)


@flawed("opposite")
class LockedDoorsAreAllowed(Doors):
    """The mask says which doors are locked."""

    def mask(self):
        return (~self.open).astype(np.int8)

    def lock(self):
        super().lock()
        self.open[self.np_random.integers(self.num_doors)] = False
        self.open[int(np.argmin(self.open)) - 1] = True


@right
class DoorsFromOne(Doors):
    """Doors are numbered from 1, and the mask says so."""


@right
class DoorsFromMinusOne(Doors):
    """Actions begin below 0."""

    def __init__(self):
        super().__init__()
        self.action_space = spaces.Discrete(self.num_doors, start=-1)

    def is_open(self, action):
        return self.open[action + 1]
