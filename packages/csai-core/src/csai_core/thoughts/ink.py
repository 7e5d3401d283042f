"""Words, bars and hatching on a picture, and what is told of a place in it under the mouse."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from csai_core.palette import BACKGROUND, TEXT, WALL, Color
from csai_core.shell.shared_display import font, import_pygame

PAPER: Color = (24, 30, 44)
FAINT: Color = (150, 162, 182)
GROOVE: Color = (40, 50, 70)
"""What a bar lies in, as far as its scale goes."""

Box = tuple[float, float, float, float]
"""(left, top, width, height) in pixels."""


class Spot(NamedTuple):
    """A place about which more is told under the mouse."""

    box: Box
    words: Callable[[float, float], str]
    """Given where in the picture the mouse is."""


class Ink:
    """Draws on a surface.

    Args:
        surface: of pygame.
    """

    def __init__(self, surface: Any) -> None:
        self.surface = surface
        self.spots: list[Spot] = []
        """Places that tell more, the later before the earlier."""
        self._pygame = import_pygame()

    def text(
        self,
        words: str,
        box: Box,
        *,
        size: int = 18,
        color: Color = TEXT,
        align: float = 0.0,
    ) -> float:
        """Write one line in a box, in the middle of its height; what has no room in it ends in dots.

        Args:
            words: the line.
            box: where; nothing is written beyond its sides.
            size: of the letters.
            color: of the letters.
            align: from 0 for the left to 1 for the right.

        Returns:
            How wide it is.
        """
        left, top, width, height = box
        drawn = _drawn(_fitted(words, size, max(int(width), 0)), size, color)
        x = left + align * (width - drawn.get_width())
        self.surface.blit(drawn, (round(x), round(top + (height - drawn.get_height()) / 2 + 1)))
        return float(drawn.get_width())

    def wrapped(self, words: str, width: float, *, size: int = 18) -> list[str]:
        """A text in lines of so many pixels at most, to be written by `text`; a longer word has its own."""
        letters, lines = font(size), [""]
        for word in words.split():
            line = f"{lines[-1]} {word}".lstrip()
            if lines[-1] and letters.size(line)[0] > width:
                lines.append(word)
            else:
                lines[-1] = line
        return lines

    def fill(self, box: Box, color: Color, radius: int = 0) -> None:
        """Fill a box."""
        self._pygame.draw.rect(self.surface, color, _rounded(box), border_radius=radius)

    def outline(self, box: Box, color: Color, thickness: int = 2, *, is_dashed: bool = False) -> None:
        """Draw the border of a box, within it."""
        if not is_dashed:
            self._pygame.draw.rect(self.surface, color, _rounded(box), thickness, border_radius=4)
            return
        left, top, width, height = _rounded(box)
        for x in range(left, left + width, 8):
            for y in (top, top + height - thickness):
                self.surface.fill(color, (x, y, min(4, left + width - x), thickness))
        for y in range(top, top + height, 8):
            for x in (left, left + width - thickness):
                self.surface.fill(color, (x, y, thickness, min(4, top + height - y)))

    def hatch(self, box: Box, color: Color = WALL) -> None:
        """Strike a box through with slanted lines."""
        left, top, width, height = _rounded(box)
        before = self.surface.get_clip()
        self.surface.set_clip((left, top, width, height))
        for x in range(left - height, left + width, 7):
            self._pygame.draw.line(self.surface, color, (x, top + height), (x + height, top))
        self.surface.set_clip(before)

    def line(self, points: list[tuple[float, float]], color: Color, thickness: int = 1) -> None:
        """Join points."""
        if len(points) > 1:
            self._pygame.draw.lines(self.surface, color, False, points, thickness)

    def polygon(self, points: list[tuple[float, float]], color: Color) -> None:
        """Fill what points surround."""
        self._pygame.draw.polygon(self.surface, color, points)

    def tell(self, box: Box, words: str | Callable[[float, float], str]) -> None:
        """Say more of a box when the mouse is on it."""
        told = (lambda x, y: words) if isinstance(words, str) else words
        self.spots.append(Spot(box, told))

    def told_at(self, x: float, y: float) -> str:
        """What is told of a place; empty if nothing."""
        for (left, top, width, height), words in reversed(self.spots):
            if left <= x < left + width and top <= y < top + height:
                return words(x, y)
        return ""

    def tip(self, x: float, y: float, size: int = 17) -> None:
        """Write beside a place what is told of it."""
        lines = self.told_at(x, y).splitlines()
        if not lines:
            return
        width, height = self.surface.get_size()
        drawn = [_drawn(_fitted(line, size, width - 16), size, TEXT) for line in lines]
        wide, tall = max(each.get_width() for each in drawn) + 12, 16 * len(drawn) + 8
        left = min(max(x + 12, 0), width - wide)
        top = y - tall - 8 if y + 18 + tall > height else y + 18
        self.fill((left, top, wide, tall), BACKGROUND, 4)
        self.outline((left, top, wide, tall), FAINT, 1)
        for number, each in enumerate(drawn):
            self.surface.blit(each, (left + 6, top + 5 + 16 * number))


def _rounded(box: Box) -> tuple[int, int, int, int]:
    """Whole pixels whose edges are as near as can be, so that boxes side by side stay so."""
    left, top, width, height = box
    x, y = round(left), round(top)
    return x, y, max(round(left + width) - x, 0), max(round(top + height) - y, 0)


@lru_cache(maxsize=1024)
def _drawn(words: str, size: int, color: Color) -> Any:
    return font(size).render(words, True, color)


@lru_cache(maxsize=1024)
def _fitted(words: str, size: int, room: int) -> str:
    """As much of a line as there is room for."""
    letters = font(size)
    line = "".join(each if each.isprintable() else " " for each in words[:200])
    if letters.size(line)[0] <= room:
        return line
    while line and letters.size(f"{line}..")[0] > room:
        line = line[:-1]
    return f"{line}.." if line else ""
