"""Forks: the old training bit for bit up to a step, another after it, and exact through interruptions."""

from __future__ import annotations

import json
import shutil

import gymnasium
import pytest

import csai_neural
from csai_core.errors import ConfigError, UnknownNameError
from csai_core.schedules import Schedule
from csai_train import Callback, Run, fork, resume, train
from csai_train.errors import CheckpointError, RunError, TrainingWarning
from csai_train.runs import checkpoint
from csai_train.runs.events_file import read_events
from csai_train.runs.fork import Change, Fork
from csai_train.runs.metrics_file import read_table
from csai_train.training.verify import verify

SMALL = {
    "q_learning": ({"visit_horizon": 30, "num_envs": 2}, {"gamma": 0.5}),
    "deep_q_learning": (
        {"hidden_sizes": (8,), "batch_size": 8, "learning_starts": 20, "n_step": 2, "prioritized": True},
        {"learning_rate": 0.01},
    ),
    "reinforce": ({"hidden_sizes": (8,), "num_envs": 2, "episodes_per_update": 2}, {"learning_rate": 0.01}),
    "a2c": ({"hidden_sizes": (8,), "num_envs": 2, "num_steps": 5}, {"entropy_coef": 0.5}),
    "ppo": (
        {"hidden_sizes": (8,), "num_envs": 2, "num_steps": 16, "anneal_learning_rate": False},
        {"learning_rate": 0.01},
    ),
}
AT = (120, 133, 250, 9)
"""Where a checkpoint is, where two environments pass by, where one is before, and where none is."""


def digests(training):
    return checkpoint.digests(training.state_dict())


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    """A run of each algorithm, with its training."""
    folder, made = tmp_path_factory.mktemp("old"), {}

    def find(algorithm):
        if algorithm not in made:
            config = SMALL[algorithm][0]
            path = folder / algorithm
            made[algorithm] = train(
                algorithm,
                "FrozenLake-v1",
                total_steps=300,
                seed=3,
                config=config,
                run_dir=path,
                checkpoint_every=60,
            )
        return folder / algorithm, made[algorithm]

    return find


@pytest.mark.parametrize("algorithm", SMALL)
@pytest.mark.parametrize("at", AT)
def test_a_fork_without_a_change_is_the_old_training(old, tmp_path, algorithm, at):
    path, training = old(algorithm)
    same = fork(path, at=at, changes={}, run_dir=tmp_path / "same")
    assert digests(same) == digests(training)
    assert read_table(tmp_path / "same" / "metrics.csv") == read_table(path / "metrics.csv")
    assert summaries(tmp_path / "same") == summaries(path)


@pytest.mark.parametrize("algorithm", SMALL)
@pytest.mark.parametrize("at", AT)
def test_a_fork_is_the_old_training_up_to_its_step_and_another_after_it(old, tmp_path, algorithm, at):
    path, training = old(algorithm)
    other = fork(path, at=at, changes=SMALL[algorithm][1], run_dir=tmp_path / "other")
    run = Run.open(tmp_path / "other")
    steps = Fork.of(run).steps
    assert steps == at if at % 2 == 0 or algorithm == "deep_q_learning" else at + 1
    first = {"total_steps": 300, "seed": 3, "config": SMALL[algorithm][0], "callbacks": [StopAt(steps)]}
    until = train(algorithm, "FrozenLake-v1", **first)
    kept = run.checkpoints.load(steps)
    assert checkpoint.digests(kept) == digests(until)
    assert digests(other) != digests(training)
    assert [s for s in summaries(path) if s["steps"] <= steps] == [
        s for s in summaries(run.path) if s["steps"] <= steps
    ]
    result = verify(run)
    assert (result.difference, result.steps) == ("", 300)
    assert result.checkpoints >= 3


@pytest.mark.parametrize("algorithm", SMALL)
def test_a_fork_that_is_killed_at_any_moment_goes_on_exactly(old, tmp_path, algorithm):
    path, _ = old(algorithm)
    copies = CopyAt(tmp_path / "whole", [124, 130, 134, 136, 200, 298])
    whole = fork(path, at=134, changes=SMALL[algorithm][1], run_dir=tmp_path / "whole", callbacks=[copies])
    assert len(copies.made) == 6
    for killed in copies.made:
        assert digests(resume(killed)) == digests(whole)
        assert verify(Run.open(killed)).difference == ""


def test_a_fork_of_a_fork_has_the_stages_of_both(old, tmp_path):
    path, _ = old("ppo")
    fork(path, at=100, changes={"learning_rate": 0.01}, run_dir=tmp_path / "one")
    two = fork(tmp_path / "one", at=200, changes={"gamma": 0.5}, run_dir=tmp_path / "two")
    run = Run.open(tmp_path / "two")
    assert [(s.until, s.config["learning_rate"], s.config["gamma"]) for s in run.stages] == [
        (100, 2.5e-4, 0.99),
        (200, 0.01, 0.99),
        (None, 0.01, 0.5),
    ]
    assert verify(run).difference == ""
    early = fork(tmp_path / "two", at=40, changes={"clip_range": 0.5}, run_dir=tmp_path / "early")
    direct = fork(path, at=40, changes={"clip_range": 0.5}, run_dir=tmp_path / "direct")
    assert digests(early) == digests(direct) != digests(two)
    assert Fork.of(Run.open(tmp_path / "early")).changes == {"clip_range": Change(0.2, 0.5)}


def test_a_run_that_was_extended_is_forked_as_it_was_planned_then(tmp_path):
    config = {"hidden_sizes": (8,), "num_envs": 2, "num_steps": 16}
    train(
        "ppo",
        "FrozenLake-v1",
        total_steps=200,
        seed=3,
        config=config,
        run_dir=tmp_path / "old",
        checkpoint_every=64,
    )
    whole = resume(tmp_path / "old", total_steps=400)
    same = fork(tmp_path / "old", at=300, changes={}, run_dir=tmp_path / "same")
    assert digests(same) == digests(whole)
    shutil.rmtree(tmp_path / "old" / "checkpoints")
    again = fork(tmp_path / "old", at=300, changes={}, run_dir=tmp_path / "again")
    assert digests(again) == digests(whole)
    assert verify(Run.open(tmp_path / "again")).difference == ""


def test_another_length_plans_again_what_decays_from_the_fork_on(old, tmp_path):
    path, _ = old("q_learning")
    longer = fork(path, at=100, changes={}, total_steps=600, run_dir=tmp_path / "longer")
    run = Run.open(tmp_path / "longer")
    assert (longer.steps, run.total_steps) == (600, 600)
    assert Fork.of(run).changes == {"total_steps": Change(300, 600)}
    assert verify(run).difference == ""
    shorter = fork(path, at=100, changes={}, total_steps=150, run_dir=tmp_path / "shorter")
    assert (shorter.steps, shorter.is_complete) == (150, True)
    after_its_end = fork(path, at="newest", changes={}, total_steps=400, run_dir=tmp_path / "after")
    assert (Fork.of(Run.open(tmp_path / "after")).steps, after_its_end.steps) == (300, 400)


def test_the_best_until_then_stays_the_best(old, tmp_path):
    path, _ = old("q_learning")
    best = Run.open(path).checkpoints.best()
    made = fork(path, at="best", changes={"gamma": 0.1}, total_steps=400, run_dir=tmp_path / "best")
    assert Fork.of(Run.open(tmp_path / "best")).steps == best["steps"]
    assert made.steps == 400
    assert Run.open(tmp_path / "best").checkpoints.best()["value"] >= best["value"]


def test_what_a_run_was_given_comes_along(tmp_path):
    body = csai_neural.Net("body")
    for block in (
        csai_neural.InputBlock(gymnasium.make("FrozenLake-v1").observation_space),
        csai_neural.LinearBlock(hidden_size=[8]),
    ):
        body.add_block(block)
    config = {"num_envs": 2, "num_steps": 16}
    first = {"total_steps": 128, "seed": 1, "config": config}
    train("ppo", "FrozenLake-v1", network=body, run_dir=tmp_path / "first", **first)
    begun = train("ppo", "FrozenLake-v1", start_from=tmp_path / "first", run_dir=tmp_path / "begun", **first)
    with pytest.warns(TrainingWarning, match="a network of its own, so that hidden_sizes changes nothing"):
        same = fork(tmp_path / "begun", at=9, changes={"hidden_sizes": (3,)}, run_dir=tmp_path / "same")
    assert digests(same) == digests(begun)
    shutil.rmtree(tmp_path / "begun")
    assert verify(Run.open(tmp_path / "same")).difference == ""


REFUSED = [
    ("ppo", {"num_envs": 3}, ConfigError, "num_envs cannot change in the middle of a training: 2 games"),
    ("ppo", {"hidden_sizes": (4,), "gamma": 0.9}, ConfigError, "^hidden_sizes cannot change in the middle"),
    ("ppo", {"num_steps": 8}, ConfigError, "^num_steps cannot change .* another form, in rollout"),
    ("ppo", {"share_layers": True}, ConfigError, "^share_layers cannot change"),
    ("ppo", {"normalize_reward": True}, ConfigError, "^normalize_reward cannot .* in reward_scaler"),
    ("ppo", {"optimizer": "SGD"}, ConfigError, "^optimizer cannot change"),
    ("ppo", {"buffer": "basic"}, ConfigError, "^buffer cannot change"),
    ("deep_q_learning", {"buffer_capacity": 99}, ConfigError, "^buffer_capacity cannot .* buffer of 50,000"),
    ("deep_q_learning", {"n_step": 1}, ConfigError, "^n_step cannot change .* in joiner"),
    ("deep_q_learning", {"n_step": 3}, ConfigError, "^n_step cannot change .* 2 steps at a time"),
    ("deep_q_learning", {"prioritized": False}, ConfigError, "^prioritized cannot change"),
    ("deep_q_learning", {"dueling": True}, ConfigError, "^dueling cannot change"),
    ("ppo", {"learning_rat": 1}, UnknownNameError, "Did you mean 'learning_rate'"),
    ("ppo", {"clip_range": -1.0}, ConfigError, "clip_range is -1.0; it must be above 0"),
    ("ppo", {"environment": "CartPole-v1"}, ConfigError, "environment cannot change .* --start-from"),
    ("ppo", {"total_steps": 9}, ConfigError, "total_steps is no setting of the algorithm"),
]


@pytest.mark.parametrize(("algorithm", "changes", "error", "match"), REFUSED)
@pytest.mark.parametrize("at", [9, 250])
def test_what_cannot_change_is_refused_before_anything_is_written(
    old, tmp_path, algorithm, changes, error, match, at
):
    with pytest.raises(error, match=match):
        fork(old(algorithm)[0], at=at, changes=changes, run_dir=tmp_path / "new")
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("at", "more", "match"),
    [
        (400, {}, "planned for 300 steps, so that it cannot be forked after 400"),
        (300, {}, "would be over at once, as it ends after 300.*such as 600"),
        (200, {"total_steps": 100}, "would be over at once, as it ends after 100"),
        (0, {}, "fork was given at=0"),
        ("first", {}, "fork was given at='first'"),
        (200, {"total_steps": 0}, "fork was given total_steps=0"),
    ],
)
def test_where_nothing_could_differ_is_refused(old, tmp_path, at, more, match):
    with pytest.raises(ConfigError, match=match):
        fork(old("q_learning")[0], at=at, changes={"gamma": 0.1}, run_dir=tmp_path / "new", **more)
    assert not [*tmp_path.iterdir()]


def test_what_is_refused_is_said_as_it_was_given(old, tmp_path):
    with pytest.raises(ConfigError, match="cannot be forked after 401\\. Name a step before its end"):
        fork(old("ppo")[0], at=401, changes={"gamma": 0.1}, run_dir=tmp_path / "new")


def test_a_fork_takes_no_place_that_is_taken(old, tmp_path):
    path, _ = old("q_learning")
    shutil.copytree(path, tmp_path / "old")
    for name in ("old-fork", "old-fork-2"):
        fork(tmp_path / "old", at=200, changes={"gamma": 0.5})
        assert Run.open(tmp_path / name).config["forked_from"]["run"] == "old"
    with pytest.raises(RunError, match="exists already"):
        fork(tmp_path / "old", at=200, changes={"gamma": 0.5}, run_dir=tmp_path / "old-fork")


def test_a_change_that_changes_nothing_is_said(old, tmp_path):
    path, training = old("ppo")
    with pytest.warns(TrainingWarning, match="gamma is 0.99 in .* already, so that changes nothing"):
        same = fork(path, at=200, changes={"gamma": 0.99}, run_dir=tmp_path / "same")
    assert digests(same) == digests(training)


FALLING = {
    "q_learning": {"learning_rate": "linear:0.5->0.1", "gamma": "cosine:0.9->1"},
    "deep_q_learning": {"learning_rate": "linear:0.01->0", "gamma": "cosine:0.9->1"},
    "reinforce": {"learning_rate": "cosine:0.01->0", "gamma": "linear:0.9->1"},
    "a2c": {"learning_rate": "linear:0.01->0.001", "entropy_coef": "linear:0.1->0"},
    "ppo": {"learning_rate": "linear:0.01->0", "clip_range": "cosine:0.2->0.1"},
}


@pytest.mark.parametrize("algorithm", SMALL)
def test_a_fork_in_the_middle_of_a_schedule_goes_on_by_it(tmp_path, algorithm):
    config = {**SMALL[algorithm][0], **FALLING[algorithm]}
    settings = {"total_steps": 300, "seed": 3, "config": config, "checkpoint_every": 60}
    whole = train(algorithm, "FrozenLake-v1", **settings, run_dir=tmp_path / "old")
    same = fork(tmp_path / "old", at=133, changes={}, run_dir=tmp_path / "same")
    assert digests(same) == digests(whole)
    assert Fork.of(Run.open(tmp_path / "same")).changes == {}
    other = fork(tmp_path / "old", at=133, changes={"learning_rate": 0.05}, run_dir=tmp_path / "other")
    assert digests(other) != digests(whole)
    assert verify(Run.open(tmp_path / "other")).difference == ""


@pytest.mark.parametrize("algorithm", ["deep_q_learning", "reinforce", "ppo", "a2c"])
def test_a_number_in_the_place_of_a_schedule_holds_from_the_fork_on(tmp_path, algorithm):
    config = {**SMALL[algorithm][0], **FALLING[algorithm]}
    if algorithm in ("a2c", "ppo"):
        config["anneal_learning_rate"] = False
    settings = {"total_steps": 300, "seed": 3, "config": config, "checkpoint_every": 60}
    train(algorithm, "FrozenLake-v1", **settings, run_dir=tmp_path / "old")
    other = fork(tmp_path / "old", at=133, changes={"learning_rate": 0.05}, run_dir=tmp_path / "other")
    assert other.algorithm.optimizer.learning_rate == 0.05


def test_a_schedule_is_told_as_text(old, tmp_path):
    path, _ = old("ppo")
    fork(path, at=133, changes={"learning_rate": "linear:3e-4->0"}, run_dir=tmp_path / "new")
    run = Run.open(tmp_path / "new")
    assert run.settings.learning_rate == Schedule("linear", 3e-4, 0)
    changes = {"learning_rate": {"before": 2.5e-4, "after": "linear:0.0003->0.0"}}
    assert run.config["forked_from"]["changes"] == changes
    assert Fork.of(run).difference() == "learning_rate linear:0.0003->0.0 instead of 2.5e-4"
    with pytest.warns(TrainingWarning, match=r"learning_rate is linear:0\.0003->0\.0 in .* already"):
        fork(run, at=200, changes={"learning_rate": "linear:3e-4->0.0"}, run_dir=tmp_path / "same")


def test_a_damaged_checkpoint_is_passed_over(old, tmp_path):
    path, training = old("a2c")
    shutil.copytree(path, tmp_path / "old")
    (tmp_path / "old" / "checkpoints" / "step-000000000240" / "state.json").write_text("{}")
    with pytest.warns(TrainingWarning, match="damaged.*An earlier one is taken"):
        same = fork(tmp_path / "old", at=250, changes={}, run_dir=tmp_path / "same")
    assert Fork.of(Run.open(tmp_path / "same")).checkpoint == 180
    assert digests(same) == digests(training)
    shutil.rmtree(tmp_path / "old" / "checkpoints")
    with pytest.raises(CheckpointError):
        fork(tmp_path / "old", at="newest", changes={}, run_dir=tmp_path / "none")


class Forgetful(gymnasium.Env):
    """Draws from a generator that nobody knows."""

    observation_space = action_space = gymnasium.spaces.Discrete(3)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return 0, {}

    def step(self, action):
        Forgetful.calls = getattr(Forgetful, "calls", 0) + 1
        return Forgetful.calls * 7 % 3, float(Forgetful.calls), False, False, {}


def test_an_environment_that_cannot_be_restored_is_said(tmp_path):
    gymnasium.register("Testing/Forgetful-v0", Forgetful, max_episode_steps=50)
    try:
        train(
            "q_learning",
            "Testing/Forgetful-v0",
            total_steps=100,
            seed=1,
            run_dir=tmp_path / "old",
            checkpoint_every=10,
        )
        with pytest.warns(
            TrainingWarning, match="cannot be continued exactly: .* It goes on with new episodes"
        ):
            fork(tmp_path / "old", at=70, changes={"gamma": 0.5}, run_dir=tmp_path / "new")
    finally:
        del gymnasium.registry["Testing/Forgetful-v0"]


def test_a_run_tells_where_it_was_forked(old, tmp_path):
    path, _ = old("ppo")
    fork(path, at=133, changes={"learning_rate": 0.01, "gamma": 0.5}, run_dir=tmp_path / "new")
    config = json.loads((tmp_path / "new" / "config.json").read_text())
    assert config["forked_from"] == {
        "run": "ppo",
        "steps": 134,
        "checkpoint": 120,
        "changes": {
            "learning_rate": {"before": 2.5e-4, "after": 0.01},
            "gamma": {"before": 0.99, "after": 0.5},
        },
    }
    said = Fork.of(Run.open(tmp_path / "new")).difference()
    assert said == "learning_rate 0.01 instead of 2.5e-4, gamma 0.5 instead of 0.99"
    assert Fork.of(Run.open(path)) is None
    agents = [Run.open(tmp_path / "new").agent(which) for which in ("newest", 134, 120)]
    assert len({agent.algorithm.config.gamma for agent in agents}) == 2


def test_a_fork_can_be_extended(old, tmp_path):
    path, _ = old("q_learning")
    fork(path, at=200, changes={"gamma": 0.5}, run_dir=tmp_path / "new")
    assert resume(tmp_path / "new", total_steps=400).steps == 400
    assert [stage.until for stage in Run.open(tmp_path / "new").stages] == [200, None]


def test_ctrl_c_in_the_first_stage_stops_it(old, tmp_path):
    path, _ = old("q_learning")
    whole = fork(path, at=250, changes={"gamma": 0.5}, run_dir=tmp_path / "whole")
    for steps in (244, 250):
        stopped = fork(
            path, at=250, changes={"gamma": 0.5}, run_dir=tmp_path / f"{steps}", callbacks=[StopAt(steps)]
        )
        assert stopped.steps == steps
        assert digests(resume(tmp_path / f"{steps}")) == digests(whole)


class StopAt(Callback):
    def __init__(self, steps):
        self.steps = steps

    def step(self, training):
        if training.steps == self.steps:
            training.stop_requested = True


class CopyAt(Callback):
    """Copies a run as a process that is killed would leave it."""

    def __init__(self, path, steps):
        self.path, self.steps, self.made = path, steps, []

    def step(self, training):
        if training.steps in self.steps:
            self.made.append(self.path.with_name(f"killed-{training.steps}"))
            shutil.copytree(self.path, self.made[-1])


def summaries(path):
    events = [event for event in read_events(path) if event["event"] == "episodes"]
    return [{name: value for name, value in event.items() if name != "time"} for event in events]


def test_the_checkpoint_at_the_fork_is_never_removed(tmp_path):
    train("q_learning", "FrozenLake-v1", total_steps=300, seed=3, run_dir=tmp_path / "old")
    fork(tmp_path / "old", at=33, changes={"gamma": 0.5}, run_dir=tmp_path / "new")
    fork(tmp_path / "new", at=77, changes={"gamma": 0.9}, run_dir=tmp_path / "newer")
    for name, kept in (("new", {33}), ("newer", {33, 77})):
        run = Run.open(tmp_path / name)
        saved = {int(path.name.removeprefix("step-")) for path in run.checkpoints.saved()}
        assert saved == kept | {270, 300, run.checkpoints.best()["steps"]}
