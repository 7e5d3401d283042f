"""Shows how a training comes along: a bar in a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from csai_train.events import Callback, Interval, Session

_SECONDS_BETWEEN_UPDATES = 0.2
_LINES_PER_TRAINING = 20


class ProgressBar(Callback):
    """A progress bar with the time that remains, and what the training says of itself.

    Args:
        console: where to show it; without a terminal behind it, plain lines are printed instead.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console()
        self._progress: Progress | None = None
        self._task = TaskID(0)
        self._started_at = self._shown_at = 0.0
        self._first_step = 0
        self._lines = Interval(1)

    def start(self, training: Session) -> None:
        """Show the bar."""
        self._started_at, self._first_step = time.monotonic(), training.steps
        if not self._console.is_terminal:
            self._lines = Interval(training.total_steps // _LINES_PER_TRAINING, training.steps)
            return
        self._progress = Progress(
            BarColumn(bar_width=None),
            TaskProgressColumn(),
            TextColumn("{task.fields[status]}"),
            TextColumn("{task.fields[clock]}"),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=self._console,
            expand=True,
        )
        self._task = self._progress.add_task(
            "training", total=training.total_steps, completed=training.steps, status="", clock="left"
        )
        self._progress.start()

    def step(self, training: Session) -> None:
        """Move the bar, a few times a second."""
        if self._progress is None:
            if self._lines.has_passed(training.steps) or training.is_complete:
                steps = f"{training.steps:>11,} / {training.total_steps:,} steps"
                self._console.print(f"{steps}  {self._status(training)}", highlight=False)
            return
        now = time.monotonic()
        if now - self._shown_at >= _SECONDS_BETWEEN_UPDATES:
            self._shown_at = now
            self._progress.update(self._task, completed=training.steps, status=self._status(training))

    def stop(self, training: Session) -> None:
        """Leave the bar as it stands at the end."""
        if self._progress is not None:
            clock = "took" if training.is_complete else "left"
            self._progress.update(
                self._task, completed=training.steps, status=self._status(training), clock=clock
            )
            self._progress.stop()
            self._progress = None

    def _status(self, training: Session) -> str:
        seconds = time.monotonic() - self._started_at
        return training.status_line((training.steps - self._first_step) / max(seconds, 1e-9))
