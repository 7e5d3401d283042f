"""Pictures of a game with the panel beside them, all of one size: for films, and wherever no window is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from csai_core.palette import BACKGROUND
from csai_core.shell.pixels import pixels_of
from csai_core.shell.shared_display import import_pygame
from csai_core.thoughts.history import History
from csai_core.thoughts.panel import WIDTH, draw_panel
from csai_core.thoughts.scale import Scale

_SIDE = 420
"""Pixels that the game has beside the panel, each way."""


def draw_beside(frame: NDArray[np.uint8], history: History, scale: Scale) -> NDArray[np.uint8]:
    """A game's picture with what its agent thinks to the right of it, (height, width, 3).

    Args:
        frame: what the environment renders, of any size; it is scaled to fit.
        history: the account of the game up to there.
        scale: of the panel.
    """
    pygame = import_pygame()
    height, width = frame.shape[:2]
    factor = _SIDE / max(height, width)
    size = (max(round(width * factor), 1), max(round(height * factor), 1))
    scaled = (pygame.transform.scale if factor >= 2 else pygame.transform.smoothscale)(
        pygame.surfarray.make_surface(frame.swapaxes(0, 1)), size
    )
    room = size[0] + size[0] % 2  # films want even numbers
    picture = np.full((_SIDE, room + WIDTH, 3), BACKGROUND, np.uint8)
    top = (_SIDE - size[1]) // 2
    picture[top : top + size[1], : size[0]] = pixels_of(scaled)
    picture[:, room:] = draw_panel((WIDTH, _SIDE), history, scale)
    return picture
