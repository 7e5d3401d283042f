"""What became of each plugin: its code is run here, and whatever it does is its own failure."""

from __future__ import annotations

import functools
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

from csai_core.errors import ApiVersionError, DuplicateNameError, PluginError, said
from csai_core.plugins.discovery import OURS
from csai_core.plugins.guard import guarded
from csai_core.plugins.overheard import overheard
from csai_core.plugins.record import PluginRecord, PluginWarning, Status
from csai_core.plugins.settings import PluginSettings
from csai_core.signals import handled_by

_Result = TypeVar("_Result")


class Health:
    """The records of all plugins.

    Args:
        environ: where the `CSAI_…` variables are read.

    Attributes:
        settings: what these variables say.
        records: by the names that plugins go by.
        lock: held while a plugin's code runs.
        running: the plugin whose code runs now; empty for none.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.settings = PluginSettings(environ)
        self.records: dict[str, PluginRecord] = {}
        self.lock = threading.RLock()
        self.running = ""
        self._warned: set[str] = set()
        self._holds = 0

    def run(self, plugin: str, what: str, action: Callable[[], _Result]) -> _Result | None:
        """Run a plugin's code, as `attempt` does, and put back what it changes of others; ours is trusted."""
        if plugin in OURS:
            return self.attempt(plugin, what, action)
        with guarded(functools.partial(self._put_back, plugin)):
            return self.attempt(plugin, what, overheard(plugin)(action))

    def attempt(self, plugin: str, what: str, action: Callable[[], _Result]) -> _Result | None:
        """Do something for a plugin; whatever it raises becomes that plugin's recorded failure.

        Args:
            plugin: the name of a known plugin.
            what: what is attempted, for `csai plugins`.
            action: does it.

        Returns:
            What the action returned, or None if it failed.
        """
        with self.lock:
            self.running = plugin
            self._say(plugin, f"{what} …")
            received: list[int] = []
            try:
                with handled_by(functools.partial(_interrupt, received)):
                    return action()
            except BaseException as error:
                if received:  # it is the user who stops, and not the plugin that raises what looks like that
                    if plugin not in OURS:
                        print(_stopped(plugin, what), file=sys.stderr)
                    signal.raise_signal(received[0])
                    return self.attempt(plugin, what, action)  # who was asked goes on
                self._failed(plugin, what, error)
                return None
            finally:
                self.running = ""

    def lost(self, plugin: str, sentence: str) -> None:
        """Note that a plugin could not have a name, or anything else, that is another's.

        Raises:
            DuplicateNameError: that sentence, where `CSAI_STRICT_PLUGINS` is set.
        """
        self.records[plugin].blame("conflict", sentence)
        if self.settings.is_strict:
            raise DuplicateNameError(sentence)

    def failure_note(self) -> str:
        """Sentences naming the plugins that cannot be used and may have provided what was not found."""
        records = self.records.values()
        broken = [repr(record.name) for record in records if record.status in ("failed", "incompatible")]
        disabled = [repr(record.name) for record in records if record.status == "disabled"]
        notes = []
        if broken:
            notes.append(f"{_plugins(broken)} failed to load and may provide it; 'csai plugins' says why.")
        if disabled:
            verb = "is" if len(disabled) == 1 else "are"
            notes.append(f"{_plugins(disabled)} {verb} switched off and may provide it.")
        unknown = self.settings.unknown(records)
        notes += [f"{name!r} is enabled or disabled, but not installed." for name in unknown]
        return " ".join(notes)

    @contextmanager
    def warning_at_the_end(self) -> Iterator[None]:
        """Warn of trouble when all of something is done, of all that is found on the way together."""
        with self.lock:
            self._holds += 1
            try:
                yield
            finally:
                self._holds -= 1
            self.warn_of_trouble()

    def warn_of_trouble(self) -> None:
        """Warn of the plugins that have a problem, of each once, in a line of its own.

        Where warnings are errors that goes to stderr: what asks for something else must not fail by it.
        """
        fresh = [r for r in self.records.values() if r.is_troubled and r.name not in self._warned]
        if self._holds or not fresh:
            return
        self._warned.update(record.name for record in fresh)
        message = _in_words([f"{record.name}: {record.problem}" for record in fresh])
        try:
            warnings.warn(message, PluginWarning, stacklevel=2)
        except PluginWarning:
            print(message, file=sys.stderr)

    def _put_back(self, plugin: str, what: str) -> None:
        self.lost(plugin, f"it replaced or changed {what}, which all share; that was put back")

    def _failed(self, plugin: str, what: str, error: BaseException) -> None:
        status: Status = "incompatible" if isinstance(error, ApiVersionError) else "failed"
        problem = f"{what}: {said(error)}"
        self.records[plugin].blame(status, problem, "".join(traceback.format_exception(error)))
        self._say(plugin, problem)
        if not self.settings.is_strict:
            return
        if isinstance(error, Exception):
            raise error
        # A SystemExit would end the program with the plugin's own status and without a word.
        raise PluginError(f"Plugin {plugin!r} raised {error!r}.") from error

    def _say(self, plugin: str, text: str) -> None:
        if self.settings.is_traced:
            print(f"csai plugins: {plugin}: {text}", file=sys.stderr)


def _stopped(plugin: str, what: str) -> str:
    return (
        f"Stopped in the code of plugin {plugin!r} ({what}). If it never comes back, switch it off: "
        f"CSAI_DISABLE_PLUGINS={plugin}"
    )


def _in_words(troubles: list[str]) -> str:
    """A warning of one line where one plugin is troubled, and of one more for each where several are."""
    works = "Everything else works; 'csai plugins' tells more."
    if len(troubles) == 1:
        return f"1 csai plugin has a problem ({troubles[0]}). {works}"
    return "\n  ".join([f"{len(troubles)} csai plugins have a problem. {works}", *troubles])


def _interrupt(received: list[int], number: int, frame: FrameType | None) -> None:
    received.append(number)
    raise KeyboardInterrupt


def _plugins(names: list[str]) -> str:
    return f"Plugin {names[0]}" if len(names) == 1 else f"Plugins {', '.join(names)}"
