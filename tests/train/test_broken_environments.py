"""Whatever an environment gives that nobody can use, every algorithm and every way to play says the same."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv, VectorWrapper

from csai_core import RandomAgent
from csai_core.errors import EnvironmentFailedError, SpaceError
from csai_core.play import play_episode
from csai_train import evaluate, train
from csai_train.algorithms.deep_q_learning import DeepQLearning, DeepQLearningConfig
from csai_train.environments.serial import SerialVectorEnv
from csai_train.errors import TrainingWarning
from csai_train.training.loop import Training

ALGORITHMS = {
    "q_learning": {},
    "deep_q_learning": {"learning_starts": 2, "batch_size": 2, "hidden_sizes": (4,)},
    "reinforce": {"episodes_per_update": 1, "hidden_sizes": (4,)},
    "a2c": {"num_steps": 4, "hidden_sizes": (4,)},
    "ppo": {"num_steps": 4, "num_minibatches": 1, "hidden_sizes": (4,)},
}
STEP = {"observation": 0, "reward": 1.0, "terminated": False, "truncated": False, "info": {}}


class Counter(gymnasium.Env):
    """Counts to three; what it gives in some step, or at the reset of some episode, is another thing.

    Args:
        wrong: what it gives in place of the right things.
        at: (episode, step), counted from 0.
        space: of its observations.
    """

    def __init__(self, wrong=None, at=(1, 2), space=None):
        self.observation_space, self.action_space = space or spaces.Discrete(4), spaces.Discrete(2)
        self.wrong, self.at, self.episode = wrong or {}, at, -1

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.episode, self.count = self.episode + 1, 0
        given = self.given()
        return given["observation"], given["info"]

    def step(self, action):
        self.count += 1
        return tuple(self.given().values())

    def given(self):
        is_wrong = (self.episode, self.count) == self.at
        if is_wrong and "raises" in self.wrong:
            raise KeyError(self.wrong["raises"])
        given = {**STEP, "observation": self.observation(), "terminated": self.count == 3}
        return given | (self.wrong if is_wrong else {})

    def observation(self):
        return self.count


class Boxed(Counter):
    """Counts in a box of float32."""

    def __init__(self, wrong=None, at=(1, 2)):
        super().__init__(wrong, at, spaces.Box(0, 3, (1,), np.float32))

    def observation(self):
        return np.float32([self.count])


IN_STEPS = {
    "exception": ({"raises": "velocity"}, "KeyError: 'velocity'"),
    "reward None": ({"reward": None}, "the reward None"),
    "reward text": ({"reward": "1.0"}, "the reward '1.0'"),
    "reward nan": ({"reward": np.nan}, "the reward nan"),
    "terminated": ({"terminated": "no"}, "terminated is 'no'"),
    "truncated": ({"truncated": None}, "truncated is None"),
    "info": ({"info": None}, "info None"),
}
AT_RESETS = {
    "exception": ({"raises": "velocity"}, "KeyError: 'velocity'"),
    "info": ({"info": None}, "info None"),
    "shape": ({"observation": np.zeros(2, np.int64)}, r"observation must have shape \(\)"),
    "outside": ({"observation": 7}, "observation is 7, outside its bounds 0 to 3"),
}
FAULTS = [
    *((wrong, (1, 2), words) for wrong, words in IN_STEPS.values()),
    *((wrong, at, words) for wrong, words in AT_RESETS.values() for at in ((0, 0), (1, 0), (1, 2))),
]


def learn(algorithm, envs):
    return train(algorithm, envs, total_steps=60, seed=0, config=ALGORITHMS[algorithm])


@pytest.mark.parametrize(("wrong", "at", "words"), FAULTS)
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_stops_with_the_same_words(algorithm, wrong, at, words):
    with pytest.raises(EnvironmentFailedError, match=words) as caught:
        learn(algorithm, [Counter(), Counter(wrong, at)])
    error = caught.value
    assert (error.environment, error.index, error.step) == ("Counter", 1, at[1])
    assert (error.seed is None) == (at[0] > 0)
    assert "env.reset(" in error.repeat


@pytest.mark.parametrize("mode", list(AutoresetMode))
@pytest.mark.parametrize(
    ("wrong", "at"), [({"observation": np.float32([np.nan])}, at) for at in ((0, 0), (1, 0), (1, 2))]
)
def test_a_vector_environment_of_somebodys_is_looked_at_too(mode, wrong, at):
    made = [Boxed(), Boxed(wrong, at)]
    envs = VectorWrapper(SyncVectorEnv([lambda i=i: made[i] for i in range(2)], autoreset_mode=mode))
    with pytest.raises(EnvironmentFailedError, match=r"observation\[0\] is nan") as caught:
        learn("ppo", envs)
    assert (caught.value.index, caught.value.step) == (1, at[1])
    assert "train with seed=0" in str(caught.value)


@pytest.mark.parametrize(("wrong", "at", "words"), FAULTS)
def test_evaluation_and_play_say_the_same(wrong, at, words):
    with pytest.raises(EnvironmentFailedError, match=words) as caught:
        evaluate(RandomAgent(spaces.Discrete(2), seed=0), Counter(wrong, at), episodes=2, seed=10)
    assert (caught.value.seed, caught.value.step) == (10 + at[0], at[1])
    with pytest.raises(EnvironmentFailedError, match=words):
        list(play_episode(Counter(wrong, (0, at[1])), RandomAgent(spaces.Discrete(2)), seed=3))


@pytest.mark.parametrize("algorithm", [name for name in ALGORITHMS if name != "q_learning"])
@pytest.mark.parametrize(
    ("observation", "words"),
    [
        (np.array([1.0]), "Environment 0 gives observation as float64, and its space says float32"),
        (np.float32([4.0]), r"In environment 0, observation\[0\] is 4.0, outside its bounds 0.0 to 3.0"),
    ],
)
def test_what_can_be_got_over_is_told_once(algorithm, observation, words):
    env = Boxed()
    env.observation = lambda: observation
    with pytest.warns(TrainingWarning, match=words) as caught:
        training = learn(algorithm, [env])
    assert training.steps >= 60
    assert len(caught) == 1


class Reusing(Boxed):
    """Gives the same array and the same info in every step."""

    def __init__(self):
        super().__init__()
        self.array, self.shared = np.zeros(1, np.float32), {}

    def given(self):
        self.array[0] = self.count
        return {**super().given(), "observation": self.array, "info": self.shared}


class InPlace(VectorWrapper):
    """Hands out one array, which it changes in every step."""

    def reset(self, **kwargs):
        observation, info = self.env.reset(**kwargs)
        self.array = observation
        return self.array, info

    def step(self, actions):
        observation, *rest = self.env.step(actions)
        self.array[:] = observation
        return (self.array, *rest)


@pytest.mark.parametrize("wrong", [{"raises": "velocity"}, {"reward": np.nan}])
def test_a_training_that_goes_on_after_a_failure_begins_new_episodes(wrong):
    envs = SerialVectorEnv([Boxed(), Boxed(wrong)])
    config = DeepQLearningConfig(num_envs=2, n_step=2, **ALGORITHMS["deep_q_learning"])
    spaces_ = envs.single_observation_space, envs.single_action_space
    training = Training(DeepQLearning(*spaces_, config, total_steps=40, seed=0), envs, total_steps=40, seed=0)
    with pytest.raises(EnvironmentFailedError):
        training.run()
    failed_at = training.steps
    training.run()
    assert training.steps == 40 > failed_at > 0
    seen = training.algorithm.buffer.in_order()
    assert set((seen.next_observation - seen.observation).ravel().tolist()) == {1.0, 2.0}
    assert {episode.length for episode in training.recent} == {3}


SOURCES = {
    "one": Reusing,
    "list": lambda: [Reusing(), Reusing()],
    **{
        mode.value: lambda mode=mode: InPlace(SyncVectorEnv([Reusing] * 2, autoreset_mode=mode))
        for mode in (AutoresetMode.NEXT_STEP, AutoresetMode.DISABLED)
    },
}


@pytest.mark.parametrize("source", SOURCES)
def test_arrays_that_the_environment_goes_on_using_are_remembered_as_they_were(source):
    training = learn("deep_q_learning", SOURCES[source]())
    seen = training.algorithm.buffer.in_order()
    pairs = {
        (float(a), float(b)) for a, b in zip(seen.observation[:, 0], seen.next_observation[:, 0], strict=True)
    }
    assert pairs == {(0.0, 1.0), (1.0, 2.0), (2.0, 3.0)}


def test_a_demonstration_holds_what_was_seen():
    games = list(play_episode(Reusing(), RandomAgent(spaces.Discrete(2)), seed=1))
    assert float(games[-1].transition.observation[0]) == 2.0
    assert float(games[-1].transition.next_observation[0]) == 3.0


class Raising(Counter):
    """Has a property where a space should be, and that raises."""

    observation_space = property(lambda self: {}["size"], lambda self, space: None)


EMPTY = {
    "a Box of no numbers": spaces.Box(0, 1, (0,)),
    "a MultiDiscrete of nothing": spaces.MultiDiscrete(np.array([], np.int64)),
    "a Dict of nothing": spaces.Dict({}),
    "a Tuple of nothing": spaces.Tuple(()),
    "a part of a Dict": spaces.Dict(
        {"a": spaces.Discrete(2), "b": spaces.Tuple((spaces.Box(0, 1, (2, 0)),))}
    ),
}


@pytest.mark.parametrize("name", ALGORITHMS)
@pytest.mark.parametrize("empty", EMPTY)
@pytest.mark.parametrize("which", ["observation_space", "action_space"])
@pytest.mark.parametrize("vector", [SerialVectorEnv, lambda envs: SyncVectorEnv([lambda: envs[0]])])
def test_a_space_that_holds_nothing_is_refused_by_name(name, empty, which, vector):
    env = Counter()
    setattr(env, which, EMPTY[empty])
    with pytest.raises(SpaceError, match=f"^The {which} of .* holds nothing. Leave it out"):
        train(name, vector([env]), total_steps=20, config={**ALGORITHMS[name], "num_envs": 1})


@pytest.mark.parametrize("name", ALGORITHMS)
def test_a_space_that_cannot_be_read_is_refused_with_the_reason(name):
    with pytest.raises(SpaceError, match="Raising raised KeyError: 'size' as its observation_space was read"):
        train(name, Raising(), total_steps=20, config={**ALGORITHMS[name], "num_envs": 1})


class OverAgain(VectorWrapper):
    """Says of every step that it ends an episode, also of those that reset."""

    def step(self, actions):
        observation, reward, terminated, truncated, info = self.env.step(actions)
        return observation, reward, np.ones_like(terminated), truncated, info


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_training_in_which_no_step_is_ever_taken_does_not_run_for_ever(algorithm):
    envs = OverAgain(SyncVectorEnv([Counter] * 2, autoreset_mode=AutoresetMode.NEXT_STEP))
    with pytest.raises(EnvironmentFailedError, match="in the step that resets it"):
        learn(algorithm, envs)
