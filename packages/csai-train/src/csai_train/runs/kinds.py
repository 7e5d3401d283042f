"""Runs of one kind: those that differ by their seed alone, and in how few words kinds are told apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from csai_train.runs.fork import Fork, shown
from csai_train.runs.run import Run

_Item = TypeVar("_Item")
_MOST_SETTINGS = 2
"""How many settings a label names at most."""


def grouped(items: Iterable[_Item], kind: Callable[[_Item], str]) -> list[list[_Item]]:
    """The items of each kind, in the order in which the kinds come first."""
    groups: dict[str, list[_Item]] = {}
    for each in items:
        groups.setdefault(kind(each), []).append(each)
    return list(groups.values())


def kind_of(run: Run) -> str:
    """What runs have in common that differ by their seed alone."""
    stages = [stage for stage in run.stages if stage.until is not None]
    return repr([_settings(run), run.config["environment"], stages])


def differences(groups: Sequence[Sequence[Run]]) -> dict[str, list[str]]:
    """In which settings, of those that all have, groups of runs differ, and what each has there in words."""
    found = [_settings(members[0]) for members in groups]
    common = [name for name in found[0] if all(name in each for each in found)]
    values = {name: [shown(each[name]) for each in found] for name in common}
    return {name: each for name, each in values.items() if len(set(each)) > 1}


def labels_of(groups: Sequence[Sequence[Run]]) -> list[str]:
    """Each group in as few words as tell them apart: its algorithm, what differs, or its first run's name."""
    runs = [members[0] for members in groups]
    plain = _plain_labels(groups)
    forks = [Fork.of(run) for run in runs]
    changed = {name: None for fork in forks if fork is not None for name in fork.changes}
    names = [{each.path.name for each in members} for members in groups]
    said = []
    for run, own, fork, label in zip(runs, names, forks, plain, strict=True):
        if fork is not None:
            is_beside = any(fork.run in others for others in names)
            said.append(fork.difference() if is_beside else f"{label}: {fork.difference()}")
        elif any(other is not None and other.run in own for other in forks):
            said.append(_settings_in_words(run, list(changed)) or label)
        else:
            said.append(label)
    if len(set(said)) == len(said):
        return said
    return [
        label if label == words else f"{label}: {words}" for label, words in zip(plain, said, strict=True)
    ]


def _plain_labels(groups: Sequence[Sequence[Run]]) -> list[str]:
    by_algorithm = [members[0].algorithm_name for members in groups]
    differing = differences(groups)
    by_settings = [
        ", ".join(f"{name} {values[number]}" for name, values in differing.items())
        for number in range(len(groups))
    ]
    tells = len(differing) <= _MOST_SETTINGS and all(Fork.of(members[0]) is None for members in groups)
    for labels in (by_algorithm, by_settings if tells else []):
        if len(set(labels)) == len(groups):
            return labels
    return [members[0].path.name for members in groups]


def _settings(run: Run) -> dict[str, Any]:
    """What a run was trained with, its seed and its environment left out."""
    start = run.config.get("started_from")
    return {
        "algorithm": run.algorithm_name,
        **run.config["config"],
        "total_steps": run.total_steps,
        "total_episodes": run.total_episodes,
        "network": run.config.get("network"),
        "started_from": start and f"{start['run']} after {start['steps']} steps",
    }


def _settings_in_words(run: Run, names: Sequence[str]) -> str:
    settings = _settings(run)
    return ", ".join(f"{name} {shown(settings[name])}" for name in names if name in settings)
