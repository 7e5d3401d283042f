"""What notebooks show: pieces of HTML that need nothing else, and a display that changes while code runs.

No color but a line's is set, so that the pieces can be read on light and on dark pages, and whatever comes
from files and names is escaped. IPython and marimo are never imported here unless they run the code.
"""

from __future__ import annotations

import base64
import html
import importlib
import struct
import sys
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core.terminal import printable

_LINE = "#2d8fd5"
"""Seen on white and on black."""
_WIDTH, _HEIGHT, _MARGIN = 420, 100, 4
_CELL = (
    "border:none;padding:.1em .8em .1em 0;text-align:left;background:none;color:inherit;vertical-align:top"
)


def card(title: object, facts: Mapping[str, object], *pieces: str) -> str:
    """A title, a table of facts, and more pieces of HTML below; facts that are empty texts are left out.

    Args:
        title: a text.
        facts: texts and numbers by name.
        pieces: HTML, which is taken as it is.
    """
    rows = "".join(
        f'<tr style="background:none"><th style="{_CELL};opacity:.7;font-weight:normal">{escaped(name)}</th>'
        f'<td style="{_CELL}">{escaped(value)}</td></tr>'
        for name, value in facts.items()
        if value != ""
    )
    table = (
        f'<table style="border-collapse:collapse;margin:.3em 0;color:inherit">{rows}</table>' if rows else ""
    )
    return f'<div style="line-height:1.4"><strong>{escaped(title)}</strong>{table}{"".join(pieces)}</div>'


def escaped(value: object) -> str:
    """A value as text that HTML shows as it is; control characters, which HTML forbids, are spelled out."""
    return html.escape(printable(value, keep="\n\t"))


def bar(share: float, text: str) -> str:
    """How much of something is done, from 0 to 1, and a few words on it."""
    percent = 100 * min(1.0, max(0.0, share))
    return (
        '<div style="display:flex;align-items:center;gap:.8em;max-width:42em">'
        f'<div role="progressbar" aria-valuenow="{percent:.0f}" aria-valuemin="0" aria-valuemax="100" '
        f'style="flex:0 0 12em;height:.8em;border:1px solid {_LINE};border-radius:.2em">'
        f'<div style="width:{percent:.1f}%;'
        f'height:100%;background:{_LINE}"></div></div><span>{percent:.0f}%&ensp;{escaped(text)}</span></div>'
    )


def curve(points: Sequence[tuple[float, float]], label: str) -> str:
    """A line through points, drawn inside the page, with its bounds in numbers; nothing of fewer than two.

    Args:
        points: x and y, x rising.
        label: what it shows, for people and for those who hear the page.
    """
    if len(points) < 2:
        return ""
    x, y = np.array(points, float).T
    low, high = float(y.min()), float(y.max())
    across = _MARGIN + (x - x[0]) / ((x[-1] - x[0]) or 1) * (_WIDTH - 2 * _MARGIN)
    height = (y - low) / (high - low) if high > low else np.full(len(y), 0.5)
    down = _HEIGHT - _MARGIN - height * (_HEIGHT - 2 * _MARGIN)
    path = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(across, down, strict=True))
    least = f"{low:.4g}" if high > low else ""
    return (
        f'<div style="max-width:{_WIDTH}px;font-size:85%"><div>{high:.4g}</div><svg role="img" '
        f'aria-label="{escaped(label)}" viewBox="0 0 {_WIDTH} {_HEIGHT}" style="display:block;width:100%">'
        f'<polyline points="{path}" fill="none" stroke="{_LINE}" stroke-width="2"/></svg>'
        f'<div style="display:flex;justify-content:space-between"><span>{least}</span>'
        f"<span>{escaped(label)}</span></div></div>"
    )


def image(data: bytes, kind: str, alt: str) -> str:
    """A picture inside the page.

    Args:
        data: its file.
        kind: "png" or "gif".
        alt: what it shows.
    """
    code = base64.b64encode(data).decode()
    return f'<img alt="{escaped(alt)}" style="max-width:100%" src="data:image/{kind};base64,{code}">'


def png(frame: NDArray[np.uint8]) -> bytes:
    """A picture of shape (height, width, 3) as the content of a PNG file."""
    height, width, _ = frame.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each row begins with how it is filtered: not at all
    rows[:, 1:] = frame.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def is_notebook() -> bool:
    """Whether this code runs in a page that shows HTML: Jupyter, or marimo."""
    return _has_kernel() or _marimo() is not None


def is_terminal_of_ipython() -> bool:
    """Whether a person types at IPython in a terminal."""
    return _ipython() is not None and not _has_kernel()


class Display:
    """A place in the page whose content changes while a cell runs."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, content: str, text: str) -> None:
        """Put something there in place of what was there.

        Args:
            content: HTML.
            text: the same for where HTML is not shown.
        """
        marimo = _marimo()
        if marimo is not None:
            marimo.output.replace(marimo.Html(content))
            return
        data = {"text/html": content, "text/plain": text}
        if self._handle is None:
            display = importlib.import_module("IPython.display").display
            self._handle = display(data, raw=True, display_id=True)
        else:
            self._handle.update(data, raw=True)


def _ipython() -> Any:
    """The IPython that runs this code, if one does."""
    module = sys.modules.get("IPython")
    find = getattr(module, "get_ipython", None)
    return None if find is None else find()


def _has_kernel() -> bool:
    return hasattr(_ipython(), "kernel")


def _marimo() -> Any:
    """The module marimo, if it runs this code."""
    module = sys.modules.get("marimo")
    is_running = getattr(module, "running_in_notebook", None)
    return module if is_running is not None and is_running() else None
