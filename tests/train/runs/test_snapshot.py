"""Snapshots act as the training's agent would, and are read with care."""

from __future__ import annotations

import json

import numpy as np
import pytest
import safetensors.numpy

from csai_core import storage
from csai_core.algorithm import Algorithm, Decision
from csai_train import Run, train
from csai_train.errors import CheckpointError, UnsavableError
from csai_train.runs import snapshot

TRAININGS = [
    ("q_learning", "FrozenLake-v1", 400, {}),
    ("deep_q_learning", "CartPole-v1", 400, {"learning_starts": 100}),
    ("reinforce", "CartPole-v1", 400, {}),
    ("a2c", "CartPole-v1", 400, {}),
    ("ppo", "CartPole-v1", 600, {"num_steps": 32, "num_envs": 4, "normalize_observation": True}),
    ("ppo", "Pendulum-v1", 600, {"num_steps": 32, "num_envs": 4, "normalize_reward": True}),
]


@pytest.fixture(params=TRAININGS, ids=[f"{name}-{env}" for name, env, *_ in TRAININGS])
def trained(request, tmp_path):
    algorithm, environment, steps, config = request.param
    path = tmp_path / "run"
    training = train(
        algorithm, environment, total_steps=steps, config=config, preset=None, run_dir=path, seed=2
    )
    return training, Run.open(path)


def observations(training):
    space = training.envs.single_observation_space
    space.seed(1)
    return np.array([space.sample() for _ in range(40)])


def through_a_file(training, path, name="any"):
    data = snapshot.to_bytes(snapshot.of(training, name))
    storage.write(path / "it.safetensors", data, is_lasting=True)
    return snapshot.read(path / "it.safetensors")


def test_it_acts_and_explains_as_the_training_would(trained, tmp_path):
    training, run = trained
    read = through_a_file(training, tmp_path, run.algorithm_name)
    assert (read.steps, read.episodes) == (training.steps, training.num_episodes)
    other, seen = run.make_algorithm(), observations(training)
    snapshot.apply(read, other, run.path)
    wanted = training.algorithm.act(seen, explore=False).action
    assert np.array_equal(other.act(seen, explore=False).action, wanted)
    for told, expected in zip(other.explain(seen), training.algorithm.explain(seen), strict=True):
        for one, another in zip(parts(told), parts(expected), strict=True):
            assert np.array_equal(one, another)


def parts(told):
    return list(told) if isinstance(told, tuple) else [] if told is None else [told]


def test_an_agent_takes_one_after_the_other(trained, tmp_path):
    training, run = trained
    other, seen = run.make_algorithm(), observations(training)
    first = through_a_file(training, tmp_path)
    for _ in range(2):
        snapshot.apply(first, other, run.path)
    wanted = training.algorithm.act(seen, explore=False).action
    assert np.array_equal(other.act(seen, explore=False).action, wanted)


def test_taking_one_changes_nothing_in_the_training(trained):
    training, _ = trained
    before = snapshot.to_bytes(snapshot.Snapshot(0, 0, "any", training.state_dict()["algorithm"]))
    snapshot.to_bytes(snapshot.of(training, "any"))
    assert snapshot.to_bytes(snapshot.Snapshot(0, 0, "any", training.state_dict()["algorithm"])) == before


def test_a_replay_memory_stays_out_of_it(tmp_path):
    training = train(
        "deep_q_learning", "CartPole-v1", total_steps=300, preset=None, config={"learning_starts": 100}
    )
    assert len(snapshot.to_bytes(snapshot.of(training, "any"))) < 100_000


class Silent(Algorithm):
    """Says nothing of what it has learned."""

    def __init__(self, action=0):
        self.action = action

    def act(self, observation, *, explore, action_mask=None):
        return Decision(np.full(len(observation), self.action))

    def learn(self, step):
        return {}

    def state_dict(self):
        return {"action": self.action}

    def load_state_dict(self, state):
        self.action = state["action"]


def test_of_an_algorithm_that_says_nothing_the_whole_state_is_kept(tmp_path):
    other = Silent()
    snapshot.load_acting_state(other, snapshot.acting_state(Silent(1)))
    assert other.action == 1


def test_what_no_file_holds_is_said():
    with pytest.raises(UnsavableError, match="snapshot of any"):
        snapshot.to_bytes(snapshot.Snapshot(1, 1, "any", {"network": None, "state": {"x": object()}}))


def test_one_that_does_not_fit_is_refused(trained, tmp_path):
    _, run = trained
    strange = snapshot.Snapshot(1, 1, "any", {"network": {"x": np.zeros(3)}, "state": {}})
    with pytest.raises(CheckpointError, match="does not fit"):
        snapshot.apply(strange, run.make_algorithm(), run.path)


GOOD = snapshot.to_bytes(snapshot.Snapshot(1, 1, "any", {"network": None, "state": {"x": np.zeros(3)}}))
OTHERS = {
    "empty": b"",
    "cut": GOOD[:-4],
    "text": b"hello" * 100,
    "strange": safetensors.numpy.save({"x": np.zeros(1)}, metadata={"csai": '{"format": "another"}'}),
    "bare": safetensors.numpy.save({"x": np.zeros(1)}),
    "words": safetensors.numpy.save(
        {},
        metadata={"csai": json.dumps({"format": snapshot.FORMAT, "about": {"steps": "x"}, "state": "{}"})},
    ),
}


@pytest.mark.parametrize("content", OTHERS.values(), ids=OTHERS)
def test_a_damaged_file_is_an_error(tmp_path, content):
    (tmp_path / "it").write_bytes(content)
    with pytest.raises(CheckpointError, match="cannot be read"):
        snapshot.read(tmp_path / "it")
    with pytest.raises(CheckpointError, match="cannot be read"):
        snapshot.read(tmp_path / "none")
