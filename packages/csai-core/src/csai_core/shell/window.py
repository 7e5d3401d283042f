"""A window that shows frames; pygame is imported when the first one opens, and not before."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core.errors import MissingExtraError


class Window:
    """One resizable window for one environment.

    Closing it sets `is_open` to False; nothing exits and nothing is printed.

    Args:
        title: what stands in the title bar.
        size: (width, height) in pixels.

    Raises:
        MissingExtraError: if pygame is not installed.
    """

    def __init__(self, title: str, size: tuple[int, int]) -> None:
        pygame = import_pygame()
        pygame.display.init()
        pygame.font.init()
        self._pygame = pygame
        self._screen = pygame.display.set_mode(size, pygame.RESIZABLE)
        pygame.display.set_caption(title)
        self.is_open = True
        self._last_frame_at = time.monotonic()

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels, after any resizing by the user."""
        width, height = self._screen.get_size()
        return width, height

    def show(self, frame: NDArray[np.uint8]) -> None:
        """Show a frame of shape (height, width, 3), centred and scaled to fit without distortion."""
        if not self.is_open:
            return
        pygame = self._pygame
        surface = pygame.surfarray.make_surface(frame.swapaxes(0, 1))
        width, height = self.size
        scale = min(width / frame.shape[1], height / frame.shape[0])
        if scale != 1.0:
            new_size = (max(1, int(frame.shape[1] * scale)), max(1, int(frame.shape[0] * scale)))
            surface = pygame.transform.smoothscale(surface, new_size)
        self._screen.fill((0, 0, 0))
        self._screen.blit(surface, surface.get_rect(center=(width // 2, height // 2)))
        pygame.display.flip()

    def poll(self, on_key: Callable[[str], None] | None = None) -> None:
        """Answer the system, so that the window never looks dead, and report each key pressed."""
        if not self.is_open:
            return
        for event in self._pygame.event.get():
            if event.type == self._pygame.QUIT:
                self.close()
                return
            if event.type == self._pygame.KEYDOWN and on_key is not None:
                on_key(self._pygame.key.name(event.key))

    def wait_for_next_frame(self, fps: float) -> float:
        """Sleep until the next frame is due and return the seconds since the last one was."""
        remaining = self._last_frame_at + 1.0 / fps - time.monotonic()
        if remaining > 0:
            time.sleep(remaining)
        now = time.monotonic()
        elapsed, self._last_frame_at = now - self._last_frame_at, now
        return elapsed

    def close(self) -> None:
        """Close the window; doing it twice is fine."""
        if self.is_open:
            self.is_open = False
            self._pygame.display.quit()


def import_pygame() -> Any:
    """Import pygame without its greeting.

    Raises:
        MissingExtraError: if it is not installed, with the command that installs it.
    """
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    # SDL would take SIGTERM over, and the process could no longer be stopped.
    os.environ.setdefault("SDL_NO_SIGNAL_HANDLERS", "1")
    try:
        import pygame
    except ImportError as error:
        raise MissingExtraError(
            'Drawing needs pygame-ce. Install it with: pip install "csai-core[render]"'
        ) from error
    return pygame
