"""Checks: a few marks of a training taken as one, at which the rules of health are asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from csai_train.health.checkup import Mark, sum_up

MARKS_OF_A_CHECK = 4
"""A training has two hundred marks, so it is judged fifty times: each costs, and one more says little."""


def is_due(marks: Sequence[Mark]) -> bool:
    """Whether these marks, all since the last check, are enough for another."""
    return len(marks) >= MARKS_OF_A_CHECK


def as_one(marks: Sequence[Mark], vitals: Mapping[str, float]) -> Mark:
    """Several marks as one: all their episodes, the means of what was measured, and the vitals of now.

    Args:
        marks: in their order; at least one.
        vitals: what was looked at besides.
    """
    episodes = [mark.episodes for mark in marks if mark.episodes]
    total = sum_up(episodes) if len(episodes) > 1 else None
    return Mark(
        marks[-1].steps,
        vars(total) if total is not None else episodes[0] if episodes else {},
        _means([mark.metrics for mark in marks if mark.metrics]),
        vitals,
    )


def checks_among(marks: Sequence[Mark], checked: Sequence[int]) -> tuple[list[Mark], list[Mark]]:
    """The checks that were made at marks, and the marks that have come since the last.

    Args:
        marks: in their order.
        checked: after how many steps vitals were taken.
    """
    checks: list[Mark] = []
    since: list[Mark] = []
    steps = set(checked)
    for mark in marks:
        since.append(mark)
        if mark.steps in steps or is_due(since):
            checks.append(as_one(since, mark.vitals))
            since = []
    return checks, since


def _means(measured: Sequence[Mapping[str, float]]) -> dict[str, float]:
    sums: dict[str, float] = {}
    counts: dict[str, int] = {}
    for each in measured:
        for name, value in each.items():
            sums[name] = sums.get(name, 0.0) + value
            counts[name] = counts.get(name, 0) + 1
    return {name: total / counts[name] for name, total in sums.items()}
