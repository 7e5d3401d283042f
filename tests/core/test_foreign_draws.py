"""Draws of wrappers from an environment's generator: noted where they were made, and nowhere else."""

from __future__ import annotations

import gymnasium
import numpy as np

from csai_core.foreign_draws import ForeignDraws, states_of


class Still(gymnasium.Env):
    pass


def test_only_moves_between_the_environments_own_steps_are_noted():
    env = Still()
    env.np_random = np.random.default_rng(1)
    draws = ForeignDraws(env)
    draws.leave()
    draws.enter(0)
    env.np_random.random()  # by the environment
    draws.leave()
    draws.enter(1)
    assert draws.state_dict()["steps"].tolist() == []
    env.np_random.integers(5, dtype=np.uint32)  # by somebody else
    before = env.np_random.bit_generator.state
    draws.enter(2)
    draws.enter(2)
    noted = draws.state_dict()
    assert noted["steps"].tolist() == [2]
    assert noted["states"].dtype == np.uint64
    assert states_of(noted) == {2: before}
    draws.clear()
    assert draws.state_dict()["states"].shape == (0, 6)


def test_generators_that_gymnasium_does_not_make_are_left_alone():
    env = Still()
    env.np_random = np.random.Generator(np.random.MT19937(1))
    draws = ForeignDraws(env)
    draws.leave()
    env.np_random.random()
    draws.enter(0)
    assert states_of(draws.state_dict()) == {}
