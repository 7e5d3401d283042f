"""The view "pixels": an environment's own picture as an observation, of any size, one or many at once.

A board of cells is shown as squares of one color, each as many whole pixels wide as fit; what is drawn on a
`Canvas` is the canvas without its text, stretched over the picture; and of any other picture each pixel is
the mean of the area that it stands for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core.arguments import check_int
from csai_core.errors import ConfigError
from csai_core.palette import BACKGROUND
from csai_core.shell.attributes import BoxType, ObsAttribute

PIXELS = "pixels"
"""What the view is called."""
DEFAULT_SHAPE = (3, 84, 84)
_MOST = 1024
"""Pixels along a side: more are for people, not for networks."""
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""How bright red, green and blue look (ITU-R BT.601), as Atari's gray pictures have it."""

Pixels = NDArray[np.uint8]


class PixelView:
    """Pictures of one shape, whatever they are made from.

    Args:
        owner: the name of the environment's class, for errors.
        shape: (channels, height, width) of the picture: three channels for colors, one for gray, and up to
            1024 pixels along a side; None is (3, 84, 84).

    Raises:
        ConfigError: if that is no such shape.
    """

    def __init__(self, owner: str, shape: Sequence[int] | None = None) -> None:
        self.owner = owner
        self.shape = checked_shape(owner, shape)
        self.space = BoxType(0, 255, self.shape, np.uint8)

    def of_cells(self, cells: Pixels) -> Pixels:
        """Boards of colored cells, in the middle of the picture.

        Args:
            cells: the colors, of shape (*batch axes, rows, columns, 3).

        Returns:
            An array of shape (*batch axes, channels, height, width).

        Raises:
            ConfigError: if there are more cells than pixels.
        """
        *batch, rows, columns, _ = cells.shape
        channels, height, width = self.shape
        side = min(height // rows, width // columns)
        if side < 1:
            raise ConfigError(
                f"{self.owner} was given pixel_shape={self.shape} for a board of {rows} rows and {columns} "
                f"columns; give at least ({channels}, {rows}, {columns}), or twice that for 2 x 2 pixels a "
                "cell."
            )
        pictures = np.empty((*batch, *self.shape), np.uint8)
        if (height, width) != (rows * side, columns * side):
            pictures[...] = self._inked(np.array(BACKGROUND, np.uint8))[:, None, None]
        top, left = (height - rows * side) // 2, (width - columns * side) // 2
        board = pictures[..., top : top + rows * side, left : left + columns * side]
        lines = np.repeat(np.moveaxis(self._inked(cells), -1, -3), side, axis=-1)
        for offset in range(side):
            board[..., offset::side, :] = lines
        return pictures

    def of_frame(self, frame: Pixels) -> Pixels:
        """A picture of shape (height, width, 3), in any size, as one of shape (channels, height, width)."""
        if frame.shape[:2] != self.shape[1:]:
            frame = _resized(frame, *self.shape[1:])
        return np.ascontiguousarray(np.moveaxis(self._inked(frame), -1, 0))

    def of_canvas(self, canvas: Any) -> Pixels:
        """What was drawn on a `Canvas`, without the text above it."""
        _, height, width = self.shape
        return self.of_frame(canvas.board(width, height))

    def _inked(self, colors: Pixels) -> Pixels:
        """Colors as the picture shows them: (…, 3) as (…, channels)."""
        if self.shape[0] == 3:
            return colors
        gray: Pixels = np.rint(colors @ _LUMA).astype(np.uint8)[..., None]
        return gray


def pixel_attribute(shell: Any, shape: Sequence[int]) -> ObsAttribute:
    """The attribute of a Shell that holds its picture.

    Args:
        shell: draws its cells, a canvas or a frame.
        shape: (channels, height, width), which `checked_shape` gave.
    """
    view = PixelView(type(shell).__name__, shape)

    def look() -> Pixels:
        if (cells := shell.draw_cells()) is not None:
            return view.of_cells(cells)
        canvas = shell.draw()
        return view.of_frame(shell.render_frame()) if canvas is None else view.of_canvas(canvas)

    return ObsAttribute(PIXELS, view.space, look, cached=False)


def checked_shape(owner: str, shape: Any) -> tuple[int, int, int]:
    """The shape of a picture, (channels, height, width), that somebody asked for.

    Args:
        owner: named in the error.
        shape: None is (3, 84, 84).

    Raises:
        ConfigError: if that is no such shape.
    """
    if shape is None:
        return DEFAULT_SHAPE
    if not isinstance(shape, (tuple, list)) or len(shape) != 3 or shape[0] not in (1, 3):
        raise ConfigError(
            f"{owner} was given pixel_shape={shape!r}; it must be (channels, height, width) with 1 or 3 "
            "channels, such as (3, 84, 84)."
        )
    height, width = (check_int(owner, "pixel_shape", each, 1, _MOST) for each in shape[1:])
    return int(shape[0]), height, width


def _resized(frame: Pixels, height: int, width: int) -> Pixels:
    """Each pixel the mean of those that it stands for; where the picture grows, one of them."""
    sums: NDArray[np.integer[Any]] = frame
    areas = np.ones((1, 1, 1), np.int64)
    for axis, size in ((0, height), (1, width)):
        edges = np.arange(size + 1) * frame.shape[axis] // size
        sums = np.add.reduceat(sums, edges[:-1], axis=axis, dtype=np.uint32)
        counts = np.maximum(np.diff(edges), 1)
        areas = areas * counts.reshape([-1 if each == axis else 1 for each in range(3)])
    return np.rint(sums / areas).astype(np.uint8)
