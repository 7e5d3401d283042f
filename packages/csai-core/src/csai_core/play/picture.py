"""What the player sees: the environment's own picture, or a picture made of its text."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from csai_core.errors import ContractError
from csai_core.shell import Shell
from csai_core.shell.pixels import pixels_of
from csai_core.shell.shared_display import import_pygame
from csai_core.terminal import marked

_INK, _PAPER = (235, 235, 235), (24, 26, 32)
_MONOSPACED = "dejavusansmono,menlo,consolas,couriernew,courier"


GLIDE_SECONDS = 0.08
"""How long a piece takes from cell to cell."""


class Picture:
    """The picture of a game, in which pieces glide to where they are now.

    A game that draws on a canvas (`Shell.draw`) can be seen between two steps; the environment knows nothing
    of it. Where a wrapper shows something else than the canvas, that is shown as it is.

    Args:
        env: made with render mode "rgb_array" or "ansi".
        glides: whether pieces glide.
        is_slow: whether there is time to draw a picture twice.
    """

    def __init__(self, env: gymnasium.Env[Any, Any], glides: bool, is_slow: bool = True) -> None:
        self._env = env
        self._glides = glides
        self._draws = is_slow and env.render_mode == "rgb_array" and isinstance(env.unwrapped, Shell)
        self._before: Any = None
        self._canvas: Any = None
        self.frame: NDArray[np.uint8]
        """What the environment renders, as an array of shape (height, width, 3)."""

    def update(self, *, is_new_game: bool) -> None:
        """Look at the environment, after a reset or a step."""
        self.frame = picture_of(self._env)
        self._before = None if is_new_game else self._canvas
        self._canvas = self._drawing() if self._draws else None

    @property
    def text(self) -> str:
        """What stands in it above the board, as far as that is known."""
        return "" if self._canvas is None else self._canvas.text

    def after(self, seconds: float) -> NDArray[np.uint8]:
        """What is seen so long after the last step."""
        if not self._glides or self._canvas is None or self._before is None or seconds >= GLIDE_SECONDS:
            return self.frame
        left = 1.0 - max(seconds, 0.0) / GLIDE_SECONDS
        frame: NDArray[np.uint8] = self._canvas.on_the_way(self._before, 1.0 - left * left)
        return frame

    def _drawing(self) -> Any:
        canvas = self._env.unwrapped.draw()  # type: ignore[attr-defined]
        is_shown = canvas is not None and np.array_equal(canvas.finish(), self.frame)
        return canvas if is_shown else None


def picture_of(env: gymnasium.Env[Any, Any]) -> NDArray[np.uint8]:
    """What the environment renders, as an array of shape (height, width, 3).

    Raises:
        ContractError: if it is neither a picture nor a text.
    """
    rendered: Any = env.render()
    if isinstance(rendered, str):
        return draw_text(rendered)
    is_picture = isinstance(rendered, np.ndarray) and rendered.ndim == 3 and rendered.shape[2] == 3
    if not is_picture or rendered.dtype != np.uint8 or not rendered.size:
        is_array = isinstance(rendered, np.ndarray)
        form = f"{rendered.dtype} {rendered.shape}" if is_array else type(rendered).__name__
        raise ContractError(
            f"{type(env.unwrapped).__name__}.render() gave {form}; in render mode {env.render_mode!r} it "
            "must give uint8 (height, width, 3)."
        )
    return rendered  # type: ignore[no-any-return]


def draw_text(text: str) -> NDArray[np.uint8]:
    """White letters of one width on a dark ground; what colors of terminals say, characters do."""
    pygame = import_pygame()
    pygame.font.init()
    font = pygame.font.SysFont(_MONOSPACED, 28)
    lines = marked(text).rstrip("\n").split("\n")
    drawn = [font.render(line or " ", True, _INK, _PAPER) for line in lines]
    margin, height = 24, font.get_linesize()
    width = max(line.get_width() for line in drawn)
    surface = pygame.Surface((width + 2 * margin, height * len(drawn) + 2 * margin))
    surface.fill(_PAPER)
    for row, line in enumerate(drawn):
        surface.blit(line, (margin, margin + row * height))
    return pixels_of(surface)
