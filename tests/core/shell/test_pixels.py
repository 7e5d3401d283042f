"""Pixels come out as they were drawn, in an array that nobody else holds."""

import numpy as np
import pytest

from csai_core.shell.pixels import pixels_of

pygame = pytest.importorskip("pygame")


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (7, 5)])
def test_pixels_are_rows_of_columns_of_colors(size):
    surface = pygame.Surface(size)
    for x in range(size[0]):
        for y in range(size[1]):
            surface.set_at((x, y), (x, y, 200))
    pixels = pixels_of(surface)
    assert pixels.shape == (size[1], size[0], 3)
    assert all(tuple(pixels[y, x]) == (x, y, 200) for x in range(size[0]) for y in range(size[1]))
    assert np.array_equal(pixels, pygame.surfarray.array3d(surface).swapaxes(0, 1))
    surface.fill((9, 9, 9))
    pixels[0, 0] = 1  # it may be written to, and is not the surface's
    assert surface.get_at((0, 0))[:3] == (9, 9, 9)
