"""Whether there is a screen to open windows on, and drawing where there is none."""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import suppress
from typing import Any

DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")
"""The variables that name one on Linux."""


def has_display() -> bool:
    """Whether windows can be seen here; only Linux may be without."""
    if not sys.platform.startswith("linux"):
        return True
    return any(map(os.environ.get, DISPLAYS))


def draw_without_display() -> None:
    """Let pygame and MuJoCo draw unseen where there is no display, rather than complain of that."""
    if not has_display():
        os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
        os.environ.setdefault("MUJOCO_GL", "egl")


def import_matplotlib() -> Any:
    """The package matplotlib, also where MPLBACKEND is nonsense: figures that are saved need no backend.

    Raises:
        ImportError: if it is not installed.
    """
    backend = None if "matplotlib" in sys.modules else os.environ.pop("MPLBACKEND", None)
    try:
        matplotlib = importlib.import_module("matplotlib")
    finally:
        if backend is not None:
            os.environ["MPLBACKEND"] = backend
    if backend is not None:
        with suppress(ValueError):
            matplotlib.rcParams["backend"] = backend  # as if it had been there
    return matplotlib
