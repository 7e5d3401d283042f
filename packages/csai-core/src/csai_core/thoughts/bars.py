"""The decisions of an agent as bars and number lines."""

from __future__ import annotations

import math

from csai_core.explanation import Amount
from csai_core.palette import NEGATIVE, NEUTRAL, POSITIVE, TEXT, WALL, Color
from csai_core.thoughts.ink import FAINT, GROOVE, Box, Ink
from csai_core.thoughts.rows import Choice, Heading, Row, Rows
from csai_core.thoughts.scale import Range, Scale

_SMALL = 16


def draw_rows(ink: Ink, box: Box, rows: Rows, scale: Scale, *, word: str) -> None:
    """Draw all rows of an explanation in a box, one below the other.

    Args:
        ink: draws.
        box: where.
        rows: what is shown.
        scale: how long bars are.
        word: what is said of the choice: "takes", or in a dashed outline what it would do.
    """
    left, top, width, height = box
    count = len(rows.rows) + bool(rows.more)
    each = min(height / max(count, 1), 30.0)
    for number, row in enumerate(rows.rows):
        _draw_row(ink, (left, top + number * each, width, each), row, scale, word)
    if rows.more:
        ink.text(rows.more, (left, top + (count - 1) * each, width, each), size=_SMALL + 1, color=FAINT)


def bar_of(choice: Choice, box: Box, scale: Scale) -> Box:
    """Where in a row the bar is: from zero to its number, on the scale that all bars share."""
    span = scale.range_of_choice(choice)
    left, top, width, height = groove_of(box)
    zero = span.place(0.0)
    end = span.place(choice.number if choice.number is not None else 0.0)
    return left + width * min(zero, end), top, width * abs(end - zero), height


def groove_of(box: Box) -> Box:
    """The room that bars have in a row."""
    left, top, width, height = box
    name, number = name_width(width), number_width(width)
    return left + name, top + 0.2 * height, width - name - number, 0.6 * height


def name_width(width: float) -> float:
    """Of the names at the left of rows, where all of a row is so wide."""
    return min(0.28 * width, 120.0)


def number_width(width: float) -> float:
    """Of the numbers and marks at the right of rows, where all of a row is so wide."""
    return max(0.3 * width, 84.0)


def _draw_row(ink: Ink, box: Box, row: Row, scale: Scale, word: str) -> None:
    if isinstance(row, Heading):
        ink.text(row.name, box, size=_SMALL + 2, color=FAINT)
    elif isinstance(row, Amount):
        _draw_amount(ink, box, row, scale, word)
    else:
        _draw_choice(ink, box, row, scale, word)


def _draw_choice(ink: Ink, box: Box, row: Choice, scale: Scale, word: str) -> None:
    left, top, width, height = box
    size = _letters(height)
    is_forbidden = row.mark == "forbidden"
    ink.text(row.name, (left + 4, top, name_width(width) - 8, height), size=size, color=_ink_of(row))
    groove = groove_of(box)
    ink.fill(groove, GROOVE)
    if is_forbidden:
        ink.hatch(groove)
    elif row.number is not None and math.isfinite(row.number):
        ink.fill(bar_of(row, box, scale), NEGATIVE if row.number < 0 else POSITIVE)
        if not row.is_chance and scale.values.low < 0:
            _upright(ink, groove, scale.values.place(0.0))
    _draw_words(ink, box, row, size, word)
    mark = row.marked(word)
    ink.tell(box, f"{row.name}: {_exact(row)}" + (f" ({mark})" if mark else ""))


def _draw_words(ink: Ink, box: Box, row: Choice, size: int, word: str) -> None:
    """The number and the mark, and the outline of what is taken."""
    left, top, width, height = box
    room = number_width(width)
    x = left + width - room + 6
    number = "" if row.mark == "forbidden" else row.words
    used = ink.text(number, (x, top, room - 8, height), size=size, color=_ink_of(row))
    mark = (x + used + 6, top, room - used - 16, height)
    ink.text(row.marked(word), mark, size=min(size, _SMALL), color=_ink_of(row))
    if row.mark in ("takes", "ties"):
        outline = (left, top + 1, width, height - 2)
        ink.outline(outline, TEXT if row.mark == "takes" else NEUTRAL, 2, is_dashed=word != "takes")


def _draw_amount(ink: Ink, box: Box, row: Amount, scale: Scale, word: str) -> None:
    """A number line between the bounds: where the mean is, how far it spreads, and what is taken."""
    left, top, width, height = box
    size = _letters(height)
    span = scale.range_of(row)
    name = row.name or "amount"
    ink.text(name, (left + 4, top, name_width(width) - 8, height), size=size)
    x, y, wide, tall = groove_of(box)

    def at(number: float) -> float:
        return x + wide * span.place(number)

    ink.fill((x, y + 0.3 * tall, wide, 0.4 * tall), GROOVE)
    if row.mean is not None:
        spread = row.deviation or 0.0
        ends = at(row.mean - spread), at(row.mean + spread)
        ink.fill((ends[0], y + 0.2 * tall, ends[1] - ends[0], 0.6 * tall), POSITIVE)
        ink.fill((at(row.mean) - 1.5, y, 3, tall), NEUTRAL)
    if span.low < 0 < span.high:
        _upright(ink, (x, y, wide, tall), span.place(0.0))
    _draw_bounds(ink, row, (x, y, wide, tall))
    _pointer(ink, at(row.chosen), y, tall)
    words = f"{row.chosen:+.{_decimals(span)}f} {word}"
    ink.text(
        words, (left + width - number_width(width) + 6, top, number_width(width) - 10, height), size=size
    )
    ink.outline((left, top + 1, width, height - 2), GROOVE, 1)
    ink.tell(box, _amount_words(row, name, span))


def _draw_bounds(ink: Ink, row: Amount, groove: Box) -> None:
    """A post at each end that is a bound; where there is none, the line goes on."""
    x, y, wide, tall = groove
    for bound, end in ((row.low, x), (row.high, x + wide - 2)):
        if bound is not None:
            ink.fill((end, y + 0.1 * tall, 2, 0.8 * tall), FAINT)


def _pointer(ink: Ink, x: float, top: float, height: float) -> None:
    """What is taken, as a triangle from above and one from below."""
    reach = max(0.3 * height, 3.0)
    bottom = top + height
    ink.polygon([(x - reach, top - 2), (x + reach, top - 2), (x, top + reach)], TEXT)
    ink.polygon([(x - reach, bottom + 2), (x + reach, bottom + 2), (x, bottom - reach)], TEXT)


def _upright(ink: Ink, groove: Box, place: float) -> None:
    """Where zero is, if there are numbers on both sides of it."""
    left, top, width, height = groove
    ink.fill((left + width * place - 0.5, top - 2, 1, height + 4), FAINT)


def _letters(height: float) -> int:
    return max(min(round(0.72 * height), 19), 15)


def _decimals(span: Range) -> int:
    """So many that a hundredth of what there is to see can be told."""
    return min(max(2 - math.floor(math.log10(span.high - span.low)), 0), 6)


def _ink_of(row: Choice) -> Color:
    return WALL if row.mark == "forbidden" else TEXT


def _exact(row: Choice) -> str:
    if row.number is None:
        return "not told"
    return f"chance {row.number:.4f}" if row.is_chance else f"expects {row.number:+.6g}"


def _amount_words(row: Amount, name: str, span: Range) -> str:
    told = [f"{name}: {row.chosen:+.4g}"]
    if row.mean is not None:
        spread = "" if row.deviation is None else f", deviation {row.deviation:.4g}"
        told.append(f"mean {row.mean:+.4g}{spread}")
    ends = ["no bound" if bound is None else f"{bound:+.4g}" for bound in (row.low, row.high)]
    return "\n".join([*told, f"from {ends[0]} to {ends[1]}"])
