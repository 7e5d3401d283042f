"""The roster: all plugins of some entry points, imported and registered, each on its own.

pluggy registers and validates; loading and calling are done here one plugin at a time, because one
broken plugin must never take the others with it.
"""

from __future__ import annotations

import functools
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType
from typing import TYPE_CHECKING

import pluggy

from csai_core.plugins import hookspecs
from csai_core.plugins.discovery import GROUP, OURS, named, normalized
from csai_core.plugins.health import Health
from csai_core.plugins.kind import BUILT_IN, Kind
from csai_core.plugins.loading import call_hook, declared_kinds, import_hooks, register, specify
from csai_core.plugins.names import Offer
from csai_core.plugins.record import PluginRecord
from csai_core.plugins.settings import ALWAYS_ON

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


class Roster:
    """All plugins of some entry points.

    Args:
        entry_points: where the plugins come from.
        health: runs their code, and keeps a record of each.

    Attributes:
        kinds: the kinds of things that they can offer, by name.
    """

    def __init__(self, entry_points: Iterable[EntryPoint], health: Health) -> None:
        self._health = health
        self._pluggy = pluggy.PluginManager(GROUP)
        self._pluggy.add_hookspecs(hookspecs)
        health.records.clear()
        modules: dict[str, ModuleType] = {}
        for name, entry_point in named(entry_points).items():
            record = health.records[name] = PluginRecord.of(name, entry_point)
            if self._is_wanted(record, entry_point) and (module := self._import(record, entry_point)):
                modules[name] = module
        self.kinds = self._known_kinds(modules)
        specify(self._pluggy, (kind for kind in self.kinds.values() if kind.plugin))
        for plugin, module in modules.items():
            hooks = health.attempt(plugin, "load", functools.partial(register, self._pluggy, module, plugin))
            health.records[plugin].hooks = hooks or ()

    def offers(self, kind: Kind) -> Iterator[Offer]:
        """Everything of one kind; the hook of each plugin is called."""
        for impl in getattr(self._pluggy.hook, kind.hook).get_hookimpls():
            call = functools.partial(call_hook, kind.hook, impl.function, impl.plugin_name)
            named = self._health.run(impl.plugin_name, kind.hook, call) or {}
            self._health.records[impl.plugin_name].offers[kind.name] = tuple(named)
            yield from (Offer(impl.plugin_name, record) for record in named.values())

    def _is_wanted(self, record: PluginRecord, entry_point: EntryPoint) -> bool:
        """Whether a plugin shall be loaded; its record says why not, and if it has another name."""
        if variable := self._health.settings.variable_against(record):
            record.blame("disabled", f"switched off by {variable}")
            return False
        if normalized(record.name) != normalized(entry_point.name):
            is_plain = re.fullmatch(r"[\w.-]+", entry_point.name, re.ASCII)
            why = "which is another's" if is_plain else "which is no name of English letters and digits"
            wanted = f"its entry point is named {entry_point.name!a}, {why}"
            self._health.lost(record.name, f"{wanted}; here it is the plugin {record.name!r}")
        return True

    def _import(self, record: PluginRecord, entry_point: EntryPoint) -> ModuleType | None:
        started = time.perf_counter()
        try:
            return self._health.run(record.name, "load", functools.partial(import_hooks, entry_point))
        finally:
            record.load_seconds = time.perf_counter() - started

    def _known_kinds(self, modules: Mapping[str, ModuleType]) -> dict[str, Kind]:
        """The kinds of the page and those that plugins declare, ours first; what is taken is refused."""
        known = {kind.name: kind for kind in BUILT_IN}
        for plugin in sorted(modules, key=lambda plugin: plugin not in OURS):
            declare = functools.partial(declared_kinds, self._pluggy, modules[plugin], plugin)
            for kind in (self._health.run(plugin, "csai_kinds", declare) or {}).values():
                rivals = [each for each in known.values() if kind.name == each.name or kind.hook == each.hook]
                if rivals:
                    what = f"the kind {kind.name!r} with the hook {kind.hook}"
                    self._health.lost(plugin, f"{what} is that of plugin {rivals[0].plugin or ALWAYS_ON!r}")
                else:
                    known[kind.name] = kind
        return known
