"""The judge tells what lasts, once, and gets over rules that fail."""

from __future__ import annotations

import pytest

from csai_train.health import Checkup, Finding, Mark, Subject, Symptom
from csai_train.health.judge import Judge, load_rules

SUBJECT = Subject(algorithm="ppo", environment="", total_steps=1000)


def at(count):
    return Checkup(SUBJECT, [Mark(10 * i) for i in range(1, count + 1)])


def said(level="warning"):
    return Symptom("seen", "means", "try", level)


def told(rules, marks=8, **settings):
    judge = Judge(rules, **settings)
    news = [each for count in range(1, marks + 1) for each in judge.look(at(count))]
    return [(each.finding.rule, each.finding.steps) for each in news if each.kind == "finding"]


def news_of(rule, marks, **settings):
    judge = Judge({"rule": rule}, **settings)
    news = [(count, each.kind) for count in range(1, marks + 1) for each in judge.look(at(count))]
    return news, judge.findings


def seen_at(*spans):
    """A rule that sees something at these marks, from the first to the last of each span."""

    def rule(checkup):
        mark = checkup.steps // 10
        return said() if any(first <= mark <= last for first, last in spans) else None

    return rule


def test_a_symptom_is_told_once_and_only_after_three_marks_in_a_row():
    assert told({"always": lambda checkup: said()}) == [("always", 30)]
    flickering = {"flickers": lambda checkup: said() if checkup.steps % 30 else None}
    assert told(flickering) == []


def test_what_ends_the_training_is_told_at_once():
    assert told({"nan": lambda checkup: said("stop")}) == [("nan", 10)]


def test_the_gravest_comes_first():
    judge = Judge({"one": lambda checkup: said("note"), "two": lambda checkup: said()})
    news = [each for count in (1, 2, 3) for each in judge.look(at(count))]
    assert [each.finding.rule for each in news] == ["two", "one"]


def test_rules_hear_what_was_found_before_them_but_for_notes():
    heard = []

    def listens(checkup):
        heard.append(checkup.found)

    told({"note": lambda checkup: said("note"), "grave": lambda checkup: said(), "listens": listens}, marks=4)
    assert heard == [(), (), ("grave",), ("grave",)]


def test_what_was_told_before_a_resume_is_not_told_again():
    before = [Finding("always", 5, "warning", "a", "b", "c")]
    assert told({"always": lambda checkup: said()}, told=before) == []


def test_a_rule_that_fails_or_gives_something_else_is_left_out_and_warned_of_once():
    warned = []

    def fails(checkup):
        raise ValueError("no such thing")

    rules = {"fails": fails, "text": lambda checkup: "a text", "always": lambda checkup: said()}
    assert told(rules, warn=warned.append) == [("always", 30)]
    assert len(warned) == 2
    assert "'fails'" in warned[0]
    assert "no such thing" in warned[0]
    assert "'text'" in warned[1]
    assert "Symptom" in warned[1]


def test_all_rules_of_ours_are_installed():
    assert {"reward_never_changes", "policy_jumps", "no_ending", "not_finite"} <= load_rules().keys()


def test_what_is_not_seen_for_three_marks_is_taken_back():
    news, (finding,) = news_of(seen_at((1, 4)), 9)
    assert news == [(3, "finding"), (7, "recovered")]
    assert (finding.steps, finding.gone_since) == (30, 70)
    news, (finding,) = news_of(seen_at((1, 4), (7, 7)), 9)  # two marks are too few
    assert news == [(3, "finding")]
    assert finding.gone_since is None


def test_what_comes_back_is_told_once_more_and_then_only_kept_account_of():
    news, findings = news_of(seen_at((1, 3), (7, 9), (13, 15), (19, 30)), 24)
    kinds = [kind for _, kind in news]
    assert kinds == ["finding", "recovered", "finding", "recovered", "returned", "recovered", "returned"]
    assert [(each.steps, each.gone_since) for each in findings] == [(30, 60), (90, None)]


def test_a_rule_that_looks_at_the_beginning_alone_takes_nothing_back_for_that():
    def only_at_first(checkup):
        return said() if checkup.share_done < 0.05 and checkup.steps <= wrong_until else None

    wrong_until = 1000
    news, (finding,) = news_of(only_at_first, 90)
    assert news == [(3, "finding")]
    assert finding.gone_since is None
    wrong_until = 500
    assert news_of(only_at_first, 90)[0] == [(3, "finding"), (53, "recovered")]


@pytest.mark.parametrize("level", ["note", "warning"])
def test_a_rule_that_is_quiet_about_what_may_follow_takes_nothing_back_for_that(level):
    def quiet(checkup):
        return None if checkup.found else said(level)

    later = seen_at((6, 90))
    judge = Judge({"quiet": quiet, "later": later})
    news = [(count, *each) for count in range(1, 20) for each in judge.look(at(count))]
    assert [(count, kind, finding.rule) for count, kind, finding in news] == [
        (3, "finding", "quiet"),
        (8, "finding", "later"),
    ]


def test_what_is_gone_keeps_nobody_quiet():
    heard = []
    judge = Judge({"first": seen_at((1, 3)), "other": lambda checkup: heard.append(checkup.found)})
    for count in range(1, 9):
        judge.look(at(count))
    assert heard == [(), (), *[("first",)] * 3, (), (), ()]


@pytest.mark.parametrize("stopped_at", range(1, 30))
def test_a_judge_that_goes_on_says_what_it_would_have_said(stopped_at):
    rule = seen_at((1, 3), (7, 9), (13, 15), (19, 21), (24, 24))
    whole, findings = news_of(rule, 30)
    first = Judge({"rule": rule})
    news = [(count, each.kind) for count in range(1, stopped_at + 1) for each in first.look(at(count))]
    judge = Judge({"rule": rule}, told=first.findings)
    for count in range(max(1, stopped_at - 1), stopped_at + 1):
        judge.recall(at(count))
    news += [(count, each.kind) for count in range(stopped_at + 1, 31) for each in judge.look(at(count))]
    assert news == whole
    assert judge.findings == findings


def test_what_an_older_version_told_stays():
    before = [Finding("always", 5, "warning", "a", "b", "c")]
    judge = Judge({"always": lambda checkup: None}, told=before)
    assert [each for count in range(1, 9) for each in judge.look(at(count))] == []
    assert judge.findings == before
