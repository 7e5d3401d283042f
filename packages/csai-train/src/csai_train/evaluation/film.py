"""A game of a trained agent as a film inside a notebook."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from csai_core import notebooks, storage
from csai_core.arguments import drawn_seed
from csai_core.errors import ConfigError
from csai_train.evaluation.video import record_game
from csai_train.runs.run import Run


class Film:
    """A film that a notebook shows inside the page.

    Args:
        data: a GIF.
        title: what it shows, in a few words.
    """

    def __init__(self, data: bytes, title: str) -> None:
        self.data = data
        self.title = title

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write it to a file that ends in .gif.

        Raises:
            ConfigError: if it ends otherwise.
        """
        place = Path(path)
        if place.suffix.lower() != ".gif":
            raise ConfigError(
                f"This film is a GIF, and cannot be saved as {place.name!r}; use .gif. An MP4 is made by: "
                "csai watch RUN --mp4 FILE"
            )
        storage.write(place, self.data)
        return place

    def __repr__(self) -> str:
        return f"<film of {self.title}>"

    def _repr_html_(self) -> str:
        return notebooks.image(self.data, "gif", self.title)


def film_game(
    run: Run,
    *,
    thinks: bool,
    overlays: Sequence[str],
    which: str | int,
    seed: int | None,
    max_steps: int | None,
) -> Film:
    """Let the agent of a run play a game; see `Run.watch`."""
    with tempfile.TemporaryDirectory() as folder:
        path = record_game(
            run.agent(which),
            run.environment,
            Path(folder) / "game.gif",
            seed=drawn_seed("watch", seed),
            max_steps=max_steps,
            thinks=thinks,
            overlays=overlays,
        )
        return Film(path.read_bytes(), f"{run.environment_id}, played by {run.algorithm_name}")
