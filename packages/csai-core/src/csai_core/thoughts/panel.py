"""The panel beside a game: what its agent thinks now, and what it thought, expected and got so far."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from csai_core.explanation import Explanation, Options
from csai_core.shell.pixels import pixels_of
from csai_core.shell.shared_display import import_pygame
from csai_core.thoughts.bars import draw_rows
from csai_core.thoughts.history import History
from csai_core.thoughts.ink import FAINT, PAPER, Box, Ink
from csai_core.thoughts.rows import rows_of
from csai_core.thoughts.scale import Scale
from csai_core.thoughts.stack import draw_parts
from csai_core.thoughts.strip import draw_strip

WIDTH = 340
"""Pixels that a panel is wide where there is room for it."""
_MARGIN, _LINE = 10.0, 20.0
_LOWEST_ROW, _HIGHEST_ROW = 18.0, 30.0


class Sections(NamedTuple):
    """Where in a panel what is; without room for it, a section has no height."""

    choices: Box
    strip: Box
    parts: Box


def draw_panel(
    size: tuple[int, int],
    history: History,
    scale: Scale,
    *,
    is_ghost: bool = False,
    pointer: tuple[float, float] | None = None,
) -> NDArray[np.uint8]:
    """Draw what an agent thinks, as a picture of shape (size[1], size[0], 3).

    Args:
        size: (width, height) in pixels.
        history: the account of the game so far.
        scale: how long bars and ticks are; a `Scale` that has included that account.
        is_ghost: whether a person decides, so that the agent's choice is only what it would do.
        pointer: where in the panel the mouse is, which shows exact numbers of what is there.
    """
    pygame = import_pygame()
    surface = pygame.Surface(size)
    surface.fill(PAPER)
    ink = Ink(surface)
    rows = None if history.shown is None else rows_of(history.shown)
    sections = sections_of(size, 1 if rows is None else len(rows.rows) + bool(rows.more))
    _draw_choices(ink, sections.choices, history, scale, is_ghost)
    if sections.strip[3]:
        draw_strip(ink, sections.strip, history, scale)
    if sections.parts[3]:
        draw_parts(ink, sections.parts, history, scale)
    if pointer is not None:
        ink.tip(*pointer)
    return pixels_of(surface)


def sections_of(size: tuple[int, int], num_rows: int) -> Sections:
    """How a panel is divided: in a low one the choices are seen alone, then also the steps.

    Args:
        size: (width, height) in pixels.
        num_rows: how many rows the choices would fill.
    """
    width, height = size[0] - 2 * _MARGIN, size[1] - 2 * _MARGIN
    parts = 0.0 if height < 300 else min(84.0, 0.2 * height)
    strip = 0.0 if height < 200 else min(max(0.28 * height, 96.0), 220.0)
    choices = min(height - parts - strip, 2 * _LINE + _HIGHEST_ROW * num_rows + _MARGIN)
    strip = strip and min(height - parts - choices, 220.0)
    top = _MARGIN + choices
    return Sections(
        (_MARGIN, _MARGIN, width, choices - _MARGIN * bool(strip)),
        (_MARGIN, top, width, strip and strip - _MARGIN * bool(parts)),
        (_MARGIN, top + strip, width, parts),
    )


def _draw_choices(ink: Ink, box: Box, history: History, scale: Scale, is_ghost: bool) -> None:
    left, top, width, height = box
    word = "would" if is_ghost else history.word
    thought = history.shown
    if thought is None:
        ink.text("This agent does not say what it thinks.", (left, top, width, _LINE), color=FAINT)
        return
    rows = rows_of(thought)
    if (room := int((height - 2 * _LINE) // _LOWEST_ROW)) < len(rows.rows) + bool(rows.more):
        rows = rows_of(thought, max(room - 1, 1))
    ink.text(rows.title, (left + 4, top, width - 8, _LINE), size=19)
    ink.text(
        _about(thought, history, scale), (left + 4, top + _LINE, width - 8, _LINE - 4), size=15, color=FAINT
    )
    draw_rows(ink, (left, top + 2 * _LINE, width, height - 2 * _LINE), rows, scale, word=word)


def _about(thought: Explanation, history: History, scale: Scale) -> str:
    """What is to be known of the bars: their scale, and of which state they are."""
    parts = []
    if any(isinstance(part, Options) and part.values for part in thought.parts):
        parts.append(f"scale {scale.values}" + (", wider now" if scale.is_news else ""))
    elif any(isinstance(part, Options) and part.chances for part in thought.parts):
        parts.append("scale 0 to 100%")
    if history.present is None and history.moments:
        parts.insert(0, "the last choice of this game")
    elif (told := _other_choice(history)) != "":
        parts.insert(0, told)
    return "; ".join(parts)


def _other_choice(history: History) -> str:
    """What was done last, if a person chose it, or the agent drew it; else empty."""
    moment = history.last
    if moment is None or moment.explanation is None or not (moment.is_persons or history.is_sampling):
        return ""
    if moment.agrees:
        return "it agrees with you" if moment.is_persons else "it did the best"
    part = moment.explanation.parts[0] if len(moment.explanation.parts) == 1 else None
    if not isinstance(part, Options):
        return "it disagrees with you" if moment.is_persons else "it did something else"
    done = part.names[part.chosen + moment.action - moment.explanation.action]
    return f"it would have done {part.names[part.chosen]}" if moment.is_persons else f"it drew {done}"
