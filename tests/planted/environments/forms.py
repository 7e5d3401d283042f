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


class Boat(gymnasium.Env):
    """A boat between two banks; whoever rows against one stays there, and the wind always drifts on."""

    metadata: ClassVar = {"render_modes": []}
    render_mode = None
    width = 6

    def __init__(self):
        self.observation_space = spaces.Dict(
            {"place": spaces.Discrete(self.width), "wind": spaces.Box(-1, 1, (1,), np.float64)}
        )
        self.action_space = spaces.Discrete(3)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.begin()
        return self.observe(), {"action_mask": self.mask()}

    def begin(self):
        self.place = int(self.np_random.integers(self.width))
        self.wind = float(self.np_random.uniform(-1, 1))

    def step(self, action):
        self.row(int(action))
        self.wind = float(np.clip(self.wind + self.np_random.normal(0, 0.1), -1, 1))
        ends = bool(self.np_random.random() < 0.1)
        return self.observe(), float(self.place == 2), ends, False, {"action_mask": self.mask()}

    def row(self, action):
        self.place = min(max(self.place + action - 1, 0), self.width - 1)

    def observe(self):
        return {"place": self.place, "wind": np.array([self.wind])}

    def mask(self):
        return np.array([self.place > 0, 1, self.place < self.width - 1], np.int8)


@right
class RowsByMask(Boat):
    """The mask says where there is no bank."""


@flawed("a step late.*observation.'place'")
class RowsByTheMaskBefore(Boat):
    """The mask is that of before the boat was rowed, and rowing against a bank is let pass."""

    def begin(self):
        super().begin()
        self.kept = super().mask()

    def row(self, action):
        self.kept = super().mask()
        super().row(action)

    def mask(self):
        return self.kept.copy()


@right
class ShowsTheNextBoat(Boat):
    """What is seen is the boat that comes next, so that the mask follows from what was seen before."""

    def begin(self):
        super().begin()
        self.next = int(self.np_random.integers(self.width))

    def row(self, action):
        self.place, self.next = self.next, int(self.np_random.integers(self.width))

    def observe(self):
        return {"place": self.next, "wind": np.array([self.wind])}


@flawed("self.own, a generator of its own, which reset.seed=…. leaves where it was")
class WindOfItsOwn(Boat):
    """The wind comes from a generator of its own, which no reset seeds."""

    def __init__(self):
        super().__init__()
        self.own = np.random.default_rng(0)

    def begin(self):
        super().begin()
        self.wind = float(self.own.uniform(-1, 1))


@right
class WindFromTheSeed(Boat):
    """The wind comes from a generator of its own, which each reset makes from the world's."""

    def begin(self):
        super().begin()
        self.own = np.random.default_rng(self.np_random.integers(2**32))
        self.wind = float(self.own.uniform(-1, 1))
