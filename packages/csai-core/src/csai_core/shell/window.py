"""A window that shows frames; pygame is imported when the first frame comes, and not before."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core.shell.shared_display import SharedDisplay, import_pygame

OnKey = Callable[[str, bool], None]
"""Told of each key by its pygame name ("left", "w"), and whether it was pressed or let go."""
OnPointer = Callable[[tuple[float, float] | None, bool], None]
"""Told where in the window the mouse is, in pixels (None outside), and whether it was just clicked."""

_POLL_SECONDS = 0.02
"""How long the system waits for an answer at most, while the window waits for the next frame."""

_DISPLAY = SharedDisplay()


class Window:
    """One resizable window, which opens by itself with the first frame and never again once closed.

    Any number of them can be open. Where another library shuts the display, the next frame opens it again.

    Args:
        title: what stands in the title bar.
        size: (width, height) in pixels.
    """

    def __init__(self, title: str, size: tuple[int, int]) -> None:
        self.title = title
        self.is_closed = False
        """Whether it was closed, by a person or by `close`; whoever shows frames should end then."""
        self.frame_seconds: float | None = None
        """How long the last frame stood, in seconds; None before there were two."""
        self._size = size
        self._last_frame_at = time.monotonic()

    @property
    def is_open(self) -> bool:
        """Whether it can be seen now."""
        return _DISPLAY.find(self) is not None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels, after any resizing by a person."""
        if (window := _DISPLAY.find(self)) is not None:
            self._size = window.size
        return self._size

    @property
    def whole_size(self) -> tuple[int, int]:
        """The same; where a subclass keeps a part of the window for itself, with that part."""
        return self.size

    def resize(self, size: tuple[int, int]) -> None:
        """Make it another size, as far as the system lets it."""
        self._size = size
        if (window := _DISPLAY.find(self)) is not None:
            window.size = size

    def retitle(self, title: str) -> None:
        """Change what stands in the title bar."""
        if title != self.title:
            self.title = title
            if (window := _DISPLAY.find(self)) is not None:
                window.title = title

    def show(self, frame: NDArray[np.uint8]) -> None:
        """Show a frame of shape (height, width, 3), centered and scaled to fit without distortion.

        Raises:
            MissingExtraError: if pygame is not installed.
        """
        if self.is_closed:
            return
        window = _DISPLAY.find(self) or self._open()
        pygame = import_pygame()
        surface = pygame.surfarray.make_surface(frame.swapaxes(0, 1))
        width, height = self.whole_size
        scale = min(width / frame.shape[1], height / frame.shape[0])
        if scale != 1.0:
            new_size = (max(1, int(frame.shape[1] * scale)), max(1, int(frame.shape[0] * scale)))
            surface = pygame.transform.smoothscale(surface, new_size)
        screen = window.get_surface()
        screen.fill((0, 0, 0))
        screen.blit(surface, surface.get_rect(center=(width // 2, height // 2)))
        window.flip()

    def poll(self, on_key: OnKey | None = None, on_pointer: OnPointer | None = None) -> None:
        """Answer the system, so that the window never looks dead, and report each key and the mouse."""
        if not self.is_open:
            return
        pygame = import_pygame()
        for event in _DISPLAY.take_events(self):
            if event.type in (pygame.QUIT, pygame.WINDOWCLOSE):
                self.close()
                return
            if event.type in (pygame.KEYDOWN, pygame.KEYUP) and on_key is not None:
                on_key(pygame.key.name(event.key), event.type == pygame.KEYDOWN)
            elif event.type in (pygame.MOUSEMOTION, pygame.MOUSEBUTTONDOWN) and on_pointer is not None:
                on_pointer(event.pos, getattr(event, "button", 0) == 1)
            elif event.type == pygame.WINDOWLEAVE and on_pointer is not None:
                on_pointer(None, False)

    def wait(self, fps: float, on_key: OnKey | None = None, on_pointer: OnPointer | None = None) -> None:
        """Wait until the next frame is due, answering the system; a closed window waits for nothing."""
        self.poll(on_key, on_pointer)
        while self.is_open and (remaining := self._last_frame_at + 1.0 / fps - time.monotonic()) > 0:
            time.sleep(min(remaining, _POLL_SECONDS))
            self.poll(on_key, on_pointer)
        now = time.monotonic()
        self.frame_seconds, self._last_frame_at = now - self._last_frame_at, now

    def adopt(self, open_new: bool) -> None:
        """Take the window that somebody has opened through `pygame.display` for this one, to hear its keys.

        Args:
            open_new: whether to open an empty one where there is none.
        """
        if not self.is_open and not _DISPLAY.adopt(self) and open_new:
            self._open()

    def close(self) -> None:
        """Close it for good; doing it twice is fine."""
        _DISPLAY.close(self)
        self.is_closed = True

    def _open(self) -> Any:
        self._last_frame_at = time.monotonic()
        return _DISPLAY.open(self, self.title, self._size)
