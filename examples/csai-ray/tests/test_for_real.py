"""Trials of a Ray on this computer: they finish, their worker is killed, a scheduler stops them."""

import json
import os
import subprocess
import sys

import pytest
from csai_train import Run, resume, train
from csai_train.runs import status_of

ray = pytest.importorskip("ray", reason="pip install 'csai-ray[ray]'")

from ray import tune  # noqa: E402
from ray.tune.schedulers import FIFOScheduler  # noqa: E402

from csai_ray import trainable  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")  # those of Ray

DYING = """
import os, pathlib, signal
import gymnasium

from gymnasium.envs.toy_text.frozen_lake import FrozenLakeEnv

DOOMED = pathlib.Path(__file__).with_name("doomed")
steps = 0

class DiesOnce(FrozenLakeEnv):
    def step(self, action):
        global steps
        steps += 1
        if steps == 500 and DOOMED.exists():
            DOOMED.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().step(action)

class Plain(gymnasium.Wrapper):
    pass

gymnasium.register("Dying-v0", DiesOnce, max_episode_steps=100)
"""
PLAN = {"total_steps": 1000, "seed": 1}


class StopsLate(FIFOScheduler):
    """Stops whichever trial has the second seed, at its second report."""

    def on_trial_result(self, controller, trial, result):
        is_meant = trial.config.get("seed") == 2 and result["training_iteration"] == 2
        return self.STOP if is_meant else self.CONTINUE


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where Ray's workers find the environment that kills them, while Ray runs."""
    folder = tmp_path_factory.mktemp("ray")
    (folder / "dying.py").write_text(DYING)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        patch.setenv("PYTHONPATH", os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")]))
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
        yield folder
        ray.shutdown()


def tried(folder, name, space, environment="FrozenLake-v1", scheduler=None, **settings):
    """What came of the trials of a search space, of which a worker may die."""
    tuner = tune.Tuner(
        trainable("q_learning", environment, runs=folder / name, reports=5, **PLAN, **settings),
        param_space=space,
        tune_config=tune.TuneConfig(metric="score", mode="max", scheduler=scheduler),
        run_config=tune.RunConfig(
            name=name,
            storage_path=str(folder / "ray"),
            failure_config=tune.FailureConfig(max_failures=2),
            checkpoint_config=tune.CheckpointConfig(num_to_keep=1),
            verbose=0,
        ),
    )
    results = tuner.fit()
    assert not results.errors
    return list(results)


def digests(path):
    """The SHA-256 of all that the newest checkpoint of a run holds: the agent, the environments, the rest."""
    manifest = Run.open(path).checkpoints.saved()[0] / "manifest.json"
    return json.loads(manifest.read_text())["files"]


def csai(*words):
    """What a command of csai prints."""
    ran = subprocess.run(
        [sys.executable, "-m", "csai_core", *words], check=False, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_trials_finish_and_csai_s_commands_take_their_runs(folder):
    results = tried(folder, "two", {"learning_rate": tune.grid_search([0.1, 0.5])})
    assert [result.metrics["steps"] for result in results] == [1000, 1000]
    rates = [Run.open(result.metrics["run"]).settings.learning_rate for result in results]
    assert rates == [0.1, 0.5]
    assert "complete, 1,000 of 1,000 steps" in csai("show", results[0].metrics["run"])
    assert "same" in csai("verify", results[0].metrics["run"])
    (kept,) = os.listdir(results[1].checkpoint.path)
    assert digests(os.path.join(results[1].checkpoint.path, kept)) == digests(results[1].metrics["run"])


def test_a_trial_whose_worker_is_killed_ends_with_the_agent_of_an_undisturbed_training(folder):
    doomed = folder / "doomed"
    doomed.touch()
    wrappers = ["dying:Plain"]
    (result,) = tried(folder, "killed", {"learning_rate": 0.3}, "dying:Dying-v0", wrappers=wrappers)
    assert not doomed.exists()
    assert result.metrics["steps"] == 1000
    assert result.metrics["iterations_since_restore"] < result.metrics["training_iteration"]
    plain = {"config": {"learning_rate": 0.3}, "run_dir": folder / "plain", "wrappers": wrappers}
    train("q_learning", "dying:Dying-v0", **plain, **PLAN)
    assert digests(result.metrics["run"]) == digests(folder / "plain")


def test_a_trial_that_a_scheduler_stops_is_a_run_that_was_stopped(folder):
    first, second = tried(folder, "stopped", {"seed": tune.grid_search([1, 2])}, scheduler=StopsLate())
    assert (first.metrics["steps"], second.metrics["steps"]) == (1000, 400)
    run = Run.open(second.metrics["run"])
    assert (status_of(run).state, run.steps_taken()) == ("stopped", 400)
    assert resume(run).steps == 1000
