"""The plugins that were there when a run was made: what its names mean here, and what to install for them.

A run names what plugins offer as `plugin:name`, and what csai's own packages offer by the name alone. Runs of
older versions have names alone of others too.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from csai_core.errors import CsaiError, DuplicateNameError, UnknownNameError
from csai_core.plugins import Entry, PluginRecord, installed
from csai_core.plugins.culprit import chain
from csai_core.plugins.discovery import OURS
from csai_train.errors import RunError, TrainingWarning

_DISTRIBUTION = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")
"""What pip can be told to install, and what is no option of it, whatever a file says."""


@dataclass(frozen=True)
class RecordedPlugins:
    """The plugins that were there when a run was made."""

    origins: Mapping[str, str]
    """By their names, their distributions with versions; what a file says, and no more trusted than that."""

    def find(self, kind: str, name: str, target: str | None = None) -> Entry:
        """What a run calls by a name.

        A name alone that several plugins offer by now means the one that was there. Where something else than
        was recorded is taken, a TrainingWarning says so.

        Args:
            kind: of what is named, as `csai list` has it.
            name: `plugin:name`, or a name alone.
            target: where it was, if that is known: what another plugin offers there is the same thing.

        Raises:
            UnknownNameError: if it is not here, with what to install.
            DuplicateNameError: if it may be of several plugins, with a way to say which.
        """
        plugin = name.rpartition(":")[0]
        try:
            found = installed().find(kind, name)
        except DuplicateNameError as error:
            return self._the_one_that_was_there(kind, name, error)
        except UnknownNameError as error:
            same = [each for each in installed().entries(kind).values() if each.target == target]
            if not (plugin and same):
                raise UnknownNameError(self._not_here(kind, name, error)) from error
            found = same[0]
            what = f"the {_noun(kind)} {name!r}"
            self.tell_instead(what, plugin, f"{found.plugin}:{found.name}, which is also {target},")
        if not plugin and self._is_new(found.plugin):
            warnings.warn(
                f"The run names the {_noun(kind)} {name!r} alone. Here it is {found.full_name}, of a plugin "
                f"that was not there when the run was made. {self.missing()}".rstrip(),
                TrainingWarning,
                stacklevel=2,
            )
        return found

    def lack(self, plugin: str) -> str:
        """Why what a plugin offered to a run cannot be had here, and what to do: the end of a sentence."""
        record = _record_of(plugin)
        distribution, _, version = self.origins.get(plugin, "").partition(" ")
        was = f"; the run was made with {self.origins[plugin]}" if version else ""
        if record is None:
            which = f" ({self.origins[plugin]})" if distribution else ""
            return f"the plugin {plugin!r}{which}, which is not installed here. {_advice([distribution])}"
        if record.status == "disabled":
            return f"the plugin {plugin!r}, which is {record.problem}."
        if record.is_troubled:
            return f"the plugin {plugin!r}, which cannot be used here: {record.problem}{was}."
        return f"the plugin {plugin!r}, which does not offer it here as {record.origin or 'it is'}{was}."

    def missing(self) -> str:
        """Sentences about those that are not here; empty if all are."""
        absent = {name: origin for name, origin in self.origins.items() if _record_of(name) is None}
        if not absent:
            return ""
        listed = ", ".join(f"{name} ({origin})" if origin else name for name, origin in absent.items())
        what = "This plugin that was there is" if len(absent) == 1 else "These plugins that were there are"
        return f"{what} not installed here: {listed}. " + _advice(
            [origin.partition(" ")[0] for origin in absent.values()]
        )

    def tell_instead(self, what: str, plugin: str, instead: str) -> None:
        """Warn that something is used in place of what a plugin offered, which is the same thing."""
        warnings.warn(
            f"In place of {what} that a run names, {instead} is used. The run means that of "
            f"{self.lack(plugin)}",
            TrainingWarning,
            stacklevel=3,
        )

    @contextmanager
    def told(self) -> Iterator[None]:
        """Add to an error about a name that is unknown which plugins are missing.

        Raises:
            UnknownNameError: in place of one.
            RunError: in place of another error that one led to.
        """
        try:
            yield
        except CsaiError as error:
            missing = self.missing()
            if not missing or not any(isinstance(each, UnknownNameError) for each in chain(error)):
                raise
            kind = UnknownNameError if isinstance(error, UnknownNameError) else RunError
            raise kind(f"{error} {missing}") from error

    def _the_one_that_was_there(self, kind: str, name: str, error: DuplicateNameError) -> Entry:
        offers = installed().names(kind).shared.get(name.replace("-", "_"), ())
        there = [offer for offer in offers if offer.plugin in self.origins]
        if len(there) == 1:
            entry: Entry = there[0].record
            return entry
        listed = ", ".join(offer.full_name for offer in offers)
        others = ",".join(offer.plugin for offer in offers[1:])
        raise DuplicateNameError(
            f"The run names the {_noun(kind)} {name!r} alone, and more than one plugin offers that by now: "
            f"{listed}. Switch off all but the one that it was: CSAI_DISABLE_PLUGINS={others} for "
            f"{offers[0].full_name}."
        ) from error

    def _not_here(self, kind: str, name: str, error: UnknownNameError) -> str:
        plugin = name.rpartition(":")[0]
        if plugin:
            return f"The run names the {_noun(kind)} {name!r} of {self.lack(plugin)}"
        return f"{error} {self.missing()}".rstrip()

    def _is_new(self, plugin: str) -> bool:
        """Whether a plugin was not there, of a run that knows which were."""
        return bool(self.origins) and plugin not in (*OURS, *self.origins)


def _noun(kind: str) -> str:
    return installed().kinds[kind].noun


def _record_of(plugin: str) -> PluginRecord | None:
    return next((record for record in installed().records if record.name == plugin), None)


def _advice(distributions: list[str]) -> str:
    """What to install; nothing where what stands for a distribution is no name of one."""
    if not distributions or not all(map(_DISTRIBUTION.fullmatch, distributions)):
        return "The run does not say which distribution it came with."
    that = "that" if len(distributions) == 1 else "them"
    return f"If you trust {that}: pip install {' '.join(dict.fromkeys(distributions))}"
