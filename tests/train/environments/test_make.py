"""Opening environments: every form they may be given in, and every wrong one."""

from __future__ import annotations

import gymnasium
import pytest
from gymnasium.envs.classic_control import CartPoleEnv
from gymnasium.envs.registration import EnvSpec
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from csai_core.errors import ConfigError, SpaceError, UnknownNameError
from csai_train import train
from csai_train.environments.make import FEWEST_BATCHED, make_single, one_of, open_environments, specify
from csai_train.environments.serial import SerialVectorEnv
from csai_train.errors import RunError, TrainingWarning


def test_an_id_with_options_becomes_a_specification_that_can_be_made_anywhere():
    spec = specify("FrozenLake-v1", {"is_slippery": False})
    assert make_single(spec).unwrapped.P[0][1] == [(1.0, 4, 0, False)]


def test_an_unknown_id_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="Did you mean 'CartPole-v1'"):
        specify("CartPol-v1")


def test_an_option_that_is_refused_is_named():
    with pytest.raises(RunError, match=r"No option of FrozenLake-v1 named 'hight'\. Known: desc"):
        specify("FrozenLake-v1", {"hight": 3})


def test_an_environment_whose_packages_are_missing_says_so():
    with pytest.raises(RunError, match=r"Ant-v5 cannot be made.*mujoco|Ant-v5 cannot be made.*MuJoCo"):
        specify("Ant-v5")


@pytest.mark.parametrize(
    "environment",
    ["CartPole-v1", gymnasium.spec("CartPole-v1"), gymnasium.make("CartPole-v1")],
    ids=["id", "spec", "environment"],
)
def test_one_environment_is_made_as_often_as_wanted(environment):
    envs = open_environments(environment, 3)
    assert envs.num_envs == 3
    assert len({id(env.unwrapped) for env in envs.envs}) == 3


def test_an_environment_that_is_given_is_used_itself():
    env = gymnasium.make("CartPole-v1")
    assert open_environments(env, 2).envs[0].unwrapped is env.unwrapped


def test_a_vector_environment_is_used_as_it_is_but_gymnasiums_serial_one_is_taken_apart():
    sync = SyncVectorEnv([lambda: gymnasium.make("CartPole-v1")] * 2)
    envs = open_environments(sync, 1)
    assert [env.unwrapped for env in envs.envs] == [env.unwrapped for env in sync.envs]
    assert open_environments(envs, 7) is envs


def test_several_of_an_environment_that_cannot_be_made_again_are_refused(corridor):
    with pytest.raises(RunError, match="3 environments are wanted"):
        open_environments(corridor(), 3)


def test_a_render_mode_of_the_specification_is_not_trained_with():
    spec = gymnasium.make("FrozenLake-v1", render_mode="ansi").spec
    assert make_single(spec).render_mode is None


class Batched(SyncVectorEnv):
    """A batched class as this package can use it."""

    def __init__(self, num_envs, autoreset_mode, max_episode_steps=None, g=9.8):
        make = lambda: gymnasium.make("Pendulum-v1", g=g)  # noqa: E731
        super().__init__([make] * num_envs, autoreset_mode=autoreset_mode)
        self.max_episode_steps, self.g = max_episode_steps, g

    def state_dict(self):
        return {}

    def load_state_dict(self, state):
        pass


class PassingOn(Batched):
    def __init__(self, num_envs, **settings):
        super().__init__(num_envs, **settings)


class WithoutModes(Batched):
    def __init__(self, num_envs):
        super().__init__(num_envs, "SameStep")


class WithoutSaving(SyncVectorEnv):
    def __init__(self, num_envs, autoreset_mode, max_episode_steps=None, g=9.8):
        raise NotImplementedError


@pytest.fixture
def register():
    """A function that registers an environment with a batched class, for one test."""
    name = "Testing/Batched-v0"

    def add(batched_class, **settings):
        entry_point = "gymnasium.envs.classic_control:PendulumEnv"
        gymnasium.register(name, entry_point, vector_entry_point=batched_class, **settings)
        return name

    yield add
    del gymnasium.registry[name]


@pytest.mark.parametrize("batched_class", [Batched, PassingOn])
def test_a_batched_class_is_used_with_the_options_of_the_specification(register, batched_class):
    spec = specify(register(batched_class, max_episode_steps=7), {"g": 1.0, "render_mode": "rgb_array"})
    envs = open_environments(spec, FEWEST_BATCHED)
    assert type(envs) is batched_class
    assert (envs.num_envs, envs.g, envs.max_episode_steps) == (FEWEST_BATCHED, 1.0, 7)
    assert envs.metadata["autoreset_mode"] == AutoresetMode.SAME_STEP
    assert envs.spec == spec


@pytest.mark.parametrize("batched_class", [WithoutModes, WithoutSaving])
def test_a_batched_class_that_cannot_do_everything_is_not_used(register, batched_class):
    assert isinstance(open_environments(register(batched_class), FEWEST_BATCHED), SerialVectorEnv)


def test_single_environments_are_used_where_they_cost_less_or_are_wrapped(register):
    spec = specify(register(Batched))
    assert isinstance(open_environments(spec, FEWEST_BATCHED - 1), SerialVectorEnv)
    wrapped = gymnasium.wrappers.ClipReward(gymnasium.make(spec), max_reward=0.0).spec
    assert isinstance(open_environments(wrapped, FEWEST_BATCHED), SerialVectorEnv)


def test_gymnasiums_batched_cart_pole_cannot_be_saved_and_is_not_used():
    assert isinstance(open_environments("CartPole-v1", FEWEST_BATCHED), SerialVectorEnv)


class Spaced(gymnasium.Env):
    """One step long; raises where `fails` says."""

    def __init__(self, fails=""):
        self.fails = fails
        self.observation_space = self.action_space = gymnasium.spaces.Discrete(2)
        if fails == "init":
            raise KeyError("velocity")

    def reset(self, *, seed=None, options=None):
        return 0, {}

    def step(self, action):
        return 1, 1.0, True, False, {}

    def close(self):
        if self.fails == "close":
            raise ValueError("already closed")


def spec_of(entry_point, **kwargs):
    return EnvSpec("Spaced-v0", entry_point=entry_point, kwargs=kwargs)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (spec_of(Spaced, fails="init"), "Spaced-v0 cannot be made: KeyError: 'velocity'"),
        (spec_of("nowhere_at_all:Spaced"), "Spaced-v0 cannot be made: ModuleNotFoundError: .*nowhere_at_all"),
        (spec_of("json:Spaced"), "Spaced-v0 cannot be made: AttributeError: .*'json' has no attribute"),
    ],
)
def test_whatever_is_raised_while_one_is_made_is_told_with_its_name(spec, words):
    with pytest.raises(RunError, match=words) as caught:
        make_single(spec)
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize("name", ["observation_space", "action_space"])
@pytest.mark.parametrize("given", [None, 4, gymnasium.spaces.Discrete])
def test_an_environment_without_spaces_is_refused_by_name(name, given):
    env = Spaced()
    setattr(env, name, given)
    with pytest.raises(SpaceError, match=f"Spaced has .* as its {name}; give it a space in its __init__"):
        open_environments(env, 1)


def test_a_training_counts_though_its_environments_cannot_be_closed():
    with pytest.warns(TrainingWarning, match=r"could not be closed: ValueError: already closed"):
        training = train("q_learning", spec_of(Spaced, fails="close"), total_steps=3, seed=0)
    assert training.steps == 3


def test_one_of_several_is_one_that_is_here_or_made_like_them(corridor):
    envs = open_environments([corridor(), corridor()], 2)
    assert one_of(envs) is envs.envs[0]
    workers = open_environments("CartPole-v1", 1, workers=1)
    assert isinstance(one_of(workers).unwrapped, CartPoleEnv)
    workers.close()


def test_one_of_several_that_nobody_can_make_is_refused():
    envs = gymnasium.make_vec("CartPole-v1", 2, vectorization_mode="vector_entry_point")
    envs.spec = None
    with pytest.raises(RunError, match="have no specification"):
        one_of(envs)


def test_a_game_of_several_agents_is_refused_in_words_that_say_where_to_go():
    class Parallel:
        possible_agents = ("ann", "bob")

    with pytest.raises(ConfigError, match="OneAgentView"):
        train("q_learning", Parallel(), total_steps=50)
