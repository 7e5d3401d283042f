"""Episodes that a resume has cut: nothing of them leaks into the episodes that follow."""

import copy

import numpy as np
import pytest
from gymnasium import spaces

from csai_core.algorithm import Step
from csai_core.options import build
from csai_core.plugins import installed

CONFIGS = {
    "q_learning": {"rule": "sarsa", "learning_rate": 1.0, "gamma": 0.5},
    "deep_q_learning": {"n_step": 3, "gamma": 0.5, "learning_starts": 1_000},
    "a2c": {"num_steps": 4, "gamma": 0.5},
    "ppo": {"num_steps": 4, "num_minibatches": 1, "gamma": 0.5},
    "reinforce": {"episodes_per_update": 1, "gamma": 0.5},
}
NO = np.zeros(1, dtype=np.bool_)


def make(name):
    entry = installed().find("algorithms", name)
    config = build(entry.load_config(), {"num_envs": 1, **CONFIGS[name]})
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


@pytest.mark.parametrize("name", ["a2c", "ppo"])
def test_a_rollout_goes_on_with_the_old_episode_cut_short(name):
    algorithm = make(name)
    step(algorithm, 0, 1)
    algorithm.cut_episodes()
    rollout = algorithm.rollout
    assert rollout.truncated[:1].tolist() == [[True]]
    assert [(t, i, int(seen)) for t, i, seen in rollout.cut_short] == [(0, 0, 1)]
    for _ in range(3):
        metrics = step(algorithm, 3, 3)
    assert metrics, "the rollout was full, and learned from"


def test_reinforce_forgets_the_episode_under_way():
    algorithm = make("reinforce")
    step(algorithm, 0, 1, reward=100.0)
    algorithm.cut_episodes()
    untouched = copy.deepcopy(algorithm.state_dict())
    assert untouched["playing"] == [[]]
    assert step(algorithm, 3, 2, terminated=True), "one whole episode is enough to learn from"
