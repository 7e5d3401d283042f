"""Runs as directories: made, opened, found, and never trusted in what to import."""

from __future__ import annotations

import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import gymnasium
import numpy as np
import pytest
from gymnasium import wrappers

from csai_core.errors import CsaiError
from csai_train import Run, train
from csai_train.errors import CheckpointError, RunError, TrainingWarning
from csai_train.runs import env_spec
from csai_train.runs.directory import reserved_path
from csai_train.runs.listing import find_runs, newest_run


@pytest.fixture
def run(tmp_path):
    train("q_learning", "FrozenLake-v1", total_steps=100, seed=1, preset=None, run_dir=tmp_path / "run")
    return Run.open(tmp_path / "run")


def rewrite(run, **changes):
    (run.path / "config.json").write_text(json.dumps({**run.config, **changes}))


def test_a_run_holds_what_its_description_says(run):
    names = {path.name for path in run.path.iterdir()}
    assert names == {
        "config.json",
        "train.toml",
        "events.jsonl",
        "metrics.csv",
        "checkpoints",
        "best.json",
        "lock.json",
        "random_play.json",
        "snapshots",
    }
    assert run.config["versions"].keys() >= {"python", "csai-train", "gymnasium", "numpy"}
    assert run.config["plugins"]["csai_train"].startswith("csai-train")
    assert run.settings.gamma == 0.95


def test_the_untrained_agent_has_learned_nothing_and_knows_its_actions(run):
    agent, trained = run.untrained_agent(), run.agent()
    assert agent.explain(0).value == 0.0
    assert [each.parts[0].names for each in (agent.explain(0), trained.explain(0))] == [run.action_names] * 2
    assert agent.action_space == trained.action_space


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(RunError, match=r"is not a run of csai: it has no config\.json"):
        Run.open(tmp_path)
    for text in ("", "{}", "[]", '{"format": 1}', "\x00", "[" * 100_000, '{"format": 1, "algorithm": 3}'):
        (tmp_path / "config.json").write_text(text)
        with pytest.raises(RunError, match=r"damaged|has format None"):
            Run.open(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"algorithm": 1},
        {"total_steps": "many"},
        {"total_steps": -1},
        {"seed": None},
        {"environment": {}},
        {"environment": 3},
        {"created": "x"},
    ],
)
def test_a_config_with_odd_values_is_refused(run, change):
    rewrite(run, **change)
    with pytest.raises(RunError, match="damaged"):
        Run.open(run.path)


def test_another_format_is_refused(run):
    rewrite(run, format=9)
    with pytest.raises(RunError, match="format 9; this version of csai reads 1"):
        Run.open(run.path)


def test_another_algorithm_is_refused_with_both_names(run):
    rewrite(run, algorithm="deep_q_learning", config={})
    with pytest.raises(CheckpointError, match="its algorithm was q_learning, here it is deep_q_learning"):
        Run.open(run.path).agent()


def test_another_space_is_refused_with_both(run):
    environment = {**run.config["environment"], "kwargs": {"map_name": "8x8"}}
    rewrite(run, environment=environment)
    with pytest.raises(
        CheckpointError, match=r"observation space was Discrete\(16\).*here it is Discrete\(64\)"
    ):
        Run.open(run.path).agent()


def test_a_checkpoint_of_another_shape_is_refused(run, monkeypatch):
    from csai_train.algorithms.q_learning import TabularQLearning

    monkeypatch.setattr(TabularQLearning, "load_state_dict", lambda self, state: state["weights"])
    with pytest.raises(CheckpointError, match=r"does not fit the algorithm as it is here.*lacks 'weights'"):
        run.agent()


# --- what an environment is rebuilt from


def test_options_and_wrappers_are_rebuilt(tmp_path):
    env = wrappers.NormalizeObservation(gymnasium.make("CartPole-v1", sutton_barto_reward=True), epsilon=1e-3)
    spec = env_spec.restore(json.loads(json.dumps(env_spec.describe(env.spec))))
    again = gymnasium.make(spec)
    assert isinstance(again, wrappers.NormalizeObservation)
    assert again.epsilon == 1e-3
    assert again.unwrapped._sutton_barto_reward


def test_a_wrapper_that_cannot_be_made_again_is_refused_at_the_start(tmp_path):
    class Mine(gymnasium.Wrapper):
        pass

    with pytest.raises(RunError, match=r"its wrapper Mine cannot be made again.*RecordConstr.*--wrap"):
        train(
            "q_learning",
            Mine(gymnasium.make("FrozenLake-v1")),
            total_steps=10,
            run_dir=tmp_path / "run",
        )
    assert not (tmp_path / "run").exists()


def test_an_option_that_cannot_be_written_down_is_refused_at_the_start(tmp_path):
    env = gymnasium.make("FrozenLake-v1", desc=["SF", "FG"])
    env.unwrapped.spec.kwargs["desc"] = np.array(["SF", "FG"])
    with pytest.raises(RunError, match="A run of FrozenLake-v1 cannot be kept"):
        train("q_learning", env, total_steps=10, run_dir=tmp_path / "run")


FORGED = {
    "another class": (
        {"entry_point": "os:system", "kwargs": {"command": "touch exploded"}},
        "but here that is",
    ),
    "an id that imports": ({"id": "exploding:FrozenLake-v1"}, "which is not an id"),
    "a relative module": ({"id": "Exploding-v0", "entry_point": "a:B", "module": ".exploding"}, "registers"),
    "a part of Python": ({"id": "Exploding-v0", "entry_point": "a:B", "module": "antigravity"}, "registers"),
    "another module": (
        {"id": "Exploding-v0", "entry_point": "a:B", "module": "exploding"},
        "--import explod",
    ),
    "an unknown id": ({"id": "Exploding-v0", "entry_point": "exploding:Env"}, "--import exploding"),
    "a wrapper of a stranger": (
        {"wrappers": [{"name": "x", "entry_point": "exploding:Wrapper", "kwargs": {}}]},
        "asks for the wrapper",
    ),
    "a function for a wrapper": (
        {"wrappers": [{"name": "x", "entry_point": "os:system", "kwargs": {"command": "touch exploded"}}]},
        "asks for the wrapper",
    ),
    "no wrapper of Gymnasium's": (
        {"wrappers": [{"name": "x", "entry_point": "gymnasium.core:Env", "kwargs": {}}]},
        "asks for the wrapper",
    ),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_environment_is_refused_and_nothing_is_imported(run, tmp_path, monkeypatch, name):
    (tmp_path / "exploding.py").write_text("open('exploded', 'w')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    change, message = FORGED[name]
    rewrite(run, environment={**run.config["environment"], **change})
    with pytest.raises(CsaiError, match=message):
        Run.open(run.path).agent()
    assert "exploding" not in sys.modules
    assert not (tmp_path / "exploded").exists()


# --- finding runs


@pytest.mark.parametrize("name", ["../../x", "a/b", "CON", "a\x00b", "x" * 300, "..", "mod:Env-v0", "é-v0"])
def test_default_names_stay_in_runs(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    with reserved_path(name, "q_learning") as path:
        assert path.parent.name == "runs"
        assert len(path.parts) == 2
        assert len(path.name) < 130
        assert not set(path.name) & set('\x00:/\\*?"<>|.')


def test_a_default_name_that_is_taken_gets_a_number(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("time.strftime", lambda form: "now")
    with (
        reserved_path("FrozenLake-v1", "q_learning") as first,
        reserved_path("FrozenLake-v1", "q_learning") as second,
    ):
        assert second.name == f"{first.name}-2"
        train("q_learning", "FrozenLake-v1", total_steps=10, run_dir=second)
    assert [path.name for path in first.parent.iterdir()] == [second.name]


def test_a_hundred_trainings_that_start_in_one_second_have_a_hundred_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("time.strftime", lambda form: "now")
    together = threading.Barrier(10)

    def take():
        together.wait()
        return [stack.enter_context(reserved_path("FrozenLake-v1", "ppo")).name for _ in range(10)]

    with ExitStack() as stack, ThreadPoolExecutor(10) as threads:
        names = [each for future in [threads.submit(take) for _ in range(10)] for each in future.result()]
    assert len(set(names)) == 100
    assert list(tmp_path.iterdir()) == []


def test_of_two_that_make_the_same_run_one_is_told(tmp_path):
    def make(number):
        try:
            return train("q_learning", "FrozenLake-v1", total_steps=10, seed=number, run_dir=tmp_path / "run")
        except RunError as error:
            return str(error)

    with ThreadPoolExecutor(4) as threads:
        ended = list(threads.map(make, range(4)))
    assert sum(not isinstance(each, str) for each in ended) == 1
    assert all(
        "exists already. Continue it with: csai train --resume" in each
        for each in ended
        if isinstance(each, str)
    )
    assert Run.open(tmp_path / "run").steps_taken() == 10


def test_the_newest_run_of_an_environment_is_found(tmp_path):
    assert find_runs(tmp_path / "nowhere") == []
    for number, environment in enumerate(["FrozenLake-v1", "FrozenLake-v1", "CliffWalking-v1"]):
        train("q_learning", environment, total_steps=10, run_dir=tmp_path / f"run{number}")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "config.json").write_text("{")
    assert [run.path.name for run in find_runs(tmp_path)] == ["run2", "run1", "run0"]
    assert newest_run("FrozenLake-v1", folder=tmp_path).path.name == "run1"
    with pytest.raises(RunError, match="no run of FrozenLake-v1 with ppo"):
        newest_run("FrozenLake-v1", "ppo", folder=tmp_path)
    (tmp_path / "run1").rename(tmp_path / ".run1.0123abcd.unfinished")
    assert [run.path.name for run in find_runs(tmp_path)] == ["run2", "run0"]


# --- which checkpoints are kept


def test_the_newest_two_and_the_best_are_kept(tmp_path):
    train("q_learning", "FrozenLake-v1", total_steps=100, seed=1, run_dir=tmp_path / "run")
    folder = Run.open(tmp_path / "run").checkpoints
    steps = {int(path.name[5:]) for path in folder.saved()}
    assert {90, 100} <= steps
    assert steps == {90, 100, folder.best()["steps"]}
    assert folder.load("best")["steps"] == folder.best()["steps"]


def test_every_checkpoint_is_kept_if_asked_for(tmp_path):
    train("q_learning", "FrozenLake-v1", total_steps=100, run_dir=tmp_path / "run", checkpoint_every=30)
    run = Run.open(tmp_path / "run")
    assert [int(path.name[5:]) for path in run.checkpoints.saved()] == [100, 90, 60, 30]
    assert run.checkpoints.load(60)["steps"] == 60
    with pytest.raises(
        CheckpointError, match=r"step-000000000070 does not exist; there are: step-000000000100"
    ):
        run.agent(70)


def test_a_damaged_checkpoint_that_is_asked_for_names_the_newest_good_one(tmp_path):
    train("q_learning", "FrozenLake-v1", total_steps=100, run_dir=tmp_path / "run", checkpoint_every=50)
    folder = Run.open(tmp_path / "run").checkpoints
    (folder.path / "step-000000000100" / "state.json").write_text("x")
    with pytest.raises(CheckpointError, match=r"damaged.*newest good checkpoint is .*step-000000000050"):
        folder.load(100)
    with pytest.warns(TrainingWarning, match="it is used instead"):
        assert folder.load()["steps"] == 50


def test_a_damaged_best_json_is_no_best(run):
    (run.path / "best.json").write_text('{"steps": ')
    assert run.checkpoints.best() is None
    with pytest.raises(CheckpointError, match="has no best checkpoint"):
        run.agent("best")
