"""What a fast game needs: keyed random numbers, games in batches, arrays that callers may keep, a canvas.

A game that draws by `KeyedShell` and its batched version, a `BatchedEnv`, are the same game, step by step;
docs/batches.md writes one. Pictures need pygame, which is imported when the first one is drawn.
"""

from csai_core.games.batched import ALL, FEW, BatchedEnv, Floats, Games, Outcome, any_of
from csai_core.games.canvas import Canvas, Point, mix
from csai_core.games.double_buffer import copier
from csai_core.games.keyed_random import (
    FirstDraws,
    KeyedRandom,
    KeyedShell,
    draw,
    draw_many,
    new_key,
    next_key,
    next_keys,
)
from csai_core.games.overlay import observe_with
from csai_core.palette import (
    BACKGROUND,
    BLUE,
    DARK_CELL,
    DEEP_BLUE,
    LIGHT_CELL,
    LOSS,
    ORANGE,
    PALE_ORANGE,
    TEXT,
    WALL,
    WIN,
    YELLOW,
    Color,
)
from csai_core.shell.attribute_table import selected_space
from csai_core.shell.target import Target

__all__ = [
    "ALL",
    "BACKGROUND",
    "BLUE",
    "DARK_CELL",
    "DEEP_BLUE",
    "FEW",
    "LIGHT_CELL",
    "LOSS",
    "ORANGE",
    "PALE_ORANGE",
    "TEXT",
    "WALL",
    "WIN",
    "YELLOW",
    "BatchedEnv",
    "Canvas",
    "Color",
    "FirstDraws",
    "Floats",
    "Games",
    "KeyedRandom",
    "KeyedShell",
    "Outcome",
    "Point",
    "Target",
    "any_of",
    "copier",
    "draw",
    "draw_many",
    "mix",
    "new_key",
    "next_key",
    "next_keys",
    "observe_with",
    "selected_space",
]
