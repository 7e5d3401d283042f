"""The picture of a board: glowing lamps in the dark, computed with numpy alone."""

from __future__ import annotations

import functools

import numpy as np
from csai_core.games import Target
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
    left, top, tile = _place(size, resolution)
    picture = np.broadcast_to(BACKGROUND, (height, width, 3)).astype(np.uint8)
    board = np.block([[[_tile(tile, bool(lamp))] for lamp in row] for row in lamps])
    picture[top : top + tile * size, left : left + tile * size] = board
    return picture


def lamp_at(size: int, resolution: tuple[int, int], x: float, y: float) -> Target | None:
    """The lamp at a pixel of the picture, as what a click on it does."""
    left, top, tile = _place(size, resolution)
    column, row = int(x - left) // tile, int(y - top) // tile
    if not (0 <= column < size and 0 <= row < size):
        return None
    return Target(row * size + column, (left + column * tile, top + row * tile, tile, tile))


def _place(size: int, resolution: tuple[int, int]) -> tuple[int, int, int]:
    """Where the board is in a picture: its left and upper edge, and the side of a lamp, in pixels."""
    width, height = resolution
    tile = min(width, height) // size
    return (width - tile * size) // 2, (height - tile * size) // 2, tile


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
