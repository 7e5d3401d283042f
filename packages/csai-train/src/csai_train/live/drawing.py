"""The training's own drawing of itself in a terminal, in place of the progress bar."""

from __future__ import annotations

import time

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.live import Live

from csai_core.terminal import as_typed
from csai_train.events import Callback, Session
from csai_train.live.account import Account
from csai_train.live.facts import facts_of
from csai_train.live.terminal import Page
from csai_train.runs.directory import RunDirectory
from csai_train.runs.events_file import FeedReader

_REFRESHES_PER_SECOND = 1.0


class LiveDrawing(Callback):
    """Draws curve, numbers and findings once a second; the game is seen by `csai live` in another terminal.

    It reads the feed as every view does. Nothing is played by it, and no environment is touched.

    Args:
        run: that is trained.
        console: a terminal.
    """

    def __init__(self, run: RunDirectory, console: Console) -> None:
        self._console = console
        self._run = run
        self._account = Account()
        self._feed = FeedReader(run.path)
        self._page: Page | None = None
        self._live: Live | None = None
        self._training: Session | None = None

    def start(self, training: Session) -> None:
        """Begin to draw."""
        self._training = training
        self._page = Page(facts_of(self._run), self._console)
        self._live = Live(
            self, console=self._console, refresh_per_second=_REFRESHES_PER_SECOND, vertical_overflow="crop"
        )
        self._live.start()

    def mark(self, training: Session) -> None:
        """Go on; the page is drawn by the clock."""

    def stop(self, training: Session) -> None:
        """Leave the page as it stands at the end."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """What is drawn now."""
        yield self._now()

    def _now(self) -> RenderableType:
        training = self._training
        if training is None or self._page is None:
            return ""
        self._account.include(self._feed.new_events())
        self._account.steps = training.steps
        if self._account.started is not None:
            self._account.time = time.time()
        what = "The game too" if self._run.kind == "agent" else "From elsewhere"
        return self._page.draw(self._account, note=f"{what}: csai live {as_typed(self._run.path)}")
