"""Painting what an agent thinks in the cells of a board, in colors of one scale that the picture shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from csai_core.games.shapes import Grid, Shape, paint_over
from csai_core.overlays.color_scale import NO_SCALE, ColorScale
from csai_core.overlays.legend import legend, was
from csai_core.overlays.overlay import SessionView
from csai_core.overlays.ruler import Ruler
from csai_core.overlays.scene import Scene


def paint_colored(
    frame: NDArray[np.uint8],
    view: SessionView,
    ruler: Ruler,
    shapes_of: Callable[[Scene, ColorScale, Grid], list[Shape]],
    signs_of: Callable[[Scene], Iterable[float]] = lambda scene: (),
) -> NDArray[np.uint8]:
    """The picture with the cells of its board painted; as it is where there is no board, or nothing is told.

    Args:
        frame: the picture.
        view: what there is to look at.
        ruler: keeps the scale, which holds the values of the cells.
        shapes_of: what is painted.
        signs_of: numbers that may lie beyond the scale, but whose signs it has.
    """
    scene = Scene.of(view)
    if scene is None:
        return frame
    scale = ruler.fixed_by(scene.values.values(), signs_of(scene))
    grid = scene.board.on(frame)
    told = [] if scale is None else legend(scale, scene, frame, was(ruler))
    return paint_over(frame, [*shapes_of(scene, scale or NO_SCALE, grid), *told], grid)
