"""Whether there is a screen to open windows on."""

from __future__ import annotations

import os
import sys


def has_display() -> bool:
    """Whether windows can be seen here; only Linux may be without."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def draw_without_display() -> None:
    """Let pygame draw unseen where there is no display, rather than complain on stderr that it found none."""
    if not has_display():
        os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
