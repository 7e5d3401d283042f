"""Each tracker for real, where it is installed: what it was told is read back from what it has kept."""

import importlib.util
import json
import os
import subprocess
import sys

import pytest

TRAINING = """
import socket, sys, warnings
from csai_train import Callback, train
from csai_train.errors import TrainingWarning
from csai_train.health import Finding

warnings.simplefilter("ignore")
warnings.simplefilter("error", TrainingWarning)  # as a tracker that fails is warned of

class Ill(Callback):
    def start(self, training):
        training.emit("finding", Finding("flat_reward", 0, "warning", "Flat.", "None.", "Shape it."))

def look_up(host, *rest, before=socket.getaddrinfo, **more):
    with open("asked", "a") as asked:
        print(host, file=asked)
    return before(host, *rest, **more)

if __name__ == "__main__":
    socket.getaddrinfo = look_up
    callbacks = ["evaluation", "video", sys.argv[1], Ill()]
    train("q_learning", "FrozenLake-v1", total_steps=200, seed=1, run_dir="run", callbacks=callbacks)
"""
READING = """
import json, trackio
from trackio.sqlite_storage import SQLiteStorage

(run,) = trackio.Api().runs("csai")
logs = SQLiteStorage.get_logs("csai", run.name, run_id=run.id)
print(json.dumps([run.config, run.alerts(), logs]))
"""


def ran(*command, cwd, env):
    """What a Python program of its own prints."""
    ran = subprocess.run(
        [sys.executable, *command], check=False, cwd=cwd, env=env, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture
def trained(tmp_path):
    """Trains in a process of its own, as trackers start threads and processes, and take variables."""

    def trained(tracker):
        if importlib.util.find_spec(tracker) is None:
            pytest.skip(f"{tracker} is not installed")
        (tmp_path / "training.py").write_text(TRAINING)
        env = {name: value for name, value in os.environ.items() if not name.startswith(tracker.upper())}
        env |= {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache"), "HF_TOKEN": "hf_of_nobody"}
        ran("training.py", tracker, cwd=tmp_path, env=env)
        return tmp_path / "run", env

    return trained


def test_weights_and_biases(trained):
    run, _ = trained("wandb")
    (path,) = run.glob("wandb/offline-run-*/run-*.wandb")
    kept = path.read_bytes()
    for name in (
        "q_learning",
        "FrozenLake-v1",
        "episode/return",
        "update/td_error",
        "evaluation/mean_return",
        "flat reward",
    ):
        assert name.encode() in kept
    assert len(list(run.glob("wandb/offline-run-*/files/media/videos/*.gif"))) == 5


def test_mlflow(trained):
    run, _ = trained("mlflow")
    (params,) = run.glob("mlflow/*/*/params")
    assert (params / "algorithm").read_text() == "q_learning"
    metrics = params.with_name("metrics")
    assert len((metrics / "evaluation" / "mean_return").read_text().splitlines()) == 10
    assert (metrics / "episode" / "return").read_text()
    assert len(list(params.with_name("artifacts").glob("video/*.gif"))) == 5
    assert "flat reward" in params.with_name("artifacts").joinpath("health", "001.txt").read_text()


def test_trackio(trained):
    run, env = trained("trackio")
    assert not (run.parent / "asked").exists()  # whose token that is
    config, alerts, logs = json.loads(ran("-c", READING, cwd=run.parent, env=env))
    assert (config["algorithm"], config["environment"], config["seed"]) == ("q_learning", "FrozenLake-v1", 1)
    assert [alert["text"] for alert in alerts] == ["warning: flat reward. Flat. None. Try first: Shape it."]
    kept = {
        name: [log for log in logs if name in log] for name in ("update/td_error", "episode/return", "film")
    }
    assert [log["step"] for log in kept["film"]] == [40, 80, 120, 160, 200]
    for film in kept["film"]:
        assert list(run.parent.rglob(film["film"]["file_path"]))
    assert [log["step"] for log in logs if "evaluation/mean_return" in log] == [*range(20, 201, 20)]
    assert len(kept["update/td_error"]) == 200
    assert kept["episode/return"]
