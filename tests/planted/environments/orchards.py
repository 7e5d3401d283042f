"""Orchards whose faults show late, seldom, or only to somebody who does the same again and again."""

from __future__ import annotations

import functools

import numpy as np

from csai_core import ActionAttribute, DiscreteType, MultiBinaryType, ObsAttribute, Shell
from planted.environments.ponds import flawed, right


class Orchard(Shell):
    """Walk left (0) or right (1), or pick (2), along nine trees, until all apples are picked."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.place, self.num_picked, self.gain = 4, 0, 0.0
        self.apples = np.zeros(9, np.int8)
        self.register_attribute(ObsAttribute("apples", MultiBinaryType(9), lambda: self.apples))
        self.register_attribute(ObsAttribute("place", DiscreteType(9), lambda: self.place))
        self.register_attribute(ActionAttribute("act", DiscreteType(3)))

    def start_episode(self, options):
        self.place = int(self.np_random.integers(9))
        self.apples = self.np_random.integers(2, size=9).astype(np.int8)
        self.num_picked, self.gain = 0, 0.0

    def advance(self, action, d_t):
        self.gain = 0.0
        if action < 2:
            self.place = int(np.clip(self.place + 2 * action - 1, 0, 8))
        elif self.apples[self.place]:
            self.apples[self.place] = 0
            self.num_picked += 1
            self.gain = 1.0

    def get_current_reward(self, action, current_state):
        return self.gain, not self.apples.any()


@functools.lru_cache
def planted_trees(number):
    """The apples of a year, which everybody gets as the same array."""
    return np.random.default_rng(number).integers(2, size=9).astype(np.int8) | 1


@right
class Farm(Orchard):
    """It has generators of its own, one for what looks always the same, and two harvests in an episode."""

    def reset(self, attributes=None, *, seed=None, options=None):
        if seed is not None or not hasattr(self, "weather"):
            self.weather = np.random.default_rng(seed)
        self.decor = np.random.default_rng(7)
        self.harvest = 1
        return super().reset(attributes, seed=seed, options=options)

    def start_episode(self, options):
        super().start_episode(options)
        self.apples = planted_trees(int(self.weather.integers(5))).copy()

    def get_current_reward(self, action, current_state):
        is_bare = not self.apples.any()
        if is_bare and self.harvest == 1:
            self.start_episode({})
            self.harvest = 2
            return 5.0, False
        return self.gain, is_bare


@flawed("without a seed.*self.own to the same place")
class TwoStarts(Orchard):
    """Its own generator is made of `seed or 0`, and draws one of two starts."""

    def reset(self, attributes=None, *, seed=None, options=None):
        self.own = np.random.default_rng(seed or 0)
        return super().reset(attributes, seed=seed, options=options)

    def start_episode(self, options):
        super().start_episode(options)
        self.place, self.apples = int(self.own.choice([0, 8])), np.ones(9, np.int8)


@flawed("every reset.. starts the same episode")
class TwoStartsUnheld(Orchard):
    """The same, and the generator is forgotten at once."""

    def reset(self, attributes=None, *, seed=None, options=None):
        self.side = int(np.random.default_rng(seed or 0).integers(2)) * 8
        return super().reset(attributes, seed=seed, options=options)

    def start_episode(self, options):
        self.place, self.apples = self.side, np.ones(9, np.int8)
        self.num_picked, self.gain = 0, 0.0


@flawed("seed=4. sets its generators where reset.seed=0")
class FewSeeds(Orchard):
    """Of the seed, two bits are used."""

    def reset(self, attributes=None, *, seed=None, options=None):
        return super().reset(attributes, seed=None if seed is None else seed % 4, options=options)


@flawed("streak.* must be an integer from 0 to 19")
class LongStreak(Orchard):
    """It shows how often the same was done, which is more than it says where one thing is done for long."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.streak, self.last = 0, -1
        self.register_attribute(ObsAttribute("streak", DiscreteType(20), lambda: self.streak))

    def start_episode(self, options):
        super().start_episode(options)
        self.streak, self.last = 0, -1

    def advance(self, action, d_t):
        super().advance(action, d_t)
        self.streak, self.last = (self.streak + 1 if action == self.last else 0), action

    def get_current_reward(self, action, current_state):
        return self.gain, False


@flawed("printed 'You win!'")
class PrintsWhenItWins(Orchard):
    """It prints where six apples are picked, which random play seldom does."""

    def get_current_reward(self, action, current_state):
        if self.num_picked >= 6:
            print("You win!")
        return self.gain, self.num_picked >= 6


@flawed("the step that ends an episode calls start_episode itself")
class BeginsAgain(Orchard):
    """Where the game ends, it begins the next one, and shows that."""

    def get_current_reward(self, action, current_state):
        gain, is_over = self.gain, not self.apples.any()
        if is_over:
            self.start_episode({})
        return gain, is_over


@flawed("still there.*lru_cache on a method")
class NeverLetGo(Orchard):
    """The cache of a method holds every environment that there was."""

    @functools.lru_cache  # noqa: B019
    def near(self, place):
        return np.arange(max(place - 1, 0), min(place + 2, 9))

    def advance(self, action, d_t):
        super().advance(action, d_t)
        self.near(self.place)


@flawed("not the present state.*update_env_attributes")
class LooksTooEarly(Orchard):
    """A step of its own, which forgets to say that the world has moved on."""

    def step(self, action, d_t=None, attributes=None):
        self.get_observation()
        self.advance(action, 1.0)
        return self.get_observation(), self.gain, not self.apples.any(), False, {}


@flawed("in this process, and .* in a new one.*outlives the environment")
class EatsTheCache(Orchard):
    """It picks the apples of the array in the cache, so that the next game of that year has fewer."""

    def start_episode(self, options):
        super().start_episode(options)
        self.apples = planted_trees(int(self.np_random.integers(4)))
