"""The classic three-item loop runs on any environment, and classic environments become Gymnasium's."""

from __future__ import annotations

import copy
import pickle

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from csai_core import ActionAttribute, BoxType, ClassicView, DiscreteType, ObsAttribute, Shell, from_classic
from csai_core.errors import ContractError
from csai_core.testing.toys import EverySpace, Walk


class MyEnvironment(Shell):
    """Step 1 of the classic example, an environment whose step returns three items: count up to three."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.count = 0
        self.frames = 0
        self.register_attribute(ObsAttribute("count", DiscreteType(4), lambda: self.count))
        self.register_attribute(ActionAttribute("add", DiscreteType(2)))

    def reset(self, attributes=None):
        self.count = 0
        self.update_env_attributes()
        return self.get_observation(attributes)

    def step(self, action, d_t, attributes=None):
        self.count += action
        self.update_env_attributes()
        state = self.get_observation(attributes)
        return (state, *self.get_current_reward(action, state))

    def get_current_reward(self, action, current_state):
        return (1.0 if current_state == 3 else 0.0), current_state == 3

    def update_env(self):
        self.updated = True

    def render_env(self):
        self.frames += 1


class MyAgent:
    """Step 2: an agent needs no base class."""

    def get_next_action(self, state):
        assert state in range(4)
        return 1


def test_the_classic_example_runs():
    my_env = ClassicView(from_classic(MyEnvironment()))
    my_agent = MyAgent()
    for _ in range(2):  # in the textbook, `while True`
        state = my_env.reset()
        done = False
        rewards = []
        while not done:
            action = my_agent.get_next_action(state)
            state, reward, done = my_env.step(action)
            my_env.update_env()
            my_env.render_env()
            rewards.append(reward)
        assert rewards == [0.0, 0.0, 1.0]
    assert my_env.frames == 6
    assert my_env.updated


def test_the_same_loop_runs_on_a_three_method_environment_and_moves_once_a_turn():
    env = ClassicView(Walk(console_only=True))
    state, done, turns = env.reset(), False, 0
    while not done:
        state, reward, done = env.step(1)
        env.update_env()
        env.render_env()
        turns += 1
        assert state == turns
    assert (turns, reward) == (4, 1.0)


def test_a_classic_environment_passes_gymnasiums_check():
    class Random(MyEnvironment):
        def __init__(self):
            super().__init__()
            space = BoxType(0, 1, (2,), np.float32)
            self.register_attribute(ObsAttribute("noise", space, lambda: self.np_random.random(2)))

        def get_current_reward(self, action, current_state):
            return 0.0, current_state["count"] == 3

    check_env(from_classic(Random()), skip_render_check=True)


def test_done_becomes_terminated():
    env = from_classic(MyEnvironment())
    assert env.reset(seed=4) == (0, {})
    assert env.unwrapped.np_random_seed == 4
    assert env.step(1) == (1, 0.0, False, False, {})
    env.step(1)
    assert env.step(1) == (3, 1.0, True, False, {})


def test_a_classic_shell_used_as_it_is_names_the_way_out():
    with pytest.raises(ContractError, match=r"MyEnvironment.reset returned one int.*from_classic\(MyEnviron"):
        MyEnvironment().reset()
    with pytest.raises(
        ContractError, match=r"takes no argument seed or options.*from_classic\(MyEnvironment"
    ):
        MyEnvironment().reset(seed=1)


def test_a_shell_of_five_items_is_refused():
    env = from_classic(Walk())
    with pytest.raises(ContractError, match=r"a Walk, whose reset returned 2 items.*used as it is"):
        env.reset()

    class Five(MyEnvironment):
        def step(self, action, d_t, attributes=None):
            return 0, 0.0, False, False, {}

    env = from_classic(Five())
    env.reset()
    with pytest.raises(ContractError, match=r"a Five, whose step returned 5 items"):
        env.step(1)


def test_a_view_shows_truncation_as_done_and_passes_the_duration_on():
    class Clock(Walk):
        def advance(self, action, d_t):
            self.seen = d_t

    env = ClassicView(gymnasium.wrappers.TimeLimit(Clock(), 2))
    env.reset()
    assert env.step(1, 0.125) == (0, -0.1, False)
    assert env.seen == 0.125
    assert env.step(1) == (0, -0.1, True)
    assert env.seen == 1 / 30


def test_a_view_takes_attributes_for_one_call():
    env = ClassicView(EverySpace())
    assert env.reset("mood") in (-1, 0, 1)
    state, _, _ = env.step(env.action_space.sample(), 0, ("mood", "lamps"))
    assert list(state) == ["mood", "lamps"]
    assert list(env.get_state(("pair",))) == ["pair"]
    assert env["mood"] is env.get_attribute("mood")


def test_a_view_of_gymnasiums_own_environments_works_and_copies():
    env = ClassicView(gymnasium.make("CartPole-v1"))
    assert env.reset().shape == (4,)
    for each in (env, copy.deepcopy(env), pickle.loads(pickle.dumps(ClassicView(Walk())))):
        each.reset()
        _, reward, done = each.step(1, 0.02)
        assert (type(reward), done) == (float, False)
