"""The player's window: what is going on above the board, what can be done below it, and nothing on it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from csai_core.palette import BACKGROUND, BLUE, ORANGE, TEXT, WALL, YELLOW, Color
from csai_core.play.lines import Line, draw_line, draw_sign
from csai_core.shell.pixels import pixels_of
from csai_core.shell.shared_display import import_pygame
from csai_core.shell.target import Target
from csai_core.thoughts.panel import WIDTH

HEADER, BANNER, ROW, MARGIN = 34, 38, 30, 12
"""Heights of the parts around the board, and the space beside them, in pixels."""
_SMALLEST_WIDTH = 480
_NARROW, _LOWEST_PANEL = 560, 420
"""In windows less wide the panel is below the board; beside it, a window is opened at least so high."""
_FEW = 4
"""Pictures that are enlarged so many times are not smoothed: each of their pixels is to be seen."""
_PAPER: Color = (24, 30, 44)
_BANNERS: dict[str, tuple[Color, Color]] = {
    "won": (BLUE, BACKGROUND),
    "lost": (ORANGE, BACKGROUND),
    "over": (WALL, BACKGROUND),
    "": (_PAPER, TEXT),
}
"""For each sign, the colors of the band and of what stands on it."""

Rect = tuple[float, float, float, float]
"""(left, top, width, height) in pixels."""


class Screen(NamedTuple):
    """What is to be seen around the board."""

    state: str
    """At the left of the header: score, steps, episode."""
    activity: str
    """At its right: what is going on."""
    banner: Line
    """Below the board: what a person must know now."""
    sign: str
    """"won", "lost" or "over" at a game's end, else empty."""
    rows: tuple[Line, ...]
    """Below the banner: which keys there are."""
    is_steered: bool = False
    """Whether a person plays in an agent's place, which the border of the board tells."""


def window_size(board: NDArray[np.uint8], at_least: int = 480, *, has_panel: bool = False) -> tuple[int, int]:
    """(width, height) of a window in which a board, or a whole multiple of a small one, has its place."""
    height, width = board.shape[:2]
    factor = max(1, round(at_least / max(height, width)))
    tall = max(height * factor, _LOWEST_PANEL if has_panel else 0)
    return max(width * factor, _SMALLEST_WIDTH) + WIDTH * has_panel, tall + HEADER + BANNER + ROW


def panel_area(size: tuple[int, int], num_rows: int) -> Rect:
    """Where in a window the panel is: to the right of the board; below it where the window is narrow."""
    width, height = size[0], footer_top(size, num_rows) - HEADER
    if width >= _NARROW:
        side = min(max(round(0.4 * width), 240), round(1.3 * WIDTH))
        return width - side, HEADER, side, max(height, 1)
    low = round(0.5 * height)
    return 0, HEADER + height - low, width, max(low, 1)


def board_area(
    size: tuple[int, int], board: NDArray[np.uint8], num_rows: int, *, has_panel: bool = False
) -> Rect:
    """Where in a window the board is, as large as it can be without distortion."""
    room_x, room_y = float(size[0]), float(footer_top(size, num_rows) - HEADER)
    if has_panel:
        left, top, _, _ = panel_area(size, num_rows)
        room_x, room_y = left or room_x, top - HEADER if not left else room_y
    scale = max(min(room_x / board.shape[1], room_y / board.shape[0]), 0.01)
    width, height = board.shape[1] * scale, board.shape[0] * scale
    return (room_x - width) / 2, HEADER + (room_y - height) / 2, width, height


def footer_top(size: tuple[int, int], num_rows: int) -> int:
    """Where in a window what stands below the board begins, in pixels from its upper edge."""
    return size[1] - BANNER - ROW * num_rows


def compose(
    size: tuple[int, int],
    board: NDArray[np.uint8],
    screen: Screen,
    target: Target | None = None,
    panel: NDArray[np.uint8] | None = None,
) -> NDArray[np.uint8]:
    """The whole window as a picture of shape (size[1], size[0], 3).

    Args:
        size: (width, height) of the window.
        board: the picture of the game.
        screen: what stands around it.
        target: what a click would mean, which is framed.
        panel: what stands beside the board, as large as `panel_area` says, if anything does.
    """
    pygame = import_pygame()
    surface = pygame.Surface(size)
    surface.fill(BACKGROUND)
    left, top, width, height = board_area(size, board, len(screen.rows), has_panel=panel is not None)
    picture = pygame.surfarray.make_surface(board.swapaxes(0, 1))
    if (round(width), round(height)) != picture.get_size():
        is_of_few_pixels = width >= _FEW * board.shape[1]
        scale_to = pygame.transform.scale if is_of_few_pixels else pygame.transform.smoothscale
        picture = scale_to(picture, (max(round(width), 1), max(round(height), 1)))
    surface.blit(picture, (left, top))
    if screen.is_steered:
        for color, thickness in ((BACKGROUND, 7), (YELLOW, 4)):
            pygame.draw.rect(surface, color, (left, top, width, height), thickness)
    if target is not None:
        scale = width / board.shape[1]
        x, y, *sides = (each * scale for each in target.area)
        for color, thickness in ((BACKGROUND, 5), (TEXT, 3)):  # seen on dark boards and on light ones
            pygame.draw.rect(surface, color, (left + x, top + y, *sides), thickness, border_radius=6)
    if panel is not None:
        surface.blit(
            pygame.surfarray.make_surface(panel.swapaxes(0, 1)), panel_area(size, len(screen.rows))[:2]
        )
    _header(pygame, surface, screen)
    _footer(pygame, surface, screen)
    return pixels_of(surface)


def _header(pygame: Any, surface: Any, screen: Screen) -> None:
    width = surface.get_width()
    surface.fill(_PAPER, (0, 0, width, HEADER))
    activity = _fitted(pygame, draw_line([screen.activity], HEADER), width / 2)
    surface.blit(activity, (width - MARGIN - activity.get_width(), 0))
    room = width - 3 * MARGIN - activity.get_width()
    surface.blit(_fitted(pygame, draw_line([screen.state], HEADER, TEXT), room), (MARGIN, 0))


def _footer(pygame: Any, surface: Any, screen: Screen) -> None:
    width = surface.get_width()
    top = footer_top(surface.get_size(), len(screen.rows))
    paper, ink = _BANNERS[screen.sign]
    surface.fill(paper, (0, top, width, BANNER))
    x = MARGIN
    if screen.sign:
        surface.blit(draw_sign(screen.sign, BANNER), (x, top))
        x += BANNER + MARGIN // 2
    banner = _fitted(pygame, draw_line(screen.banner, BANNER, ink), width - MARGIN - x)
    surface.blit(banner, (x, top))
    surface.fill(_PAPER, (0, top + BANNER, width, ROW * len(screen.rows)))
    for number, row in enumerate(screen.rows):
        line = _fitted(pygame, draw_line(row, ROW), width - 2 * MARGIN)
        surface.blit(line, (MARGIN, top + BANNER + number * ROW))


def _fitted(pygame: Any, line: Any, room: float) -> Any:
    """A line, smaller where there is not enough room for it."""
    if line.get_width() <= room:
        return line
    scaled = pygame.transform.smoothscale_by(line, max(room, 1) / line.get_width())
    place = pygame.Surface((scaled.get_width(), line.get_height()), pygame.SRCALPHA)
    place.blit(scaled, (0, (line.get_height() - scaled.get_height()) // 2))
    return place
