"""The suite of health rules lets good ones pass, and names what is wrong with others."""

from __future__ import annotations

import pytest

from csai_core.plugins import installed
from csai_train.health import Symptom
from csai_train.testing import HealthRuleSuite
from csai_train.testing.health_rule.trainings import checkups


@pytest.mark.parametrize("name", sorted(installed().entries("health_rules")))
def test_our_rules_pass(name):
    outcomes = list(HealthRuleSuite.of(name).run())
    assert [outcome for outcome in outcomes if outcome.status != "passed"] == []


def test_our_rules_are_asked_what_they_answer():
    told = {
        name
        for name, each in installed().entries("health_rules").items()
        if any(map(each.load(), checkups()))
    }
    assert len(told) >= 8


def suite_of(rule):
    class Planted(HealthRuleSuite):
        def make(self):
            return rule

    return {outcome.check: outcome.message for outcome in Planted().run() if outcome.status == "failed"}


CALLS = []


def changes(checkup):
    if checkup.marks:
        checkup.marks[-1].metrics["seen"] = 1.0


def remembers(checkup):
    CALLS.append(checkup)
    return Symptom(f"{len(CALLS)} calls", "b", "c") if checkup.marks else None


def needs_gamma(checkup):
    return Symptom("a", "b", "c") if checkup.subject.config["gamma"] > 1 else None


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (lambda checkup: "a text", "gave a str"),
        (lambda checkup: Symptom("a", "b", "c"), "Before the first mark"),
        (changes, "changed the checkup"),
        (remembers, "then another"),
        (needs_gamma, "KeyError"),
        (lambda checkup: Symptom("a" * 900, "b", "c") if checkup.marks else None, "one line"),
        (lambda checkup: print("hm"), "printed"),
        ("no function", "make it a function"),
    ],
)
def test_what_is_wrong_is_named(rule, words):
    assert words in " ".join(suite_of(rule).values())
