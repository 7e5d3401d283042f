"""Shows in a notebook how a training comes along: a bar, a few words and the growing curve."""

from __future__ import annotations

import time

from csai_core import notebooks
from csai_train.events import Callback, Session

_SECONDS_BETWEEN = 0.5
"""A page that is drawn more often shows nothing more."""


class NotebookProgress(Callback):
    """A bar and the curve of the last 100 episodes' mean return, drawn at marks, twice a second at most.

    On a dataset the curve is the accuracy while learning. It is there by itself where a training runs in
    Jupyter or marimo.
    """

    def __init__(self) -> None:
        self._display = notebooks.Display()
        self._points: list[tuple[float, float]] = []
        self._name = ""
        self._started_at = self._shown_at = 0.0
        self._first_step = 0

    def start(self, training: Session) -> None:
        """Show the empty bar."""
        self._started_at, self._first_step = time.monotonic(), training.steps
        self._show(training)

    def mark(self, training: Session) -> None:
        """Note how it goes, and show it now and then."""
        name, value = _measured(training)
        if value is not None:
            self._points = self._points if name == self._name else []
            self._name = name
            self._points.append((training.steps, value))
        if time.monotonic() - self._shown_at >= _SECONDS_BETWEEN:
            self._show(training)

    def stop(self, training: Session) -> None:
        """Leave it as it stands at the end."""
        self._show(training)

    def _show(self, training: Session) -> None:
        self._shown_at = time.monotonic()
        seconds = max(self._shown_at - self._started_at, 1e-9)
        done, total = training.progress()
        words = training.status_line((training.steps - self._first_step) / seconds)
        text = f"{training.steps:,} of {training.total_steps:,} steps, {words}"
        content = notebooks.bar(done / max(1, total), text)
        if self._points:
            content += notebooks.curve(self._points, f"{self._name}, {self._points[-1][1]:.4g} at last")
        self._display.show(content, text)


def _measured(training: Session) -> tuple[str, float | None]:
    """What tells how well it goes, by name."""
    value = training.recent_return()
    return ("accuracy", training.metrics.get("accuracy")) if value is None else ("mean return", value)
