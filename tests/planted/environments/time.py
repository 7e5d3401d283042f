"""Environments whose time is up: what they call terminated, and what can be seen of it."""

from __future__ import annotations

from typing import ClassVar

import gymnasium
import numpy as np
from gymnasium import spaces

from planted.environments.ponds import Pond, Raft, flawed, right


class Drift(gymnasium.Env):
    """A point is pushed about by the wind, and lost where it leaves the field."""

    metadata: ClassVar = {"render_modes": []}
    render_mode = None
    width = 3.0
    limit = 25

    def __init__(self):
        self.observation_space = spaces.Box(-9, 9, (2,), np.float32)
        self.action_space = spaces.Discrete(3)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place, self.num_steps = self.np_random.uniform(-1, 1, 2), 0
        return self.observe(), {}

    def step(self, action):
        self.num_steps += 1
        self.place = self.place + self.np_random.normal(0, 0.3, 2) + [0.1 * (action - 1), 0]
        self.place = np.clip(self.place, -9, 9)
        return self.observe(), 1.0, self.is_over(), False, {}

    def observe(self):
        return self.place.astype(np.float32)

    def is_lost(self):
        return bool(np.abs(self.place).max() > self.width)

    def is_over(self):
        return self.is_lost() or self.num_steps >= self.limit


@flawed("Step 25, which is the time limit.*truncated", max_episode_steps=25)
class LostOrLate(Drift):
    """Terminated where it is lost, and after 25 steps too, wherever it is then."""


@flawed("Step 25, is terminated=True.*truncated|truncated.*Step 25")
class LateWithoutRegistration(Drift):
    """The same, and no registration says the limit."""


@flawed("count of steps .num_steps. is put to 299.*truncated", max_episode_steps=300)
class LateWhereNobodyComes(Drift):
    """Nobody lasts for 300 steps without learning; who does is terminated."""

    width, limit = 1.3, 300


@flawed("count of steps .clock.ticks. is put to 399.*truncated")
class LateByAClock(Drift):
    """A clock of its own ends it after 400 steps, of which no registration says anything."""

    width, limit = 1.3, 400

    class Clock:
        ticks = 0

    def reset(self, *, seed=None, options=None):
        self.clock, self.max_ticks = self.Clock(), self.limit
        self.clock.ticks = 0
        return super().reset(seed=seed)

    def step(self, action):
        self.clock.ticks += 1
        return super().step(action)

    def is_over(self):
        return self.is_lost() or self.clock.ticks == self.max_ticks


@flawed("truncated", max_episode_steps=30)
class BothAtOnce(Pond):
    """At the limit it is terminated and truncated at once."""

    def step(self, action):
        observation, reward, terminated, truncated, info = super().step(action)
        is_late = self.num_steps >= 30
        return observation, reward, terminated or is_late, truncated or is_late, info


@right(max_episode_steps=25)
class OutOfFuel(Drift):
    """After 25 steps the fuel is used up, which can be seen; it may be lost before."""

    def __init__(self):
        super().__init__()
        self.observation_space = spaces.Box(-99, 99, (3,), np.float32)

    def observe(self):
        return np.array([*self.place, self.limit - self.num_steps], np.float32)


@right
class OutOfFuelSlowly(Drift):
    """Each step burns a little more or less; on the way of about 25 steps it is seen in a bar of lamps."""

    def __init__(self):
        super().__init__()
        self.observation_space = spaces.Dict(
            place=spaces.Box(-9, 9, (2,), np.float32), lamps=spaces.MultiBinary(25)
        )

    def observe(self):
        lamps = (np.arange(25) < self.limit - self.num_steps).astype(np.int8)
        return {"place": super().observe(), "lamps": lamps}


@right(max_episode_steps=500)
class SeldomLate(Drift):
    """Nobody lasts for 500 steps without learning; the registration alone cuts it there."""

    width, limit = 1.3, 10**9


@right
class NineMoves(gymnasium.Env):
    """Crosses and noughts by chance; where all nine cells are full, counted by the moves, it is a draw."""

    metadata: ClassVar = {"render_modes": []}
    render_mode = None
    max_moves = 16

    def __init__(self):
        self.observation_space = spaces.MultiDiscrete([3] * 16)
        self.action_space = spaces.Discrete(16)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.board, self.num_moves = np.zeros(16, np.int64), 0
        return self.board.copy(), {}

    def step(self, action):
        free = np.flatnonzero(self.board == 0)
        cell = int(action) if self.board[action] == 0 else int(free[0])
        self.board[cell] = 1 + self.num_moves % 2
        self.num_moves += 1
        lines = self.board.reshape(4, 4)
        won = any((line == line[0]).all() and line[0] for line in (*lines, *lines.T))
        return self.board.copy(), float(won), bool(won or self.num_moves == self.max_moves), False, {}


@right
class Ashore(Raft):
    """It ends at the shore alone; that no step has to do with."""


@right
class NoPainter(Pond):
    """What its pictures need is not installed here, and it says so."""

    def picture(self):
        raise gymnasium.error.DependencyNotInstalled(
            'pygame is not installed, run `pip install "pond[draw]"`'
        )
