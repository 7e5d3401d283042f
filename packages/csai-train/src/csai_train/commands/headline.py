"""The first line of a training: what is trained, and how it is computed."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console

from csai_core.terminal import as_markup
from csai_train.commands.attempt import Attempt
from csai_train.events import Callback, Session
from csai_train.runs.evaluation_file import read_random_play


class Headline(Callback):
    """Says what is trained once it is known how, before the first step.

    Args:
        console: where.
        subject: what is trained, as rich's markup.
        rest: what follows in the line, after how it is computed.
        remark: a line of its own; empty for none.
        has_note: whether what there is to note about the network is said too.
    """

    def __init__(
        self, console: Console, subject: str, rest: str, remark: str = "", *, has_note: bool = False
    ) -> None:
        self._console = console
        self._subject, self._rest, self._remark = subject, rest, remark
        self._has_note = has_note
        self._is_said = False

    def start(self, training: Session) -> None:
        """Say it, once."""
        if self._is_said:
            return
        self._is_said = True
        described = training.describe()
        how = computing_in_words(described)
        self._console.print(
            f"{self._subject}{as_markup(f' ({how})') if how else ''}{as_markup(self._rest)}", soft_wrap=True
        )
        for line in (self._remark, described.get("note", "") if self._has_note else ""):
            if line:
                self._console.print(f"[dim]{as_markup(line)}[/dim]", soft_wrap=True)


class RandomPlayLine(Callback):
    """Says what random actions bring, which is what everything is to be compared with.

    Args:
        console: where.
        attempt: knows the run.
    """

    def __init__(self, console: Console, attempt: Attempt) -> None:
        self._console, self._attempt = console, attempt

    def start(self, training: Session) -> None:
        """Say it, where it is known."""
        found = read_random_play(self._attempt.opened())
        if found is not None:
            score = "" if found.mean_score is None else f" and a score of {found.mean_score:.3g}"
            bring = f"Random actions bring a return of {found.mean_return:.3g}{score}"
            self._console.print(f"[dim]{bring}, the mean of {found.games}.[/dim]", soft_wrap=True)


def computing_in_words(computing: Mapping[str, str]) -> str:
    """What `Algorithm.describe` says in one line, the reason at its end, without the note."""
    names = [name for name in computing if name not in ("reason", "note")]
    settings = ", ".join(f"{name} {computing[name]}" for name in names)
    return ": ".join(part for part in (settings, computing.get("reason", "")) if part)
