"""A picture of curves, as programs and notebooks have it."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

from csai_core import storage
from csai_core.errors import ConfigError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_FORMATS = (".png", ".svg", ".pdf")


class Picture:
    """Curves that a notebook shows, with or without a display, and that can be saved.

    Args:
        figure: of matplotlib.
        title: what it shows, in a few words.
    """

    def __init__(self, figure: Figure, title: str) -> None:
        self.figure = figure
        """To change before it is shown."""
        self.title = title

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write it to a file that ends in .png, .svg or .pdf.

        Raises:
            ConfigError: if it ends otherwise.
        """
        place = Path(path)
        if place.suffix.lower() not in _FORMATS:
            raise ConfigError(f"A picture cannot be saved as {place.name!r}; use {', '.join(_FORMATS)}.")
        with storage.replacement(place) as unfinished:
            self.figure.savefig(unfinished)
        return place

    def __repr__(self) -> str:
        return f"<picture of {self.title}>"

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.figure.savefig(buffer, format="png")
        return buffer.getvalue()
