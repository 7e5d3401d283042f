"""The generators of a wrapper, wherever it keeps them; those of the environment are not its own."""

from __future__ import annotations

import random

import gymnasium
import numpy as np
from gymnasium import spaces

from csai_core.testing.probe import Probe
from csai_core.testing.wrapper.generators import own_generators


class Noise:
    def __init__(self):
        self.random = random.Random(1)


def test_they_are_found_wherever_they_stand():
    wrapper = gymnasium.Wrapper(Probe(spaces.Discrete(2), spaces.Discrete(2)))
    wrapper.reset(seed=1)
    hidden = np.random.default_rng(4)
    wrapper.random = np.random.default_rng(2)
    wrapper.each = [None, np.random.default_rng(3)]
    wrapper.noise = Noise()
    wrapper.draw = lambda: 2 * hidden.random()
    wrapper.normal = wrapper.random.normal
    wrapper.theirs = wrapper.np_random
    before = own_generators(wrapper)
    assert set(before) == {
        "self.random",
        "self.each[1]",
        "self.noise.random",
        "self.draw (hidden)",
        "self.normal",
    }
    wrapper.random.random()
    wrapper.noise.random.random()
    after = own_generators(wrapper)
    moved = {name for name in before if before[name] != after[name]}
    assert moved == {"self.random", "self.normal", "self.noise.random"}
