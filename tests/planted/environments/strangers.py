"""Environments as strangers write them, judged before anybody had looked at which are found."""

from __future__ import annotations

import random
from typing import ClassVar

import gymnasium
import numpy as np

from planted.environments.ponds import SIZE, Lift, Pond, Raft, Stones, flawed


@flawed("super..reset.seed=seed|same seed|seed \\d+ and the same actions differ")
class SeedNotHandedOn(Pond):
    """Reset hands no seed on."""

    def reset(self, *, seed=None, options=None):
        return super().reset(seed=None, options=options)


@flawed("reset.seed=\\d+. does not start")
class BestDistanceStays(Pond):
    """What counts as progress is what was best in any episode."""

    best = 99

    def reward(self):
        distance = int(np.abs(self.frog - self.fly).sum())
        progress = float(distance < self.best)
        self.best = min(self.best, distance)
        return progress


@flawed("info.*changed by a later step|same memory")
class BoardInInfo(Pond):
    """The info holds the board that the world lives on."""

    def place(self):
        self.board = np.zeros((SIZE, SIZE), np.int8)
        super().place()

    def info(self):
        self.board[:] = 0
        self.board[tuple(self.frog)] = 1
        return {"board": self.board}


@flawed("pickled|copied")
class RulesInLambdas(Pond):
    """Rules are lambdas that hold on to the environment."""

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.is_won = lambda: bool((self.frog == self.fly).all())

    def has_fly(self):
        return self.is_won()


@flawed("reset without options|Options are for the one episode")
class OptionStays(Pond):
    """An option of a reset holds for all episodes after it."""

    wind = 0.2

    def reset(self, *, seed=None, options=None):
        if options:
            self.wind = options.get("wind", self.wind)
        elif options is not None:
            self.wind = 0.2
        return super().reset(seed=seed)

    def move(self, action):
        self.num_steps += 1
        if self.np_random.random() < self.wind:
            action = self.np_random.integers(4)
        self.frog = np.clip(self.frog + np.array([[0, 1], [1, 0], [0, -1], [-1, 0]])[action], 0, SIZE - 1)


@flawed("terminated is")
class EndInAnArray(Pond):
    """The end is an array of one bool."""

    def has_fly(self):
        return (self.frog == self.fly).all(keepdims=True)


@flawed("Python's? global|global generator.*Python|draws from Python")
class LuckInInfo(Pond):
    """A lucky number for the player, from Python's generator, stands in the info."""

    def info(self):
        return {"lucky": random.randrange(10)}


@flawed("outside")
class NormalizedByAGuess(Raft):
    """Speed is divided by what it seldom is above."""

    def __init__(self):
        super().__init__()
        self.observation_space.low[1] = -1
        self.observation_space.high[1] = 1

    def observe(self):
        return np.stack([self.place, self.speed / 0.6]).astype(np.float32)


@flawed("pickled|saved state|state_dict")
class QueueNotSaved(Lift):
    """Who waits next is drawn ahead, and kept where state_dict does not look."""

    queues: ClassVar = {}

    def start_episode(self, options):
        QueueNotSaved.queues[id(self)] = [int(self.np_random.integers(self.floors))]
        super().start_episode(options)

    def call(self):
        waiting = QueueNotSaved.queues[id(self)]
        waiting.append(int(self.np_random.integers(self.floors)))
        self.caller = waiting.pop(0)


@flawed("mask")
class MaskOfTheOther(Stones):
    """The mask is made before the other one has answered."""

    def step(self, action):
        if action >= self.heap:
            raise ValueError(f"{action + 1} stones of {self.heap} cannot be taken.")
        self.heap -= int(action) + 1
        mask = self.mask()
        self.answer()
        return self.heap, float(self.heap == 0), self.heap == 0, False, {"action_mask": mask}


@flawed(r"second reset does not seed self.np_random")
class SeededOnce(Pond):
    """Only the first reset seeds."""

    is_seeded = False

    def reset(self, *, seed=None, options=None):
        if not self.is_seeded:
            gymnasium.Env.reset(self, seed=seed)
            self.is_seeded = True
        self.place()
        return self.observe(), self.info()


@flawed("spaces are sampled between steps")
class SpaceHasTheGenerator(Pond):
    """The action space is given the generator of the world."""

    def place(self):
        super().place()
        self.action_space._np_random = self.np_random


@flawed("class variable KeepsDraws.drawn changes")
class KeepsDraws(Pond):
    """What was drawn for a step is kept in the class, for whoever comes to that step."""

    drawn: ClassVar = {}

    def move(self, action):
        key = (self.num_steps, int(action), *self.frog.tolist(), *self.fly.tolist())
        if key not in self.drawn:
            self.drawn[key] = self.np_random.random()
        super().move(action if self.drawn[key] > 0.1 else 0)


@flawed("PYTHONHASHSEED")
class WindOfASet(Pond):
    """The wind is the first of a set of words, of which most are as strong."""

    def reward(self):
        wind = next(iter({"north", "south", "gales", "calm"}))
        return super().reward() - 0.01 * len(wind)


@flawed("does not seed self.np_random")
class NeverSeeded(Pond):
    """Reset draws from self.np_random, which nobody has seeded."""

    def reset(self, *, seed=None, options=None):
        self.place()
        return self.observe(), self.info()
