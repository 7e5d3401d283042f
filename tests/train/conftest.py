"""Small environments and learners whose every number is known in advance."""

from __future__ import annotations

import copy

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from csai_core import ActionAttribute, DiscreteType, ObsAttribute, Shell
from csai_core.algorithm import Algorithm, Decision
from csai_train import Run, train


class Corridor(Shell):
    """Walk right to the end of a corridor; a die decides where an episode starts, and the score."""

    def __init__(self, length: int = 6, **kwargs):
        super().__init__(**kwargs)
        self.length = length
        self.place = 0
        self.register_attribute(ObsAttribute("place", DiscreteType(length), lambda: self.place))
        self.register_attribute(ActionAttribute("step", DiscreteType(2)))

    def start_episode(self, options):
        self.place = int(self.np_random.integers(self.length - 1))

    def advance(self, action, d_t):
        slips = self.np_random.random() < 0.2
        self.place = min(self.length - 1, max(0, self.place + (1 if action and not slips else -1)))

    def get_current_reward(self, action, current_state):
        at_end = self.place == self.length - 1
        return (1.0 if at_end else -0.1), at_end

    def get_info(self):
        return {"score": self.place}


class Scripted(gymnasium.Env):
    """Gives the rewards it is told to, one step each, over and over.

    Args:
        episodes: for each episode its rewards, and whether it ends "terminated" or "truncated".
    """

    def __init__(self, episodes):
        self.observation_space = spaces.Box(-np.inf, np.inf, (1,), np.float64)
        self.action_space = spaces.Discrete(2)
        self.episodes = episodes
        self.number, self.at = -1, 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.number, self.at = self.number + 1, 0
        return self._observe(), {}

    def step(self, action):
        rewards, ending = self.episodes[self.number % len(self.episodes)]
        reward = rewards[self.at]
        self.at += 1
        is_over = self.at == len(rewards)
        return (
            self._observe(),
            reward,
            is_over and ending == "terminated",
            is_over and ending == "truncated",
            {},
        )

    def _observe(self):
        """100 * episode + step, so that every observation tells where it comes from."""
        return np.array([100.0 * self.number + self.at])


class Notebook(Algorithm):
    """An algorithm that always does 0, and keeps every step it is shown."""

    def __init__(self, metrics=()):
        self.steps = []
        self.metrics = dict(metrics)

    def act(self, observation, *, explore, action_mask=None):
        batch = next(iter(observation.values())) if isinstance(observation, dict) else observation
        return Decision(np.zeros(len(batch), int))

    def learn(self, step):
        self.steps.append(step)
        return self.metrics

    def state_dict(self):
        return {"count": len(self.steps)}

    def load_state_dict(self, state):
        self.steps = [None] * state["count"]


@pytest.fixture
def scripted():
    return Scripted


@pytest.fixture
def notebook():
    return Notebook


@pytest.fixture
def corridor():
    return Corridor


@pytest.fixture
def corridor_id():
    """The corridor, registered for one test."""
    name = "Testing/Corridor-v0"
    gymnasium.register(name, entry_point=Corridor, max_episode_steps=30)
    yield name
    del gymnasium.registry[name]


# --- environments with known answers, for every algorithm's tests


class Copycat(gymnasium.Env):
    """Shows a value of a space and pays for giving it back: 1 for the same, less for anything else.

    Every episode has eight steps, in each of which another value is shown.
    """

    def __init__(self, space, mask=None):
        self.observation_space = copy.deepcopy(space)
        self.action_space = copy.deepcopy(space)
        self.mask = mask
        self.taken = []

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        if seed is not None:
            self.observation_space.seed(seed)
        self.count = 0
        self.shown = self.observation_space.sample()
        return self.shown, self.info()

    def step(self, action):
        assert self.action_space.contains(action), action
        self.taken.append(action)
        reward = likeness(self.shown, action)
        self.shown = self.observation_space.sample()
        self.count += 1
        return self.shown, reward, self.count == 8, False, self.info()

    def info(self):
        return {} if self.mask is None else {"action_mask": self.mask}


def likeness(one, other):
    """1 for equal values; the share of equal parts, or 1 less the squared distance."""
    if isinstance(one, dict):
        return float(np.mean([likeness(one[name], other[name]) for name in one]))
    one, other = np.asarray(one), np.asarray(other)
    if one.dtype.kind == "f":
        return 1.0 - float(np.square(one - other).mean())
    return float((one == other).mean())


class Loop(gymnasium.Env):
    """One cell, one action, reward 1, no end: worth 1 / (1 - gamma) however often it is cut short."""

    observation_space = spaces.Discrete(1)
    action_space = spaces.Discrete(1)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return 0, {}

    def step(self, action):
        return 0, 1.0, False, False, {}


@pytest.fixture
def copycat():
    return Copycat


@pytest.fixture
def loop():
    """Cut short every third step."""
    return gymnasium.wrappers.TimeLimit(Loop(), max_episode_steps=3)


@pytest.fixture
def skill():
    """How well a learner copies, on average over a hundred values: 1 is perfect."""

    def measure(learner, space, count=100):
        space = copy.deepcopy(space)
        space.seed(123)
        values = [space.sample() for _ in range(count)]
        batch = gymnasium.vector.utils.concatenate(
            space, values, gymnasium.vector.utils.create_empty_array(space, n=count)
        )
        actions = list(
            gymnasium.vector.utils.iterate(
                gymnasium.vector.utils.batch_space(space, count), learner.act(batch, explore=False).action
            )
        )
        return float(np.mean([likeness(*pair) for pair in zip(values, actions, strict=True)]))

    return measure


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Three runs that differ in their seed, and one in a setting."""
    folder = tmp_path_factory.mktemp("runs")
    for seed in range(3):
        train("q_learning", "FrozenLake-v1", total_steps=600, seed=seed, run_dir=folder / f"seed{seed}")
    train(
        "q_learning",
        "FrozenLake-v1",
        total_steps=600,
        seed=0,
        run_dir=folder / "other",
        config={"gamma": 0.5},
    )
    return [Run.open(folder / name) for name in ("seed0", "seed1", "seed2", "other")]
