"""What was drawn with pygame as an array."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core.shell.shared_display import import_pygame


def pixels_of(surface: Any) -> NDArray[np.uint8]:
    """The pixels of a surface, (height, width, 3), as an array of its own.

    It takes half as long as `pygame.surfarray.array3d`, whose axes would have to be swapped.
    """
    width, height = surface.get_size()
    data = bytearray(import_pygame().image.tobytes(surface, "RGB"))
    return np.frombuffer(data, np.uint8).reshape(height, width, 3)
