"""The colors of games and of the window they are played in, which color-blind people tell apart too."""

from __future__ import annotations

Color = tuple[int, int, int]

BACKGROUND: Color = (13, 19, 33)
LIGHT_CELL: Color = (29, 39, 58)
DARK_CELL: Color = (24, 33, 50)
TEXT: Color = (240, 244, 250)
BLUE: Color = (142, 209, 252)
DEEP_BLUE: Color = (30, 99, 168)
ORANGE: Color = (255, 140, 40)
PALE_ORANGE: Color = (255, 205, 150)
YELLOW: Color = (240, 228, 100)
WALL: Color = (112, 128, 150)
WIN: Color = TEXT
"""Rings what won a game."""
LOSS: Color = (255, 214, 64)
"""Crosses out what lost one."""

POSITIVE: Color = (8, 119, 189)
"""What is above zero, with a printed +; the opposite end of `NEGATIVE`."""
NEGATIVE: Color = (245, 147, 34)
"""What is below zero, with a printed -."""
NEUTRAL: Color = (211, 215, 221)
"""Between both: zero, and what has no sign."""
DEEP_POSITIVE: Color = (2, 48, 96)
"""The far end where nothing is below zero: from `NEUTRAL` over `POSITIVE` to this, one hue gets darker."""
DEEP_NEGATIVE: Color = (122, 58, 0)
"""The far end where nothing is above zero."""
