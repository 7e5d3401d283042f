"""Every algorithm, where an environment says which actions are allowed, or says it wrongly."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv, VectorWrapper
from gymnasium.wrappers import FlattenObservation

from csai_core.errors import EnvironmentFailedError
from csai_train import evaluate, train

DQN = {"learning_starts": 4, "batch_size": 4, "hidden_sizes": (4,), "epsilon_end": 0.5}
ALGORITHMS = {
    "q_learning": {},
    "deep_q_learning": DQN,
    "deep_q_learning n-step": {**DQN, "n_step": 2},
    "reinforce": {"episodes_per_update": 1, "hidden_sizes": (4,)},
    "a2c": {"num_steps": 4, "hidden_sizes": (4,)},
    "ppo": {"num_steps": 4, "num_minibatches": 1, "hidden_sizes": (4,)},
}
ALLOWED = np.array([1, 0, 1], np.int8)
NOTHING = np.zeros(3, np.int8)
STEPS = 4


class Masked(gymnasium.Env):
    """Episodes of four steps; notes the actions that are taken where a mask forbids the one in the middle.

    Args:
        mask: gives the mask in each step, or None.
        truncates: how it ends.
    """

    def __init__(self, mask, truncates=False, space=None):
        self.observation_space, self.action_space = spaces.Discrete(5), space or spaces.Discrete(3)
        self.mask, self.truncates, self.taken = mask, truncates, []

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.count = 0
        return 0, self.info()

    def step(self, action):
        if self.mask(self.count) is not None:
            self.taken.append(action)
        self.count += 1
        over = self.count == STEPS
        return self.count, 1.0, over and not self.truncates, over and self.truncates, self.info()

    def info(self):
        mask = self.mask(self.count)
        return {} if mask is None else {"action_mask": mask}


MASKS = {
    "int8": lambda t: ALLOWED,
    "bool": lambda t: ALLOWED.astype(bool),
    "list": lambda t: ALLOWED.tolist(),
    "not at reset": lambda t: None if t == 0 else ALLOWED,
    "only at reset": lambda t: ALLOWED if t == 0 else None,
    "sometimes": lambda t: ALLOWED if t % 2 else None,
    "nothing at the end": lambda t: NOTHING if t == STEPS else ALLOWED,
}
VECTORS = {
    "list": lambda envs: envs,
    **{
        mode.value: lambda envs, mode=mode: VectorWrapper(
            SyncVectorEnv([lambda env=env: env for env in envs], autoreset_mode=mode)
        )
        for mode in AutoresetMode
    },
}


def learn(algorithm, envs, total_steps=32):
    return train(algorithm.split()[0], envs, total_steps=total_steps, seed=0, config=ALGORITHMS[algorithm])


@pytest.mark.parametrize("vector", VECTORS)
@pytest.mark.parametrize("given", MASKS)
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_is_forbidden_is_never_done(algorithm, given, vector):
    envs = [Masked(MASKS[given], truncates) for truncates in (False, True)]
    training = learn(algorithm, VECTORS[vector](envs))
    assert all(np.isfinite(value) for value in training.metrics.values())
    assert {int(action) for env in envs for action in env.taken} == {0, 2}
    judged = Masked(MASKS[given])
    evaluate(training, judged, episodes=2, seed=0)
    assert 1 not in judged.taken


WRONG = {
    "nothing": (NOTHING, "forbids every action"),
    "too long": (np.ones(4, np.int8), "an array of 3 ones and zeros"),
    "twos": (np.full(3, 2, np.int8), "ones and zeros"),
    "text": ("101", "ones and zeros"),
    "dict": ({"go": ALLOWED}, "ones and zeros"),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("step", [0, 2])
@pytest.mark.parametrize("vector", ["list", AutoresetMode.NEXT_STEP.value])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_wrong_mask_is_refused_by_all_in_the_same_words(algorithm, vector, step, wrong):
    mask, words = WRONG[wrong]
    envs = VECTORS[vector]([Masked(lambda t: mask if t == step else ALLOWED)])
    with pytest.raises(EnvironmentFailedError, match=words) as caught:
        learn(algorithm, envs)
    assert caught.value.step == step


def test_an_evaluation_refuses_it_too():
    training = learn("ppo", [Masked(lambda t: ALLOWED)])
    with pytest.raises(EnvironmentFailedError, match="forbids every action"):
        evaluate(training, Masked(lambda t: NOTHING), episodes=1, seed=0)


COMPOSED = {
    "components": (
        spaces.MultiDiscrete([2, 2]),
        (np.int8([0, 1]), np.int8([1, 0])),
        lambda a: a.tolist() == [1, 0],
    ),
    "bits": (spaces.MultiBinary(2), np.int8([0, 1]), lambda a: a[0] == 0),
    "parts": (
        spaces.Dict(
            {"aim": spaces.Box(-1, 1, (1,)), "go": spaces.Discrete(2), "lamps": spaces.MultiBinary(2)}
        ),
        {"go": np.int8([0, 1]), "lamps": np.int8([1, 0])},
        lambda a: a["go"] == 1 and a["lamps"][1] == 0,
    ),
}


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("vector", ["list", AutoresetMode.NEXT_STEP.value])
@pytest.mark.parametrize("kind", COMPOSED)
@pytest.mark.parametrize("algorithm", ["reinforce", "a2c", "ppo"])
def test_actions_of_several_parts_have_masks_too(algorithm, kind, vector, backend):
    space, mask, is_allowed = COMPOSED[kind]
    envs = [Masked(lambda t: mask, space=space) for _ in range(3)]
    *seen, judged = [FlattenObservation(env) for env in envs]
    config = ALGORITHMS[algorithm]
    training = train(algorithm, VECTORS[vector](seen), total_steps=24, seed=0, config=config, backend=backend)
    assert training.describe()["backend"] == backend
    evaluate(training, judged, episodes=1, seed=0)
    assert all(is_allowed(action) for env in envs for action in env.taken[:STEPS])
