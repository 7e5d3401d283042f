"""The plugin manager: finds plugins, loads each on its own, and remembers what went wrong.

pluggy registers and validates; loading and calling are done here one plugin at a time, because one
broken plugin must never take the others with it.
"""

from __future__ import annotations

import functools
import os
import sys
import threading
import time
import traceback
import types
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import pluggy
from gymnasium.envs.registration import EnvSpec

from csai_core.arguments import check_type
from csai_core.errors import DuplicateNameError, PluginError, UnknownNameError
from csai_core.plugins import hookspecs
from csai_core.plugins.discovery import GROUP, find_entry_points, in_order, name_and_version
from csai_core.plugins.entry import Entry, as_typed
from csai_core.plugins.loading import NewerApiError, call_hook, register
from csai_core.plugins.record import PluginRecord, PluginWarning, Status
from csai_core.plugins.settings import ALWAYS_ON, PluginSettings

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

KINDS: Mapping[str, str] = types.MappingProxyType(
    {
        "environments": "csai_environments",
        "blocks": "csai_blocks",
        "networks": "csai_networks",
        "buffers": "csai_buffers",
        "algorithms": "csai_algorithms",
        "datasets": "csai_datasets",
        "agents": "csai_agents",
        "callbacks": "csai_callbacks",
        "commands": "csai_commands",
    }
)
"""Kinds of things that plugins offer, and the hook for each."""

_Result = TypeVar("_Result")
_Offers = dict[str, list[tuple[str, Any]]]
"""Name -> every offer of it, as (plugin, Entry or EnvSpec)."""


class PluginManager:
    """All plugins of one set of entry points, loaded when something is first looked up.

    Args:
        entry_points: where plugins come from; None reads the installed distributions.
        environ: where the `CSAI_…` variables are read: `CSAI_PLUGINS=a,b` loads only those,
            `CSAI_DISABLE_PLUGINS=c` skips some, `CSAI_STRICT_PLUGINS=1` raises a plugin's error instead
            of remembering it, `CSAI_TRACE_PLUGINS=1` prints every load and hook call to stderr.
    """

    def __init__(
        self,
        entry_points: Iterable[EntryPoint] | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._entry_points = entry_points
        self._settings = PluginSettings(os.environ if environ is None else environ)
        self._lock = threading.RLock()
        self._pluggy: pluggy.PluginManager | None = None
        self._records: dict[str, PluginRecord] = {}
        self._offers: dict[str, _Offers] = {}
        self._warned: set[str] = set()
        self._running = ""

    # --- looking things up

    @property
    def records(self) -> tuple[PluginRecord, ...]:
        """One record for each plugin, by name; loads the plugins if that has not happened yet."""
        self._loaded()
        return tuple(self._records.values())

    def call_all(self) -> None:
        """Call every hook of every plugin, so that `records` holds failing hooks too."""
        for kind in KINDS:
            self._offered(kind)

    def entries(self, kind: str) -> dict[str, Entry]:
        """All usable entries of a kind by name; a name that two plugins claim is left out."""
        return {name: found[0][1] for name, found in self._offered(kind).items() if len(found) == 1}

    def environments(self) -> dict[str, EnvSpec]:
        """All usable environments by id; an id that two plugins claim is left out."""
        offered = self._offered("environments")
        return {name: found[0][1] for name, found in offered.items() if len(found) == 1}

    def environment_plugin(self, environment_id: str) -> str | None:
        """The name of the plugin that offers an environment, or None.

        Raises:
            DuplicateNameError: if two plugins offer that id.
        """
        found = self._offered("environments").get(environment_id, [])
        if len(found) > 1:
            raise _duplicate("environments", environment_id, found)
        return found[0][0] if found else None

    def find(self, kind: str, name: str) -> Entry:
        """The entry of that kind and name; dashes in a name count as underscores.

        `plugin:name` means the one of that plugin, also where others offer the same name.

        Raises:
            UnknownNameError: if there is none, with the nearest name and the plugins that failed.
            DuplicateNameError: if two plugins offer that name.
            ConfigError: if it is no text.
        """
        check_type("Looking for what plugins offer", kind, name, str, "a name, as csai list shows it")
        plugin, _, bare_name = name.rpartition(":")
        offered = self._offered(kind)
        found = [offer for offer in offered.get(bare_name.replace("-", "_"), []) if plugin in ("", offer[0])]
        if not found:
            known = map(as_typed, offered) if kind == "commands" else offered
            raise UnknownNameError.of(kind.removesuffix("s"), name, known, self.failure_note())
        if len(found) > 1:
            raise _duplicate(kind, bare_name, found)
        entry: Entry = found[0][1]
        return entry

    def unknown_settings(self) -> list[str]:
        """Names in `CSAI_PLUGINS` and `CSAI_DISABLE_PLUGINS` that no installed plugin goes by."""
        return self._settings.unknown(self.records)

    def failure_note(self) -> str:
        """Sentences naming the plugins that cannot be used and may have provided what was not found."""
        broken = [repr(record.name) for record in self.records if record.status in ("failed", "incompatible")]
        disabled = [repr(record.name) for record in self.records if record.status == "disabled"]
        notes = []
        if broken:
            notes.append(f"{_plugins(broken)} failed to load and may provide it; 'csai plugins' says why.")
        if disabled:
            verb = "is" if len(disabled) == 1 else "are"
            notes.append(f"{_plugins(disabled)} {verb} switched off and may provide it.")
        notes += [f"{name!r} is enabled or disabled, but not installed." for name in self.unknown_settings()]
        return " ".join(notes)

    def warn_of_trouble(self) -> None:
        """Warn of the plugins that have a problem, of each once."""
        fresh = [r for r in self._records.values() if r.is_troubled and r.name not in self._warned]
        if fresh:
            self._warned.update(record.name for record in fresh)
            listed = "; ".join(f"{record.name}: {record.problem}" for record in fresh)
            count = f"{len(fresh)} csai plugin{'s have' if len(fresh) > 1 else ' has'} a problem"
            message = f"{count} ({listed}). Everything else works; 'csai plugins' tells more."
            warnings.warn(message, PluginWarning, stacklevel=2)

    # --- loading, and calling hooks

    def attempt(self, plugin: str, what: str, action: Callable[[], _Result]) -> _Result | None:
        """Do something for a plugin; whatever it raises becomes that plugin's recorded failure.

        Args:
            plugin: the name of a known plugin.
            what: what is attempted, for `csai plugins`.
            action: does it.

        Returns:
            What the action returned, or None if it failed.
        """
        record = self._records[plugin]
        with self._lock:
            self._running = plugin
            self._say(plugin, f"{what} …")
            try:
                return action()
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                status: Status = "incompatible" if isinstance(error, NewerApiError) else "failed"
                problem = f"{what}: {type(error).__name__}: {error}"
                record.blame(status, problem, traceback.format_exc())
                self._say(plugin, problem)
                self._raise_if_strict(plugin, error)
                return None
            finally:
                self._running = ""

    def _raise_if_strict(self, plugin: str, error: BaseException) -> None:
        if not self._settings.is_strict:
            return
        if isinstance(error, Exception):
            raise error
        # A SystemExit would end the program with the plugin's own status and without a word.
        raise PluginError(f"Plugin {plugin!r} raised {error!r}.") from error

    def _loaded(self) -> pluggy.PluginManager:
        with self._lock:
            if self._running:
                raise PluginError(
                    f"Plugin {self._running!r} looked something up while its hooks were loaded or called; "
                    "a hook returns data and looks nothing up."
                )
            if self._pluggy is None:
                self._pluggy = self._load_all()
                self.warn_of_trouble()
            return self._pluggy

    def _load_all(self) -> pluggy.PluginManager:
        manager = pluggy.PluginManager(GROUP)
        manager.add_hookspecs(hookspecs)
        self._records.clear()
        found = find_entry_points() if self._entry_points is None else self._entry_points
        for entry_point in in_order(found):
            self._load(manager, entry_point)
        return manager

    def _load(self, manager: pluggy.PluginManager, entry_point: EntryPoint) -> None:
        distribution, version = name_and_version(entry_point.dist)
        record = PluginRecord(entry_point.name, distribution, version)
        other = self._records.setdefault(record.name, record)
        if other is not record:
            error = DuplicateNameError(
                f"two distributions name a plugin {record.name!r}: "
                f"{other.origin} (used) and {record.origin} (left out); uninstall one of them"
            )
            other.blame("conflict", str(error))
            self._raise_if_strict(record.name, error)
        elif variable := self._settings.variable_against(record):
            record.blame("disabled", f"switched off by {variable}")
        else:
            started = time.perf_counter()
            hooks = self.attempt(record.name, "load", lambda: register(manager, entry_point))
            record.load_seconds = time.perf_counter() - started
            record.hooks = hooks or ()

    def _offered(self, kind: str) -> _Offers:
        """Everything of one kind, calling each plugin's hook once."""
        if kind not in KINDS:
            raise UnknownNameError.of("kind of plugin entry", kind, KINDS)
        with self._lock:
            manager = self._loaded()
            if kind not in self._offers:
                self._offers[kind] = self._collect(kind, manager)
                self.warn_of_trouble()
            return self._offers[kind]

    def _collect(self, kind: str, manager: pluggy.PluginManager) -> _Offers:
        offers: _Offers = {}
        for impl in getattr(manager.hook, KINDS[kind]).get_hookimpls():
            call = functools.partial(call_hook, KINDS[kind], impl.function, impl.plugin_name)
            named = self.attempt(impl.plugin_name, KINDS[kind], call) or {}
            self._records[impl.plugin_name].offers[kind] = tuple(named)
            for name, offer in named.items():
                offers.setdefault(name, []).append((impl.plugin_name, offer))
        return {name: self._settle(kind, name, found) for name, found in offers.items()}

    def _settle(self, kind: str, name: str, found: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
        """Blame all plugins that offer one name, except the one that cannot be outdone."""
        if len(found) == 1:
            return found
        error = _duplicate(kind, name, found)
        for plugin, _ in found:
            if plugin != ALWAYS_ON:
                self._records[plugin].blame("conflict", str(error))
                self._raise_if_strict(plugin, error)
        return [offer for offer in found if offer[0] == ALWAYS_ON] or found

    def _say(self, plugin: str, text: str) -> None:
        if self._settings.is_traced:
            print(f"csai plugins: {plugin}: {text}", file=sys.stderr)


@functools.cache
def installed() -> PluginManager:
    """The plugin manager of this process, over all installed distributions."""
    return PluginManager()


def _duplicate(kind: str, name: str, found: list[tuple[str, Any]]) -> DuplicateNameError:
    return DuplicateNameError(
        f"the {kind.removesuffix('s')} {name!r} is offered by more than one plugin: "
        f"{', '.join(plugin for plugin, _ in found)}. "
        "Set CSAI_DISABLE_PLUGINS to all of these but the one you want"
    )


def _plugins(names: list[str]) -> str:
    return f"Plugin {names[0]}" if len(names) == 1 else f"Plugins {', '.join(names)}"
