"""What a click on a picture means, for games that are played with the mouse."""

from __future__ import annotations

from typing import Any, NamedTuple


class Target(NamedTuple):
    """What a click would do, and where."""

    action: Any
    area: tuple[float, float, float, float]
    """The part of the picture that is meant: (left, top, width, height) in pixels."""
