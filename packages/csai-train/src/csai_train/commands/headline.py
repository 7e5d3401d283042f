"""The first line of a training: what is trained, and how it is computed."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.markup import escape

from csai_train.events import Callback, Session


class Headline(Callback):
    """Says what is trained once it is known how, before the first step.

    Args:
        console: where.
        subject: what is trained, as rich's markup.
        rest: what follows in the line, after how it is computed.
        remark: a line of its own; empty for none.
    """

    def __init__(self, console: Console, subject: str, rest: str, remark: str = "") -> None:
        self._console = console
        self._subject, self._rest, self._remark = subject, rest, remark

    def start(self, training: Session) -> None:
        """Say it."""
        how = computing_in_words(training.describe())
        self._console.print(
            f"{self._subject}{escape(f' ({how})') if how else ''}{self._rest}", soft_wrap=True
        )
        if self._remark:
            self._console.print(f"[dim]{escape(self._remark)}[/dim]", soft_wrap=True)


def computing_in_words(computing: Mapping[str, str]) -> str:
    """What `Algorithm.describe` says in one line, the reason at its end."""
    settings = ", ".join(f"{name} {value}" for name, value in computing.items() if name != "reason")
    return ": ".join(part for part in (settings, computing.get("reason", "")) if part)
