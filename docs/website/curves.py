"""Curves of real trainings, which docs/make_curves.py has made, as pictures in the colors of the page."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "curves"
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 330, 220, 52, 28, 26
NAMES = {"mean_return": "return", "td_error": "td_error: how far the table was off"}
Series = Sequence[float | None]


def picture(name: str) -> Iterator[str]:
    """A panel for the return and one for what was measured beside it; a caption says which line is which."""
    measured = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    illness = ", ".join(f"{setting} {value:g}" for setting, value in measured["illness"].items())
    yield '```{raw} html\n<div class="curves">'
    for panel, lines in measured["panels"].items():
        yield from _panel(NAMES.get(panel, panel), lines, measured["steps"], illness)
    yield "</div>\n```\n"
    count = len(measured["panels"]["mean_return"]["healthy"])
    seeds = "one training" if count == 1 else f"{count} trainings, one for each seed,"
    command = f"csai train {measured['environment']} --algorithm {name}"
    rules = " and ".join(f"[`{rule}`](/health.md#the-rules)" for rule in measured["rules"])
    found = f"; of that `csai doctor` tells {rules}" if rules else ""
    yield (
        f"Whole lines: {seeds} as `{command}` begins. Dashed: the same with {illness}{found}. "
        f"Made by `python docs/make_curves.py {name}`.\n"
    )


def _panel(name: str, lines: dict[str, Any], steps: int, illness: str) -> Iterator[str]:
    """What was measured, over the steps; what leaves the panel far is cut at its edge."""
    healthy, ill = lines["healthy"], lines["ill"]
    low, high = _range(healthy, ill)
    told = f"{name} over {steps:,} steps. {_told('Healthy', healthy[0])} {_told(f'With {illness}', ill)}"
    yield f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html.escape(told)}">'
    yield f'<text x="{LEFT}" y="16" class="name">{html.escape(name)}</text>'
    for value in (low, (low + high) / 2, high):
        y = _y(value, low, high)
        yield f'<path class="grid" d="M{LEFT} {y:.1f} H{WIDTH - 4}"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_short(value)}</text>'
    yield f'<text x="{LEFT}" y="{HEIGHT - 6}">0</text>'
    yield f'<text x="{WIDTH - 4}" y="{HEIGHT - 6}" text-anchor="end">{steps:,} steps</text>'
    yield f'<path class="ill" d="{_path(ill, low, high)}"/>'
    for series in healthy:
        yield f'<path class="healthy" d="{_path(series, low, high)}"/>'
    yield "</svg>"


def _range(healthy: Sequence[Series], ill: Series) -> tuple[float, float]:
    """The lowest and highest that is shown: all that is healthy, and of the illness as much again."""
    well = [value for series in healthy for value in series if value is not None]
    low, high = min(well), max(well)
    room = (high - low) or 1.0
    others = [value for value in ill if value is not None]
    return max(low - room, min(low, *others)), min(high + room, max(high, *others))


def _path(series: Series, low: float, high: float) -> str:
    width = WIDTH - 4 - LEFT
    points = [
        f"{LEFT + width * (index + 1) / len(series):.1f} {_y(min(max(value, low), high), low, high):.1f}"
        for index, value in enumerate(series)
        if value is not None
    ]
    return f"M{' L'.join(points)}"


def _y(value: float, low: float, high: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low)


def _told(which: str, series: Series) -> str:
    """A curve in words."""
    values = [value for value in series if value is not None]
    return f"{which}: from {_short(values[0])} to {_short(values[-1])}."


def _short(value: float) -> str:
    """A number in few characters."""
    if value and not 0.01 <= abs(value) < 100_000:
        return f"{value:.0e}"
    digits = max(0, 2 - math.floor(math.log10(abs(value)))) if value else 0
    return f"{value:,.{min(digits, 2 if abs(value) < 10 else 0)}f}"
