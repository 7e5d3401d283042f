"""Schedules: at their corners, and in every algorithm, by the numbers that it learns with."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest
import torch

from csai_core.algorithm import Step
from csai_core.errors import ConfigError
from csai_core.options import build, describe
from csai_core.plugins import installed
from csai_core.schedules import Schedule, schedules_of
from csai_core.testing.compare import difference
from csai_neural import ActorCritic
from csai_train import Run, resume, train
from csai_train.algorithms.ppo import PPOConfig, ProximalPolicyOptimization
from csai_train.algorithms.q_learning import QLearning
from csai_train.algorithms.schedules import annealed, linear
from csai_train.backends.optimizers import Adam
from csai_train.events import Callback

SMALL = {"num_envs": 2, "hidden_sizes": (8,)}
REPLAY = {"num_envs": 1, "hidden_sizes": (8,), "learning_starts": 20, "batch_size": 8, "train_every": 5}
ALGORITHMS = {
    "q_learning": ("FrozenLake-v1", {"num_envs": 2, "visit_horizon": 20.0, "initial_value": 0.5}),
    "deep_q_learning": ("CartPole-v1", {**REPLAY, "n_step": 2, "polyak": 0.1, "max_grad_norm": 0.1}),
    "reinforce": ("CartPole-v1", {**SMALL, "episodes_per_update": 2, "max_grad_norm": 0.1}),
    "a2c": ("CartPole-v1", {**SMALL, "num_steps": 5, "max_grad_norm": 0.1}),
    "ppo": (
        "CartPole-v1",
        {
            **{**SMALL, "num_steps": 10, "share_layers": True, "normalize_reward": True},
            **{"value_clip_range": 0.05, "target_kl": 1e-3, "max_grad_norm": 0.1, "learning_rate": 0.01},
            **{"clip_range": 0.01},
        },
    ),
    "sac": ("Pendulum-v1", {**REPLAY, "max_grad_norm": 0.1, "target_entropy": -1.0}),
    "td3": ("Pendulum-v1", {**REPLAY, "max_grad_norm": 0.1, "n_step": 2}),
}
STEPS = 200
"""Of a training; each takes several updates in it."""


def config_class(algorithm):
    return installed().find("algorithms", algorithm).load_config()


def scheduled(algorithm, factor=0.5):
    """The settings of a training in which every number changes that may."""
    config = ALGORITHMS[algorithm][1]
    made = build(config_class(algorithm), config)
    may_change = {each.name: getattr(made, each.name) for each in describe(type(made)) if each.may_change}
    return config | {
        name: Schedule("cosine", value, factor * value)
        for name, value in may_change.items()
        if value is not None
    }


def run(algorithm, config, **more):
    return train(
        algorithm,
        ALGORITHMS[algorithm][0],
        total_steps=STEPS,
        seed=1,
        config=config,
        preset=None,
        health=False,
        **more,
    )


@pytest.mark.parametrize(("step", "value"), [(0, 1.0), (50, 0.6), (100, 0.2), (1_000, 0.2)])
def test_linear_by_hand(step, value):
    assert linear(1.0, 0.2, step, 100) == pytest.approx(value)


def test_over_no_steps_at_all_the_end_holds_at_once():
    assert linear(1.0, 0.2, 0, 0) == pytest.approx(0.2)


def test_what_is_annealed_is_a_schedule_that_falls_to_zero_unless_there_is_one():
    config = PPOConfig(anneal_clip_range=True)
    falling = annealed(config, "learning_rate", "clip_range")
    assert schedules_of(falling) == {
        "learning_rate": Schedule("linear", 2.5e-4, 0.0),
        "clip_range": Schedule("linear", 0.2, 0.0),
    }
    given = PPOConfig(learning_rate="cosine:1->0.5")
    assert annealed(given, "learning_rate", "clip_range") == given
    constant = PPOConfig(anneal_learning_rate=False)
    assert annealed(constant, "learning_rate", "clip_range") == constant


class Rates:
    """The learning rate of each gradient step, as an optimizer takes it."""

    def __init__(self, monkeypatch):
        self.taken = []
        original = Adam.step

        def step(optimizer):
            self.taken.append(optimizer.learning_rate)
            original(optimizer)

        monkeypatch.setattr(Adam, "step", step)


def share(shape, progress):
    return 1 - progress if shape == "linear" else (1 + np.cos(np.pi * progress)) / 2


@pytest.mark.parametrize("shape", ["linear", "cosine"])
@pytest.mark.parametrize(
    ("algorithm", "config", "steps", "times"),
    [
        ("a2c", {"num_steps": 10}, range(0, 200, 20), 1),
        ("ppo", {"num_steps": 25, "num_epochs": 2, "num_minibatches": 1}, range(0, 200, 50), 2),
        ("deep_q_learning", {}, range(25, 201, 5), 1),
        ("td3", {"policy_delay": 1}, range(25, 201, 5), 2),
        ("sac", {}, range(25, 201, 5), 3),
    ],
)
def test_each_gradient_step_has_the_rate_of_its_time(monkeypatch, algorithm, config, steps, times, shape):
    """The first is at the start; those that learn from a memory begin later, and end at the end."""
    rates = Rates(monkeypatch)
    own = {name: value for name, value in ALGORITHMS[algorithm][1].items() if name != "target_kl"}
    run(algorithm, {**own, **config, "learning_rate": f"{shape}:8e-3->2e-3"})
    wanted = [2e-3 + 6e-3 * share(shape, step / STEPS) for step in steps for _ in range(times)]
    assert rates.taken == pytest.approx(wanted, rel=1e-12)


def test_reinforce_learns_at_the_rate_of_the_steps_taken(monkeypatch):
    rates, steps = Rates(monkeypatch), []

    class Updates(Callback):
        def update(self, training, metrics):
            steps.append(training.steps)

    run(
        "reinforce",
        {**SMALL, "episodes_per_update": 2, "learning_rate": "linear:8e-3->2e-3"},
        callbacks=[Updates()],
    )
    assert len(steps) > 1
    assert rates.taken == pytest.approx([2e-3 + 6e-3 * (1 - each / STEPS) for each in steps], rel=1e-12)


def test_a_table_learns_at_the_rate_of_the_steps_taken_before(monkeypatch):
    taken = []
    original = QLearning.update_q_table

    def update(table, *args, **kwargs):
        taken.append((table.alpha, table.gamma, table.visit_horizon))
        return original(table, *args, **kwargs)

    monkeypatch.setattr(QLearning, "update_q_table", update)
    numbers = {"learning_rate": "linear:0.8->0.2", "gamma": "linear:0.5->1", "visit_horizon": "linear:9->0"}
    run("q_learning", {"num_envs": 2, **numbers})
    steps = np.repeat(np.arange(0, STEPS, 2), 2) / STEPS
    wanted = np.stack([0.8 - 0.6 * steps, 0.5 + 0.5 * steps, 9 - 9 * steps], axis=1)
    assert np.array(taken) == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("algorithm", ["a2c", "ppo"])
def test_falling_to_zero_is_what_annealing_does(algorithm):
    base = {**ALGORITHMS[algorithm][1], "learning_rate": 0.01}
    one = run(algorithm, {**base, "anneal_learning_rate": True})
    other = run(algorithm, {**base, "learning_rate": "linear:0.01->0"})
    constant = run(algorithm, {**base, "anneal_learning_rate": False})
    assert not difference(one.algorithm.state_dict(), other.algorithm.state_dict(), "state_dict()")
    assert difference(one.algorithm.state_dict(), constant.algorithm.state_dict(), "state_dict()")


def test_a_clip_range_that_falls_to_zero_is_what_annealing_does():
    one = run("ppo", {**ALGORITHMS["ppo"][1], "anneal_clip_range": True})
    other = run("ppo", {**ALGORITHMS["ppo"][1], "clip_range": "linear:0.01->0"})
    assert not difference(one.algorithm.state_dict(), other.algorithm.state_dict(), "state_dict()")


def test_a_schedule_takes_the_place_of_annealing(monkeypatch):
    rates = Rates(monkeypatch)
    own = {**ALGORITHMS["deep_q_learning"][1], "learning_rate": "linear:8e-3->2e-3"}
    run("deep_q_learning", {**own, "anneal_learning_rate": True})
    assert rates.taken[-1] == 2e-3


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_schedule_that_does_not_change_is_the_number(algorithm):
    one = run(algorithm, {**ALGORITHMS[algorithm][1], **_without_annealing(algorithm)})
    other = run(algorithm, scheduled(algorithm, factor=1.0))
    assert not difference(one.algorithm.state_dict(), other.algorithm.state_dict(), "state_dict()")


def _without_annealing(algorithm):
    return {"anneal_learning_rate": False} if algorithm in ("a2c", "ppo") else {}


def changing_fields():
    for algorithm in ALGORITHMS:
        for name in schedules_of(build(config_class(algorithm), scheduled(algorithm))):
            yield algorithm, name


@pytest.mark.parametrize(("algorithm", "name"), [*changing_fields()])
def test_what_may_change_changes_what_is_learned(algorithm, name):
    config = {**ALGORITHMS[algorithm][1], **_without_annealing(algorithm)}
    constant, changing = run(algorithm, config), run(algorithm, {**config, name: scheduled(algorithm)[name]})
    assert difference(constant.algorithm.state_dict(), changing.algorithm.state_dict(), "state_dict()")


@pytest.mark.parametrize(("learning_rate", "last"), [(1e-3, 0.25), ("linear:0.5->0.1", 0.18)])
def test_an_optimizer_that_was_given_keeps_its_rate_unless_there_is_a_schedule(learning_rate, last):
    spaces = gymnasium.spaces.Box(-1, 1, (2,), np.float32), gymnasium.spaces.Discrete(2)
    own = {"num_envs": 1, "num_steps": 20, "anneal_learning_rate": False, "learning_rate": learning_rate}
    net = ActorCritic(*spaces)
    given = torch.optim.SGD(net.parameters(), lr=0.25)
    learner = ProximalPolicyOptimization(
        *spaces, PPOConfig(**own), total_steps=100, seed=0, network=net, optimizer=given
    )
    observation, reward, never = np.zeros((1, 2), np.float32), np.ones(1), np.zeros(1, np.bool_)
    for _ in range(100):
        decision = learner.act(observation, explore=True)
        learner.learn(
            Step(observation, decision.action, reward, never, never, observation, memo=decision.memo)
        )
    assert learner.optimizer.learning_rate == pytest.approx(last)


def test_what_being_undecided_pays_may_change_where_it_is_fixed():
    config = ALGORITHMS["sac"][1]
    paid = [run("sac", {**config, "entropy_coef": each}).algorithm.alpha for each in (0.2, "linear:0.2->0.1")]
    assert paid == [0.2, 0.1]


@pytest.mark.parametrize(
    ("algorithm", "fields"),
    [
        ("q_learning", ["num_envs", "initial_value", "epsilon_start", "epsilon_end", "exploration_fraction"]),
        ("deep_q_learning", ["priority_exponent", "importance_exponent", "epsilon_decay", "batch_size"]),
        ("ppo", ["num_epochs", "initial_reward_std", "normalization_epsilon"]),
        ("sac", ["initial_entropy_coef", "train_every"]),
        ("td3", ["policy_delay"]),
    ],
)
def test_what_is_read_once_or_counts_takes_no_schedule(algorithm, fields):
    for name in fields:
        with pytest.raises(
            ConfigError, match=rf"\.{name} was given .*It cannot change .* what may is .*gamma"
        ):
            run(algorithm, {name: "linear:0.5->0.1"})


class StopAt(Callback):
    def __init__(self, steps):
        self.steps = steps

    def step(self, training):
        training.stop_requested = training.steps >= self.steps


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("at", [60, 106])
def test_a_run_goes_on_in_the_middle_of_its_schedules(tmp_path, algorithm, at):
    config = scheduled(algorithm)
    whole = run(algorithm, config)
    run(algorithm, config, run_dir=tmp_path / "run", callbacks=[StopAt(at)])
    kept = Run.open(tmp_path / "run")
    assert kept.settings == whole.algorithm.config
    assert set(schedules_of(kept.settings)) == set(schedules_of(whole.algorithm.config))
    assert all(kept.config["config"][name] == str(each) for name, each in schedules_of(kept.settings).items())
    continued = resume(tmp_path / "run")
    assert not difference(whole.algorithm.state_dict(), continued.algorithm.state_dict(), "state_dict()")
