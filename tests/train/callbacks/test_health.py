"""A training under the eyes of rules: what it is told, where that goes, and that it learns the same."""

from __future__ import annotations

import json

import gymnasium
import numpy as np
import pytest
import torch
from click.testing import CliRunner

from csai_core.commands import main
from csai_core.errors import ConfigError
from csai_train import Callback, resume, train
from csai_train.callbacks.progress import health_in_a_word
from csai_train.errors import NonFiniteError, TrainingWarning
from csai_train.events import Evaluation
from csai_train.health import Finding, Symptom, examine
from csai_train.health.history import after_games, findings_in
from csai_train.runs.evaluation_file import write_evaluation, write_random_play
from csai_train.runs.events_file import read_events
from csai_train.runs.run import Run

SMALL = {"num_envs": 2, "num_steps": 16, "hidden_sizes": (8,)}


class Unpaid(gymnasium.Wrapper):
    """Pays nothing."""

    def step(self, action):
        observation, _, terminated, truncated, info = self.env.step(action)
        return observation, 0.0, terminated, truncated, info


def unpaid():
    return [Unpaid(gymnasium.make("CartPole-v1")) for _ in range(2)]


def rules_of(training):
    return [finding.rule for finding in training.findings]


def test_a_reward_that_is_off_is_told_once_and_first():
    heard = []

    class Listens(Callback):
        def finding(self, training, finding):
            heard.append(finding.rule)

    training = train("ppo", unpaid(), total_steps=8000, config=SMALL, seed=1, callbacks=[Listens()])
    assert rules_of(training)[0] == "reward_never_changes"
    assert heard == rules_of(training)
    assert len(set(heard)) == len(heard)
    assert "reward never changes" in health_in_a_word(training)


def test_nothing_is_told_where_nobody_looks():
    training = train("ppo", unpaid(), total_steps=2000, config=SMALL, seed=1, health=False)
    assert training.findings == []
    assert health_in_a_word(training) == ""
    with pytest.raises(ConfigError, match="health"):
        train("ppo", unpaid(), total_steps=2000, config=SMALL, health="yes")


@pytest.mark.parametrize("algorithm", ["ppo", "a2c", "deep_q_learning", "q_learning", "reinforce"])
def test_what_is_learned_is_the_same_to_the_last_bit(algorithm):
    environment = "FrozenLake-v1" if algorithm == "q_learning" else "CartPole-v1"

    def learned(**settings):
        done = train(algorithm, environment, total_steps=2500, preset=None, seed=3, **settings)
        return done.algorithm.state_dict()

    assert_equal(learned(health=True), learned(health=False))


def assert_equal(one, other):
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for name in one:
            assert_equal(one[name], other[name])
    elif isinstance(one, (list, tuple)):
        assert len(one) == len(other)
        for pair in zip(one, other, strict=True):
            assert_equal(*pair)
    elif isinstance(one, (np.ndarray, torch.Tensor)):
        assert np.array_equal(one, other)
    else:
        assert one == other or one is other


def run_of(tmp_path, **settings):
    settings = {"total_steps": 3000, "seed": 1, "run_dir": tmp_path / "run", "preset": None, **settings}
    config = {"epsilon_start": 0.0, "epsilon_end": 0.0, "hidden_sizes": (8,), "learning_starts": 30}
    return train("deep_q_learning", "CartPole-v1", config=config, **settings)


def test_the_feed_holds_what_was_found_and_what_it_was_found_by(tmp_path):
    training = run_of(tmp_path)
    events = read_events(tmp_path / "run")
    told = [event for event in events if event["event"] == "health"]
    assert [event["rule"] for event in told] == rules_of(training)
    assert "exploring_ended_early" in rules_of(training)
    assert told[0].keys() >= {"rule", "level", "steps", "seen", "means", "try_first", "time"}
    vitals = [event for event in events if event["event"] == "vitals"]
    assert len(vitals) == 50
    assert vitals[-1]["vitals"]["reward_highest"] == 1.0
    assert findings_in(tmp_path / "run") == training.findings


def test_a_run_judged_again_is_told_the_same(tmp_path):
    training = run_of(tmp_path)
    again = examine(Run.open(tmp_path / "run"))
    assert [(each.rule, each.steps) for each in again] == [(f.rule, f.steps) for f in training.findings]
    mine = {"mine": lambda checkup: Symptom("a", "b", "c") if checkup.steps > 1000 else None}
    assert [(each.rule, each.steps) for each in examine(Run.open(tmp_path / "run"), mine)] == [("mine", 1140)]


def test_a_resumed_training_goes_on_with_what_it_knew(tmp_path):
    class StopHalfway(Callback):
        def step(self, training):
            training.stop_requested = training.steps >= 1500

    first = run_of(tmp_path, callbacks=[StopHalfway()])
    assert "exploring_ended_early" in rules_of(first)
    training = resume(tmp_path / "run")
    assert rules_of(training)[: len(first.findings)] == rules_of(first)
    assert len(set(rules_of(training))) == len(rules_of(training))
    whole = run_of(tmp_path, run_dir=tmp_path / "whole")
    assert [(each.rule, each.steps) for each in training.findings] == [
        (f.rule, f.steps) for f in whole.findings
    ]


def test_a_training_that_ends_in_nan_says_why(tmp_path):
    class Spoil(Callback):
        def step(self, training):
            if training.steps == 500:
                for each in training.algorithm.q_network.parameters():
                    each.data.fill_(float("nan"))

    with pytest.raises(NonFiniteError):
        run_of(tmp_path, callbacks=[Spoil()])
    (found,) = [each for each in findings_in(tmp_path / "run") if each.level == "stop"]
    assert found.rule == "not_finite"
    assert "nan" in found.seen
    assert "not_finite" in [each.rule for each in examine(Run.open(tmp_path / "run"))]


def test_a_rule_of_a_stranger_that_fails_costs_a_warning(monkeypatch):
    def broken(checkup):
        raise KeyError("oops")

    monkeypatch.setattr("csai_train.health.judge.load_rules", lambda warn: {"broken": broken})
    with pytest.warns(TrainingWarning, match="'broken' failed: KeyError"):
        training = train("q_learning", "FrozenLake-v1", total_steps=300, seed=1, preset=None)
    assert training.is_complete
    assert training.findings == []


def test_the_gravest_is_the_word():
    class Session:
        findings = (
            Finding("one", 1, "note", "a", "b", "c"),
            Finding("two_words", 2, "warning", "a", "b", "c"),
            Finding("three", 3, "warning", "a", "b", "c"),
        )

    assert health_in_a_word(Session()) == "  health: two words"


def passing(checkup):
    """Sees something for a while, twice."""
    return Symptom("a", "b", "c") if checkup.steps < 900 or 1500 <= checkup.steps < 2000 else None


def changes(training):
    return [(each.rule, each.steps, each.gone_since) for each in training.findings]


def test_what_went_away_is_known_to_the_feed_the_training_and_who_listens(tmp_path, monkeypatch):
    monkeypatch.setattr("csai_train.health.judge.load_rules", lambda warn: {"passing": passing})
    heard = []

    class Listens(Callback):
        def recovered(self, training, finding):
            heard.append((finding.rule, finding.gone_since))
            assert health_in_a_word(training) == ""

    training = run_of(tmp_path, callbacks=[Listens()])
    assert [gone for *_, gone in changes(training)] == [gone for _, gone in heard]
    events = [each for each in read_events(tmp_path / "run") if each["event"] in ("health", "recovered")]
    assert [each["event"] for each in events] == ["health", "recovered"] * 2
    assert [each["steps"] for each in events if each["event"] == "recovered"] == [gone for _, gone in heard]
    assert findings_in(tmp_path / "run") == training.findings
    (listed,) = json.loads(CliRunner().invoke(main, ["runs", str(tmp_path), "--json"]).stdout)
    assert listed["health"] == []


@pytest.mark.parametrize("stopped_at", [500, 890, 905, 920, 1510, 2010])
def test_a_resumed_training_takes_back_what_it_would_have(tmp_path, monkeypatch, stopped_at):
    monkeypatch.setattr("csai_train.health.judge.load_rules", lambda warn: {"passing": passing})

    class StopEarly(Callback):
        def step(self, training):
            training.stop_requested = training.steps >= stopped_at

    whole = run_of(tmp_path, run_dir=tmp_path / "whole")
    run_of(tmp_path, callbacks=[StopEarly()])
    training = resume(tmp_path / "run")
    assert changes(training) == changes(whole)
    assert len(training.findings) == 2
    assert findings_in(tmp_path / "run") == training.findings


def test_games_take_back_that_it_plays_as_at_random(tmp_path):
    random = Finding("no_better_than_random", 10, "warning", "a", "b", "c")
    other = Finding("policy_jumps", 10, "warning", "a", "b", "c")
    run_of(tmp_path, total_steps=200)
    run = Run.open(tmp_path / "run")

    def after(returns, at_random):
        for write, values in ((write_evaluation, returns), (write_random_play, at_random)):
            write(run, Evaluation(np.array(values, float), np.ones(len(values), int)))
        return [each.gone_since for each in after_games([random, other], run)]

    assert after([90.0, 110.0] * 50, [20.0, 30.0] * 50) == [200, None]
    assert after([20.0, 31.0] * 50, [20.0, 30.0] * 50) == [None, None]  # they overlap
    assert after([1.0, 2.0] * 50, [20.0, 30.0] * 50) == [None, None]  # worse
    assert after([90.0], [20.0, 30.0] * 50) == [None, None]  # one game has no interval
