"""Every space of observations with every algorithm that takes it, however and wherever episodes end."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from csai_train import evaluate, train

NETWORKS = {
    "deep_q_learning": {"learning_starts": 4, "batch_size": 4, "hidden_sizes": (4,), "train_every": 1},
    "deep_q_learning n-step": {"learning_starts": 4, "batch_size": 4, "hidden_sizes": (4,), "n_step": 2},
    "reinforce": {"episodes_per_update": 1, "hidden_sizes": (4,)},
    "a2c": {"num_steps": 4, "hidden_sizes": (4,)},
    "ppo": {"num_steps": 4, "num_minibatches": 1, "num_epochs": 1, "hidden_sizes": (4,)},
    "sac": {"learning_starts": 4, "batch_size": 4, "hidden_sizes": (4,)},
    "td3": {"learning_starts": 4, "batch_size": 4, "hidden_sizes": (4,), "n_step": 2},
}
ACTIONS = {"sac": spaces.Box(-1, 1, (2,)), "td3": spaces.Box(0, 9, ())}
"""Of the algorithms that act in numbers alone."""
ALGORITHMS = {"q_learning": {}, "q_learning sarsa": {"rule": "sarsa"}, **NETWORKS}
DISCRETE = {
    "discrete": spaces.Discrete(4, start=-1),
    "multi discrete": spaces.MultiDiscrete([2, 3]),
    "multi discrete 2-d": spaces.MultiDiscrete([[2, 3], [2, 2]]),
    "multi binary": spaces.MultiBinary(3),
    "multi binary 2-d": spaces.MultiBinary([2, 2]),
    "tuple of discrete": spaces.Tuple([spaces.Discrete(2), spaces.MultiDiscrete([2, 2])]),
    "dict of discrete": spaces.Dict({"b": spaces.Discrete(2), "a": spaces.MultiBinary(2)}),
}
BOX = spaces.Box(-1, 1, (3,), np.float32)
OTHERS = {
    "number": spaces.Box(-1, 1, (), np.float32),
    "vector": BOX,
    "vector of float64": spaces.Box(-1, 1, (3,), np.float64),
    "vector of int": spaces.Box(0, 9, (2,), np.int64),
    "matrix": spaces.Box(-1, 1, (3, 4), np.float32),
    "image": spaces.Box(0, 255, (3, 8, 8), np.uint8),
    "image, channels last": spaces.Box(0, 255, (8, 8, 3), np.uint8),
    "tuple of unlike shapes": spaces.Tuple([BOX, spaces.Discrete(3), spaces.Box(-1, 1, (2, 2), np.float32)]),
    "tuple of like shapes": spaces.Tuple([BOX, BOX]),
    "nested": spaces.Dict(
        {
            "arm": spaces.Dict({"angle": BOX, "grip": spaces.Tuple([spaces.MultiBinary(2), BOX])}),
            "camera": spaces.Box(0, 255, (3, 8, 8), np.uint8),
            "mode": spaces.Discrete(3),
        }
    ),
}
CASES = [
    *((name, space, algorithm) for name, space in DISCRETE.items() for algorithm in ALGORITHMS),
    *((name, space, algorithm) for name, space in OTHERS.items() for algorithm in NETWORKS),
]


class Sampled(gymnasium.Env):
    """Episodes of three steps that show any observations."""

    def __init__(self, space, truncates, actions):
        self.observation_space, self.action_space = space, actions
        self.truncates = truncates

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        if seed is not None:
            self.observation_space.seed(seed)
        self.count = 0
        return self.observation_space.sample(), {}

    def step(self, action):
        self.count += 1
        over = self.count == 3
        ends = over and not self.truncates, over and self.truncates
        return self.observation_space.sample(), float(np.sum(action)), *ends, {}


@pytest.mark.filterwarnings("ignore:.*flat:csai_train.errors.TrainingWarning")
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("truncates", [False, True], ids=["terminated", "truncated"])
@pytest.mark.parametrize(
    ("space", "algorithm"),
    [(space, algorithm) for _, space, algorithm in CASES],
    ids=[f"{name}-{algorithm}" for name, _, algorithm in CASES],
)
def test_every_algorithm_trains_and_plays(space, algorithm, truncates, count):
    actions = ACTIONS.get(algorithm, spaces.Discrete(2))
    envs = [Sampled(space, truncates, actions) for _ in range(count)]
    training = train(algorithm.split()[0], envs, total_steps=24, seed=0, config=ALGORITHMS[algorithm])
    assert training.steps >= 24
    assert training.num_episodes == 24 // count // 3 * count
    assert all(np.isfinite(value) for value in training.metrics.values())
    assert training.metrics
    assert evaluate(training, Sampled(space, truncates, actions), episodes=2, seed=0).lengths.tolist() == [
        3,
        3,
    ]
