"""Lines of words and keys, drawn as a window shows them below and above a board."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from csai_core.palette import BACKGROUND, TEXT, WALL, Color
from csai_core.play.controls import ARROWS, cap
from csai_core.shell.shared_display import font, import_pygame

_FAINT: Color = (150, 162, 182)
_CAP: Color = (46, 58, 82)
_GAP, _WIDE_GAP = 7, 16
_TURNS = dict(zip(ARROWS, ((-1, 0), (0, -1), (0, 1), (1, 0)), strict=True))


class Key(NamedTuple):
    """A key within a line, by its pygame name."""

    name: str


Line = Sequence[str | Key]


def draw_line(line: Line, height: int, color: Color = _FAINT) -> Any:
    """A line as a surface of that height, as wide as it comes to; not to be drawn on."""
    return _draw_line(tuple(line), height, color)


@lru_cache(maxsize=64)
def _draw_line(line: tuple[str | Key, ...], height: int, color: Color) -> Any:
    pygame = import_pygame()
    letters = font(round(0.62 * height))
    drawn = [
        _draw_key(pygame, letters, each.name, height)
        if isinstance(each, Key)
        else letters.render(each, True, color)
        for each in line
    ]
    gaps = [_WIDE_GAP if isinstance(each, str) and each not in ("or", "to") else _GAP for each in line]
    width = sum(each.get_width() for each in drawn) + sum(gaps[:-1])
    surface = pygame.Surface((max(width, 1), height), pygame.SRCALPHA)
    x = 0
    for each, gap in zip(drawn, gaps, strict=True):
        surface.blit(each, (x, (height - each.get_height()) // 2 + 1))
        x += each.get_width() + gap
    return surface


def _draw_key(pygame: Any, font: Any, name: str, height: int) -> Any:
    """A key with what stands on it."""
    side = round(0.74 * height)
    letter = None if name in ARROWS else font.render(cap(name), True, TEXT)
    width = side if letter is None else max(side, letter.get_width() + round(0.4 * side))
    surface = pygame.Surface((width, side), pygame.SRCALPHA)
    pygame.draw.rect(surface, _CAP, surface.get_rect(), border_radius=5)
    pygame.draw.rect(surface, WALL, surface.get_rect(), width=1, border_radius=5)
    if letter is None:
        pygame.draw.polygon(surface, TEXT, _arrow(name, width / 2, side / 2, 0.24 * side))
    else:
        surface.blit(letter, letter.get_rect(center=(width // 2, side // 2 + 1)))
    return surface


def _arrow(name: str, x: float, y: float, reach: float) -> list[tuple[float, float]]:
    """A triangle that points where an arrow key does."""
    right, down = _TURNS[name]
    tip = (x + reach * right, y + reach * down)
    sides = [(x - reach * right + s * reach * down, y - reach * down + s * reach * right) for s in (-1, 1)]
    return [tip, *sides]


def draw_sign(sign: str, height: int, color: Color = BACKGROUND) -> Any:
    """A tick ("won"), a cross ("lost") or a square ("over"), as a surface of that height."""
    pygame = import_pygame()
    surface = pygame.Surface((height, height), pygame.SRCALPHA)
    unit, thick = height / 10, max(height // 7, 2)
    if sign == "won":
        points = [(2 * unit, 5.5 * unit), (4.2 * unit, 7.7 * unit), (8.2 * unit, 2.6 * unit)]
        pygame.draw.lines(surface, color, False, points, thick)
    elif sign == "lost":
        for start, end in (((2.5, 2.5), (7.5, 7.5)), ((2.5, 7.5), (7.5, 2.5))):
            ends = [(a * unit, b * unit) for a, b in (start, end)]
            pygame.draw.line(surface, color, *ends, thick)
    else:
        surface.fill(color, (3 * unit, 3 * unit, 4 * unit, 4 * unit))
    return surface
