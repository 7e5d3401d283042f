"""Starting from another run: what comes along, what is new, and what is refused before a file is written."""

from __future__ import annotations

import itertools
import json
import shutil

import gymnasium
import pytest

from csai_core.errors import ConfigError
from csai_train import Callback, Run, Start, resume, train
from csai_train.errors import CheckpointError, RunError
from csai_train.runs import checkpoint
from csai_train.training.verify import verify

SMALL = {
    "q_learning": {"visit_horizon": 30},
    "deep_q_learning": {"hidden_sizes": (8,), "batch_size": 8, "learning_starts": 20, "dueling": True},
    "reinforce": {"hidden_sizes": (8,), "num_envs": 2, "episodes_per_update": 2},
    "a2c": {"hidden_sizes": (8,), "num_envs": 2, "num_steps": 5},
    "ppo": {"hidden_sizes": (8,), "num_envs": 2, "num_steps": 16, "activation": "relu", "share_layers": True},
}
SHAPING = ("hidden_sizes", "dueling", "activation", "share_layers")
ACTOR_CRITICS = ("reinforce", "a2c", "ppo")
PAIRS = [*((each, each) for each in SMALL), *itertools.permutations(ACTOR_CRITICS, 2)]


class StopAt(Callback):
    def __init__(self, steps):
        self.steps = steps

    def step(self, training):
        training.stop_requested = training.steps >= self.steps


def first(path, algorithm, environment="FrozenLake-v1", steps=120, **more):
    config = {**SMALL[algorithm], **more}
    return train(algorithm, environment, total_steps=steps, seed=3, config=config, run_dir=path)


def weights(algorithm):
    """What was learned, as plain arrays and values."""
    learned = algorithm.learned()
    network = {} if learned.network is None else learned.network.state_dict()
    state = {name: value for name, value in learned.state.items() if name != "value_unit"}  # only PPO has one
    return {"network": dict(network), "state": state}


def same(one, other):
    return checkpoint.digests(one) == checkpoint.digests(other)


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_a_training_starts_with_what_another_has_learned_and_goes_on_without_it(tmp_path, old, new):
    there = first(tmp_path / "old", old)
    settings = {name: value for name, value in SMALL[new].items() if name not in SHAPING}
    make = {"total_steps": 90, "seed": 8, "config": settings, "start_from": tmp_path / "old"}
    whole = train(new, "FrozenLake-v1", **make)
    train(new, "FrozenLake-v1", run_dir=tmp_path / "parts", callbacks=[StopAt(41)], **make)
    shutil.rmtree(tmp_path / "old")
    begun = Run.open(tmp_path / "parts").make_algorithm()
    assert same(weights(begun), weights(there.algorithm))
    parts = resume(tmp_path / "parts")
    assert checkpoint.digests(parts.state_dict()) == checkpoint.digests(whole.state_dict())
    assert not same(weights(parts.algorithm), weights(begun))
    assert verify(Run.open(tmp_path / "parts")).difference == ""


@pytest.mark.parametrize("algorithm", SMALL)
def test_a_run_that_was_killed_at_once_starts_over_from_what_it_was_given(tmp_path, algorithm):
    first(tmp_path / "old", algorithm)
    make = {"total_steps": 60, "seed": 8, "start_from": tmp_path / "old"}
    whole = train(algorithm, "FrozenLake-v1", run_dir=tmp_path / "run", **make)
    shutil.rmtree(tmp_path / "run" / "checkpoints")
    again = resume(tmp_path / "run")
    assert checkpoint.digests(again.state_dict()) == checkpoint.digests(whole.state_dict())


@pytest.mark.parametrize("algorithm", SMALL)
def test_counters_optimizer_and_memory_are_new(tmp_path, algorithm):
    first(tmp_path / "old", algorithm)
    start = Start.open(tmp_path / "old")
    make = {"total_steps": 120, "seed": 3}
    train(algorithm, "FrozenLake-v1", config=SMALL[algorithm], run_dir=tmp_path / "fresh", **make)
    train(algorithm, "FrozenLake-v1", start_from=start, run_dir=tmp_path / "run", **make)
    states = [Run.open(tmp_path / name).make_algorithm().state_dict() for name in ("fresh", "run")]
    for state in states:
        state.pop("backend", None)
        state.pop("q_table", None)
    assert same(*states)


def test_the_config_says_where_it_came_from(tmp_path):
    first(tmp_path / "old", "ppo")
    train("a2c", "FrozenLake-v1", total_steps=128, start_from=tmp_path / "old", run_dir=tmp_path / "new")
    said = json.loads((tmp_path / "new" / "config.json").read_text())["started_from"]
    manifest = json.loads((tmp_path / "old/checkpoints/step-000000000120/manifest.json").read_text())
    assert said.pop("sha256") == {name: file["sha256"] for name, file in manifest["files"].items()}
    assert said == {"run": "old", "algorithm": "ppo", "environment": "FrozenLake-v1", "steps": 120}
    assert json.loads((tmp_path / "old" / "config.json").read_text())["started_from"] is None


def test_what_is_not_said_is_as_it_was_there(tmp_path):
    environment = gymnasium.make("FrozenLake-v1", is_slippery=False, max_episode_steps=9)
    first(tmp_path / "old", "q_learning", environment, steps=70, gamma=0.5)
    training = train(
        "q_learning", "FrozenLake-v1", start_from=tmp_path / "old", config={"learning_rate": 0.3}
    )
    settings = training.algorithm.config
    assert (settings.gamma, settings.learning_rate, settings.visit_horizon) == (0.5, 0.3, 30)
    assert training.total_steps == 70
    assert training.environment.kwargs["is_slippery"] is False
    assert training.environment.max_episode_steps == 9


def test_a_preset_that_is_named_and_a_whole_config_hold_in_place_of_the_runs(tmp_path):
    first(tmp_path / "old", "ppo", "CartPole-v1", gamma=0.5)
    named = train("ppo", "CartPole-v1", start_from=tmp_path / "old", preset="ppo", total_steps=512)
    assert named.algorithm.config.gamma == 0.98
    other = train("a2c", "CartPole-v1", start_from=tmp_path / "old", total_steps=512)
    assert other.algorithm.config.gamma == 0.99
    made = [gymnasium.make("CartPole-v1") for _ in range(2)]
    assert train("ppo", made, start_from=tmp_path / "old", total_steps=64).algorithm.config.gamma == 0.5


def test_an_earlier_checkpoint_can_be_started_from(tmp_path, corridor_id):
    config = SMALL["q_learning"]
    run = tmp_path / "old"
    train("q_learning", corridor_id, total_steps=90, seed=1, config=config, run_dir=run, checkpoint_every=30)
    best = Run.open(run).checkpoints.best()["steps"]
    for which, steps in (("newest", 90), ("best", best), (30, 30)):
        start = Start.open(run, which)
        assert start.steps == steps
        assert same(dict(start.learned.state), dict(Run.open(run).load(which)[0].learned().state))
    with pytest.raises(CheckpointError, match="step-000000000031 does not exist"):
        Start.open(run, 31)


def test_another_environment_of_the_same_spaces(tmp_path):
    """A curriculum: first without slipping, then with it."""
    easy = gymnasium.make("FrozenLake-v1", is_slippery=False)
    there = first(tmp_path / "old", "q_learning", easy)
    hard = gymnasium.make("FrozenLake-v1", is_slippery=True)
    train("q_learning", hard, total_steps=50, start_from=tmp_path / "old", run_dir=tmp_path / "new")
    run = Run.open(tmp_path / "new")
    assert run.environment.kwargs["is_slippery"] is True
    assert same(weights(run.make_algorithm()), weights(there.algorithm))


@pytest.mark.parametrize("old", [True, False])
@pytest.mark.parametrize("new", [True, False])
def test_the_scaling_of_observations_comes_along_or_is_refused(tmp_path, old, new):
    there = first(tmp_path / "old", "ppo", "CartPole-v1", normalize_observation=old)
    make = {"total_steps": 64, "start_from": tmp_path / "old", "config": {"normalize_observation": new}}
    if old != new:
        with pytest.raises(ConfigError, match=f"train with normalize_observation={old}"):
            train("ppo", "CartPole-v1", **make)
        return
    train("ppo", "CartPole-v1", run_dir=tmp_path / "new", **make)
    begun = Run.open(tmp_path / "new").make_algorithm()
    assert same({"scaling": begun.scaler.state_dict()}, {"scaling": there.algorithm.scaler.state_dict()})


@pytest.mark.parametrize("algorithm", ["a2c", "reinforce"])
def test_who_scales_nothing_refuses_a_network_that_expects_it(tmp_path, algorithm):
    first(tmp_path / "old", "ppo", "CartPole-v1", normalize_observation=True)
    with pytest.raises(ConfigError, match="trained on observations scaled"):
        train(algorithm, "CartPole-v1", total_steps=64, start_from=tmp_path / "old", run_dir=tmp_path / "new")
    assert not (tmp_path / "new").exists()


STRANGERS = [(old, new) for old, new in itertools.product(SMALL, SMALL) if (old, new) not in PAIRS]


@pytest.mark.parametrize(("old", "new"), STRANGERS)
def test_an_algorithm_that_learns_something_else_is_refused(tmp_path, old, new):
    first(tmp_path / "old", old)
    with pytest.raises(
        ConfigError, match=rf"a run of {old} in FrozenLake-v1: it has learned .*, and {new} learns"
    ):
        train(new, "FrozenLake-v1", total_steps=60, start_from=tmp_path / "old", run_dir=tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("algorithm", SMALL)
def test_other_spaces_are_refused_with_both_named(tmp_path, algorithm):
    first(tmp_path / "old", algorithm)
    large = gymnasium.make("FrozenLake-v1", map_name="8x8")
    with pytest.raises(
        ConfigError, match=r"observations are Discrete\(16\), and here they are Discrete\(64\)"
    ):
        train(algorithm, large, total_steps=60, start_from=tmp_path / "old", run_dir=tmp_path / "new")
    more = gymnasium.wrappers.TransformAction(large.env, lambda a: a % 4, gymnasium.spaces.Discrete(8))
    small = gymnasium.wrappers.TransformObservation(more, lambda o: o % 16, gymnasium.spaces.Discrete(16))
    with pytest.raises(ConfigError, match=r"actions are Discrete\(4\), and here they are Discrete\(8\)"):
        train(algorithm, [small], total_steps=60, start_from=tmp_path / "old")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("given", [{"config": {"hidden_sizes": (4,)}}, {"network": "small"}])
def test_another_network_cannot_be_given_too(tmp_path, given):
    first(tmp_path / "old", "a2c")
    name = "network" if "network" in given else "hidden_sizes"
    with pytest.raises(ConfigError, match=f"its network comes along, so that {name} cannot be given"):
        train("a2c", "FrozenLake-v1", total_steps=60, start_from=tmp_path / "old", **given)


def test_what_is_no_run_and_what_has_saved_nothing_is_refused(tmp_path):
    with pytest.raises(RunError, match="is not a run"):
        train("q_learning", "FrozenLake-v1", total_steps=60, start_from=tmp_path)
    first(tmp_path / "old", "q_learning")
    shutil.rmtree(tmp_path / "old" / "checkpoints")
    with pytest.raises(CheckpointError, match="no usable checkpoint"):
        train("q_learning", "FrozenLake-v1", total_steps=60, start_from=tmp_path / "old")


def test_a_damaged_start_is_named(tmp_path):
    first(tmp_path / "old", "q_learning")
    train(
        "q_learning", "FrozenLake-v1", total_steps=60, start_from=tmp_path / "old", run_dir=tmp_path / "new"
    )
    (tmp_path / "new" / "start" / "state.json").write_text("{}")
    with pytest.raises(CheckpointError, match=r"start/state\.json is damaged"):
        resume(tmp_path / "new", total_steps=80)
