"""Weights & Biases: offline, into `wandb/` in the run's folder; `wandb sync` sends it where you want."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from csai_trackers.tracker import Tracker


class WeightsAndBiases(Tracker):
    """Hands a training on to Weights & Biases, offline unless WANDB_MODE says otherwise."""

    package = "wandb"
    _to: Any = None

    def open(self, settings: Mapping[str, Any]) -> None:
        """Begin a run of theirs."""
        self._to = self.module.init(
            project="csai",
            name=self.run.path.name,
            dir=str(self.run.path),
            config=dict(settings),
            mode=os.environ.get("WANDB_MODE", "offline"),
            settings=self.module.Settings(silent=True, console="off", x_disable_stats=True),
        )

    def log(self, numbers: Mapping[str, float], steps: int) -> None:
        """Numbers by our steps, which become the axis of their curves."""
        self._to.log({**numbers, "steps": steps})

    def film(self, path: Path, steps: int) -> None:
        """A film, as it is."""
        self._to.log({"film": self.module.Video(str(path), format="gif"), "steps": steps})

    def note(self, text: str, steps: int) -> None:
        """An alert, and a line of a table."""
        self._to.alert(title="csai health", text=text)
        self._to.log({"health": self.module.Html(f"<pre>{steps}: {text}</pre>"), "steps": steps})

    def close(self) -> None:
        """End their run, and wait for its file."""
        self._to.finish()
