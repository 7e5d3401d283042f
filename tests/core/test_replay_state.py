"""Environments come back to where they were, or a plain word says why they do not."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest
from gymnasium import wrappers

from csai_core import trees
from csai_core.gate.environment import EnvironmentGate
from csai_core.replay_state import ActionLog, recorded, restore, state_of
from csai_core.testing.toys import Walk


class Slippery(Walk):
    """A walk in which a die decides whether a step is taken."""

    def advance(self, action, d_t):
        if self.np_random.random() < 0.8:
            super().advance(action, d_t)


class Noisy(gymnasium.Wrapper):
    """Draws now and then from the environment's generator, at resets too, and pays by it."""

    def reset(self, **given):
        result = self.env.reset(**given)
        self.np_random.random()
        return result

    def step(self, action):
        noise = self.np_random.random(2).sum()
        observation, reward, *rest = self.env.step(action)
        noise += self.np_random.integers(5, dtype=np.uint32)  # of which the generator keeps half
        return observation, reward + noise, *rest


MAKERS = {
    "CartPole": lambda: gymnasium.make("CartPole-v1"),
    "FrozenLake": lambda: gymnasium.make("FrozenLake-v1"),
    "Taxi": lambda: gymnasium.make("Taxi-v4"),
    "Pendulum": lambda: gymnasium.make("Pendulum-v1"),
    "normalized": lambda: wrappers.NormalizeReward(
        wrappers.NormalizeObservation(gymnasium.make("CartPole-v1"))
    ),
    "stacked": lambda: wrappers.FrameStackObservation(gymnasium.make("CartPole-v1"), 3),
    "sticky": lambda: wrappers.StickyAction(gymnasium.make("CartPole-v1"), 0.4),
    "sticky and slippery": lambda: wrappers.StickyAction(gymnasium.make("FrozenLake-v1"), 0.4),
    "noisy": lambda: Noisy(Noisy(gymnasium.make("FrozenLake-v1"))),
    "with statistics": lambda: wrappers.RecordEpisodeStatistics(gymnasium.make("CartPole-v1")),
}


def play(env, actions):
    seen = []
    for action in actions:
        observation, reward, terminated, truncated, _ = env.step(action)
        seen.append((np.asarray(observation).tolist(), float(reward), terminated, truncated))
        if terminated or truncated:
            seen.append(np.asarray(env.reset()[0]).tolist())
    return seen


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("steps", [0, 3, 131])
def test_an_environment_goes_on_as_it_would_have(name, steps):
    make = MAKERS[name]
    env = recorded(make())
    env.action_space.seed(0)
    actions = [env.action_space.sample() for _ in range(steps + 200)]
    env.reset(seed=4)
    play(env, actions[:steps])
    state = state_of(env)
    twin = recorded(make())
    assert restore(twin, state) == ""
    assert play(twin, actions[steps:]) == play(env, actions[steps:])


def test_a_shell_goes_on_as_it_would_have():
    env = wrappers.TimeLimit(Slippery(), 30)
    assert recorded(env) is env
    env.reset(seed=4)
    actions = [int(i * i) % 2 for i in range(100)]
    play(env, actions[:41])
    twin = wrappers.TimeLimit(Slippery(), 30)
    assert restore(twin, state_of(env)) == ""
    assert play(twin, actions[41:]) == play(env, actions[41:])


def test_a_second_stop_is_as_exact_as_the_first():
    """The episode that was played again can itself be played again."""
    env = recorded(gymnasium.make("CartPole-v1"))
    env.reset(seed=1)
    play(env, [0, 1] * 30)
    twin, third = recorded(gymnasium.make("CartPole-v1")), recorded(gymnasium.make("CartPole-v1"))
    restore(twin, state_of(env))
    play(twin, [1])
    play(env, [1])
    assert restore(third, state_of(twin)) == ""
    assert play(third, [0, 1] * 50) == play(env, [0, 1] * 50)


class Scripted(gymnasium.Env):
    """Its steps are (observation, reward, terminated), whatever is done; its end is final."""

    observation_space = gymnasium.spaces.Discrete(3)
    action_space = gymnasium.spaces.Discrete(2)

    def __init__(self, *steps):
        self.script = iter(steps)
        self.has_ended = False

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return 0, {}

    def step(self, action):
        assert not self.has_ended
        observation, reward, self.has_ended = next(self.script)
        return observation, reward, self.has_ended, False, {}


ON = (1, 0.0, False)


@pytest.mark.parametrize(
    "other",
    [
        [ON, ON, ON, (2, 0.0, False)],
        [ON, (2, 0.0, False), ON, ON],
        [ON, (1, 0.5, False), ON, ON],
        [ON, (1, 0.0, True)],
    ],
    ids=["arrives elsewhere", "sees something else", "is rewarded differently", "ends early"],
)
def test_an_environment_that_is_not_deterministic_is_told_of(other):
    env = recorded(Scripted(ON, ON, ON, ON))
    env.reset(seed=1)
    play(env, [0, 1, 0, 1])
    assert restore(recorded(Scripted(ON, ON, ON, ON)), state_of(env)) == ""
    assert "not deterministic" in restore(recorded(Scripted(*other)), state_of(env))


class OfItsOwnChance(gymnasium.Env):
    """Draws from a generator of its own, as MinAtar's games do, and leaves Gymnasium's unmade."""

    observation_space = gymnasium.spaces.Discrete(100)
    action_space = gymnasium.spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        if seed is not None:
            self.draws = np.random.default_rng(seed)
        return int(self.draws.integers(100)), {}

    def step(self, action):
        return int(self.draws.integers(100)), 0.0, False, False, {}


def test_the_same_seed_gives_the_same_state_though_the_environment_has_a_generator_of_its_own():
    def played():
        env = recorded(OfItsOwnChance())
        gate = EnvironmentGate(env)
        gate.reset(seed=3)
        gate.reset()
        gate.step(0)
        return state_of(env)

    assert trees.are_equal(played(), played())


def test_a_wrapper_may_play_beyond_the_end():
    class Endless(gymnasium.Wrapper):
        def step(self, action):
            observation, reward, _, truncated, info = super().step(action)
            return observation, reward, False, truncated, info

    env, twin = (recorded(Endless(gymnasium.make("FrozenLake-v1", disable_env_checker=True))) for _ in "ab")
    env.reset(seed=1)
    play(env, [0, 1, 2] * 10)
    assert restore(twin, state_of(env)) == ""
    assert play(twin, [1, 2] * 10) == play(env, [1, 2] * 10)


def test_a_wrapper_whose_memory_cannot_be_saved_is_named():
    class Diary(gymnasium.Wrapper):
        def __init__(self, env):
            super().__init__(env)
            self.pages = {"first": object()}

    env = recorded(Diary(gymnasium.make("CartPole-v1")))
    env.reset(seed=1)
    problem = restore(recorded(Diary(gymnasium.make("CartPole-v1"))), state_of(env))
    assert problem == "its wrapper Diary keeps pages, which cannot be saved"


def test_a_shell_that_cannot_be_saved_says_what_it_keeps():
    env = Slippery()
    env.reset(seed=1)
    env.socket = iter([])
    assert "self.socket" in restore(Slippery(), state_of(env))


def test_episodes_that_are_too_long_are_not_played_again(monkeypatch):
    monkeypatch.setattr("csai_core.replay_state.MOST_ACTIONS", 10)
    env = recorded(gymnasium.make("Pendulum-v1"))
    env.reset(seed=1)
    play(env, [np.zeros(1, np.float32)] * 12)
    assert "lasted for 10 steps" in restore(env, state_of(env))


def test_a_recorder_goes_below_the_wrappers_and_only_once():
    env = recorded(recorded(gymnasium.make("CartPole-v1")))
    layers = []
    layer = env
    while isinstance(layer, gymnasium.Wrapper):
        layers.append(type(layer))
        layer = layer.env
    assert layers[-1] is ActionLog
    assert layers.count(ActionLog) == 1
    assert env.spec == gymnasium.make("CartPole-v1").spec
