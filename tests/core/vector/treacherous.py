"""A walk that can be told to end its process, to hang or to raise; worker processes import it."""

from __future__ import annotations

import os
import signal
import time

import gymnasium

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
