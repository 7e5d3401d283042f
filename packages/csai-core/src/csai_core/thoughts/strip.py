"""The steps of a game from left to right: what was expected, what came, and how much of a surprise it was."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from csai_core.palette import NEGATIVE, NEUTRAL, POSITIVE
from csai_core.thoughts.history import History
from csai_core.thoughts.ink import FAINT, GROOVE, Box, Ink
from csai_core.thoughts.scale import Range, Scale, round_up, signed

_SHORTEST = 50
"""Steps that there is room for at least."""
_UNSEEN = 0.01
"""A surprise of so small a part of the scale is none."""
_TITLE, _LABELS = 18.0, 68.0
"""Height of the line above, and width of the words at the left."""


def draw_strip(ink: Ink, box: Box, history: History, scale: Scale) -> None:
    """Draw three lanes in a box: the value of each state, the reward of each step, and the surprise."""
    left, top, width, height = box
    ink.text(_title(history, scale), (left + 4, top, width - 8, _TITLE), size=17)
    lanes = (left + _LABELS, top + _TITLE + 2, width - _LABELS - 4, height - _TITLE - 18)
    x, y, wide, tall = lanes
    span = span_of(len(history.moments))
    ends = (y, y + 0.5 * tall, y + 0.75 * tall, y + tall)
    value, reward, surprise = ((x, start + 1, wide, end - start - 2) for start, end in pairwise(ends))
    for lane, name, numbers in (
        (value, "value", scale.values),
        (reward, "reward", scale.rewards),
        (surprise, "surprise", scale.surprises),
    ):
        _draw_lane(ink, lane, left, name, numbers)
    _draw_values(ink, value, history.values, scale.values, span)
    _draw_ticks(ink, reward, history.rewards, scale.rewards, span, is_orange=False)
    _draw_ticks(ink, surprise, history.surprises, scale.surprises, span, is_orange=True)
    below = (x, y + tall + 1, wide, 14)
    ink.text("step 0", below, size=16, color=FAINT)
    ink.text(f"{span}", below, size=16, color=FAINT, align=1.0)
    ink.tell(lanes, lambda px, _: _told_at((px - x) / wide * span, history))


def span_of(num_steps: int) -> int:
    """How many steps there is room for: a round number, which only a longer game makes larger."""
    return int(max(_SHORTEST, round_up(max(num_steps, 1))))


def _title(history: History, scale: Scale) -> str:
    value = history.values[-1]
    parts = [] if value is None else [f"Value {signed(value, 4)}"]
    if (moment := history.last) is not None and moment.surprise is not None:
        parts.append(surprise_words(moment.surprise, scale.surprises))
    return "    ".join(parts) or "Step by step"


def surprise_words(surprise: float, span: Range) -> str:
    """How a step went, measured by what is large on a scale."""
    if abs(surprise) <= _UNSEEN * max(span.high, -span.low):
        return "as expected"
    return f"surprise {signed(surprise)}: {'better' if surprise > 0 else 'worse'}"


def _draw_lane(ink: Ink, lane: Box, left: float, name: str, span: Range) -> None:
    """The ground of a lane, its name, and its scale in numbers."""
    x, top, width, height = lane
    ink.fill(lane, GROOVE)
    zero = _height_of(lane, span, 0.0)
    ink.fill((x, zero - 0.5, width, 1), FAINT)
    words = (left, top, x - left - 4, height)
    ink.text(name, (left + 4, top + height / 2 - 7, words[2], 14), size=16, color=FAINT)
    if height >= 42:
        ink.text(signed(span.high), (left, top, words[2], 12), size=15, color=FAINT, align=1.0)
        ink.text(signed(span.low), (left, top + height - 12, words[2], 12), size=15, color=FAINT, align=1.0)
    ink.tell((left, top, x - left, height), f"{name}: from {span}, the same for all games")


def _height_of(lane: Box, span: Range, number: float) -> float:
    """How far down a number is in a lane."""
    _, top, _, height = lane
    return top + height * (1.0 - span.place(number))


def _draw_values(ink: Ink, lane: Box, values: Sequence[float | None], scale: Range, span: int) -> None:
    """A line through the values of all states, with gaps where none is known."""
    x, _, width, _ = lane
    points: list[tuple[float, float]] = []
    for place, lowest, highest in [*_columns(values, span, width), (0.0, math.nan, math.nan)]:
        if math.isnan(lowest):
            ink.line(points, NEUTRAL, 2)
            points = []
        else:
            ends = {lowest, highest}
            points += [(x + place, _height_of(lane, scale, each)) for each in sorted(ends)]
    if (value := values[-1]) is not None and math.isfinite(value):
        end = x + width * (len(values) - 1) / span
        ink.fill((end - 2, _height_of(lane, scale, value) - 2, 5, 5), NEUTRAL)


def _draw_ticks(
    ink: Ink, lane: Box, numbers: Sequence[float | None], scale: Range, span: int, *, is_orange: bool
) -> None:
    """A tick for each step, up from zero or down; of steps that share a column the largest is seen."""
    x, _, width, _ = lane
    zero = _height_of(lane, scale, 0.0)
    wide = max(min(width / span, 6.0) - (width / span > 3), 1.0)
    for place, lowest, highest in _columns(numbers, span, width):
        for number in {min(lowest, 0.0), max(highest, 0.0)} - {0.0}:
            end = _height_of(lane, scale, number)
            left = x + place + width / span - wide / 2
            color = NEGATIVE if is_orange or number < 0 else POSITIVE
            ink.fill((left, min(zero, end), wide, max(abs(end - zero), 1.0)), color)


def _columns(
    numbers: Sequence[float | None], span: int, width: float
) -> Iterator[tuple[float, float, float]]:
    """How far to the right, lowest and highest number: of each step, or of all that share a column of pixels.

    What is not known, or not finite, is NaN.
    """
    array = np.array([math.nan if each is None else each for each in numbers], np.float64)
    array[~np.isfinite(array)] = math.nan
    if span <= width:
        yield from ((width * step / span, each, each) for step, each in enumerate(array.tolist()))
        return
    group = max(math.floor(span / max(width, 1.0)), 1)
    for start in range(0, len(array), group):
        part = array[start : start + group]
        known = part[~np.isnan(part)]
        ends = (float(known.min()), float(known.max())) if known.size else (math.nan, math.nan)
        yield width * (start + (group - 1) / 2) / span, *ends


def _told_at(place: float, history: History) -> str:
    """All numbers of a step."""
    step = min(max(round(place), 0), len(history.values) - 1)
    value = history.values[step]
    told = [f"step {step}"]
    if value is not None:
        told.append(f"value {signed(value, 6)}")
    if step:
        moment = history.moments[step - 1]
        told.append(f"reward {signed(moment.reward, 6)}")
        if moment.surprise is not None:
            told.append(f"surprise {signed(moment.surprise, 6)}")
    return "\n".join(told)
