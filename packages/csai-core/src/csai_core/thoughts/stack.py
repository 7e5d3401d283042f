"""What rewards are made of: their parts end to end, to the right of zero and to the left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from csai_core.palette import BACKGROUND, NEGATIVE, POSITIVE
from csai_core.thoughts.history import History, parts_of
from csai_core.thoughts.ink import FAINT, GROOVE, Box, Ink
from csai_core.thoughts.scale import Range, Scale, signed

_NAMES = 68.0


class Piece(NamedTuple):
    """A part of a reward, and from where to where it goes."""

    name: str
    amount: float
    start: float
    end: float


def draw_parts(ink: Ink, box: Box, history: History, scale: Scale) -> None:
    """Draw the reward of the last step in a box, and below it all rewards of the game, each in its parts."""
    left, top, width, height = box
    last = {} if history.last is None else parts_of(history.last)
    half = height / 2
    _draw_stack(ink, (left, top, width, half), "last step", last, scale.rewards)
    _draw_stack(ink, (left, top + half, width, half), "so far", history.parts_so_far, scale.sums)


def pieces_of(parts: Mapping[str, float]) -> list[Piece]:
    """The parts end to end: from zero those above it to the right, and those below it to the left."""
    ends = {True: 0.0, False: 0.0}
    pieces = []
    for name, amount in parts.items():
        start = ends[amount > 0]
        ends[amount > 0] = start + amount
        pieces.append(Piece(name, amount, start, start + amount))
    return [piece for piece in pieces if piece.amount]


def _draw_stack(ink: Ink, box: Box, name: str, parts: Mapping[str, float], span: Range) -> None:
    left, top, width, height = box
    line = min(height / 2, 16.0)
    total = sum(parts.values())
    ink.text(name, (left + 4, top, _NAMES, line), size=16, color=FAINT)
    pieces = pieces_of(parts)
    words = ", ".join(f"{piece.name} {signed(piece.amount)}" for piece in pieces)
    is_sum = len(pieces) > 1
    shown = (f"{signed(total, 4)} = {words}" if is_sum else words) or "0"
    ink.text(shown, (left + _NAMES, top, width - _NAMES - 4, line), size=17)
    x, wide, y, tall = left + _NAMES, width - _NAMES - 4, top + line, min(max(height - line - 4, 4.0), 16.0)
    ink.fill((x, y, wide, tall), GROOVE)
    for piece in pieces:
        start, end = sorted((x + wide * span.place(piece.start), x + wide * span.place(piece.end)))
        ink.fill((start, y, end - start, tall), NEGATIVE if piece.amount < 0 else POSITIVE)
        ink.fill((end - 1, y, 1, tall), BACKGROUND)
        ink.tell((start, y, max(end - start, 3), tall), f"{piece.name} {piece.amount:+.6g}")
    ink.fill((x + wide * span.place(0.0) - 0.5, y - 1, 1, tall + 2), FAINT)
    ink.tell((left, top, _NAMES, height), f"{name}: drawn on {span}, the same for all games")
