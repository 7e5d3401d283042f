"""Environments of the folder one works in: `csai play my_game:MyGame-v0` imports my_game.py from it."""

from __future__ import annotations

import os
import sys


def look_here(environment_id: str) -> None:
    """Let an id of the form `module:id` name a module of the present folder, as `python -m` would."""
    if ":" in environment_id and os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
