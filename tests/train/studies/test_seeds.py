"""The same training with several seeds, in processes that may be killed."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time

import gymnasium
import pytest

from csai_core.errors import ConfigError
from csai_train import Run, train, train_seeds
from csai_train.errors import RunError, StudyError
from csai_train.runs import checkpoint
from csai_train.runs.evaluation_file import read_evaluation
from csai_train.runs.lock import is_locked
from csai_train.runs.status import status_of

LAKE = {"algorithm": "q_learning", "environment": "FrozenLake-v1", "total_steps": 3000, "episodes": 5}
ENDLESS = 10**12
PATIENCE_SECONDS = 60


def digests(path):
    return checkpoint.digests(Run.open(path).checkpoints.load("newest"))


def test_each_seed_is_what_train_gives_and_what_is_done_is_left_alone(tmp_path):
    seen = []
    runs = train_seeds(**LAKE, run_dir=tmp_path / "study", seeds=(3, 1), watch=seen.append)
    assert [run.path.name for run in runs] == ["seed-3", "seed-1"]
    assert [each.seed for each in seen[0]] == [3, 1]
    assert {each.state for each in seen[-1]} == {"done"}
    assert all(read_evaluation(run).episodes == 5 for run in runs)
    train("q_learning", "FrozenLake-v1", total_steps=3000, seed=1, run_dir=tmp_path / "alone")
    assert digests(runs[1].path) == digests(tmp_path / "alone")
    first, second = (json.loads((run.path / "lock.json").read_text())["process"] for run in runs)
    assert first == second != os.getpid()  # one process did one after the other

    before = [(path, path.stat().st_mtime_ns) for path in sorted((tmp_path / "study").rglob("*"))]
    (runs[1].path / "evaluation.json").unlink()
    again = train_seeds(**LAKE, run_dir=tmp_path / "study", seeds=[3, 1])
    assert read_evaluation(again[1]).episodes == 5
    after = dict.fromkeys(sorted((tmp_path / "study").rglob("*")))
    untouched = [path for path, when in before if path in after and path.stat().st_mtime_ns == when]
    assert set(runs[0].path.rglob("*")) <= set(untouched)


def test_what_is_killed_is_started_again_and_ends_the_same(tmp_path):
    killed = []

    def kill(progress):
        running = [each for each in progress if each.state == "training" and each.steps]
        if running and len(killed) < 2:
            for process in multiprocessing.active_children():
                killed.append(process.pid)
                process.kill()

    arguments = {**LAKE, "total_steps": 150_000}
    (run,) = train_seeds(**arguments, run_dir=tmp_path / "study", seeds=[1], watch=kill)
    assert killed
    train("q_learning", "FrozenLake-v1", total_steps=150_000, seed=1, run_dir=tmp_path / "alone")
    assert digests(run.path) == digests(tmp_path / "alone")


def test_it_starts_from_another_run_as_a_training_does(tmp_path):
    easy = {"config": {"num_envs": 2, "num_steps": 8}, "total_steps": 32}
    train("a2c", "CartPole-v1", **easy, wrappers=["TimeLimit:max_episode_steps=9"], run_dir=tmp_path / "easy")
    asked = {"start_from": tmp_path / "easy", "total_steps": 16}
    (run,) = train_seeds("a2c", "CartPole-v1", run_dir=tmp_path / "study", seeds=[4], episodes=1, **asked)
    alone = train("a2c", "CartPole-v1", run_dir=tmp_path / "alone", seed=4, **asked)
    assert run.environment.additional_wrappers == Run.open(tmp_path / "alone").environment.additional_wrappers
    assert digests(run.path) == checkpoint.digests(alone.state_dict())


FAULTY = """
import multiprocessing, os
import gymnasium

class Faulty(gymnasium.Env):
    observation_space, action_space = gymnasium.spaces.Discrete(2), gymnasium.spaces.Discrete(2)

    def __init__(self, dies):
        self.dies = dies

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return 0, {}

    def step(self, action):
        if self.dies and multiprocessing.parent_process() is not None:
            os._exit(3)
        raise ArithmeticError("no such number")

gymnasium.register("Raises-v0", Faulty, kwargs={"dies": False}, max_episode_steps=9)
gymnasium.register("Dies-v0", Faulty, kwargs={"dies": True}, max_episode_steps=9)
"""


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Raises-v0", r"(?s)Seed 0 failed: .*no such number"),
        ("Dies-v0", r"Seed 0 failed: its process ended with status 3, 4 times after 0 saved steps\."),
    ],
)
def test_what_fails_is_told_and_nothing_is_begun_after_it(name, told, tmp_path, monkeypatch):
    (tmp_path / "faulty_places.py").write_text(FAULTY)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(StudyError, match=told):
        train_seeds(
            "q_learning", f"faulty_places:{name}", total_steps=50, run_dir=tmp_path / "study", seeds=(0, 1)
        )
    assert not (tmp_path / "study" / "seed-1").exists()


def test_a_run_that_was_begun_otherwise_is_refused(tmp_path):
    train("q_learning", "FrozenLake-v1", total_steps=20, seed=0, run_dir=tmp_path / "seed-0")
    asked = {**LAKE, "run_dir": tmp_path, "seeds": [0]}
    with pytest.raises(RunError, match="seed-0 is a run with total_steps 20, and now 3000 is asked for"):
        train_seeds(**asked)
    asked["total_steps"] = 20
    with pytest.raises(RunError, match=r"with learning_rate 1\.0, and now 0\.5 is asked for"):
        train_seeds(**asked, config={"learning_rate": 0.5})
    with pytest.raises(RunError, match="is a run with algorithm 'q_learning', and now 'ppo' is asked for"):
        train_seeds(**{**asked, "algorithm": "ppo"})
    with pytest.raises(RunError, match="is a run with environment "):
        train_seeds(**asked, wrappers=["TimeLimit:max_episode_steps=5"])


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"seeds": []}, r"seeds=\[\]; it takes several, each once"),
        ({"seeds": [1, 2, 1]}, r"seeds=\[1, 2, 1\]; it takes several, each once"),
        ({"seeds": 5}, "seeds=5; it takes several, such as range"),
        ({"seeds": "0-4"}, "seeds='0-4'; it takes several, such as range"),
        ({"seeds": [-1]}, "seeds=-1"),
        ({"jobs": 0}, "jobs=0"),
        ({"episodes": 0}, "episodes=0"),
        ({"environment": gymnasium.make("FrozenLake-v1")}, "an id or a specification"),
        ({"callbacks": [print]}, "callbacks by their registered names"),
        ({"config": {"epsilon_start": lambda: 1}}, "epsilon_start"),
    ],
)
def test_what_cannot_work_is_refused(changed, told, tmp_path):
    with pytest.raises(ConfigError, match=told):
        train_seeds(**{**LAKE, "run_dir": tmp_path, "seeds": [0], **changed})
    assert not [*tmp_path.iterdir()]


SCRIPT = """
import sys
from csai_train import train_seeds
if __name__ == "__main__":
    train_seeds(
        "q_learning", "FrozenLake-v1", run_dir=sys.argv[1], seeds=[0], total_steps=int(sys.argv[2]),
        checkpoint_every=1000,
    )
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there, a process cannot be asked to stop")
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL])
def test_when_the_study_ends_its_trainings_save_and_end(sent, tmp_path):
    script, run = tmp_path / "study.py", tmp_path / "study" / "seed-0"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), str(run.parent), str(ENDLESS)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    _wait_until(lambda: any((run / "checkpoints").glob("step-*")))
    process.send_signal(sent)
    _, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode != 0
    assert sent is signal.SIGKILL or "KeyboardInterrupt" in err
    _wait_until(lambda: not is_locked(run))
    assert 0 < Run.open(run).steps_taken() < ENDLESS
    assert status_of(Run.open(run)).state == "stopped"


def _wait_until(holds):
    until = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)
