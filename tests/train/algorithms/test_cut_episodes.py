"""Episodes that a resume has cut: nothing of them leaks into the episodes that follow."""

import copy

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv, VectorWrapper

from csai_core.algorithm import Step
from csai_core.options import build
from csai_core.plugins import installed
from csai_train.training.loop import Training

pytestmark = pytest.mark.filterwarnings("ignore:The training is over, and nothing was learned")
CONFIGS = {
    "q_learning": {"rule": "sarsa", "learning_rate": 1.0, "gamma": 0.5},
    "deep_q_learning": {"n_step": 3, "gamma": 0.5, "learning_starts": 1_000},
    "a2c": {"num_steps": 4, "gamma": 0.5},
    "ppo": {"num_steps": 4, "num_minibatches": 1, "gamma": 0.5},
    "reinforce": {"episodes_per_update": 1, "gamma": 0.5},
}
NO = np.zeros(1, dtype=np.bool_)


def make(name, **more):
    entry = installed().find("algorithms", name)
    config = build(entry.load_config(), {"num_envs": 1, **CONFIGS[name], **more})
    return entry.load()(spaces.Discrete(4), spaces.Discrete(2), config, total_steps=1_000, seed=0)


def step(algorithm, observation, following, reward=1.0, terminated=False):
    decision = algorithm.act(np.array([observation]), explore=True)
    ends = np.array([terminated])
    return algorithm.learn(
        Step(
            np.array([observation]),
            decision.action,
            np.array([reward]),
            ends,
            NO,
            np.array([following]),
            memo=decision.memo,
        )
    )


def test_sarsa_learns_from_the_last_step_without_a_next_action():
    algorithm = make("q_learning")
    step(algorithm, 0, 1)
    assert not algorithm.table.q_table
    algorithm.cut_episodes()
    assert sorted(algorithm.table.q_table[0].values()) == [0.0, 1.0]
    step(algorithm, 3, 2, reward=5.0)
    assert 3 not in algorithm.table.q_table, "the new episode's step waits for its own next action"


def test_deep_q_learning_joins_what_is_left_and_nothing_across_the_cut():
    algorithm = make("deep_q_learning")
    step(algorithm, 0, 1)
    step(algorithm, 1, 2)
    algorithm.cut_episodes()
    step(algorithm, 3, 0, reward=100.0, terminated=True)
    stored = algorithm.buffer.in_order()
    assert stored.reward.tolist() == [1.5, 1.0, 100.0]
    assert stored.next_observation.tolist() == [2, 2, 0]
    assert stored.terminated.tolist() == [False, False, True]


@pytest.mark.parametrize(("name", "more"), [("a2c", {}), ("ppo", {}), ("ppo", {"buffer": "basic"})])
def test_a_rollout_goes_on_with_the_old_episode_cut_short(name, more):
    algorithm = make(name, **more)
    step(algorithm, 0, 1)
    algorithm.cut_episodes()
    rollout = algorithm.rollout
    assert rollout.truncated[:1].tolist() == [[True]]
    assert [(t, i, int(seen)) for t, i, seen in rollout.cut_short] == [(0, 0, 1)]
    for _ in range(3):
        metrics = step(algorithm, 3, 3)
    assert metrics, "the rollout was full, and learned from"
    assert rollout.truncated.tolist() == [[True], [False], [False], [False]]


def test_reinforce_forgets_the_episode_under_way():
    algorithm = make("reinforce")
    step(algorithm, 0, 1, reward=100.0)
    algorithm.cut_episodes()
    untouched = copy.deepcopy(algorithm.state_dict())
    assert untouched["playing"] == [[]]
    assert step(algorithm, 3, 2, terminated=True), "one whole episode is enough to learn from"


class Unsaved(SyncVectorEnv):
    """Counters that cannot be saved: 0, 1, 2, … at first, and from 1000 on where a training is resumed."""

    def __init__(self, start):
        super().__init__([lambda: Counter(start)] * 2, autoreset_mode=AutoresetMode.SAME_STEP)


class Counter(gymnasium.Env):
    observation_space, action_space = spaces.Box(0, 9_999, (1,), np.float32), spaces.Discrete(2)

    def __init__(self, start):
        self.start = start

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.count = self.start
        return np.float32([self.count]), {}

    def step(self, action):
        self.count += 1
        return np.float32([self.count]), 1.0, False, False, {}


def resumed(name, **more):
    """A training stopped after three steps and resumed where nothing could be brought back."""
    spaces_ = Counter.observation_space, Counter.action_space
    entry = installed().find("algorithms", name)
    config = build(entry.load_config(), {"num_envs": 2, **CONFIGS[name], **more})

    def training(start, total_steps):
        algorithm = entry.load()(*spaces_, config, total_steps=1_000, seed=0)
        return Training(algorithm, VectorWrapper(Unsaved(start)), total_steps=total_steps, seed=0)

    first = training(0, 6)
    first.run()
    second = training(1_000, 12)
    assert "cannot be saved" in second.load_state_dict(first.state_dict())
    second.run()
    return second.algorithm


@pytest.mark.parametrize("n_step", [1, 3])
def test_no_transition_of_a_resumed_training_joins_two_episodes(n_step):
    stored = resumed("deep_q_learning", n_step=n_step).buffer.in_order()
    assert (np.abs(stored.next_observation - stored.observation) <= n_step).all()
    assert len(stored.reward) >= 8


@pytest.mark.parametrize(("name", "more"), [("a2c", {}), ("ppo", {}), ("ppo", {"buffer": "basic"})])
def test_no_rollout_of_a_resumed_training_joins_two_episodes(name, more):
    rollout = resumed(name, num_steps=6, **more).rollout
    assert rollout.observation[:, 0, 0].tolist() == [0, 1, 2, 1000, 1001, 1002]
    assert rollout.truncated[:, 0].tolist() == [False, False, True, False, False, False]
    assert [(t, i, seen.tolist()) for t, i, seen in rollout.cut_short] == [(2, 0, [3]), (2, 1, [3])]


def test_no_episode_of_a_resumed_training_is_two():
    playing = resumed("reinforce").state_dict()["playing"]
    assert [[float(moment[0][0]) for moment in episode] for episode in playing] == [[1000, 1001, 1002]] * 2
