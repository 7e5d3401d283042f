"""The one display of this process, shared by all its windows, those of other libraries too.

SDL, which pygame stands on, has one display and one queue of events for a whole process. Whoever shuts the
display, as a Gymnasium environment does when it is closed, takes every window with it; and whoever reads the
queue gets the events of all windows.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from functools import lru_cache
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from csai_core.display import draw_without_display
from csai_core.errors import DisplayError, MissingExtraError

_UNSEEN_DRIVERS = ("offscreen", "dummy")
"""What SDL falls back to, without a word, where a display is named and none is there."""
_MOST_EVENTS = 1024
"""So many are kept for a window that does not ask for them."""


_ALL = object()
"""Stands for the window of an event that names none: it concerns every one."""


class _Opened(NamedTuple):
    window: Any
    """A `pygame.Window`. It is held here alone: once the display is shut, it must not be touched again."""
    events: deque[Any]
    """What has happened to it and was not asked for yet."""


class _ForeignWindow:
    """The window that somebody has opened through `pygame.display`."""

    title = ""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        width, height = import_pygame().display.get_window_size()
        return width, height

    def destroy(self) -> None:
        """Leave it; it closes when the display is shut."""


class SharedDisplay:
    """Opens and closes pygame's windows for their owners, and hands each the events that are meant for it."""

    def __init__(self) -> None:
        self._opened: WeakKeyDictionary[Any, _Opened] = WeakKeyDictionary()
        self._is_ours_to_shut = False

    def open(self, owner: Any, title: str, size: tuple[int, int]) -> Any:
        """A new resizable `pygame.Window`, which is closed at the latest when its owner is no more.

        Raises:
            MissingExtraError: if pygame is not installed.
            DisplayError: if the system opens none.
        """
        pygame = import_pygame()
        if not pygame.display.get_init():
            self._opened.clear()
            _init_display(pygame)
            self._is_ours_to_shut = True
        if not self._opened:
            pygame.register_quit(self._opened.clear)
        window = pygame.Window(title, size, resizable=True)
        window.get_surface()
        self._opened[owner] = _Opened(window, deque(maxlen=_MOST_EVENTS))
        return window

    def adopt(self, owner: Any) -> bool:
        """Hand an owner what happens to the window that somebody else has opened, if there is one.

        Returns:
            Whether there is one.
        """
        pygame = sys.modules.get("pygame")
        if pygame is None or not pygame.display.get_init() or pygame.display.get_surface() is None:
            return False
        self._opened[owner] = _Opened(_ForeignWindow(), deque(maxlen=_MOST_EVENTS))
        return True

    def find(self, owner: Any) -> Any:
        """The owner's `pygame.Window`, not to be kept; None if it has none, or none any more."""
        opened = self._opened.get(owner)
        return opened.window if opened is not None and import_pygame().display.get_init() else None

    def take_events(self, owner: Any) -> list[Any]:
        """What has happened to a window since this was last asked; what names no window concerns all."""
        for event in import_pygame().event.get():
            named = getattr(event, "window", _ALL)
            is_foreign = all(named is not each.window for each in self._opened.values())
            for window, events in self._opened.values():
                if named is _ALL or named is window or (is_foreign and isinstance(window, _ForeignWindow)):
                    events.append(event)
        events = self._opened[owner].events
        taken = list(events)
        events.clear()
        return taken

    def close(self, owner: Any) -> None:
        """Close a window; the last one shuts the display, if it was opened here and nobody else draws."""
        window = self.find(owner)
        if window is None:
            return
        window.destroy()
        del self._opened[owner]
        display = import_pygame().display
        is_last_user = isinstance(window, _ForeignWindow) or (
            self._is_ours_to_shut and not display.get_surface()
        )
        if not self._opened and is_last_user:
            display.quit()
            self._is_ours_to_shut = False


def _init_display(pygame: Any) -> None:
    problem = ""
    try:
        pygame.display.init()  # not pygame.init(), which would also open the sound card
    except pygame.error as error:
        problem = str(error)
    else:
        is_asked_for = bool(os.environ.get("SDL_VIDEODRIVER"))
        if pygame.display.get_driver() in _UNSEEN_DRIVERS and not is_asked_for:
            pygame.display.quit()
            problem = "no display answers."
    if problem:
        names = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")
        places = ", ".join(f"{name}={os.environ[name]}" for name in names if os.environ.get(name))
        raise DisplayError(
            f"No window can be opened here ({places or 'no display is named'}): {problem} Pictures and texts "
            "need none: render modes 'rgb_array' and 'ansi'; where none is named, csai shows games as text."
        )


@lru_cache(maxsize=128)
def font(size: int) -> Any:
    """Pygame's own font in a size, in pixels; to be asked for each time, as it goes when pygame is shut."""
    pygame = import_pygame()
    pygame.font.init()
    pygame.register_quit(font.cache_clear)
    return pygame.font.Font(None, size)


def import_pygame() -> Any:
    """Import pygame without its greeting.

    Raises:
        MissingExtraError: if it is not installed, with the command that installs it.
    """
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    # SDL would take SIGTERM over, and the process could no longer be stopped.
    os.environ.setdefault("SDL_NO_SIGNAL_HANDLERS", "1")
    draw_without_display()
    try:
        import pygame
    except ImportError as error:
        raise MissingExtraError(
            'Drawing needs pygame-ce. Install it with: pip install "csai-core[render]"'
        ) from error
    return pygame
