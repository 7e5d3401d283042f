"""The health of a run, judged again from its feed: all its checks, as the rules saw them then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from csai_core.schedules import read_schedule
from csai_train.health.checks import checks_among
from csai_train.health.checkup import Checkup, Mark, RandomPlay, Subject
from csai_train.health.finding import LEVELS, Finding
from csai_train.health.judge import Judge, Rule
from csai_train.runs.directory import RunDirectory
from csai_train.runs.evaluation_file import read_evaluation, read_random_play
from csai_train.runs.events_file import Event, read_events
from csai_train.runs.run import Run

_REFUTABLE = "no_better_than_random"


def examine(run: Run, rules: Mapping[str, Rule] | None = None) -> list[Finding]:
    """Judge a run again, from its beginning, with what its feed and its folder say.

    Args:
        run: under way, or over.
        rules: by their names; None takes all that are installed now.
    """
    events = read_events(run.path)
    (checks, _), subject, play = checks_of(events), subject_of(run), random_play_of(run)
    judge = Judge(rules)
    for count in range(1, len(checks) + 1):
        judge.look(Checkup(subject, checks[:count], play))
    error = _error(events)
    if error:
        judge.look(Checkup(subject, checks, play, error))
    return after_games(judge.findings, run)


def known_until(directory: Path, steps: int) -> tuple[list[Mark], list[Mark], list[Finding]]:
    """What a run's feed holds up to so many steps: its checks, the marks since, and what has been found."""
    events = [event for event in read_events(directory) if event["steps"] <= steps]
    return *checks_of(events), findings_of(events)


def findings_in(directory: Path) -> list[Finding]:
    """What was found while the run in a directory was trained, in its order."""
    return findings_of(read_events(directory))


def after_games(findings: Sequence[Finding], run: RunDirectory) -> list[Finding]:
    """The same, without what games of the newest agent have refuted since: that it plays as at random.

    They do where it brings more than random play, and the 95% intervals of both means do not overlap.
    """
    agent, play = read_evaluation(run), read_random_play(run)
    if agent is None or play is None or not agent.interval_return[0] > play.interval_return[1]:
        return [*findings]
    return [
        replace(each, gone_since=agent.steps) if each.rule == _REFUTABLE and each.gone_since is None else each
        for each in findings
    ]


def gravest_first(findings: list[Finding]) -> list[Finding]:
    """The same, warnings before notes."""
    return sorted(findings, key=lambda finding: -LEVELS.index(finding.level))


def findings_of(events: list[Event]) -> list[Finding]:
    """What was found while a run was trained, in its order, and what of it is gone."""
    names = [field.name for field in fields(Finding)]
    found: list[Finding] = []
    for event in events:
        if event["event"] == "health" and event["level"] in LEVELS:
            values: dict[str, Any] = {name: event.get(name) for name in names}
            found.append(Finding(**values))
        elif event["event"] in ("recovered", "returned"):
            since = event["steps"] if event["event"] == "recovered" else None
            last = max((i for i, each in enumerate(found) if each.rule == event["rule"]), default=None)
            if last is not None:
                found[last] = replace(found[last], gone_since=since)
    return found


def checks_of(events: list[Event]) -> tuple[list[Mark], list[Mark]]:
    """The checks of a feed, and the marks since the last."""
    checked = [event["steps"] for event in events if event["event"] == "vitals"]
    return checks_among(_marks_of(events), checked)


def _marks_of(events: list[Event]) -> list[Mark]:
    parts: dict[int, dict[str, Any]] = {}
    for event in events:
        if event["event"] == "episodes":
            parts.setdefault(event["steps"], {})["episodes"] = event
        elif event["event"] == "update":
            parts.setdefault(event["steps"], {})["metrics"] = _known(event["metrics"])
        elif event["event"] == "vitals":
            parts.setdefault(event["steps"], {})["vitals"] = _known(event["vitals"])
    return [Mark(steps, **each) for steps, each in sorted(parts.items())]


def random_play_of(run: RunDirectory) -> RandomPlay | None:
    """What random actions bring in a run's environment, where that was measured."""
    found = read_random_play(run)
    return (
        None
        if found is None
        else RandomPlay(found.mean_return, found.mean_score, found.episodes, found.std_return)
    )


def subject_of(run: Run) -> Subject:
    """What a run trains, as far as its config says; nothing is imported or made for it."""
    config, environment = run.config["config"], run.config["environment"]
    return Subject(
        algorithm=run.method,
        environment=run.environment_id,
        total_steps=run.total_steps,
        num_envs=int(config.get("num_envs", 1)),
        config={name: read_schedule(value) for name, value in config.items()},
        max_episode_steps=environment.get("max_episode_steps"),
        goal=run.goal,
    )


def has_vitals(run: Run) -> bool:
    """Whether vitals were taken while a run was trained; older ones have none."""
    return any(event["event"] == "vitals" for event in read_events(run.path))


def _known(values: Mapping[str, Any]) -> dict[str, float]:
    return {name: value for name, value in values.items() if value is not None}


def _error(events: list[Event]) -> str:
    """How a training failed that did; empty otherwise."""
    last = events[-1] if events else {}
    return str(last.get("error") or "") if last.get("event") == "stop" else ""
