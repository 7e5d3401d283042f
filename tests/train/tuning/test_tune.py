"""A search from beginning to end, whose processes are killed at any moment."""

import multiprocessing
import random
import subprocess
import sys
import threading
import time

import pytest

from csai_core.errors import ConfigError, UnknownNameError
from csai_core.ranges import Range
from csai_train import Run, train, tune
from csai_train.errors import RunError, StudyError
from csai_train.runs.evaluation_file import read_evaluation
from csai_train.tuning.storage import open_storage

optuna = pytest.importorskip("optuna")

LAKE = {"algorithm": "q_learning", "environment": "FrozenLake-v1", "total_steps": 60, "episodes": 2}
SMALL = {**LAKE, "trials": 2, "seeds": [3], "preset": None, "search": ["learning_rate"]}


def states_in(folder):
    storage = open_storage(f"journal:{folder / 'trials.journal'}")
    (study,) = optuna.get_all_study_summaries(storage)
    return [
        trial.state.name for trial in optuna.load_study(study_name=study.study_name, storage=storage).trials
    ]


def test_what_was_found_is_a_preset_that_trains_the_same(tmp_path):
    told = []
    found = tune(**SMALL, run_dir=tmp_path / "search", watch=told.append, config={"epsilon_end": 0.1})
    assert [(each.number, each.state) for each in told] == [
        *((0, "begun"), (0, "complete"), (1, "begun"), (1, "complete"))
    ]
    assert found.trials[0].settings == {"learning_rate": 0.1}
    assert found.best is max(found.trials, key=lambda trial: (trial.value, -trial.number))
    run = Run.open(tmp_path / "search" / f"trial-{found.best.number:04}" / "seed-3")
    assert read_evaluation(run).value == found.best.value == found.best.values[0]
    assert (run.total_steps, run.seed, run.settings.epsilon_end) == (60, 3, 0.1)
    made = train("q_learning", "FrozenLake-v1", preset=str(found.preset), seed=3)
    assert made.total_steps == 60
    assert made.algorithm.config == run.settings

    again = tune(**SMALL, run_dir=tmp_path / "search", config={"epsilon_end": 0.1})
    assert again == found
    with pytest.raises(RunError, match=r"was begun with total_steps 60, and now 70 is asked for\. Ask for"):
        tune(**{**SMALL, "total_steps": 70}, run_dir=tmp_path / "search", config={"epsilon_end": 0.1})


SCRIPT = """
import sys
from csai_train import tune
if __name__ == "__main__":
    tune(
        "q_learning", "FrozenLake-v1", run_dir=sys.argv[1], trials=3, seeds=[0], jobs=2, preset=None,
        total_steps=60, episodes=2,
        watch=lambda each: print(each.number, each.state, flush=True),
    )
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there, a process cannot be killed like this")
@pytest.mark.timeout(1200)
def test_workers_that_are_killed_leave_exactly_the_trials_that_were_asked_for(tmp_path):
    script, folder, draw = tmp_path / "search.py", tmp_path / "search", random.Random(4)
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), str(folder)]
    for _ in range(2):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        process.stdout.readline()  # a trial has begun
        time.sleep(draw.uniform(0, 3))
        process.kill()
        process.communicate()
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = [worker.communicate()[0] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0]
    assert states_in(folder) == ["COMPLETE"] * 3
    ended = [line for text in told for line in text.splitlines() if line.endswith("complete")]
    assert len(ended) == len(set(ended)) <= 3
    assert sorted(each.name for each in folder.glob("trial-*")) == [f"trial-{each:04}" for each in range(3)]
    assert not [*folder.glob("trial-*/seed-*/*.new")]
    assert subprocess.run(command, capture_output=True, check=True).stdout == b""


@pytest.mark.skipif(sys.platform == "win32", reason="there, a process cannot be killed like this")
def test_the_process_of_a_trial_that_is_killed_is_started_again(tmp_path):
    killed = []

    def kill():
        for child in multiprocessing.active_children():
            killed.append(child.pid)
            child.kill()

    timer = threading.Timer(1.0, kill)
    timer.start()
    found = tune(**{**SMALL, "trials": 1}, run_dir=tmp_path / "search")
    timer.join()
    assert killed
    assert [trial.state for trial in found.trials] == ["complete"]


FAULTY = """
import gymnasium

class Faulty(gymnasium.Env):
    observation_space, action_space = gymnasium.spaces.Discrete(2), gymnasium.spaces.Discrete(2)

    def __init__(self, what):
        self.what = what

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return 0, {}

    def step(self, action):
        if self.what == "raises":
            raise ArithmeticError("no such number")
        return 0, 1e200, False, False, {}  # more than networks can count

gymnasium.register("Raises-v0", Faulty, kwargs={"what": "raises"}, max_episode_steps=9)
gymnasium.register("Diverges-v0", Faulty, kwargs={"what": "diverges"}, max_episode_steps=9)
"""


def test_what_fails_ends_the_search_and_what_diverges_does_not(tmp_path, monkeypatch):
    (tmp_path / "faulty_searches.py").write_text(FAULTY)
    monkeypatch.syspath_prepend(tmp_path)
    asked = {**SMALL, "trials": 1}
    with pytest.raises(StudyError, match=r"(?s)Trial 0 failed: .*no such number"):
        tune(**{**asked, "environment": "faulty_searches:Raises-v0"}, run_dir=tmp_path / "raises")
    assert states_in(tmp_path / "raises") == ["WAITING"]
    asked |= {"environment": "faulty_searches:Diverges-v0", "algorithm": "a2c", "total_steps": 128}
    found = tune(**asked, run_dir=tmp_path / "diverges")
    assert states_in(tmp_path / "diverges") == ["PRUNED"]
    assert (found.best, found.preset) == (None, None)
    assert found.trials[0].reason


@pytest.mark.parametrize(
    ("changed", "error", "told"),
    [
        ({"trials": 0}, ConfigError, "trials=0"),
        ({"jobs": 0}, ConfigError, "jobs=0"),
        ({"seeds": []}, ConfigError, r"tune was given seeds=\[\]"),
        ({"config": 3}, ConfigError, "config=3; it takes a dict"),
        ({"callbacks": [print]}, ConfigError, "callbacks by their registered names"),
        ({"search": ["gama"]}, UnknownNameError, "Did you mean 'gamma'"),
        ({"search": {"num_envs": Range(1, 2), "rule": None}}, ConfigError, "rule does not say where"),
        ({"total_steps": None}, ConfigError, "no preset of q_learning says how long"),
        ({"storage": "nowhere"}, ConfigError, "The storage 'nowhere' is none"),
        ({"environment": 5}, ConfigError, "an id or a specification"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_written(changed, error, told, tmp_path):
    with pytest.raises(error, match=told):
        tune(**{**SMALL, "run_dir": tmp_path / "search", **changed})
    assert not (tmp_path / "search").exists()
