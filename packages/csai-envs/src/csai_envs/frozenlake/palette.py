"""The colors of a lake."""

from __future__ import annotations

from csai_core.games import Color

ICE: Color = (196, 222, 240)
DARK_ICE: Color = (182, 211, 232)
HOLE: Color = (16, 44, 84)
