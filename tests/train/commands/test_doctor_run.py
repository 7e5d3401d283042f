"""`csai doctor RUN`: a run's health in plain words."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from csai_core.commands import main
from csai_train import train
from csai_train.health import Symptom

DULL = {"epsilon_start": 0.0, "epsilon_end": 0.0, "hidden_sizes": (8,), "learning_starts": 30}


def csai(*words):
    return CliRunner().invoke(main, list(words))


@pytest.fixture
def sick(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    train(
        "deep_q_learning",
        "CartPole-v1",
        config=DULL,
        total_steps=2000,
        seed=1,
        preset=None,
        run_dir="runs/one",
    )


def test_it_says_what_was_seen_what_it_means_and_what_to_try(sick):
    shown = csai("doctor", "one").output
    assert "exploring ended early (warning, after" in shown
    for word in ("Seen:", "Means:", "Try first:", "--epsilon-start 1"):
        assert word in shown
    assert csai("doctor-run").output.endswith(shown)  # the newest run, which is said first


def test_as_json_it_is_a_list(sick):
    found = json.loads(csai("doctor", "one", "--json").stdout)
    texts = {"rule", "level", "steps", "seen", "means", "try_first"}
    assert found[0].keys() == texts | {"share_done", "gone_since"}


def test_a_list_of_runs_names_the_gravest(sick):
    (run,) = json.loads(csai("runs", "--json").stdout)
    assert "exploring_ended_early" in run["health"]


def test_a_healthy_run_is_told_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    train("q_learning", "FrozenLake-v1", total_steps=300, seed=1, run_dir="runs/well", health=False)
    shown = csai("doctor", "well").output
    assert "Nothing wrong was found." in shown
    assert "without its vitals" in shown


@pytest.mark.parametrize("words", [["one", "--probes", "dqn"], ["--net", "mlp"]])
def test_one_thing_is_examined_at_a_time(words):
    result = csai("doctor", *words)
    assert result.exit_code == 2
    assert "--probes" in result.output


@pytest.mark.parametrize("lines", [0, 60])
def test_a_feed_that_was_cut_is_told_of_instead_of_health(tmp_path, monkeypatch, lines):
    monkeypatch.chdir(tmp_path)
    train("q_learning", "FrozenLake-v1", total_steps=2000, seed=1, run_dir="runs/well")
    assert "ends early" not in csai("doctor", "well").output
    feed = tmp_path / "runs/well/events.jsonl"
    kept = feed.read_text().splitlines(keepends=True)[:lines]
    feed.write_text("".join(kept))
    last = json.loads(kept[-1])["steps"] if kept else 0
    shown = csai("doctor", "well").output
    assert (f"ends early, after {last:,} steps" if kept else "is missing, or holds nothing") in shown
    assert "2,000 steps were taken" in shown
    assert "Nothing wrong" not in shown
    assert "early" in csai("doctor", "well", "--json").stderr or not kept


def test_what_went_away_is_one_line(sick, monkeypatch):
    def at_first(checkup):
        return Symptom("a", "b", "c") if checkup.steps < 500 else None

    monkeypatch.setattr("csai_train.health.judge.load_rules", lambda warn: {"my:at_first": at_first})
    shown = csai("doctor", "one").output
    assert "at first: not seen any more since step 6" in shown
    assert "Try first" not in shown
    assert "Nothing else is wrong." in shown
