"""The picture of a board: glowing lamps in the dark, computed with numpy alone."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from csai_lights_out.rules import Lamps

BACKGROUND = np.array([16, 18, 34])
GLASS = np.array([44, 49, 79])
LIGHT = np.array([255, 196, 84])
CORE = np.array([255, 244, 214])


def draw(lamps: Lamps, resolution: tuple[int, int]) -> NDArray[np.uint8]:
    """A picture of a board, (height, width, 3).

    Args:
        lamps: the board.
        resolution: (width, height) in pixels; the board is centered in it.
    """
    width, height = resolution
    size = len(lamps)
    tile = min(width, height) // size
    picture = np.broadcast_to(BACKGROUND, (height, width, 3)).astype(np.uint8)
    board = np.block([[[_tile(tile, bool(lamp))] for lamp in row] for row in lamps])
    top, left = (height - tile * size) // 2, (width - tile * size) // 2
    picture[top : top + tile * size, left : left + tile * size] = board
    return picture


@functools.lru_cache(maxsize=16)
def _tile(pixels: int, is_lit: bool) -> NDArray[np.uint8]:
    """One lamp, (pixels, pixels, 3)."""
    axis = (np.arange(pixels) + 0.5) / pixels * 2 - 1
    x, y = np.meshgrid(axis, axis)
    radius = np.hypot(x, y)[:, :, None]
    glass = np.clip((0.72 - radius) * pixels / 2, 0, 1)  # a disc with a soft rim, one pixel wide
    if is_lit:
        halo = np.exp(-3.5 * np.maximum(radius - 0.72, 0)) * np.clip((1.0 - radius) * 3.5, 0, 1)
        color = CORE + (LIGHT - CORE) * np.clip(radius / 0.72, 0, 1) ** 1.5
        picture = BACKGROUND + (LIGHT - BACKGROUND) * 0.45 * halo
    else:
        shine = np.exp(-14 * ((x + 0.26) ** 2 + (y + 0.3) ** 2))[:, :, None]
        color = GLASS * (1.15 - 0.35 * radius) + 46 * shine
        picture = np.broadcast_to(BACKGROUND, (pixels, pixels, 3))
    blended: NDArray[np.uint8] = (picture + (color - picture) * glass).round().astype(np.uint8)
    return blended
