"""Pictures in the sizes in which they are painted over, so that what is written on them can be read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from csai_core.shell.pixels import pixels_of
from csai_core.shell.shared_display import import_pygame

LEAST_SIDE = 480
"""From how many pixels on numbers in a picture can be read, as a rule."""


def enlarged(frame: NDArray[np.uint8], width: int | None) -> NDArray[np.uint8]:
    """A picture that is so wide, in pixels, and as much higher; as it is where that is None."""
    if width is None or width == frame.shape[1]:
        return frame
    pygame = import_pygame()
    surface = pygame.image.frombuffer(np.ascontiguousarray(frame), frame.shape[1::-1], "RGB")
    size = width, round(frame.shape[0] * width / frame.shape[1])
    return pixels_of(pygame.transform.smoothscale(surface, size))


def at_least(frame: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """A picture, enlarged where its longer side has fewer pixels."""
    longer = max(frame.shape[:2])
    return frame if longer >= side else enlarged(frame, round(frame.shape[1] * side / longer))
