"""The plugin manager: finds plugins, loads each on its own, and remembers what went wrong.

pluggy registers and validates; loading and calling are done here one plugin at a time, because one
broken plugin must never take the others with it.
"""

from __future__ import annotations

import functools
import importlib.metadata
import os
import sys
import time
import traceback
import types
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pluggy
from gymnasium.envs.registration import EnvSpec

from csai_core.errors import DuplicateNameError, PluginError, UnknownNameError
from csai_core.plugins import hookspecs
from csai_core.plugins.entry import Entry

GROUP = "csai"
KINDS: Mapping[str, str] = types.MappingProxyType(
    {
        "environments": "csai_environments",
        "blocks": "csai_blocks",
        "buffers": "csai_buffers",
        "algorithms": "csai_algorithms",
        "agents": "csai_agents",
        "commands": "csai_commands",
    }
)
"""Kinds of things that plugins offer, and the hook for each."""
ALWAYS_ON = "csai_core"
"""The one plugin that cannot be switched off: it holds the commands that show and mend the others."""


class PluginWarning(UserWarning):
    """Warns, once, that some plugin could not be used."""


@dataclass(slots=True)
class PluginRecord:
    """What became of one entry point."""

    name: str
    distribution: str = ""
    version: str = ""
    status: Literal["ok", "failed", "disabled", "incompatible"] = "ok"
    hooks: tuple[str, ...] = ()
    problem: str = ""
    details: str = field(default="", repr=False)
    """The traceback, when there is one."""
    load_seconds: float = 0.0

    @property
    def origin(self) -> str:
        """The distribution and its version, as pip names them."""
        return f"{self.distribution} {self.version}".strip()


class PluginManager:
    """All plugins of one set of entry points, loaded when something is first looked up.

    Args:
        entry_points: where plugins come from; None reads the installed distributions.
        environ: where the `CSAI_…` switches are read: `CSAI_PLUGINS=a,b` loads only those,
            `CSAI_DISABLE_PLUGINS=c` skips some, `CSAI_STRICT_PLUGINS=1` raises a plugin's error instead
            of remembering it, `CSAI_TRACE_PLUGINS=1` prints every load and hook call to stderr.
    """

    def __init__(
        self,
        entry_points: Iterable[importlib.metadata.EntryPoint] | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        environ = os.environ if environ is None else environ
        self._entry_points = entry_points
        self._only = _names(environ["CSAI_PLUGINS"]) if "CSAI_PLUGINS" in environ else None
        self._disabled = _names(environ.get("CSAI_DISABLE_PLUGINS", ""))
        self._strict = environ.get("CSAI_STRICT_PLUGINS", "") not in ("", "0")
        self._trace = environ.get("CSAI_TRACE_PLUGINS", "") not in ("", "0")
        self._records: dict[str, PluginRecord] = {}
        self._offers: dict[str, dict[str, list[Any]]] = {}
        self._warned = False

    @property
    def records(self) -> tuple[PluginRecord, ...]:
        """One record for each entry point, by name; loads the plugins if that has not happened yet."""
        self._pluggy  # noqa: B018
        return tuple(self._records.values())

    def call_all(self) -> None:
        """Call every hook of every plugin, so that `records` tells of failing hooks too."""
        for kind in KINDS:
            self._offered(kind)

    def entries(self, kind: str) -> dict[str, Entry]:
        """All usable entries of a kind by name; a name that two plugins claim is left out."""
        return {name: found[0] for name, found in self._offered(kind).items() if len(found) == 1}

    def environments(self) -> dict[str, EnvSpec]:
        """All usable environments by id; an id that two plugins claim is left out."""
        found = self._offered("environments")
        return {name: offers[0][0] for name, offers in found.items() if len(offers) == 1}

    def environment_plugin(self, environment_id: str) -> str | None:
        """The name of the plugin that offers an environment, or None.

        Raises:
            DuplicateNameError: if two plugins offer that id.
        """
        offers = self._offered("environments").get(environment_id, [])
        _refuse_duplicates("environments", environment_id, [plugin for _, plugin in offers])
        return offers[0][1] if offers else None

    def find(self, kind: str, name: str) -> Entry:
        """The entry of that kind and name; dashes in a name count as underscores.

        Raises:
            UnknownNameError: if there is none, with the nearest name and the plugins that failed.
            DuplicateNameError: if two plugins offer that name.
        """
        name = name.replace("-", "_")
        offered = self._offered(kind)
        if name not in offered:
            raise UnknownNameError.of(kind.removesuffix("s"), name, offered, self.failure_note())
        found: list[Entry] = offered[name]
        _refuse_duplicates(kind, name, [entry.plugin for entry in found])
        return found[0]

    def failure_note(self) -> str:
        """A sentence naming the plugins that failed and may have provided what was not found."""
        failed = [f"{r.name!r}" for r in self.records if r.status in ("failed", "incompatible")]
        if not failed:
            return ""
        what = f"Plugin {failed[0]}" if len(failed) == 1 else f"Plugins {', '.join(failed)}"
        return f"{what} failed to load and may provide it; 'csai plugins' says why."

    @functools.cached_property
    def _pluggy(self) -> pluggy.PluginManager:
        manager = pluggy.PluginManager(GROUP)
        manager.add_hookspecs(hookspecs)
        found = self._entry_points
        if found is None:
            found = importlib.metadata.entry_points(group=GROUP)
        for entry_point in sorted(found, key=lambda entry_point: entry_point.name):
            self._load(manager, entry_point)
        self._warn_once()
        return manager

    def _load(self, manager: pluggy.PluginManager, entry_point: importlib.metadata.EntryPoint) -> None:
        record = PluginRecord(name=entry_point.name)
        if entry_point.dist is not None:
            record.distribution, record.version = entry_point.dist.name, entry_point.dist.version
        if entry_point.name in self._records:
            other = self._records[entry_point.name]
            other.problem = (
                f"two distributions name a plugin {entry_point.name!r}: "
                f"{other.origin} (used) and {record.origin} (left out)"
            )
            return
        self._records[entry_point.name] = record
        if self._is_switched_off(entry_point.name):
            record.status = "disabled"
            return
        started = time.perf_counter()
        self._attempt(record, "load", lambda: _register(manager, entry_point, record))
        record.load_seconds = time.perf_counter() - started

    def _is_switched_off(self, name: str) -> bool:
        if name == ALWAYS_ON:
            return False
        return name in self._disabled or (self._only is not None and name not in self._only)

    def _offered(self, kind: str) -> dict[str, list[Any]]:
        """Everything of one kind: name -> all offers of it, calling each plugin's hook once."""
        if kind not in KINDS:
            raise UnknownNameError.of("kind of plugin entry", kind, KINDS)
        if kind not in self._offers:
            offers: dict[str, list[Any]] = {}
            for impl in getattr(self._pluggy.hook, KINDS[kind]).get_hookimpls():
                record = self._records[impl.plugin_name]
                collect = functools.partial(_collect, kind, impl.function, record.name)
                for name, offer in self._attempt(record, KINDS[kind], collect) or ():
                    offers.setdefault(name, []).append(offer)
            self._offers[kind] = offers
            self._note_duplicates(kind, offers)
            self._warn_once()
        return self._offers[kind]

    def _attempt(self, record: PluginRecord, what: str, action: Callable[[], Any]) -> Any:
        """Run a plugin's code; whatever it raises becomes that plugin's recorded failure."""
        if self._trace:
            print(f"csai plugins: {record.name}: {what}", file=sys.stderr)
        try:
            return action()
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            if self._strict:
                raise
            record.status = "incompatible" if isinstance(error, _NewerApiError) else "failed"
            record.problem = f"{what}: {type(error).__name__}: {error}"
            record.details = traceback.format_exc()
            return None

    def _note_duplicates(self, kind: str, offers: Mapping[str, list[Any]]) -> None:
        for name, found in offers.items():
            plugins = [offer[1] if kind == "environments" else offer.plugin for offer in found]
            if len(plugins) > 1:
                for plugin in plugins:
                    self._records[plugin].problem = _duplicate_message(kind, name, plugins)

    def _warn_once(self) -> None:
        troubled = [record for record in self._records.values() if record.problem]
        if troubled and not self._warned:
            self._warned = True
            listed = "; ".join(f"{record.name}: {record.problem}" for record in troubled)
            warnings.warn(
                f"{len(troubled)} csai plugin(s) have a problem ({listed}). "
                "Everything else works; 'csai plugins' tells more.",
                PluginWarning,
                stacklevel=2,
            )


@functools.cache
def installed() -> PluginManager:
    """The plugin manager of this process, over all installed distributions."""
    return PluginManager()


class _NewerApiError(PluginError):
    """Raised when a plugin states a newer plugin API than this one."""


def _register(
    manager: pluggy.PluginManager,
    entry_point: importlib.metadata.EntryPoint,
    record: PluginRecord,
) -> None:
    module = entry_point.load()
    needed = getattr(module, "CSAI_PLUGIN_API", 1)
    if needed > hookspecs.PLUGIN_API:
        raise _NewerApiError(
            f"it is made for plugin API {needed}, this csai-core offers {hookspecs.PLUGIN_API}; "
            "install a newer csai-core"
        )
    manager.register(module, name=entry_point.name)
    try:
        manager.check_pending()
    except pluggy.PluginValidationError:
        manager.unregister(name=entry_point.name)
        raise
    record.hooks = tuple(sorted(caller.name for caller in manager.get_hookcallers(module) or ()))


def _collect(kind: str, function: Callable[[], Iterable[Any]], plugin: str) -> list[tuple[str, Any]]:
    """Call one hook and return its offers as (name, offer), checked and stamped with the plugin."""
    offered = list(function())
    wanted: type = EnvSpec if kind == "environments" else Entry
    for offer in offered:
        if not isinstance(offer, wanted):
            raise PluginError(f"{KINDS[kind]} must return {wanted.__name__} objects, not {offer!r}")
    if kind == "environments":
        return [(spec.id, (spec, plugin)) for spec in offered]
    return [(entry.name, replace(entry, plugin=plugin)) for entry in offered]


def _refuse_duplicates(kind: str, name: str, plugins: list[str]) -> None:
    if len(plugins) > 1:
        raise DuplicateNameError(_duplicate_message(kind, name, plugins))


def _duplicate_message(kind: str, name: str, plugins: list[str]) -> str:
    return (
        f"the {kind.removesuffix('s')} {name!r} is offered by more than one plugin: "
        f"{', '.join(plugins)}. Set CSAI_DISABLE_PLUGINS to all of these but the one you want"
    )


def _names(listed: str) -> frozenset[str]:
    return frozenset(name.strip() for name in listed.split(",") if name.strip())
