"""Scaled observations in every algorithm with a network: where they are learned, used and kept."""

import copy

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium import spaces

from csai_core import trees
from csai_core.algorithm import Step
from csai_core.errors import ConfigError
from csai_core.testing.compare import difference
from csai_train import resume, train
from csai_train.algorithms.registry import configure, make_algorithm
from csai_train.events import Callback
from csai_train.runs import snapshot
from csai_train.runs.run import Run

SMALL = {"hidden_sizes": (8,), "num_envs": 2, "normalize_observation": True}
REPLAY = {**SMALL, "learning_starts": 20, "batch_size": 8, "train_every": 4}
CONFIGS = {
    "reinforce": {**SMALL, "episodes_per_update": 2},
    "a2c": {**SMALL, "num_steps": 8},
    "ppo": {**SMALL, "num_steps": 16},
    "deep_q_learning": {**REPLAY, "n_step": 2},
    "sac": {**REPLAY, "train_every": 8},
    "td3": {**REPLAY, "train_every": 8, "prioritized": True},
}
OBSERVATIONS = {
    "box": spaces.Box(90, 110, (3,), np.float64),
    "dict": spaces.Dict({"far": spaces.Box(90, 110, (2,)), "kind": spaces.Discrete(3)}),
    "tuple": spaces.Tuple([spaces.Box(-1e3, 1e3, (1,)), spaces.Box(0, 255, (1, 5, 5), np.uint8)]),
    "counts": spaces.Box(0, 1000, (2,), np.int64),
}


def action_space(algorithm):
    return spaces.Box(-2, 4, (2,)) if algorithm in ("sac", "td3") else spaces.Discrete(3)


def make(algorithm, space, *, total_steps, seed, **settings):
    config = configure(algorithm, {**CONFIGS[algorithm], **settings})
    return make_algorithm(
        algorithm, space, action_space(algorithm), config, total_steps=total_steps, seed=seed
    )


class Random(gymnasium.Env):
    """Shows anything, for episodes of five steps, of which every other ends and the rest are cut."""

    def __init__(self, algorithm="ppo", kind="box"):
        self.observation_space = OBSERVATIONS[kind]
        self.action_space = action_space(algorithm)
        self.episodes = 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        if seed is not None:
            self.observation_space.seed(seed)
        self.steps, self.episodes = 0, self.episodes + 1
        return self.observation_space.sample(), {}

    def step(self, action):
        self.steps += 1
        over = self.steps == 5
        ended = over and self.episodes % 2 == 0
        return self.observation_space.sample(), float(np.sum(action)), ended, over and not ended, {}


gymnasium.register("Testing/Anything-v0", entry_point=Random)


@pytest.mark.filterwarnings("ignore::UserWarning:gymnasium")
@pytest.mark.parametrize("kind", OBSERVATIONS)
@pytest.mark.parametrize("algorithm", CONFIGS)
def test_what_was_seen_in_play_is_what_counts(algorithm, kind):
    seen = []

    class Watch(Callback):
        def step(self, training):
            seen.append(_count(training.algorithm.scaler.state_dict()))

    training = train(
        algorithm,
        [Random(algorithm, kind), Random(algorithm, kind)],
        total_steps=80,
        seed=0,
        config=CONFIGS[algorithm],
        callbacks=[Watch()],
    )
    scaler = training.algorithm.scaler
    assert seen == sorted(seen)
    assert seen[-1] >= 80
    before = copy.deepcopy(scaler.state_dict())
    batch = trees.stack(OBSERVATIONS[kind], [OBSERVATIONS[kind].sample() for _ in range(5)])
    training.algorithm.act(batch, explore=False)
    training.algorithm.explain(batch)
    if algorithm not in ("deep_q_learning", "td3"):
        training.algorithm.sample(batch, np.random.default_rng(0))
    assert not difference(before, scaler.state_dict(), "scaler")


def _count(state):
    """How many observations a state stands for: that of the first Box in it."""
    if isinstance(state, tuple):
        return next(_count(each) for each in state if each is not None)
    if "count" in state:
        return state["count"]
    return next(_count(each) for each in state.values() if each is not None)


@pytest.mark.parametrize("algorithm", CONFIGS)
def test_the_network_is_asked_about_scaled_observations(algorithm):
    """Moving and stretching all observations alike changes nothing that is done, thought or learned."""

    def play(offset, factor):
        space = spaces.Box(-np.inf, np.inf, (2,), np.float64)
        made = make(algorithm, space, total_steps=200, seed=1)
        random = np.random.default_rng(5)
        shown = offset + factor * random.normal(size=(61, 2, 2))
        for number in range(60):
            decision = made.act(shown[number], explore=True)
            ended = np.full(2, number % 5 == 4)
            reward = random.normal(size=2)
            made.learn(
                Step(
                    shown[number],
                    decision.action,
                    reward,
                    ended,
                    np.zeros(2, bool),
                    shown[number + 1],
                    memo=decision.memo,
                )
            )
        probe = offset + factor * random.normal(size=(7, 2))
        outlook = made.explain(probe)
        return made.act(probe, explore=False).action, [each for each in outlook if each is not None]

    plain, moved = play(0.0, 1.0), play(1024.0, 64.0)
    np.testing.assert_allclose(plain[0], moved[0], atol=2e-2)
    for one, other in zip(plain[1], moved[1], strict=True):
        np.testing.assert_allclose(one, other, atol=2e-2)


@pytest.mark.parametrize("algorithm", ["deep_q_learning", "sac", "td3"])
def test_the_memory_keeps_what_was_seen_and_draws_it_as_it_is_scaled_now(algorithm):
    space = spaces.Box(-np.inf, np.inf, (1,))
    settings = {"n_step": 1, "prioritized": False, "num_envs": 1, "learning_starts": 2, "train_every": 3}
    made = make(algorithm, space, total_steps=9, seed=0, **settings)
    drawn = []
    made.update = lambda batch: drawn.append(batch) or {}
    shown = np.array([0.0, 10.0, 20.0, 30.0], np.float32)
    ends = np.zeros(1, bool)
    for number in range(3):
        action = made.act(shown[None, number, None], explore=True).action
        step = Step(shown[None, number, None], action, np.zeros(1), ends, ends, shown[None, number + 1, None])
        made.learn(step)
    assert {*made.memory.buffer.sample(50).observation.ravel().tolist()} == {0.0, 10.0, 20.0}
    # Of 0, 10 and 20 the mean is 10 and the deviation the root of 200 / 3.
    unit = np.sqrt(200 / 3)
    (batch,) = drawn
    expected = {0.0: -10 / unit, 10.0: 0.0, 20.0: 10 / unit}
    assert {round(each, 4) for each in batch.observation.ravel().tolist()} <= {
        round(each, 4) for each in expected.values()
    }
    np.testing.assert_allclose(batch.next_observation - batch.observation, 10 / unit, rtol=1e-5)


@pytest.mark.parametrize("kind", ["box", "dict", "counts"])
@pytest.mark.parametrize("algorithm", ["ppo", "deep_q_learning", "sac"])
def test_an_onnx_file_scales_observations_itself(tmp_path, algorithm, kind):
    for extra in ("onnx", "onnxscript"):
        pytest.importorskip(extra, reason="the extra `onnx` is not installed")
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    envs = [Random(algorithm, kind), Random(algorithm, kind)]
    made = train(algorithm, envs, total_steps=40, seed=0, config=CONFIGS[algorithm]).algorithm
    space = OBSERVATIONS[kind]
    space.seed(1)
    batch = trees.stack(space, [space.sample() for _ in range(5)])
    network = made.learned().network
    network.export_onnx(tmp_path / "net.onnx")
    session = runtime.InferenceSession(tmp_path / "net.onnx")
    leaves = batch if isinstance(batch, dict) else {"observation": batch}
    feed = {name: each.astype("f4") if each.dtype.kind == "f" else each for name, each in leaves.items()}
    with torch.inference_mode():
        expected = network(trees.apply(torch.from_numpy, made.scaler.scale(batch)))
    expected = expected if isinstance(expected, tuple) else [expected]
    for one, other in zip(session.run(None, feed), expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-3)


class StopAt(Callback):
    def step(self, training):
        training.stop_requested = training.steps >= 60


@pytest.mark.parametrize("algorithm", CONFIGS)
def test_a_run_keeps_the_scaling(tmp_path, algorithm):
    environment = "Pendulum-v1" if algorithm in ("sac", "td3") else "CartPole-v1"
    settings = {"total_steps": 120, "seed": 0, "config": CONFIGS[algorithm]}
    whole = train(algorithm, environment, **settings)
    train(algorithm, environment, **settings, run_dir=tmp_path / "run", callbacks=[StopAt()])
    continued = resume(tmp_path / "run")
    assert not difference(whole.algorithm.state_dict(), continued.algorithm.state_dict(), "state_dict()")
    loaded = Run.open(tmp_path / "run").agent().algorithm
    assert not difference(whole.algorithm.scaler.state_dict(), loaded.scaler.state_dict(), "scaler")

    watched = Run.open(tmp_path / "run").make_algorithm()
    snapshot.load_acting_state(watched, snapshot.acting_state(whole.algorithm))
    shown = whole.algorithm.act(*_probe(environment), explore=False).action
    np.testing.assert_array_equal(watched.act(*_probe(environment), explore=False).action, shown)


def _probe(environment):
    space = gymnasium.make(environment).observation_space
    space.seed(3)
    return (np.stack([space.sample() for _ in range(4)]).clip(-3, 3),)


@pytest.mark.parametrize("algorithm", ["a2c", "deep_q_learning", "sac"])
def test_another_training_goes_on_with_the_scaling_or_is_refused(tmp_path, algorithm):
    environment = "Pendulum-v1" if algorithm == "sac" else "CartPole-v1"
    config = CONFIGS[algorithm]
    first = train(
        algorithm, environment, total_steps=60, seed=0, config=config, run_dir=tmp_path / "old"
    ).algorithm
    start = {"total_steps": 60, "seed": 0, "start_from": tmp_path / "old"}
    begun = train(algorithm, environment, **start).algorithm
    assert begun.scaler.state_dict()["count"] > first.scaler.state_dict()["count"]
    with pytest.raises(ConfigError, match="train with normalize_observation=True"):
        train(algorithm, environment, **start, config={"normalize_observation": False})
