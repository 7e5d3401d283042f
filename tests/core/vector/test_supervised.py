"""Worker processes: they play as single environments do, and may be killed or hang without harm."""

from __future__ import annotations

import functools
import gc
import multiprocessing
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.vector import AutoresetMode

from csai_core.errors import ConfigError, ContractError, EnvironmentFailedError, UnknownNameError, WorkerError
from csai_core.testing.batches.equality import compare_with_singles
from csai_core.testing.toys import EverySpace, Walk
from csai_core.vector import SupervisedVectorEnv, WorkerWarning

EVERY_SPACE = EnvSpec(
    "toys/EverySpace-v0", entry_point="csai_core.testing.toys:EverySpace", max_episode_steps=3
)
WALK = EnvSpec("toys/Walk-v0", entry_point="csai_core.testing.toys:Walk", order_enforce=False)
FOLDER = Path(__file__).parent


def bare(name, **kwargs):
    """The specification of an environment of treacherous.py, which worker processes find by its name."""
    return EnvSpec(
        f"toys/{name}-v0",
        entry_point=f"treacherous:{name}",
        order_enforce=False,
        disable_env_checker=True,
        kwargs=kwargs,
    )


TREACHEROUS = bare("Treacherous")
KILL, HANG, CRASH = 90, 91, 92


@pytest.fixture
def make(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))  # worker processes get this path too
    made = []

    def make(makers, **settings):
        made.append(SupervisedVectorEnv(makers, **settings))
        return made[-1]

    yield make
    for envs in made:
        envs.close()
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("mode", list(AutoresetMode))
@pytest.mark.parametrize(("num_envs", "num_workers"), [(2, None), (3, 2)])
def test_each_plays_as_the_single_one_does(make, mode, num_envs, num_workers):
    envs = make([EVERY_SPACE] * num_envs, autoreset_mode=mode, num_workers=num_workers)
    assert envs.num_workers == 2
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
    message = rf"Environment 1 \(.*seed 4, step 2 of its .*, action {action}\) failed: its process {words}"
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


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
def test_all_episodes_of_a_lost_process_are_truncated_each_once(make, mode):
    envs = make([TREACHEROUS] * 3, num_workers=2, autoreset_mode=mode)
    envs.reset(seed=3)
    message = r"Environment 0 \(.*seed 3, .* the process that it shares with 1 other was .* episodes in it"
    with pytest.warns(WorkerWarning, match=message):
        *_, truncated, _ = envs.step(np.array([1, KILL, 1]))
    assert truncated.tolist() == [True, True, False]
    for _ in range(2):
        *_, truncated, _ = envs.step(np.array([1, 1, 1]))
        assert not truncated.any()


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_an_episode_lost_while_it_was_not_stepped_is_truncated_in_the_next_step(make, mode):
    envs = make([TREACHEROUS] * 2, num_workers=1, autoreset_mode=mode)
    observation, _ = envs.reset(seed=3)
    mask = np.array([True, False])
    kill_workers(envs)
    with pytest.warns(WorkerWarning):
        started, _ = envs.reset(seed=[5, None], options={"reset_mask": mask})
    assert started[1] == observation[1]
    after, rewards, _, truncated, _ = envs.step(np.array([1, 1]))
    assert truncated.tolist() == [False, True]
    assert rewards[1] == 0.0
    assert after[0] == started[0] + 1


def test_an_episode_lost_over_a_picture_is_truncated_in_the_next_step(make):
    envs = make([functools.partial(WALK.make, render_mode="ansi")], num_workers=1)
    envs.reset()
    kill_workers(envs)
    with pytest.warns(WorkerWarning):
        assert envs.render() == (None,)
    *_, truncated, _ = envs.step(np.array([1]))
    assert truncated.tolist() == [True]
    envs.step(np.array([1]))
    assert envs.render() == ("@...G",)


def test_an_exception_is_raised_with_its_place_and_traceback(make):
    envs = make([TREACHEROUS] * 2)
    envs.reset(seed=8)
    envs.step(np.array([1, 1]))
    message = (
        r"Environment 1 \(.*Treacherous-v0, seed 9, step 2 of its .*, action 92\) failed: ValueError: boom"
    )
    with pytest.raises(WorkerError, match=message) as caught:
        envs.step(np.array([1, CRASH]))
    error = caught.value
    assert (error.index, error.seed, error.step, error.action) == (1, 9, 2, CRASH)
    assert isinstance(error, EnvironmentFailedError)
    assert error.environment == "toys/Treacherous-v0"
    assert "env.reset(seed=9)" in error.repeat
    assert 'raise ValueError("boom")' in error.__notes__[0]
    envs.reset(seed=1)
    envs.step(np.array([1, 1]))


def test_a_refused_action_is_told_as_in_one_process(make):
    envs = make([WALK])
    with pytest.raises(WorkerError, match=r"unseeded, step 1.*failed: Walk.step was called while no"):
        envs.step(np.array([1]))


def test_an_environment_that_cannot_be_made_is_explained(make):
    wrong = EnvSpec("toys/Wrong-v0", entry_point="csai_core.testing.toys:Walk", kwargs={"width": 3})
    with pytest.raises(
        WorkerError, match=r"Environment 0 \(toys/Wrong-v0, .* it could not be made: TypeError.*width"
    ):
        make([wrong])
    with pytest.raises(WorkerError, match=r"Environment 0 .* before it was ready"):
        make([functools.partial(os._exit, 3)])
    with pytest.raises(ConfigError, match="no environments"):
        make([])
    with pytest.raises(ConfigError, match="num_workers=3; it must be an integer from 1 to 2"):
        make([WALK] * 2, num_workers=3)
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


@pytest.mark.parametrize("made", [1, 2])
def test_every_kind_of_maker_works(make, made):
    lock = threading.Lock()
    makers = ["CartPole-v1", gymnasium.spec("CartPole-v1"), lambda: gymnasium.make("CartPole-v1")]
    envs = make(makers[:1] * made + makers[1:])
    assert envs.spec.id == "CartPole-v1"
    envs.reset(seed=0)
    with pytest.raises(
        ConfigError, match=r"What makes environment 1, .*lambda.*another process: TypeError.*lock"
    ):
        make([makers[0], lambda: (lock, gymnasium.make("CartPole-v1"))[1]])
    with pytest.raises(UnknownNameError, match="CartPole-v1"):
        make(["CartPool-v1"])


def test_an_id_of_a_module_works(make, tmp_path, monkeypatch):
    (tmp_path / "own_walks.py").write_text(
        "import gymnasium\nfrom csai_core.testing.toys import Walk\n"
        "class Own(Walk): pass\n"
        "gymnasium.register('OwnWalk-v0', 'own_walks:Own')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    envs = make(["own_walks:OwnWalk-v0"])
    assert envs.reset(seed=0)[0].tolist() == [0]
    del gymnasium.registry["OwnWalk-v0"]


@pytest.mark.parametrize(
    ("where", "name"),
    [
        ("info", r"its info\['parts'\]\[1\]\['handle'\] is a lock"),
        ("render", "its answer to render is a lock"),
        ("space", "could not be made: its observation_space is a Discrete"),
    ],
)
def test_what_cannot_be_sent_is_named(make, where, name):
    with pytest.raises(
        WorkerError, match=rf"Environment 1 .*{name}, which cannot be sent out of its process"
    ):
        use(make, [bare("Unsendable"), bare("Unsendable", where=where, render_mode="ansi")])


def test_an_observation_outside_its_space_is_refused_before_it_is_sent(make):
    with pytest.raises(
        WorkerError, match=r"Environment 1 .*at reset\) failed: observation must hold int64.*lock"
    ):
        use(make, [bare("Unsendable"), bare("Unsendable", where="reset")])


def use(make, makers):
    envs = make(makers, num_workers=1)
    envs.reset()
    envs.render()


def test_options_that_cannot_be_sent_are_refused(make):
    envs = make([WALK])
    with pytest.raises(ConfigError, match=r"given to reset cannot be sent .*lock"):
        envs.reset(options={"lock": threading.Lock()})
    assert envs.reset()[0].tolist() == [0]


@pytest.mark.parametrize("is_answering", [False, True])
def test_a_process_stopped_in_the_middle_of_a_message_larger_than_the_pipe_is_replaced(make, is_answering):
    envs = make([bare("Vast")] * 2, timeout=1.0, autoreset_mode=AutoresetMode.SAME_STEP)
    envs.reset()
    worker = envs._supervisor._workers[1]
    actions = np.full((2, 1_000_000), 7, np.uint8)
    if is_answering:
        worker.ask = functools.partial(ask_and_stop, worker)
    else:
        os.kill(worker._process.pid, signal.SIGSTOP)
    with pytest.warns(WorkerWarning, match=r"did not answer within 1 seconds"):
        observations, _, _, truncated, _ = envs.step(actions)
    assert truncated.tolist() == [False, True]
    assert (observations[0] == 7).all()
    assert (observations[1] == 0).all()
    assert (envs.step(actions)[0] == 7).all()


def ask_and_stop(worker, *question):
    """Stop a worker that has sent the beginning of an answer, and cannot send its end as nobody reads."""
    del worker.ask
    worker.ask(*question)
    while worker.channel.wants_to_send:
        worker.channel.send()
    select.select([worker.channel], [], [], 60)
    os.kill(worker._process.pid, signal.SIGSTOP)


def test_after_an_interruption_answers_belong_to_what_was_asked(make):
    envs = make([WALK] * 2)
    envs.reset()
    envs._supervisor.step = interrupted(envs._supervisor)
    with pytest.raises(KeyboardInterrupt):
        envs.step(np.array([1, 1]))
    del envs._supervisor.step
    assert envs.step(np.array([1, 1]))[0].tolist() == [2, 2]


def interrupted(supervisor):
    def step(actions):
        for worker, share in supervisor._shares(actions).items():
            worker.ask_step(share)
        raise KeyboardInterrupt

    return step


def test_states_are_saved_and_restored(make):
    envs = make([bare("Wandering")] * 3, num_workers=2, autoreset_mode=AutoresetMode.SAME_STEP)
    envs.reset(seed=1)
    action = np.ones(3, int)
    envs.step(action)
    saved = envs.state_dict()
    ahead = [envs.step(action)[0].tolist() for _ in range(8)]
    other = make([bare("Wandering")] * 3, autoreset_mode=AutoresetMode.SAME_STEP)
    assert other.load_state_dict(saved) == ""
    assert [other.step(action)[0].tolist() for _ in range(8)] == ahead
    assert envs.load_state_dict(saved) == ""
    kill_workers(envs)
    with pytest.warns(WorkerWarning):
        assert envs.state_dict() is None
    *_, infos = envs.step(action)
    assert [int(each) for each in infos["final_obs"]] == saved["observations"]


def test_states_of_what_has_none_are_none(make):
    assert make(["CartPole-v1"]).state_dict() is None


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
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join([str(FOLDER), os.environ.get("PYTHONPATH", "")]),
            },
            check=False,
        )


def test_nothing_is_left_behind(make):
    make([WALK]).close()  # what multiprocessing keeps for good is there now
    before = len(os.listdir("/proc/self/fd")), children()
    for _ in range(2):
        envs = make([TREACHEROUS] * 3, num_workers=2)
        envs.reset()
        with pytest.warns(WorkerWarning):
            envs.step(np.array([1, 1, KILL]))
        envs.close()
        with pytest.raises(WorkerError):
            make([WALK, functools.partial(Walk, width=3)])
    gc.collect()
    assert (len(os.listdir("/proc/self/fd")), children()) == before


def children():
    return sorted(Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split())


def test_closing_returns_while_processes_hang_are_stopped_or_are_dead(make):
    envs = make([TREACHEROUS] * 3, timeout=30.0)
    envs.reset()
    hanging, dead, stopped = envs._supervisor._workers
    pids = {worker._process.pid for worker in envs._supervisor._workers}
    hanging.ask_step({0: HANG})
    os.kill(dead._process.pid, signal.SIGKILL)
    os.kill(stopped._process.pid, signal.SIGSTOP)
    started = time.monotonic()
    envs.close()
    envs.close()
    assert time.monotonic() - started < 20
    assert not {str(pid) for pid in pids} & {*children()}


HANGING = """
import os, signal, sys, functools, time
from csai_core.vector import SupervisedVectorEnv
from treacherous import HANG, Treacherous
if __name__ == "__main__":
    envs = SupervisedVectorEnv([Treacherous] * 2, num_workers=2)
    envs.reset()
    first, second = envs._supervisor._workers
    first.ask_step({0: HANG})
    os.kill(second._process.pid, signal.SIGSTOP)
    print(first._process.pid, second._process.pid, flush=True)
    LAST
"""


def test_a_program_that_forgets_to_close_ends():
    done = run_script(HANGING.replace("LAST", "pass"))
    assert (done.returncode, done.stderr) == (0, "")
    assert not any(Path(f"/proc/{pid}").exists() for pid in done.stdout.split())


def test_workers_end_with_a_program_that_is_killed_even_while_they_hang():
    done = run_script(
        HANGING.replace(
            "LAST",
            "os.kill(first._process.pid, 0); os.kill(second._process.pid, "
            "signal.SIGCONT); os.kill(os.getpid(), signal.SIGKILL)",
        )
    )
    assert done.returncode == -signal.SIGKILL
    deadline = time.monotonic() + 60
    while any(is_running(pid) for pid in done.stdout.split()):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def kill_workers(envs):
    for worker in envs._supervisor._workers:
        os.kill(worker._process.pid, signal.SIGKILL)


def test_gymnasiums_own_workers_take_specifications_under_spawn_too():
    envs = gymnasium.vector.AsyncVectorEnv([EVERY_SPACE.make] * 2, context="spawn")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compare_with_singles(envs, EverySpace, AutoresetMode.NEXT_STEP, num_steps=2, seed=1)


def test_an_observation_that_is_not_what_its_space_says_is_told_with_its_place(make):
    def short():
        env = gymnasium.make("CartPole-v1")
        return gymnasium.wrappers.TransformObservation(env, lambda seen: seen[:2], env.observation_space)

    envs = make([short])
    with pytest.raises(WorkerError, match=r"seed 3, at reset\) failed: observation must have shape \(4,\)"):
        envs.reset(seed=3)
