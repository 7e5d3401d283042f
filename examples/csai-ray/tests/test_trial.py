"""A trial as Ray's workers use it, without Ray around it."""

import json
import math

import pytest
from csai_core.errors import ConfigError, EnvironmentFailedError
from csai_train import Run, train
from csai_train.errors import CheckpointError

pytest.importorskip("ray", reason="pip install 'csai-ray[ray]'")

from csai_ray import trainable


def digests(path):
    """The SHA-256 of all that the newest checkpoint of a run holds: the agent, the environments, the rest."""
    manifest = Run.open(path).checkpoints.saved()[0] / "manifest.json"
    return json.loads(manifest.read_text())["files"]


@pytest.fixture
def begun(tmp_path):
    """Makes a trial; `name` is what Ray would call it."""

    def begun(name="first", config=None, environment="FrozenLake-v1", **settings):
        kind = type("Named", (trainable("q_learning", environment, **settings),), {"trial_name": name})
        return kind(config or {"learning_rate": 0.3})

    return lambda *args, **settings: begun(*args, **{"runs": tmp_path / "runs", "seed": 1, **settings})


def test_reports_tell_how_it_goes_and_where_the_run_is(begun, tmp_path):
    trial = begun(total_steps=1000, reports=4)
    results = [trial.train() for _ in range(4)]
    assert [result["steps"] for result in results] == [250, 500, 750, 1000]
    assert [result["done"] for result in results] == [False, False, False, True]
    run = Run.open(results[-1]["run"])
    assert run.path == tmp_path / "runs" / "first"
    assert (run.seed, run.settings.learning_rate) == (1, 0.3)
    assert results[-1]["score"] == results[-1]["mean_return"] >= 0


def test_a_trial_is_the_training_that_csai_makes(begun, tmp_path):
    trial = begun(total_steps=1000, reports=4)
    while not trial.train()["done"]:
        pass
    train(
        "q_learning",
        "FrozenLake-v1",
        config={"learning_rate": 0.3},
        total_steps=1000,
        seed=1,
        run_dir=tmp_path / "plain",
    )
    assert digests(tmp_path / "runs" / "first") == digests(tmp_path / "plain")


def test_the_search_space_may_hold_the_seed(begun):
    result = begun(config={"seed": 7}, total_steps=100, reports=1).train()
    assert Run.open(result["run"]).seed == 7


@pytest.fixture
def frozen_lake(tmp_path, monkeypatch):
    """Makes a module that registers a FrozenLake of which something is otherwise."""

    def frozen_lake(name, line):
        (tmp_path / f"{name}.py").write_text(
            "import gymnasium\n"
            "from gymnasium.envs.toy_text.frozen_lake import FrozenLakeEnv\n"
            "class Lake(FrozenLakeEnv):\n"
            "    def step(self, action):\n"
            f"        {line}\n"
            f"gymnasium.register('{name}-v0', Lake, max_episode_steps=100)\n"
        )
        monkeypatch.syspath_prepend(tmp_path)
        return f"{name}:{name}-v0"

    return frozen_lake


def test_a_score_of_the_game_counts_before_the_return(begun, frozen_lake):
    lake = frozen_lake("Scored", "*step, info = super().step(action); return *step, {**info, 'score': 7.0}")
    result = begun(environment=lake, total_steps=200, reports=1).train()
    assert (result["score"], result["mean_return"] < 7) == (7.0, True)


def test_ray_is_told_what_an_environment_has_raised(begun, frozen_lake):
    lake = frozen_lake("Thin", "raise ZeroDivisionError('the ice is thin')")
    with pytest.raises(EnvironmentFailedError, match="the ice is thin"):
        begun(environment=lake, total_steps=200).train()


def test_before_the_first_episode_has_ended_the_score_is_nan(begun):
    assert math.isnan(begun(total_steps=400, reports=200).train()["score"])


def test_a_worker_that_does_not_see_the_run_goes_on_from_what_ray_has_kept(begun, tmp_path):
    trial = begun(total_steps=1000, reports=4)
    trial.train()
    trial.train()
    kept = trial.save(str(tmp_path / "kept"))
    trial.train()
    elsewhere = begun(total_steps=1000, reports=4, runs=tmp_path / "elsewhere")
    elsewhere.restore(kept)
    assert [elsewhere.train()["steps"], elsewhere.train()["steps"]] == [750, 1000]
    trial.train()
    assert digests(tmp_path / "elsewhere" / "first") == digests(tmp_path / "runs" / "first")


def test_a_run_that_is_ahead_of_what_ray_has_kept_stays(begun, tmp_path):
    trial = begun(total_steps=1000, reports=4)
    trial.train()
    kept = trial.save(str(tmp_path / "kept"))
    trial.train()
    again = begun(total_steps=1000, reports=4)
    again.restore(kept)
    assert again.train()["steps"] == 750


def test_a_run_that_is_behind_what_ray_has_kept_is_replaced(begun, tmp_path):
    elsewhere = begun(total_steps=1000, reports=4, runs=tmp_path / "elsewhere")
    elsewhere.train()
    trial = begun(total_steps=1000, reports=4)
    trial.train()
    trial.train()
    elsewhere.restore(trial.save(str(tmp_path / "kept")))
    assert elsewhere.train()["steps"] == 750


def test_the_state_of_another_trial_is_refused(begun, tmp_path):
    first = begun(total_steps=1000)
    first.train()
    second = begun("second", {"learning_rate": 0.9}, total_steps=1000)
    second.train()
    with pytest.raises(CheckpointError, match=r"holds \['first'\], not the run second"):
        second.restore(first.save(str(tmp_path / "kept")))


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"reports": 0}, "reports"), ({"reports": 201}, "reports"), ({"callbacks": [print]}, "have a name")],
)
def test_what_cannot_work_is_refused_at_once(tmp_path, settings, words):
    with pytest.raises(ConfigError, match=words):
        trainable("q_learning", "FrozenLake-v1", runs=tmp_path, **settings)
