"""What the original's Shell has of pygame: `self.screen` to draw on, and `self.clock` to keep time by.

Each comes with its first use, so that an environment that nobody watches opens no window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from csai_core.errors import ConfigError
from csai_core.shell.shared_display import import_pygame

if TYPE_CHECKING:
    from CoderSchoolAI.Environments.Shell import Shell


class Screen:
    """The surface of pygame's display, as large as `resolution` says; classes may have their own instead."""

    def __get__(self, shell: Shell | None, owner: type[Shell]) -> Any:
        """The surface, in a window that opens by itself.

        Raises:
            ConfigError: if windows are forbidden.
        """
        if shell is None:
            return self
        if shell.console_only:
            raise ConfigError(
                f"{owner.__name__} was given console_only=True, which forbids windows: it has no screen."
            )
        display = import_pygame().display
        if display.get_surface() is None:
            display.init()
            display.set_mode(shell.resolution)
            display.set_caption(shell.environment_name)
        return display.get_surface()


class Clock:
    """A `pygame.time.Clock` for each environment."""

    def __init__(self) -> None:
        self._clocks: WeakKeyDictionary[Shell, Any] = WeakKeyDictionary()

    def __get__(self, shell: Shell | None, owner: type[Shell]) -> Any:
        """The clock of an environment; `env.clock.tick(env.target_fps)` keeps it to its pace."""
        if shell is None:
            return self
        if shell not in self._clocks:
            self._clocks[shell] = import_pygame().time.Clock()
        return self._clocks[shell]
