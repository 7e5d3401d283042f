"""Training and resuming: the same seed gives the same, and stopping in between changes nothing."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys

import gymnasium
import numpy as np
import pytest

from csai_core import trust
from csai_core.errors import (
    ConfigError,
    EnvironmentFailedError,
    MissingExtraError,
    SpaceError,
    UnknownNameError,
    UntrustedModuleError,
)
from csai_train import Callback, Run, resume, train
from csai_train.agent import TrainedAgent
from csai_train.errors import CallbackError, CheckpointError, RunError, TrainingWarning
from csai_train.runs import checkpoint
from csai_train.runs.events_file import read_events

SMALL = {
    "q_learning": {},
    "deep_q_learning": {
        "hidden_sizes": (8,),
        "batch_size": 8,
        "learning_starts": 20,
        "buffer_capacity": 150,
        "target_every": 30,
        "train_every": 2,
    },
    "reinforce": {"hidden_sizes": (8,)},
    "a2c": {"hidden_sizes": (8,), "num_steps": 5},
    "ppo": {"hidden_sizes": (8,), "num_steps": 16, "num_minibatches": 2, "num_epochs": 2},
}


class StopAt(Callback):
    def __init__(self, steps):
        self.steps = steps

    def step(self, training):
        if training.steps >= self.steps:
            training.stop_requested = True


def digests(training):
    """Of everything: weights, optimizer, memory, generators, environments."""
    return checkpoint.digests(training.state_dict())


def next_actions(training, count=100):
    training.total_steps += count
    taken = []

    class Note(Callback):
        def start(self, training):
            step = training.envs.step
            training.envs.step = lambda action: taken.append(np.array(action)) or step(action)

    training.callbacks = [Note()]
    training.run()
    return np.array(taken)


ENVIRONMENTS = {"q_learning": ["corridor", "FrozenLake-v1", "Taxi-v4"]}
CASES = [
    (algorithm, environment, num_envs)
    for algorithm in SMALL
    for environment in ENVIRONMENTS.get(algorithm, ["corridor", "CartPole-v1"])
    for num_envs in (1, 3)
]


@pytest.mark.parametrize(("algorithm", "environment", "num_envs"), CASES)
def test_a_training_that_was_stopped_goes_on_as_if_it_never_was(
    tmp_path, corridor_id, algorithm, environment, num_envs
):
    environment = corridor_id if environment == "corridor" else environment
    stops = (7, 130, 131)
    config = {**SMALL[algorithm], "num_envs": num_envs}
    make = {"total_steps": 249, "seed": 5, "config": config}
    whole = train(algorithm, environment, run_dir=tmp_path / "whole", **make)
    train(algorithm, environment, run_dir=tmp_path / "parts", callbacks=[StopAt(stops[0])], **make)
    for stop in stops[1:]:
        resume(tmp_path / "parts", callbacks=[StopAt(stop)])
    parts = resume(tmp_path / "parts")
    assert parts.is_complete
    assert digests(parts) == digests(whole)
    for name in ("metrics.csv",):
        assert (tmp_path / "parts" / name).read_text() == (tmp_path / "whole" / name).read_text()
    one, other = (episodes(tmp_path / name) for name in ("parts", "whole"))
    assert one == other
    np.testing.assert_array_equal(next_actions(parts), next_actions(whole))


def episodes(path):
    """The summaries of episodes in a run's feed, without the time at which they were written."""
    events = [event for event in read_events(path) if event["event"] == "episodes"]
    return [{name: value for name, value in event.items() if name != "time"} for event in events]


@pytest.mark.parametrize("algorithm", ["q_learning", "deep_q_learning"])
def test_another_process_goes_on_as_exactly(tmp_path, algorithm):
    make = {"total_steps": 300, "seed": 1, "config": SMALL[algorithm]}
    whole = train(algorithm, "FrozenLake-v1", run_dir=tmp_path / "whole", **make)
    train(algorithm, "FrozenLake-v1", run_dir=tmp_path / "parts", callbacks=[StopAt(123)], **make)
    code = f"from csai_train import resume; resume({str(tmp_path / 'parts')!r})"
    subprocess.run([sys.executable, "-c", code], check=True)
    resumed = Run.open(tmp_path / "parts").checkpoints.load(300)
    assert checkpoint.digests(resumed) == digests(whole)


@pytest.mark.parametrize("algorithm", SMALL)
def test_same_seed_same_training_and_another_seed_another(algorithm):
    def trained(seed):
        return digests(train(algorithm, "FrozenLake-v1", total_steps=200, seed=seed, config=SMALL[algorithm]))

    assert trained(1) == trained(1)
    assert trained(1) != trained(2)


def test_a_run_killed_before_its_first_checkpoint_starts_over(tmp_path):
    make = {"total_steps": 200, "seed": 1}
    whole = train("q_learning", "FrozenLake-v1", run_dir=tmp_path / "whole", **make)

    class Killed(Callback):
        def step(self, training):
            if training.steps == 15:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train("q_learning", "FrozenLake-v1", run_dir=tmp_path / "run", callbacks=[Killed()], **make)
    assert Run.open(tmp_path / "run").steps_taken() == 0
    again = resume(tmp_path / "run")
    assert digests(again) == digests(whole)
    assert episodes(tmp_path / "run") == episodes(tmp_path / "whole")


def test_what_happened_after_the_checkpoint_never_happened(tmp_path):
    """A crash loses what came after the last checkpoint; feed and table forget it too."""
    make = {"total_steps": 400, "seed": 1}
    whole = train("q_learning", "FrozenLake-v1", run_dir=tmp_path / "whole", **make)

    class Killed(Callback):
        def step(self, training):
            if training.steps == 395:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train("q_learning", "FrozenLake-v1", run_dir=tmp_path / "run", callbacks=[Killed()], **make)
    assert Run.open(tmp_path / "run").steps_taken() == 360
    again = resume(tmp_path / "run")
    assert digests(again) == digests(whole)
    assert episodes(tmp_path / "run") == episodes(tmp_path / "whole")
    assert (tmp_path / "run" / "metrics.csv").read_text() == (tmp_path / "whole" / "metrics.csv").read_text()


def test_a_damaged_checkpoint_is_named_and_the_one_before_is_used(tmp_path):
    make = {"total_steps": 400, "seed": 1}
    whole = train("q_learning", "FrozenLake-v1", run_dir=tmp_path / "whole", **make)
    train("q_learning", "FrozenLake-v1", run_dir=tmp_path / "run", callbacks=[StopAt(200)], **make)
    newest, before = Run.open(tmp_path / "run").checkpoints.saved()[:2]
    (newest / "state.json").write_text("{}")
    with pytest.warns(TrainingWarning, match=rf"{newest.name}.*damaged.*newest good.*{before.name}"):
        again = resume(tmp_path / "run")
    assert digests(again) == digests(whole)


def test_without_a_good_checkpoint_everything_wrong_is_named(tmp_path):
    train("q_learning", "FrozenLake-v1", total_steps=20, run_dir=tmp_path / "run")
    for path in Run.open(tmp_path / "run").checkpoints.saved():
        (path / "state.json").unlink()
    with pytest.raises(CheckpointError, match=r"no usable checkpoint.*step-000000000020.*cannot be read"):
        resume(tmp_path / "run")


class Moody(gymnasium.Env):
    """It counts on over its resets, so no seed repeats it."""

    observation_space = gymnasium.spaces.Discrete(1000)
    action_space = gymnasium.spaces.Discrete(2)
    moods = itertools.count()

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return next(self.moods), {}

    def step(self, action):
        return next(self.moods), 1.0, False, False, {}


def test_where_exactness_cannot_be_promised_it_says_so(tmp_path):
    gymnasium.register("Testing/Moody-v0", entry_point=Moody, max_episode_steps=40)
    try:
        train(
            "q_learning",
            "Testing/Moody-v0",
            total_steps=100,
            run_dir=tmp_path / "run",
            callbacks=[StopAt(50)],
        )
        with pytest.warns(
            TrainingWarning, match=r"cannot be continued exactly.*not deterministic.*new episodes"
        ):
            again = resume(tmp_path / "run")
        assert again.is_complete
        warned = [event["message"] for event in read_events(tmp_path / "run") if event["event"] == "warning"]
        assert len(warned) == 1
        assert "cannot be continued exactly" in warned[0]
        assert [episode.length for episode in again.recent] == [40, 40]
    finally:
        del gymnasium.registry["Testing/Moody-v0"]


def test_a_callback_that_fails_leaves_everything_saved(tmp_path):
    class Broken(Callback):
        def episode(self, training, episode):
            if training.steps > 100:
                raise ZeroDivisionError

    make = {"total_steps": 300, "seed": 1}
    whole = train("q_learning", "FrozenLake-v1", run_dir=tmp_path / "whole", **make)
    with pytest.raises(CallbackError, match=r"Broken\.episode failed"):
        train("q_learning", "FrozenLake-v1", run_dir=tmp_path / "run", callbacks=[Broken()], **make)
    assert Run.open(tmp_path / "run").steps_taken() > 100
    assert digests(resume(tmp_path / "run")) == digests(whole)
    assert episodes(tmp_path / "run") == episodes(tmp_path / "whole")


def test_numbers_that_are_none_stop_before_the_step_that_gave_them(tmp_path, scripted):
    rewards = [1.0] * 94 + [float("nan")]
    name = "Testing/Scripted-v0"
    gymnasium.register(name, entry_point=scripted, kwargs={"episodes": [[rewards, "terminated"]]})
    try:
        with pytest.raises(EnvironmentFailedError, match=r"step 95 of its episode.* the reward nan"):
            train(
                "deep_q_learning",
                name,
                total_steps=200,
                config={"learning_starts": 10},
                run_dir=tmp_path / "run",
            )
        run = Run.open(tmp_path / "run")
        assert run.steps_taken() == 94
        assert run.agent()
        assert read_events(run.path)[-1]["reason"] == "failed"
    finally:
        del gymnasium.registry[name]


def test_a_finished_run_can_be_extended(tmp_path):
    train("q_learning", "FrozenLake-v1", total_steps=100, seed=1, run_dir=tmp_path / "run")
    longer = resume(tmp_path / "run", total_steps=150)
    assert longer.steps == 150
    assert Run.open(tmp_path / "run").total_steps == 150
    with pytest.raises(RunError, match="planned for 150 steps"):
        resume(tmp_path / "run", total_steps=150)


def test_a_run_that_is_being_trained_is_refused_to_others(tmp_path):
    class Intruder(Callback):
        def start(self, training):
            resume(tmp_path / "run")

    with pytest.raises(CallbackError, match=r"is being trained by process \d+ on .* since"):
        train("q_learning", "FrozenLake-v1", total_steps=10, run_dir=tmp_path / "run", callbacks=[Intruder()])


def test_an_existing_folder_is_never_written_over(tmp_path):
    train("q_learning", "FrozenLake-v1", total_steps=10, run_dir=tmp_path / "run")
    with pytest.raises(RunError, match=r"exists already\. Continue it with: csai train --resume"):
        train("q_learning", "FrozenLake-v1", total_steps=10, run_dir=tmp_path / "run")
    (tmp_path / "other" / "deep").mkdir(parents=True)
    with pytest.raises(RunError, match=r"is no run"):
        train("q_learning", "FrozenLake-v1", total_steps=10, run_dir=tmp_path / "other")


def test_a_place_that_cannot_be_written_is_told_before_the_training(tmp_path):
    (tmp_path / "file").write_text("")

    class Never(Callback):
        def start(self, training):
            raise AssertionError

    with pytest.raises(RunError, match=r"cannot be written to .*file"):
        train(
            "q_learning",
            "FrozenLake-v1",
            total_steps=10,
            run_dir=tmp_path / "file" / "run",
            callbacks=[Never()],
        )


def test_nothing_is_written_without_a_run_dir(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    train("q_learning", "FrozenLake-v1", total_steps=10)
    assert list(tmp_path.iterdir()) == []


def test_environments_that_are_given_stay_open():
    env = gymnasium.make("FrozenLake-v1")
    env.close = lambda: pytest.fail("closed")
    train("q_learning", env, total_steps=10)
    train("q_learning", [env], total_steps=10)
    train("q_learning", gymnasium.vector.SyncVectorEnv([lambda: env]), total_steps=10)


def test_several_environments_may_be_given_as_a_list(tmp_path):
    envs = [gymnasium.make("FrozenLake-v1") for _ in range(3)]
    training = train("q_learning", envs, total_steps=30, run_dir=tmp_path / "run")
    assert training.steps == 30
    assert Run.open(tmp_path / "run").settings.num_envs == 3


def test_an_environment_that_is_not_registered_trains_but_keeps_no_run(tmp_path, corridor):
    assert train("q_learning", corridor(), total_steps=10).steps == 10
    with pytest.raises(RunError, match="no id that is registered"):
        train("q_learning", corridor(), total_steps=10, run_dir=tmp_path / "run")


@pytest.mark.parametrize(
    ("error", "match", "change"),
    [
        (UnknownNameError, "Did you mean 'q_learning'", {"algorithm": "qlearning"}),
        (UnknownNameError, "Did you mean 'FrozenLake-v1'", {"environment": "FrozenLak-v1"}),
        (UnknownNameError, "Did you mean 'gamma'", {"config": {"gama": 0.9}}),
        (ConfigError, "gamma is 2.0; it must be from 0 to 1", {"config": {"gamma": 2.0}}),
        (ConfigError, "gamma was given 'x'", {"config": {"gamma": "x"}}),
        (ConfigError, "config is 3; it must be a QLearningConfig", {"config": 3}),
        (ConfigError, "total_steps=0", {"total_steps": 0}),
        (ConfigError, "checkpoint_every=0", {"checkpoint_every": 0}),
        (ConfigError, "give run_dir", {"callbacks": ["evaluation"]}),
        (UnknownNameError, "Did you mean 'evaluation'", {"callbacks": ["evaluatio"], "run_dir": "never"}),
        (SpaceError, "takes observations of Discrete", {"environment": "CartPole-v1"}),
    ],
)
def test_wrong_arguments_are_answered_with_what_would_work(tmp_path, monkeypatch, error, match, change):
    monkeypatch.chdir(tmp_path)
    arguments = {"algorithm": "q_learning", "environment": "FrozenLake-v1", "total_steps": 10, **change}
    with pytest.raises(error, match=match):
        train(**arguments)
    assert list(tmp_path.iterdir()) == []


def test_a_callback_that_cannot_be_made_leaves_no_run_behind(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(MissingExtraError):
        train(
            "q_learning",
            "FrozenLake-v1",
            total_steps=10,
            run_dir=tmp_path / "run",
            callbacks=["tensorboard"],
        )
    assert list(tmp_path.iterdir()) == []


def test_named_callbacks_are_part_of_the_run(tmp_path):
    train(
        "q_learning",
        "FrozenLake-v1",
        total_steps=100,
        run_dir=tmp_path / "run",
        callbacks=["evaluation", StopAt(55)],
    )
    assert json.loads((tmp_path / "run" / "config.json").read_text())["callbacks"] == ["evaluation"]
    resume(tmp_path / "run")
    judged = [event["steps"] for event in read_events(tmp_path / "run") if event["event"] == "evaluation"]
    assert judged == [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]
    assert Run.open(tmp_path / "run").checkpoints.best()["judged_by"] == "evaluation"


def test_the_agent_of_a_run_is_the_one_that_was_trained(tmp_path):
    training = train("q_learning", "FrozenLake-v1", total_steps=500, seed=1, run_dir=tmp_path / "run")
    trained = TrainedAgent(
        training.algorithm, training.envs.single_observation_space, training.envs.single_action_space
    )
    loaded = Run.open(tmp_path / "run").agent()
    assert [loaded.get_next_action(s) for s in range(16)] == [trained.get_next_action(s) for s in range(16)]


@pytest.mark.parametrize("wrong", [{"threads": 0}, {"threads": -1}, {"threads": 1.5}, {"callbacks": [5]}])
def test_what_cannot_start_or_go_on_leaves_everything_as_it_was(tmp_path, wrong):
    settings = {"total_steps": 128, "seed": 1, "config": SMALL["ppo"], "preset": None}
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        train("ppo", "CartPole-v1", run_dir=tmp_path / "new", **settings, **wrong)
    assert not (tmp_path / "new").exists()
    train("ppo", "CartPole-v1", run_dir=tmp_path / "run", **settings)
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        resume(tmp_path / "run", total_steps=256, **wrong)
    assert Run.open(tmp_path / "run").total_steps == 128


def test_no_training_imports_the_compiler_of_torch():
    code = (
        "import sys; from csai_train import train; train('ppo', 'CartPole-v1', total_steps=10_000);"
        "print(any(name.startswith(('torch._dynamo', 'sympy')) for name in sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.split() == ["False"]


class Flat(gymnasium.Env):
    observation_space, action_space = gymnasium.spaces.Box(0, 1, (3, 2)), gymnasium.spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self.observation_space.sample(), {}

    def step(self, action):
        return self.observation_space.sample(), 0.0, True, False, {}


def test_what_is_laid_out_flat_is_said():
    config = {"num_envs": 1, "learning_starts": 4, "batch_size": 2, "hidden_sizes": (4,)}
    with pytest.warns(TrainingWarning, match=r"observation of shape \(3, 2\) is laid out flat"):
        train("deep_q_learning", Flat(), total_steps=20, seed=1, config=config)


def test_a_preset_may_be_a_file_whose_wrappers_are_not_imported_unasked(tmp_path, monkeypatch):
    mine, text = tmp_path / "mine.toml", 'algorithm = "q_learning"\n[q_learning]\ntotal_steps = 40\n'
    mine.write_text(text + "config = { learning_rate = 0.3 }\n")
    made = train("q_learning", "FrozenLake-v1", preset=str(mine), seed=1)
    assert (made.total_steps, made.algorithm.config.learning_rate) == (40, 0.3)
    mine.write_text(text + 'wrappers = ["TimeLimit:max_episode_steps=5"]\n')
    assert train("q_learning", "FrozenLake-v1", preset=str(mine), seed=1).is_complete
    (tmp_path / "stranger_wrappers.py").write_text("raise SystemError('it was imported')")
    monkeypatch.syspath_prepend(tmp_path)
    mine.write_text(text + 'wrappers = ["stranger_wrappers:Wrap"]\n')
    with pytest.raises(UntrustedModuleError, match="asks for the wrapper stranger_wrappers:Wrap"):
        train("q_learning", "FrozenLake-v1", preset=str(mine))


def test_a_wrapper_that_a_program_names_by_its_module_is_kept_and_gone_on_with(tmp_path, monkeypatch):
    monkeypatch.setattr(trust, "_TYPED", set())
    (tmp_path / "own_wrappers.py").write_text(
        "import gymnasium\nclass Tripled(gymnasium.RewardWrapper):\n    def reward(self, r): return 3 * r\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    how = {"total_steps": 100, "seed": 1, "wrappers": ["own_wrappers:Tripled"], "run_dir": tmp_path / "run"}
    train("q_learning", "FrozenLake-v1", **how)
    assert resume(tmp_path / "run", total_steps=200).steps == 200
    (*_, kept) = Run.open(tmp_path / "run").environment.additional_wrappers
    assert kept.entry_point == "own_wrappers:Tripled"
