"""The plugin manager: loads plugins at the first lookup, and finds what they offer."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from gymnasium.envs.registration import EnvSpec

from csai_core.arguments import check_type
from csai_core.errors import PluginError, UnknownNameError
from csai_core.plugins.discovery import find_entry_points, normalized
from csai_core.plugins.entry import Entry, as_typed
from csai_core.plugins.health import Health
from csai_core.plugins.kind import Kind
from csai_core.plugins.names import Names, Offer, settle
from csai_core.plugins.record import PluginRecord
from csai_core.plugins.roster import Roster

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

_Result = TypeVar("_Result")


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
        self._health = Health(os.environ if environ is None else environ)
        self._roster: Roster | None = None
        self._names: dict[str, Names] = {}

    @property
    def records(self) -> tuple[PluginRecord, ...]:
        """One record for each plugin, by name; loads the plugins if that has not happened yet."""
        self._loaded()
        return tuple(self._health.records.values())

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """The kinds of things that plugins can offer, by name; those that plugins declare come last."""
        return MappingProxyType(self._loaded().kinds)

    @property
    def records_so_far(self) -> tuple[PluginRecord, ...]:
        """The records of the plugins that are loaded by now; loads none, so that an error can be told of."""
        return tuple(self._health.records.values())

    def call_all(self) -> None:
        """Call every hook of every plugin, so that `records` holds failing hooks too."""
        with self.warning_at_the_end():
            for kind in self.kinds:
                self.names(kind)

    def names(self, kind: str) -> Names:
        """Everything of one kind that is offered, and what goes by which name.

        Raises:
            UnknownNameError: if there is no such kind.
        """
        with self.warning_at_the_end():
            roster = self._loaded()
            if kind not in roster.kinds:
                raise UnknownNameError.of("kind of plugin entry", kind, roster.kinds)
            if kind not in self._names:
                found = roster.kinds[kind]
                self._names[kind] = settle(found.noun, roster.offers(found))
                for plugin, sentence in self._names[kind].lost:
                    self._health.lost(plugin, sentence)
            return self._names[kind]

    def entries(self, kind: str) -> dict[str, Entry]:
        """All entries of a kind, by the shortest names that they are found by: `name` or `plugin:name`."""
        return {name: offer.record for name, offer in self.names(kind).by_shortest().items()}

    def find(self, kind: str, name: str) -> Entry:
        """The entry of that kind and name; dashes in a name count as underscores.

        `plugin:name` means the one of that plugin, also where others offer the same name.

        Raises:
            UnknownNameError: if there is none, with the nearest name and the plugins that failed.
            DuplicateNameError: if several plugins offer that name, with their full names.
            ConfigError: if it is no text.
        """
        check_type("Looking for what plugins offer", kind, name, str, "a name, as csai list shows it")
        found = self._offer(kind, name.replace("-", "_"))
        if found is None:
            known = [*self.entries(kind)]
            shown = map(as_typed, known) if kind == "commands" else known
            raise UnknownNameError.of(self.kinds[kind].noun, name, shown, self.failure_note())
        entry: Entry = found.record
        return entry

    def environments(self) -> dict[str, EnvSpec]:
        """All environments, by the ids under which Gymnasium knows them once they are registered.

        That is `plugin:id` for one whose id is another's.
        """
        named = self.names("environments").by_shortest().items()
        return {name: replace(offer.record, id=name) for name, offer in named}

    def environment_id(self, name: str) -> str | None:
        """The id under which Gymnasium knows what is called `id` or `plugin:id`; None if no plugin offers it.

        Raises:
            DuplicateNameError: if several plugins offer that id, with their full names.
        """
        found = self._offer("environments", name)
        return None if found is None else self.names("environments").shortest(found)

    def environment_plugin(self, name: str) -> str | None:
        """The name of the plugin that offers an environment, called `id` or `plugin:id`; None if none does.

        Raises:
            DuplicateNameError: if several plugins offer that id, with their full names.
        """
        found = self._offer("environments", name)
        return None if found is None else found.plugin

    def unknown_settings(self) -> list[str]:
        """Names in `CSAI_PLUGINS` and `CSAI_DISABLE_PLUGINS` that no installed plugin goes by."""
        return self._health.settings.unknown(self.records)

    def failure_note(self) -> str:
        """Sentences naming the plugins that cannot be used and may have provided what was not found."""
        self._loaded()
        return self._health.failure_note()

    def warning_at_the_end(self) -> AbstractContextManager[None]:
        """Warn of trouble when all of something is done, in one line for each plugin."""
        return self._health.warning_at_the_end()

    def warn_of_trouble(self) -> None:
        """Warn of the plugins that have a problem, of each once."""
        self._health.warn_of_trouble()

    def attempt(self, plugin: str, what: str, action: Callable[[], _Result]) -> _Result | None:
        """Do something for a plugin; whatever it raises becomes its recorded failure, as `Health` says."""
        return self._health.attempt(plugin, what, action)

    def _offer(self, kind: str, name: str) -> Offer | None:
        """What is found by `name` or `plugin:name`, exactly."""
        plugin, colon, bare_name = name.rpartition(":")
        names = self.names(kind)
        return names.of(self._called(plugin), bare_name) if colon else names.alone(bare_name)

    def _called(self, name: str) -> list[str]:
        """The plugins that go by a name: the one of that name, then those of that distribution."""
        wanted = normalized(name)
        records = sorted(self.records, key=lambda record: normalized(record.name) != wanted)
        return [each.name for each in records if wanted in map(normalized, (each.name, each.distribution))]

    def _loaded(self) -> Roster:
        health = self._health
        with self.warning_at_the_end():
            if health.running:
                raise PluginError(
                    f"Plugin {health.running!r} looked something up while its hooks were loaded or called; "
                    "a hook returns data and looks nothing up."
                )
            if self._roster is None:
                found = find_entry_points() if self._entry_points is None else self._entry_points
                self._roster = Roster(found, health)
            return self._roster


@functools.cache
def installed() -> PluginManager:
    """The plugin manager of this process, over all installed distributions."""
    return PluginManager()
