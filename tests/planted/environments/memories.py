"""Environments in which something outlives its episode or its seed, and some in which it may."""

from __future__ import annotations

import functools
from typing import ClassVar

import gymnasium
import numpy as np
from gymnasium import spaces

from csai_core import ActionAttribute, BoxType, DiscreteType, ObsAttribute, Shell
from planted.environments.ponds import MOVES, Pond, flawed, right


class Cellar(gymnasium.Env):
    """Nine doors; behind one there is a cat, and whoever opens that has lost. Open doors the mask forbids."""

    metadata: ClassVar = {"render_modes": []}
    render_mode = None

    def __init__(self):
        self.observation_space = spaces.MultiBinary(9)
        self.action_space = spaces.Discrete(9)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.open = np.zeros(9, np.int8)
        self.cat = int(self.np_random.integers(9))
        return self.open.copy(), self.info()

    def step(self, action):
        if self.open[action]:
            return self.open.copy(), 0.0, False, False, self.info()
        self.open[action] = 1
        is_lost = bool(action == self.cat)
        return self.open.copy(), 0.0 if is_lost else 1.0, is_lost, False, self.info()

    def info(self):
        return {"action_mask": 1 - self.open}


@right
class SoundCellar(Cellar):
    """Its hidden number is drawn as an action is."""


class Meadow(gymnasium.Env):
    """A sheep on a strip of nine, each with its own grass in each of four years, drawn by the seed."""

    metadata: ClassVar = {"render_modes": []}
    render_mode = None

    def __init__(self):
        self.observation_space = spaces.Box(0, 1, (2,), np.float32)
        self.action_space = spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place, self.year = 4, int(self.np_random.integers(4))
        return self.observe(), {}

    def step(self, action):
        self.place += 2 * int(action) - 1
        has_left = not 0 <= self.place < 9
        self.place = min(max(self.place, 0), 8)
        return self.observe(), float(self.grass()), has_left, False, {}

    def observe(self):
        return np.array([self.place / 8, self.grass()], np.float32)

    def grass(self):
        return grown(self.year, self.place)


@functools.lru_cache
def grown(year, place):
    """How much grass there is in a year, kept for whoever asks again."""
    return float(np.random.default_rng((year, place)).random())


@right
class SoundMeadow(Meadow):
    """What is kept for all is kept under all that decides it."""


@flawed("in this process, and .* in a new one, where another seed.*outlives the environment")
class GrassOfTheFirstYear(Meadow):
    """The class keeps the grass by the place alone, of whichever year came first in this process."""

    known: ClassVar = {}

    def grass(self):
        return self.known.setdefault(self.place, grown(self.year, self.place))


@flawed("the first picture of reset.seed=\\d+. in mode 'rgb_array'.*an episode before")
class FlyOfTheFirstPicture(Pond):
    """The pond and the fly are painted once, and the frog onto a copy of that."""

    pond = None

    def picture(self):
        if self.pond is None:
            self.pond = super().picture()
        picture = self.pond.copy()
        y, x = self.frog * 8
        picture[y : y + 8, x : x + 8] = (20, 200, 20)
        return picture


@right
class CountsEpisodes(Pond):
    """Pictures show how many episodes there were."""

    num_episodes = 0

    def place(self):
        super().place()
        self.num_episodes += 1

    def picture(self):
        picture = super().picture()
        picture[0, : min(self.num_episodes, 8)] = 255
        return picture


@right
class Waves(Pond):
    """Pictures show waves, which move on from one picture to the next."""

    num_pictures = 0

    def picture(self):
        self.num_pictures += 1
        return np.roll(
            super().picture() + np.arange(4, dtype=np.uint8)[:, None].repeat(8, 0), self.num_pictures
        )


class Ferry(Shell):
    """Row left (0) or right (1) from the middle of a river to one of its banks, against a seldom current."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.place, self.current = 5, 0.1
        self.register_attribute(ObsAttribute("place", DiscreteType(11), lambda: self.place))
        self.register_attribute(ActionAttribute("row", DiscreteType(2)))

    def start_episode(self, options):
        self.place, self.current = 5, float(options.get("current", 0.1))

    def advance(self, action, d_t):
        is_driven = self.np_random.random() < self.current
        self.place += 1 if action == 1 and not is_driven else -1

    def get_current_reward(self, action, current_state):
        return float(self.place == 10), self.place in (0, 10)


@right
class SoundFerry(Ferry):
    """Its option holds for the one episode."""


@flawed("After reset.options=.'current'.*reset without options.*at step")
class CurrentStays(Ferry):
    """An option of a reset holds on, and shows only where it changes what happens by chance."""

    def start_episode(self, options):
        self.place, self.current = 5, float(options.get("current", self.current))


class Cliffs(gymnasium.Env):
    """A gull over nine cliffs of drawn heights, blown about by the wind, until it is at an end."""

    metadata: ClassVar = {"render_modes": []}
    render_mode = None

    def __init__(self):
        self.observation_space = spaces.Dict(
            gull=spaces.Discrete(9), cliffs=spaces.Box(0, 20, (30,), np.int64), tide=spaces.Discrete(6)
        )
        self.action_space = spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.gull, self.cliffs, self.tide = int(self.np_random.integers(2, 7)), self.heights(), 0
        return self.observe(), {}

    def heights(self):
        return self.np_random.integers(20, size=30)

    def step(self, action):
        wind = int(self.np_random.integers(-1, 2))
        self.gull = min(max(self.gull + 2 * int(action) - 1 + wind, 0), 8)
        return self.observe(), float(self.cliffs[self.gull]), self.gull in (0, 8), False, {}

    def observe(self):
        return {"gull": self.gull, "cliffs": self.cliffs.copy(), "tide": self.tide}


@flawed(r"Without a seed, observation\['cliffs'\] starts the same.*np_random_seed stays")
class CliffsOfTheSeed(Cliffs):
    """The heights are drawn by the last seed that somebody gave, in each reset again."""

    def heights(self):
        return np.random.default_rng(self.np_random_seed).integers(20, size=30)


@right
class MostlyLow(Cliffs):
    """The tide is nearly always low at first, and all else is drawn by a generator that each reset makes."""

    def reset(self, *, seed=None, options=None):
        observation, info = super().reset(seed=seed, options=options)
        if self.np_random.random() < 0.4:
            self.tide = int(self.np_random.integers(1, 6))
        return {**observation, "tide": self.tide}, info

    def heights(self):
        return np.random.default_rng(int(self.np_random.integers(2**31))).integers(20, size=30)


@flawed("looking at the attributes draws from self.np_random.*start_episode and advance")
class FogAtTheBank(Ferry):
    """What is seen of the bank, at the bank, is drawn whenever somebody looks."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.register_attribute(ObsAttribute("fog", DiscreteType(2), self.fog))

    def fog(self):
        return int(self.place == 9 and self.np_random.random() < 0.5)


class Worm(Shell):
    """A worm of three parts in a field of seven by seven is to bring its head to the corner."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.body = np.zeros((3, 2), np.int64)
        self.register_attribute(ObsAttribute("body", BoxType(0, 6, (3, 2), np.int64), lambda: self.body))
        self.register_attribute(ActionAttribute("go", DiscreteType(4)))

    @property
    def head(self):
        return self.body[0]

    def start_episode(self, options):
        self.body[:] = self.np_random.integers(7, size=2)

    def advance(self, action, d_t):
        self.body[1:] = self.body[:-1].copy()
        self.head[:] = np.clip(self.head + MOVES[action], 0, 6)

    def get_current_reward(self, action, current_state):
        return 0.0, bool((self.head == 6).all())


@right
class SoundWorm(Worm):
    """Its head is looked up in its body."""


@flawed("self.body and self.head are one memory, of which a copy makes two")
class HeadIsAView(Worm):
    """Its head is a variable that looks into its body, and that no copy keeps there."""

    head = None

    def __init__(self, **settings):
        super().__init__(**settings)
        self.head = self.body[0]
