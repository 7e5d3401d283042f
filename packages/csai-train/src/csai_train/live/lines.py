"""A training in plain lines, for pipes and files: a line for each thing that is news."""

from __future__ import annotations

import time
from collections.abc import Callable

from csai_core.terminal import printable
from csai_train.live.account import Account, Remark
from csai_train.live.facts import RunFacts
from csai_train.live.spectator import Spectator

_LINES = 40
"""About how many lines tell of a whole training, besides what is remarked."""


def tell(spectator: Spectator, say: Callable[[str], object]) -> None:
    """Say what is new in a training, line by line, until it is over."""
    lines = Lines(spectator.facts)

    def say_news() -> None:
        for line in lines.news(spectator.account):
            say(line)

    while True:
        spectator.look(say_news)
        say_news()
        if spectator.is_over:
            return
        time.sleep(0.2)


class Lines:
    """Says what is new, in lines that stand for themselves.

    Args:
        facts: of the run.
    """

    def __init__(self, facts: RunFacts) -> None:
        self._facts = facts
        self._told: list[Remark] = []
        self._next = 0
        self._state = ""

    def news(self, account: Account) -> list[str]:
        """What has become known since the last call."""
        lines = []
        unit = self._facts.unit
        if not self._state and account.state != "waiting":
            lines = [self._facts.title, *self._references(account)]
        for remark in account.remarks:
            if remark not in self._told:
                self._told.append(remark)
                advice = f" Try: {remark.advice}" if remark.advice else ""
                lines.append(
                    printable(f"{remark.level} after {remark.steps:,} {unit}: {remark.text}{advice}")
                )
        if account.state != "waiting" and (account.steps >= self._next or account.state != self._state):
            self._next = account.steps + max(account.total_steps // _LINES, 1)
            lines.append(self._progress(account))
        if account.is_over and account.state != self._state:
            error = f": {printable(account.error)}" if account.error else ""
            lines.append(f"{account.state} after {account.steps:,} {unit}{error}")
        self._state = "" if account.state == "waiting" else account.state
        return lines

    def _references(self, account: Account) -> list[str]:
        found = [each.words for each in self._facts.references("return", account)]
        return [f"return to compare with: {', '.join(found)}"] if found else []

    def _progress(self, account: Account) -> str:
        steps = f"{account.steps:>11,} / {account.total_steps:,} {self._facts.unit}"
        return "  ".join([steps, *self._facts.numbers(account)])
