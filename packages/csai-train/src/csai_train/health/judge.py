"""Judges a training's health: asks all rules at its checks, tells what has lasted, and takes it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, NamedTuple

from csai_core.errors import CsaiError, said
from csai_core.plugins import installed
from csai_train.health.checkup import Checkup
from csai_train.health.finding import LEVELS, Finding, Symptom, still_seen

Rule = Callable[[Checkup], Symptom | None]
IN_A_ROW = 3
"""How many checks in a row a symptom must show before it is told, or be away: one alone may be chance."""
_MOST_TOLD = 2
"""How often the same is told; what comes and goes more often is only kept account of."""

_LEAST_SHARE = 1e-6
"""Of a training; less is no share, but a damaged feed."""


class News(NamedTuple):
    """What has changed at a check."""

    kind: Literal["finding", "recovered", "returned"]
    """It is told; it is not seen any more; or it is seen once more, and was told often enough."""
    finding: Finding


class Judge:
    """Asks rules about a training, check by check.

    Args:
        rules: by their names; None takes all that are installed.
        told: what was found already, as before a training was resumed.
        warn: hears of a rule that fails; it is not asked again.

    Attributes:
        findings: all that was found, in its order; `gone_since` says what is not seen any more.
    """

    def __init__(
        self,
        rules: Mapping[str, Rule] | None = None,
        *,
        told: Sequence[Finding] = (),
        warn: Callable[[str], None] = lambda message: None,
    ) -> None:
        self._warn = warn
        self._rules = dict(load_rules(warn) if rules is None else rules)
        for finding in told:
            if finding.share_done is None:
                self._rules.pop(finding.rule, None)
        self.findings = [*told]
        self._seen = {each.rule: each for each in still_seen(told)}
        self._in_a_row: dict[str, int] = {}
        self._memo: dict[Any, Any] = {}

    def look(self, checkup: Checkup) -> list[News]:
        """What has changed at a check, the gravest first."""
        news: list[News] = []
        now = self._now(checkup)
        for name in [*self._rules]:
            symptom = self._count(name, now)
            is_grave = symptom is not None and symptom.level == "stop"
            is_other = (symptom is None) == (name in self._seen)
            if name in self._rules and is_other and (is_grave or self._in_a_row[name] >= IN_A_ROW):
                self._in_a_row[name] = 0
                news.append(self._tell(name, checkup, symptom) if symptom else self._take_back(name, checkup))
                now = self._now(checkup)
        return sorted(news, key=lambda each: -LEVELS.index(each.finding.level))

    def recall(self, checkup: Checkup) -> None:
        """Look at a check of before, of which everything is told; the last few count for what comes."""
        now = self._now(checkup)
        for name in [*self._rules]:
            self._count(name, now)

    def _count(self, name: str, now: Checkup) -> Symptom | None:
        """Ask a rule, and count for how many checks it has said other than what is told of it."""
        seen = self._seen.get(name)
        symptom = self._ask(name, now if seen is None else self._then(seen, now))
        is_other = (symptom is None) == (seen is not None)
        self._in_a_row[name] = self._in_a_row.get(name, 0) + 1 if is_other else 0
        return symptom

    def _now(self, checkup: Checkup) -> Checkup:
        """What rules are asked about of which nothing is told."""
        return replace(checkup, found=_grave(self.findings), memo=self._memo)

    def _then(self, seen: Finding, now: Checkup) -> Checkup:
        """What a rule is asked about whose symptom is told: the part of the training in which that was.

        Some look at the beginning alone, or are quiet about what may follow from something else: that they
        say nothing for that does not mean that all is well.
        """
        if seen.share_done is None:
            return now
        total_steps = max(1, round(now.steps / max(seen.share_done, _LEAST_SHARE)))
        before = self.findings[: self.findings.index(seen)]
        return replace(now, subject=replace(now.subject, total_steps=total_steps), found=_grave(before))

    def _tell(self, name: str, checkup: Checkup, symptom: Symptom) -> News:
        before = [each for each in self.findings if each.rule == name]
        if len(before) >= _MOST_TOLD:
            return News("returned", self._change(before[-1], None))
        found = Finding(
            name,
            checkup.steps,
            symptom.level,
            symptom.seen,
            symptom.means,
            symptom.try_first,
            share_done=checkup.share_done,
        )
        self.findings.append(found)
        self._seen[name] = found
        return News("finding", found)

    def _take_back(self, name: str, checkup: Checkup) -> News:
        return News("recovered", self._change(self._seen[name], checkup.steps))

    def _change(self, finding: Finding, gone_since: int | None) -> Finding:
        changed = replace(finding, gone_since=gone_since)
        self.findings[self.findings.index(finding)] = changed
        self._seen.pop(finding.rule, None)
        if gone_since is None:
            self._seen[finding.rule] = changed
        return changed

    def _ask(self, name: str, checkup: Checkup) -> Symptom | None:
        try:
            symptom: Any = self._rules[name](checkup)
            if symptom is None:
                return None
            if isinstance(symptom, Symptom):
                return symptom
            problem = f"gave a {type(symptom).__name__}; it must give a Symptom or None"
        except Exception as error:  # a stranger's rule must not end a training
            problem = f"failed: {said(error)}"
        del self._rules[name]
        self._warn(f"The health rule {name!r} {problem}. It is not asked any more.")
        return None


def _grave(findings: Sequence[Finding]) -> tuple[str, ...]:
    """The rules whose warnings are still seen."""
    return tuple(each.rule for each in findings if each.gone_since is None and each.level != "note")


def load_rules(warn: Callable[[str], None] = lambda message: None) -> dict[str, Rule]:
    """All rules that are installed, by the shortest name that each is found by."""
    rules: dict[str, Rule] = {}
    for name, entry in installed().entries("health_rules").items():
        try:
            rules[name] = entry.load()
        except CsaiError as error:
            warn(f"The health rule {name!r} is left out: {error}")
    return rules
