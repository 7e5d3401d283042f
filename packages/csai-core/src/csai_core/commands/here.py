"""What lies in the folder one works in: `csai play my_game:MyGame-v0` imports my_game.py from it."""

from __future__ import annotations

import importlib
import os
import sys


def look_here(name: str) -> None:
    """Let a name of the form `module:name` mean a module of the present folder, as `python -m` would."""
    if ":" in name:
        _look_here()


def import_here(module: str) -> None:
    """Import a module, of the present folder or installed."""
    _look_here()
    importlib.import_module(module)


def _look_here() -> None:
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
