"""Modules of the current directory: `csai play my_game:MyGame-v0` imports my_game.py from it."""

from __future__ import annotations

import importlib
import os
import sys


def allow_local_modules(name: str) -> None:
    """Let a name of the form `module:name` mean a module of the current directory, as `python -m` would."""
    if ":" in name:
        _add_current_directory()


def import_local(module: str) -> None:
    """Import a module, of the current directory or installed."""
    _add_current_directory()
    importlib.import_module(module)


def _add_current_directory() -> None:
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
