"""Where the stars of five constellations are, and how a piece of the sky looks, with numpy alone."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""(number of stars, 2): to the right and downward, from -1 to 1."""

CONSTELLATIONS: Mapping[str, Points] = {
    "Big Dipper": np.array(
        [(0.95, -0.35), (0.9, 0.15), (0.4, 0.25), (0.3, -0.1), (-0.1, -0.15), (-0.45, -0.2), (-0.95, 0.05)]
    ),
    "Cassiopeia": np.array([(0.9, -0.2), (0.45, 0.4), (0.0, -0.1), (-0.4, 0.25), (-0.9, -0.35)]),
    "Cygnus": np.array([(0.0, -0.9), (0.0, -0.4), (-0.65, -0.2), (0.6, -0.55), (0.0, 0.25), (0.05, 0.95)]),
    "Orion": np.array(
        [(-0.45, -0.7), (0.4, -0.6), (0.18, -0.02), (0.0, 0.05), (-0.18, 0.12), (-0.35, 0.8), (0.45, 0.75)]
    ),
    "Southern Cross": np.array([(0.0, 0.9), (0.05, -0.9), (-0.6, 0.1), (0.55, -0.15)]),
}
"""As they are seen from the Earth, roughly."""


def picture(points: Points, brightness: NDArray[np.float64], size: int) -> NDArray[np.float32]:
    """A piece of the sky, (size, size), from 0 for black to 1.

    Args:
        points: where the stars are; those outside of -1 to 1 are not seen.
        brightness: (number of stars,).
        size: pixels along each side.
    """
    place = (points + 1) / 2 * (size - 1)
    pixel = np.arange(size)
    across = np.exp(-((pixel - place[:, :1]) ** 2))  # (number of stars, size): a blur of some pixels
    down = np.exp(-((pixel - place[:, 1:]) ** 2))
    light: NDArray[np.float64] = np.einsum("n,ny,nx->yx", brightness, down, across)
    return light.clip(0, 1).astype(np.float32)


def turned(points: Points, angle: float) -> Points:
    """Points turned around the middle, by an angle in radians."""
    cos, sin = np.cos(angle), np.sin(angle)
    around: Points = points @ np.array([[cos, sin], [-sin, cos]])
    return around
