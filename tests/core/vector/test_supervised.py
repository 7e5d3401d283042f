"""Worker processes: they play as single environments do, and may be killed or hang without harm."""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.vector import AutoresetMode

from csai_core.errors import ConfigError, ContractError, WorkerError
from csai_core.testing.toys import EverySpace, Walk
from csai_core.testing.vector_equality import compare_with_singles
from csai_core.vector import SupervisedVectorEnv, WorkerWarning

EVERY_SPACE = EnvSpec(
    "toys/EverySpace-v0", entry_point="csai_core.testing.toys:EverySpace", max_episode_steps=3
)
WALK = EnvSpec("toys/Walk-v0", entry_point="csai_core.testing.toys:Walk", order_enforce=False)
TREACHEROUS = EnvSpec(
    "toys/Treacherous-v0",
    entry_point="treacherous:Treacherous",
    order_enforce=False,
    disable_env_checker=True,
)
KILL, HANG, CRASH = 90, 91, 92


@pytest.fixture
def make(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parent))  # worker processes get this path too
    made = []

    def make(makers, **settings):
        made.append(SupervisedVectorEnv(makers, **settings))
        return made[-1]

    yield make
    for envs in made:
        envs.close()
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_each_plays_as_the_single_one_does(make, mode):
    envs = make([EVERY_SPACE] * 2, autoreset_mode=mode)
    assert envs.spec is EVERY_SPACE
    assert envs.metadata["autoreset_mode"] == mode
    compare_with_singles(envs, EVERY_SPACE.make, mode, num_steps=20, seed=5)


def test_same_step_hands_over_the_last_observation_and_info(make):
    short = EnvSpec("toys/Short-v0", entry_point="csai_core.testing.toys:Walk", kwargs={"length": 2})
    envs = make([short] * 2, autoreset_mode=AutoresetMode.SAME_STEP)
    envs.reset()
    observations, rewards, terminated, _, infos = envs.step(np.array([1, 0]))
    assert observations.tolist() == [0, 0]
    assert rewards.tolist() == [1.0, -0.1]
    assert terminated.tolist() == [True, False]
    assert infos["_final_obs"].tolist() == [True, False]
    assert infos["final_obs"][0] == 1


def test_observations_handed_out_stay_as_they_were(make):
    envs = make([WALK] * 2)
    first, _ = envs.reset()
    second, *_ = envs.step(np.array([1, 1]))
    envs.step(np.array([1, 1]))
    assert (first.tolist(), second.tolist()) == ([0, 0], [1, 1])


@pytest.mark.parametrize(("action", "words"), [(KILL, "was killed by signal 9"), (HANG, "did not answer")])
@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
def test_a_lost_process_is_replaced_and_its_episode_truncated(make, action, words, mode):
    envs = make([TREACHEROUS] * 2, timeout=3.0 if action == HANG else 30.0, autoreset_mode=mode)
    start, infos = envs.reset(seed=3)
    envs.step(np.array([0, 0]))
    message = rf"Environment 1 \(seed 4, step 2 of its episode, last action {action}\) .*{words}"
    with pytest.warns(WorkerWarning, match=message):
        observations, rewards, terminated, truncated, after = envs.step(np.array([1, action]))
    assert truncated.tolist() == [False, True]
    assert terminated.tolist() == [False, False]
    assert rewards[1] == 0.0
    if mode == AutoresetMode.NEXT_STEP:
        assert observations[1] == start[1] - 1
        assert after["worker_lost"].tolist() == [False, True]
        observations, *_, after = envs.step(np.array([1, 1]))
    else:
        assert after["final_obs"][1] == start[1] - 1
        assert after["final_info"]["worker_lost"][1]
    assert after["pid"][1] != infos["pid"][1]
    assert after["pid"][0] == infos["pid"][0]
    following, _, terminated, truncated, _ = envs.step(np.array([1, 1]))
    assert following[1] == observations[1] + 1
    assert not (terminated | truncated).any()


def test_what_follows_a_loss_is_repeatable(make):
    starts = []
    for _ in range(2):
        envs = make([TREACHEROUS], autoreset_mode=AutoresetMode.SAME_STEP)
        envs.reset(seed=3)
        with pytest.warns(WorkerWarning):
            starts.append(envs.step(np.array([KILL]))[0].tolist())
        envs.close()
    assert starts[0] == starts[1]


def test_a_process_that_dies_in_reset_is_replaced_until_it_has_been_too_often(make):
    envs = make([TREACHEROUS] * 2, max_restarts=2)
    with pytest.raises(WorkerError, match=r"2 processes were replaced already \(max_restarts\)"):
        envs.reset(options={"kill": True})
    started = time.monotonic()
    envs.close()
    assert time.monotonic() - started < 20


def test_an_exception_is_raised_with_its_place_and_traceback(make):
    envs = make([TREACHEROUS] * 2)
    envs.reset(seed=8)
    envs.step(np.array([1, 1]))
    message = r"Environment 1 \(seed 9, step 2 of its episode, last action 92\) failed: ValueError: boom"
    with pytest.raises(WorkerError, match=message) as caught:
        envs.step(np.array([1, CRASH]))
    error = caught.value
    assert (error.index, error.seed, error.step, error.action) == (1, 9, 2, CRASH)
    assert 'raise ValueError("boom")' in error.__notes__[0]
    envs.reset(seed=1)
    envs.step(np.array([1, 1]))


def test_a_refused_action_is_told_as_in_one_process(make):
    envs = make([WALK])
    with pytest.raises(
        WorkerError, match=r"unseeded, step 1.*EpisodeOverError: Walk.step was called while no"
    ):
        envs.step(np.array([1]))


def test_closing_returns_while_processes_hang_or_are_dead(make):
    envs = make([TREACHEROUS] * 3, timeout=30.0)
    envs.reset()
    processes = multiprocessing.active_children()
    envs._workers[0].ask_step(HANG)
    os.kill(envs._workers[1]._process.pid, signal.SIGKILL)
    time.sleep(0.2)
    started = time.monotonic()
    envs.close()
    envs.close()
    assert time.monotonic() - started < 20
    assert not any(process.is_alive() for process in processes)


def test_an_environment_that_cannot_be_made_is_explained(make):
    wrong = EnvSpec("toys/Wrong-v0", entry_point="csai_core.testing.toys:Walk", kwargs={"width": 3})
    with pytest.raises(WorkerError, match=r"Environment 0 .* could not be made: TypeError.*width"):
        make([wrong])
    with pytest.raises(WorkerError, match=r"Environment 0 .* before it was ready"):
        make([functools.partial(os._exit, 3)])
    with pytest.raises(ConfigError, match="no environments"):
        make([])
    with pytest.raises(ContractError, match=r"Environment 1 has the spaces"):
        make([WALK, functools.partial(Walk, 9)])


def test_seeds_are_given_one_by_one_too(make):
    envs = make([TREACHEROUS] * 2)
    one, _ = envs.reset(seed=[11, 11])
    assert one[0] == one[1]
    two, _ = envs.reset(seed=[11, None])
    assert two[0] == one[0]
    with pytest.raises(ConfigError, match="1 seeds for 2 environments"):
        envs.reset(seed=[1])


def test_it_renders_each(make):
    spec = EnvSpec("toys/Walk-v0", entry_point="csai_core.testing.toys:Walk")
    envs = make([functools.partial(spec.make, render_mode="ansi")] * 2)
    assert envs.render_mode == "ansi"
    envs.reset()
    envs.step(np.array([0, 1]))
    assert envs.render() == ("@...G", ".@..G")


def test_gymnasiums_wrappers_count_episodes(make):
    envs = gymnasium.wrappers.vector.RecordEpisodeStatistics(make([EVERY_SPACE] * 2))
    envs.reset(seed=0)
    for _ in range(3):
        *_, infos = envs.step(envs.action_space.sample())
    assert infos["episode"]["l"].tolist() == [3, 3]


def test_interrupting_ends_the_workers_without_a_word():
    code = (
        "import os, signal, sys\n"
        "from gymnasium.envs.registration import EnvSpec\n"
        "from csai_core.vector import SupervisedVectorEnv\n"
        "if __name__ == '__main__':\n"
        "    envs = SupervisedVectorEnv([EnvSpec('W-v0', entry_point='csai_core.testing.toys:Walk')] * 2)\n"
        "    envs.reset()\n"
        "    try:\n"
        "        os.killpg(os.getpgid(0), signal.SIGINT)\n"
        "        envs.step([1, 1])\n"
        "    except KeyboardInterrupt:\n"
        "        envs.close(); print('closed')\n"
    )
    done = run_script(code)
    assert (done.stdout, done.stderr, done.returncode) == ("closed\n", "", 0)


def test_a_script_without_a_guard_is_told_what_to_do():
    code = (
        "from gymnasium.envs.registration import EnvSpec\n"
        "from csai_core.vector import SupervisedVectorEnv\n"
        "SupervisedVectorEnv([EnvSpec('W-v0', entry_point='csai_core.testing.toys:Walk')])\n"
    )
    done = run_script(code)
    assert done.returncode == 1
    assert 'below `if __name__ == "__main__":`' in done.stderr


def run_script(code):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "script.py"
        path.write_text(code)
        return subprocess.run(
            [sys.executable, path],
            capture_output=True,
            text=True,
            timeout=100,
            start_new_session=True,
            check=False,
        )


def test_gymnasiums_own_workers_take_specifications_under_spawn_too():
    envs = gymnasium.vector.AsyncVectorEnv([EVERY_SPACE.make] * 2, context="spawn")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compare_with_singles(envs, EverySpace, AutoresetMode.NEXT_STEP, num_steps=2, seed=1)
