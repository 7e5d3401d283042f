"""Where the cells of a game lie on its picture, in whatever size that is shown."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from csai_core.errors import MissingExtraError
from csai_core.games.shapes import Grid
from csai_core.shell import Shell


def canvas_of(env: gymnasium.Env[Any, Any]) -> Any:
    """The `csai_core.games.Canvas` on which an environment draws its present state.

    None where it is no Shell, draws itself in another way, or needs pygame, which is not installed.

    Args:
        env: the environment, in its wrappers.
    """
    shell: Any = env.unwrapped
    if not isinstance(shell, Shell):
        return None
    try:
        return shell.draw()
    except MissingExtraError:
        return None


def grid_on(frame: NDArray[np.uint8], grid: Grid, size: tuple[int, int]) -> Grid:
    """Where cells lie on a picture, which may have been enlarged.

    Args:
        frame: the picture, (height, width, 3).
        grid: where they lie on the picture that the environment draws.
        size: (width, height) of that one, in pixels.
    """
    height, width = frame.shape[:2]
    return grid.scaled(width / size[0], height / size[1])
