"""A picture of how data flows, as boxes in a row with arrows, in the colors of the page."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence

WIDTH, HEIGHT, GAP = 150, 64, 34


def picture(title: str, boxes: Sequence[str]) -> Iterator[str]:
    """An SVG within the page; each box is what it is, `/` parts its lines.

    The last box leads back to the first.
    """
    width = len(boxes) * (WIDTH + GAP)
    described = " → ".join(box.replace("/", " ") for box in boxes)
    yield "```{raw} html"
    yield (
        f'<svg class="flow" viewBox="0 0 {width} {HEIGHT + 46}" role="img" '
        f'aria-label="{html.escape(f"How {title} learns: {described}, and round again")}">'
    )
    yield (
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
        'orient="auto"><path d="M0 0 8 4 0 8z" fill="currentColor"/></marker></defs>'
    )
    for index, box in enumerate(boxes):
        yield from _box(index, box.split("/"))
    end = width - GAP - WIDTH // 2
    yield (
        f'<path d="M{end} {HEIGHT + 2} v30 H{WIDTH // 2} v-28" fill="none" stroke="currentColor" '
        'marker-end="url(#tip)"/></svg>\n```\n'
    )


def _box(index: int, lines: Sequence[str]) -> Iterator[str]:
    x = index * (WIDTH + GAP) + 1
    yield f'<rect x="{x}" y="1" width="{WIDTH}" height="{HEIGHT}" rx="8" fill="none" stroke="currentColor"/>'
    top = HEIGHT / 2 + 5 - (len(lines) - 1) * 9
    for number, line in enumerate(lines):
        yield (
            f'<text x="{x + WIDTH / 2}" y="{top + number * 18}" text-anchor="middle" font-size="14" '
            f'fill="currentColor">{html.escape(line)}</text>'
        )
    if index:
        yield (
            f'<path d="M{x - GAP + 1} {HEIGHT / 2} h{GAP - 3}" stroke="currentColor" marker-end="url(#tip)"/>'
        )
