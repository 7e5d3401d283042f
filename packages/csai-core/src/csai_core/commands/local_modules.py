"""Modules of the current directory: `csai play my_game:MyGame-v0` imports my_game.py from it."""

from __future__ import annotations

import os
import sys

from csai_core import trust
from csai_core.environments import import_registering


def allow_local_modules(name: str) -> None:
    """Let a name of the form `module:name` mean a module of the current directory, as `python -m` would."""
    if ":" in name:
        _add_current_directory()


def import_local(module: str) -> None:
    """Import a module that was typed, of the current directory or installed, and remember that it was."""
    _add_current_directory()
    import_registering(module)
    trust.remember(module)


def _add_current_directory() -> None:
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
