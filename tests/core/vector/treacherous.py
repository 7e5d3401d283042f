"""A walk that can be told to end its process, to hang or to raise; worker processes import it."""

from __future__ import annotations

import os
import signal
import threading
import time

import gymnasium
import numpy as np

from csai_core.testing.toys import Walk

KILL, HANG, CRASH = 90, 91, 92


class Treacherous(Walk):
    """Has an action for each way of failing, and tells the process it runs in."""

    def __init__(self, **settings):
        super().__init__(length=100, **settings)
        self["walk"].space = gymnasium.spaces.Discrete(100)

    def start_episode(self, options):
        super().start_episode(options)
        self.position = int(self.np_random.integers(1, 50))
        if options.get("kill"):
            os.kill(os.getpid(), signal.SIGKILL)

    def advance(self, action, d_t):
        super().advance(action, d_t)
        if action == KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        if action == HANG:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(1000)
        if action == CRASH:
            raise ValueError("boom")

    def get_info(self):
        return {"pid": os.getpid()}


class Wandering(Walk):
    """Starts anywhere, so that its episodes are of unlike length."""

    def start_episode(self, options):
        self.position = int(self.np_random.integers(self.length - 1))


class Vast(gymnasium.Env):
    """Its observations and actions are larger than any pipe, and each observation is the last action."""

    def __init__(self, size=1_000_000):
        self.observation_space = self.action_space = gymnasium.spaces.Box(0, 255, (size,), np.uint8)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return np.zeros(self.observation_space.shape, np.uint8), {}

    def step(self, action):
        return action, 0.0, False, False, {}


class Unsendable(gymnasium.Env):
    """Gives a lock, which cannot leave its process, where it is told to."""

    metadata = {"render_modes": ["ansi"]}  # noqa: RUF012

    def __init__(self, where="", render_mode=None):
        self.where = where
        self.render_mode = render_mode
        self.observation_space = self.action_space = gymnasium.spaces.Discrete(2)
        if where == "space":
            self.observation_space.lock = threading.Lock()

    def reset(self, *, seed=None, options=None):
        deep = {"parts": [1, {"handle": threading.Lock()}]} if self.where == "info" else {}
        return threading.Lock() if self.where == "reset" else 0, {"fine": 1, **deep}

    def render(self):
        return threading.Lock() if self.where == "render" else ""
