"""The strip below a game in a window: the curve of the training, its numbers, and what is found of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core.palette import BLUE, ORANGE, TEXT, Color
from csai_core.shell.pixels import pixels_of
from csai_core.shell.shared_display import import_pygame
from csai_core.terminal import printable
from csai_core.thoughts.ink import FAINT, GROOVE, PAPER, Box, Ink
from csai_train.live.account import Account
from csai_train.live.facts import Facts
from csai_train.live.reference import Bounds
from csai_train.runs.figures import short

HEIGHT = 200
"""Pixels."""
_MARGIN, _LINE, _AXIS = 10.0, 20.0, 16.0
_LABELS = 46.0
"""Pixels left of a curve, for the numbers of its axis."""
_LETTERS = 17
"""The size of the words at the right."""


def draw_strip(width: int, facts: Facts, account: Account, age: str, note: str = "") -> NDArray[np.uint8]:
    """A picture of shape (HEIGHT, width, 3).

    Args:
        width: in pixels.
        facts: of the run.
        account: of its training.
        age: of which moment of its training the agent is that plays above.
        note: what else there is to say, such as how fast a training is told again.
    """
    pygame = import_pygame()
    surface = pygame.Surface((width, HEIGHT))
    surface.fill(PAPER)
    surface.fill(GROOVE, (0, 0, width, 2))
    ink = Ink(surface)
    side = min(max(0.42 * width, 220.0), 360.0)
    _draw_curve(pygame, ink, (_MARGIN, 6.0, width - side - 2 * _MARGIN, HEIGHT - 12.0), facts, account)
    _draw_numbers(ink, (width - side, 6.0, side - _MARGIN, HEIGHT - 12.0), facts, account, age, note)
    return pixels_of(surface)


def _draw_curve(pygame: Any, ink: Ink, box: Box, facts: Facts, account: Account) -> None:
    left, top, width, height = box
    name = facts.measure(account)
    steps, values = account.curve(name)
    references = facts.references(name)
    ink.text(facts.heading(account), (left, top, width, _LINE), size=16, color=FAINT)
    plot = (left + _LABELS, top + _LINE + 4, width - _LABELS, height - _LINE - _AXIS - 6)
    bounds = Bounds.of(values, references)

    def y_of(value: float) -> float:
        return plot[1] + plot[3] * bounds.depth(value)

    ink.outline(plot, GROOVE, 1)
    for value in (bounds.lowest, bounds.highest):
        ink.text(f"{value:.3g}", (left, y_of(value) - 9, _LABELS - 6, 18), size=15, color=FAINT, align=1.0)
    total = max(facts.total_steps(account), 1)
    for number, reference in enumerate(references):
        y = round(y_of(reference.value))
        for x in range(round(plot[0]), round(plot[0] + plot[2]), 10):
            ink.fill((x, y, 6 if reference.letter == "=" else 3, 2), FAINT)
        above = y - 17 if y - 17 > plot[1] else y + 2
        place = (plot[0] + 6, above, plot[2] - 12, 16)
        ink.text(reference.words, place, size=15, color=FAINT, align=float(number > 0))
    if len(steps):
        xs = plot[0] + plot[2] * np.minimum(steps / total, 1.0)
        points = [(float(x), y_of(float(y))) for x, y in zip(xs, values, strict=True)]
        if len(points) > 1:
            pygame.draw.lines(ink.surface, BLUE, False, points, 3)
        pygame.draw.circle(ink.surface, TEXT, points[-1], 4)
    axis = (plot[0], plot[1] + plot[3] + 1, plot[2], _AXIS)
    ink.text("0", axis, size=15, color=FAINT)
    ink.text(f"{short(float(total))} steps", axis, size=15, color=FAINT, align=1.0)


def _draw_numbers(ink: Ink, box: Box, facts: Facts, account: Account, age: str, note: str) -> None:
    left, top, width, height = box
    total = facts.total_steps(account)
    exploration = facts.exploration(account)
    lines: list[tuple[str, Color]] = [
        (f"{account.state}: {account.steps:,} of {total:,} steps", TEXT),
        (", ".join([f"{account.episodes:,} games", *account.means()]), TEXT),
        (f"plays: the agent {age}", FAINT),
    ]
    if exploration is not None:
        lines.insert(2, (f"explores: {exploration}", TEXT))
    last = [(note, FAINT)] if note else []
    room = int(height // _LINE) - len(lines) - len(last)
    for number, (words, color) in enumerate([*lines, *_remarks(ink, account, width, room), *last]):
        ink.text(words, (left, top + number * _LINE, width, _LINE), size=_LETTERS, color=color)


def _remarks(ink: Ink, account: Account, width: float, room: int) -> list[tuple[str, Color]]:
    """What was found and warned of, the newest last, in as many lines as there is room for."""
    lines: list[tuple[str, Color]] = []
    for remark in reversed(account.remarks):
        advice = [(f"try: {printable(remark.advice)}", FAINT)] if remark.advice else []
        told = ink.wrapped(f"{remark.level}: {printable(remark.text)}", width, size=_LETTERS)
        left = room - len(lines) - len(advice)
        if left < 1:
            break
        if len(told) > left:
            told = [*told[: left - 1], " ".join(told[left - 1 :])]
        lines = [*((line, ORANGE) for line in told), *advice, *lines]
    return lines
