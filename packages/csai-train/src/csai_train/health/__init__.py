"""Health: what a training looks like from outside, and rules that say in plain words what is wrong with it.

A rule is a function `(Checkup) -> Symptom | None`, which plugins offer by the hook `csai_health_rules`; ours
stand in `rules/`, and come by the same hook. `docs/health.md` explains each of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from csai_core.lazy import lazy_names

if TYPE_CHECKING:
    from csai_train.health.checkup import Checkup, Episodes, Mark, Subject
    from csai_train.health.finding import Finding, Symptom
    from csai_train.health.history import examine

__all__ = ["Checkup", "Episodes", "Finding", "Mark", "Subject", "Symptom", "examine"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Checkup": "checkup",
        "Episodes": "checkup",
        "Finding": "finding",
        "Mark": "checkup",
        "Subject": "checkup",
        "Symptom": "finding",
        "examine": "history",
    },
)
