"""What commands that train show meanwhile: a bar, or with --live the training itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import click
from rich.console import Console

from csai_core.commands.games import why_no_window
from csai_train.callbacks.progress import ProgressBar
from csai_train.commands.watch import has_screen
from csai_train.events import Callback, Session

if TYPE_CHECKING:
    from csai_train.live.drawing import LiveDrawing
    from csai_train.runs.directory import RunDirectory

_PATIENCE_SECONDS = 5.0
"""How long a window may take to close."""


live_option = click.option(
    "--live",
    "is_live",
    is_flag=True,
    help="Watch it learn: in a window of its own, or where there is no display or no game, in the terminal.",
)


def progress_of(
    console: Console, open_run: Callable[[], RunDirectory], *, is_live: bool, has_game: bool = True
) -> Callback:
    """What shows how a training comes along.

    Args:
        console: where it is shown.
        open_run: gives the run, once it exists.
        is_live: whether somebody wants to watch it.
        has_game: whether there is a game that a window can show.
    """
    if is_live and (console.is_terminal or (has_game and has_screen())):
        return LiveTraining(console, open_run, has_game=has_game)
    return ProgressBar(console)


class LiveTraining(Callback):
    """Opens `csai live` in a window, as a process of its own, that ends with the training.

    Whatever becomes of the window, the training does not notice. Where there is no display, the training
    draws itself in the terminal.

    Args:
        console: where the bar, or the drawing, is.
        open_run: gives the run.
        has_game: whether there is a game that a window can show.
    """

    def __init__(
        self, console: Console, open_run: Callable[[], RunDirectory], *, has_game: bool = True
    ) -> None:
        self._console, self._open_run, self._has_game = console, open_run, has_game
        self._shown: ProgressBar | LiveDrawing = ProgressBar(console)
        self._window: subprocess.Popen[bytes] | None = None

    def start(self, training: Session) -> None:
        """Open the window, or begin to draw."""
        run = self._open_run()
        if self._has_game and has_screen():
            command = [sys.executable, "-m", "csai_core", "live", str(run.path)]
            with suppress(OSError):
                quiet = subprocess.DEVNULL
                self._window = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet)
        if self._window is None and self._console.is_terminal:
            from csai_train.live.drawing import LiveDrawing

            if self._has_game and (reason := why_no_window()):
                self._console.print(f"[dim]{reason} So the training is drawn here.[/dim]", soft_wrap=True)
            self._shown = LiveDrawing(run, self._console)
        self._shown.start(training)

    def mark(self, training: Session) -> None:
        """Go on."""
        self._shown.mark(training)

    def stop(self, training: Session) -> None:
        """Close the window, if it was not closed before."""
        self._shown.stop(training)
        if self._window is None:
            return
        self._window.terminate()
        try:
            self._window.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._window.kill()
            self._window.wait()
