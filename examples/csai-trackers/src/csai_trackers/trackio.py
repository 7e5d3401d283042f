"""Trackio: its database on this computer, unless TRACKIO_SPACE_ID or TRACKIO_SERVER_URL says otherwise."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

from csai_trackers.tracker import Tracker


class Trackio(Tracker):
    """Hands a training on to Trackio."""

    package = "trackio"
    _to: Any = None

    def open(self, settings: Mapping[str, Any]) -> None:
        """Begin a run of theirs."""
        with redirect_stdout(StringIO()), _asking_nobody():
            name, config = self.run.path.name, dict(settings)
            quiet = {"embed": False, "auto_log_gpu": False, "auto_log_cpu": False}
            self._to = self.module.init(project="csai", name=name, config=config, **quiet)

    def log(self, numbers: Mapping[str, float], steps: int) -> None:
        """Numbers by our steps."""
        self._to.log(dict(numbers), step=steps)

    def film(self, path: Path, steps: int) -> None:
        """A film, as it is."""
        self._to.log({"film": self.module.Video(str(path))}, step=steps)

    def note(self, text: str, steps: int) -> None:
        """An alert, which is printed here by csai alone."""
        with redirect_stdout(StringIO()):
            self._to.alert(title="csai health", text=text, step=steps)

    def close(self) -> None:
        """End their run, and wait until all is written."""
        with redirect_stdout(StringIO()):
            self.module.finish()


@contextmanager
def _asking_nobody() -> Iterator[None]:
    """Keep Trackio from asking Hugging Face whose token is on this computer, unless it shall send there."""
    constants: Any = import_module("huggingface_hub.constants")
    before, is_sending = constants.HF_HUB_OFFLINE, "TRACKIO_SPACE_ID" in os.environ
    constants.HF_HUB_OFFLINE = before or not is_sending
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before
