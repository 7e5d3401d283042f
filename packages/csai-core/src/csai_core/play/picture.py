"""What the player sees: the environment's own picture, or a picture made of its text."""

from __future__ import annotations

import re
from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from csai_core.shell.shared_display import import_pygame

_COLOR_CODE = re.compile(r"\x1b\[[0-9;]*m")
_INK, _PAPER = (235, 235, 235), (24, 26, 32)
_MONOSPACED = "dejavusansmono,menlo,consolas,couriernew,courier"


def picture_of(env: gymnasium.Env[Any, Any]) -> NDArray[np.uint8]:
    """What the environment renders, as an array of shape (height, width, 3)."""
    rendered: Any = env.render()
    return draw_text(rendered) if isinstance(rendered, str) else rendered


def draw_text(text: str) -> NDArray[np.uint8]:
    """White letters of one width on a dark ground; color codes of terminals are left out."""
    pygame = import_pygame()
    pygame.font.init()
    font = pygame.font.SysFont(_MONOSPACED, 28)
    lines = _COLOR_CODE.sub("", text).rstrip("\n").split("\n")
    drawn = [font.render(line or " ", True, _INK, _PAPER) for line in lines]
    margin, height = 24, font.get_linesize()
    width = max(line.get_width() for line in drawn)
    surface = pygame.Surface((width + 2 * margin, height * len(drawn) + 2 * margin))
    surface.fill(_PAPER)
    for row, line in enumerate(drawn):
        surface.blit(line, (margin, margin + row * height))
    frame: NDArray[np.uint8] = pygame.surfarray.array3d(surface).swapaxes(0, 1)
    return frame


def announce(frame: NDArray[np.uint8], words: str) -> NDArray[np.uint8]:
    """The frame, darker, with words on a band along its lower edge."""
    pygame = import_pygame()
    pygame.font.init()
    height, width = frame.shape[:2]
    surface = pygame.surfarray.make_surface((frame // 5 * 3).swapaxes(0, 1))
    drawn = pygame.font.Font(None, max(16, min(width, height) // 12)).render(words, True, _INK)
    scale = min(1.0, 0.9 * width / drawn.get_width())
    drawn = pygame.transform.smoothscale_by(drawn, scale)
    words_at = drawn.get_rect(center=(width // 2, height - drawn.get_height()))
    pygame.draw.rect(surface, _PAPER, words_at.inflate(2 * width, words_at.height))
    surface.blit(drawn, words_at)
    announced: NDArray[np.uint8] = pygame.surfarray.array3d(surface).swapaxes(0, 1)
    return announced


def window_size(frame: NDArray[np.uint8], at_least: int = 480) -> tuple[int, int]:
    """(width, height) of a window for such frames: a whole multiple of small ones."""
    height, width = frame.shape[:2]
    factor = max(1, at_least // max(height, width))
    return width * factor, height * factor
