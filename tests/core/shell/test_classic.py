"""The classic three-item loop runs on any environment, and classic environments become Gymnasium's."""

from __future__ import annotations

import copy
import pickle

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from csai_core import ActionAttribute, BoxType, ClassicView, DiscreteType, ObsAttribute, Shell, from_classic
from csai_core.errors import ContractError, EpisodeOverError, SpaceError
from csai_core.shell.classic import as_gymnasium
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


class WithoutDuration(MyEnvironment):
    """Takes the action alone."""

    def step(self, action):
        return super().step(action, None)


class FreeDuration(MyEnvironment):
    """May be told a duration."""

    def step(self, action, d_t=None, attributes=None):
        return super().step(action, d_t, attributes)


class AnyArguments(MyEnvironment):
    """Hands on whatever it gets."""

    def reset(self, *args, **kwargs):
        return super().reset(*args, **kwargs)

    def step(self, *args, **kwargs):
        return super().step(*args, 0.0, **kwargs)


class Declared(MyEnvironment):
    """A class that says what it is written for; it is used as it is."""

    is_classic = True


@pytest.mark.parametrize(
    "make",
    [
        Declared,
        lambda: ClassicView(MyEnvironment),
        lambda: ClassicView(MyEnvironment()),
        lambda: ClassicView(WithoutDuration),
        lambda: ClassicView(FreeDuration),
        lambda: ClassicView(AnyArguments),
        lambda: ClassicView(Declared),
        lambda: ClassicView(from_classic(MyEnvironment())),
        lambda: ClassicView(gymnasium.wrappers.TimeLimit(from_classic(MyEnvironment()), 9)),
    ],
)
def test_the_classic_example_runs(make):
    my_env = make()
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


def test_a_view_hands_on_the_duration_or_says_the_usual_one():
    class Clock(MyEnvironment):
        def step(self, action, d_t, attributes=None):
            self.seen = d_t
            return super().step(action, d_t, attributes)

    env = ClassicView(Clock(target_fps=4))
    env.reset()
    env.step(1, 0.5)
    assert env.seen == 0.5
    env.step(1)
    assert env.seen == 0.25


def test_what_a_reset_returns_decides_for_which_loop_an_environment_is_written():
    class Gymnasium(Walk):
        def reset(self):
            return super().reset()

        def step(self, action):
            return super().step(action)

    env = ClassicView(Gymnasium())
    assert env.reset() == 0
    with pytest.raises(SpaceError, match="walk"):
        env.step(2)
    assert [env.step(1)[::2] for _ in range(4)] == [(1, False), (2, False), (3, False), (4, True)]
    with pytest.raises(EpisodeOverError):
        env.step(1)


@pytest.mark.parametrize("given", [MyAgent, MyAgent(), "CSAI/Snake-v0"])
def test_a_view_shows_environments(given):
    with pytest.raises(
        ContractError, match=r"ClassicView was given .*derive from csai_core.Shell or gymnasium.Env"
    ):
        ClassicView(given)


def test_a_view_says_what_a_step_must_return():
    class Pair(MyEnvironment):
        def step(self, action, d_t, attributes=None):
            return super().step(action, d_t)[:2]

    env = ClassicView(Pair)
    env.reset()
    with pytest.raises(ContractError, match=r"a Pair, whose step returned 2 items.*\(state, reward, done\)"):
        env.step(1)


def test_what_trains_takes_classic_environments_as_gymnasiums():
    for given in (Declared(), ClassicView(MyEnvironment()), ClassicView(Declared)):
        env = as_gymnasium(given)
        assert env.reset(seed=4) == (0, {})
        assert env.step(1) == (1, 0.0, False, False, {})

    class Whole(Walk):
        def reset(self, attributes=None, *, seed=None, options=None):
            return super().reset(attributes, seed=seed, options=options)

    for walk in (Walk(), Whole()):
        assert as_gymnasium(walk) is as_gymnasium(ClassicView(walk)) is walk


def test_a_classic_environment_that_knows_seeds_is_told():
    class Seeded(Declared):
        def reset(self, attributes=None, *, seed=None):
            self.told = seed
            return super().reset(attributes)

    env = from_classic(Seeded())
    env.reset(seed=4)
    assert env.told == 4


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
    with pytest.raises(ContractError, match=r"MyEnvironment.reset returned one int.*ClassicView\(MyEnviron"):
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
