"""Shows how a training comes along: a bar in a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from csai_train.events import Callback, Session
from csai_train.health.finding import LEVELS, still_seen
from csai_train.marks import Interval

_REFRESHES_PER_SECOND = 2
_LINES_PER_TRAINING = 20


class _LiveProgress(Progress):
    """A progress bar that looks at what it shows when it is drawn, so that what it shows need not tell it.

    Args:
        look: brings the bar to where things are.
        *columns: see `rich.progress.Progress`.
        **settings: see there.
    """

    def __init__(self, look: Callable[[], None], *columns: ProgressColumn, **settings: Any) -> None:
        self._look = look
        super().__init__(*columns, **settings)

    def get_renderables(self) -> Iterable[RenderableType]:
        """What is drawn."""
        self._look()
        yield from super().get_renderables()


class ProgressBar(Callback):
    """A progress bar with the time that remains, and what the training says of itself.

    Args:
        console: where to show it; without a terminal behind it, plain lines are printed instead.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console()
        self._progress: Progress | None = None
        self._training: Session | None = None
        self._task = TaskID(0)
        self._started_at = 0.0
        self._first_step = 0
        self._lines = Interval(1)

    def start(self, training: Session) -> None:
        """Show the bar."""
        self._started_at, self._first_step = time.monotonic(), training.steps
        if not self._console.is_terminal:
            self._lines = Interval(training.total_steps // _LINES_PER_TRAINING, training.steps)
            return
        self._progress = _LiveProgress(
            self._update,
            BarColumn(bar_width=None),
            TaskProgressColumn(),
            TextColumn("{task.fields[status]}"),
            TextColumn("{task.fields[clock]}"),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=self._console,
            expand=True,
            refresh_per_second=_REFRESHES_PER_SECOND,
        )
        self._training = training
        self._task = self._progress.add_task(
            "training", total=training.total_steps, completed=training.steps, status="", clock="left"
        )
        self._progress.start()

    def mark(self, training: Session) -> None:
        """Print a line now and then, where there is no bar."""
        if self._progress is None and (self._lines.has_passed(training.steps) or training.is_complete):
            steps = f"{training.steps:>11,} / {training.total_steps:,} steps"
            self._console.print(f"{steps}  {self._status(training)}", highlight=False)

    def stop(self, training: Session) -> None:
        """Leave the bar as it stands at the end."""
        if self._progress is not None:
            clock = "took" if training.is_complete else "left"
            self._progress.update(self._task, clock=clock)
            self._progress.stop()
            self._progress = self._training = None

    def _update(self) -> None:
        """Bring the bar to where the training is."""
        training = self._training
        if self._progress is not None and training is not None:
            self._progress.update(self._task, completed=training.steps, status=self._status(training))

    def _status(self, training: Session) -> str:
        seconds = time.monotonic() - self._started_at
        words = training.status_line((training.steps - self._first_step) / max(seconds, 1e-9))
        return words + health_in_a_word(training)


def health_in_a_word(training: Session) -> str:
    """The first of the gravest of what is seen of a training's health; empty where it is well."""
    seen = still_seen(training.findings)
    gravest = max(seen, key=lambda finding: LEVELS.index(finding.level), default=None)
    return "" if gravest is None else f"  health: {gravest.title}"
