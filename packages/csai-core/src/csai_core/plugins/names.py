"""Names: who keeps one that several plugins offer, and what everything is found by.

`plugin:name` always works, and the name alone where one plugin offers it. Names and aliases of csai's own
packages cannot be taken, nor ids by which Gymnasium knows something else: what else is offered under them is
found by its full name. Of other plugins that offer one name, none has it alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gymnasium.envs.registration import EnvSpec, registry

from csai_core.errors import DuplicateNameError
from csai_core.plugins.discovery import OURS

NAMESPACE = "CSAI/"
"""What the ids of our environments begin with, and those of nobody else."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that a plugin offers."""

    plugin: str
    record: Any
    """An Entry; an EnvSpec, if it is an environment."""

    @property
    def name(self) -> str:
        """The name of an entry, or the id of an environment."""
        name: str = self.record.id if isinstance(self.record, EnvSpec) else self.record.name
        return name

    @property
    def aliases(self) -> tuple[str, ...]:
        """What people also type for it."""
        aliases: tuple[str, ...] = getattr(self.record, "aliases", ())
        return aliases

    @property
    def full_name(self) -> str:
        """What it is found by whatever else is installed."""
        return f"{self.plugin}:{self.name}"


@dataclass(frozen=True, slots=True)
class Names:
    """What goes by which name, of one kind."""

    noun: str
    """What each is: "block"."""
    offers: tuple[Offer, ...]
    short: Mapping[str, Offer]
    """Those that are found by the name alone."""
    shared: Mapping[str, tuple[Offer, ...]]
    """Those that share a name, which none of them has alone."""
    lost: tuple[tuple[str, str], ...]
    """A plugin and a sentence for each name or alias that it could not have."""

    def shortest(self, offer: Offer) -> str:
        """The shortest name that an offer is found by."""
        return offer.name if self.short.get(offer.name) is offer else offer.full_name

    def by_shortest(self) -> dict[str, Offer]:
        """Every offer, by the shortest name that it is found by."""
        return {self.shortest(offer): offer for offer in self.offers}

    def alone(self, name: str) -> Offer | None:
        """What is found by a name alone.

        Raises:
            DuplicateNameError: if several plugins offer that name, with their full names.
        """
        if name in self.shared:
            raise DuplicateNameError(_shared(self.noun, self.shared[name]))
        return self.short.get(name)

    def of(self, plugins: Iterable[str], name: str) -> Offer | None:
        """What the first of some plugins that offers that name offers."""
        found = {offer.plugin: offer for offer in self.offers if offer.name == name}
        return next((found[plugin] for plugin in plugins if plugin in found), None)


def key(text: str) -> str:
    """What counts of a name where people type it: its letters and digits."""
    return "".join(character for character in text.casefold() if character.isalnum())


def settle(noun: str, offers: Iterable[Offer]) -> Names:
    """Decide who keeps which name.

    Args:
        noun: what is offered, for sentences: "block".
        offers: all of one kind.
    """
    lost: list[tuple[str, str]] = []
    claims: dict[str, list[Offer]] = {}
    kept: list[Offer] = []
    ours, others = _parted(offers)
    owners = {key(word): offer for offer in ours for word in (offer.name, *offer.aliases)}
    for offer in ours:
        claims.setdefault(offer.name, []).append(offer)
    for given in others:
        taken = [alias for alias in given.aliases if key(alias) in owners]
        lost += [(given.plugin, _is_ours(f"alias {alias!r}", owners[key(alias)], given)) for alias in taken]
        offer = _without(given, taken)
        kept.append(offer)
        if owner := owners.get(key(offer.name)):
            lost.append((offer.plugin, _is_ours(f"{noun} {offer.name!r}", owner, offer)))
        elif offer.name.casefold().startswith(NAMESPACE.casefold()):
            why = f"ids that begin with {NAMESPACE} are those of csai's own packages"
            lost.append((offer.plugin, f"{why}; {offer.name!r} is found as {offer.full_name}"))
        elif why := meant_otherwise(offer.record):
            lost.append((offer.plugin, f"{why}; what this plugin offers is found as {offer.full_name}"))
        else:
            claims.setdefault(offer.name, []).append(offer)
    shared = {name: tuple(found) for name, found in claims.items() if len(found) > 1}
    lost += [(each.plugin, _is_shared(noun, each, found)) for found in shared.values() for each in found]
    short = {name: found[0] for name, found in claims.items() if len(found) == 1}
    return Names(noun, (*ours, *kept), short, shared, tuple(lost))


def meant_otherwise(record: Any) -> str:
    """What Gymnasium knows by the id of an environment, in words; empty if that is nothing or the same."""
    known = registry.get(record.id) if isinstance(record, EnvSpec) else None
    places = [(spec.entry_point, spec.vector_entry_point) for spec in (known, record) if spec and known]
    if len(set(places)) < 2:
        return ""
    return f"Gymnasium already knows {record.id!r} as {places[0][0]}, not {places[1][0]}"


def _shared(noun: str, offers: tuple[Offer, ...]) -> str:
    """A sentence about a name that several plugins offer."""
    listed = ", ".join(offer.full_name for offer in offers)
    return f"The {noun} {offers[0].name!r} is offered by more than one plugin. Type which of these: {listed}."


def _is_shared(noun: str, offer: Offer, offers: Iterable[Offer]) -> str:
    others = " and ".join(repr(each.plugin) for each in offers if each is not offer)
    return f"the {noun} {offer.name!r} is offered by {others} too; that of this plugin is {offer.full_name}"


def _parted(offers: Iterable[Offer]) -> tuple[list[Offer], list[Offer]]:
    """Those of our packages, and those of others."""
    parts: tuple[list[Offer], list[Offer]] = ([], [])
    for offer in offers:
        parts[offer.plugin not in OURS].append(offer)
    return parts


def _is_ours(what: str, owner: Offer, offer: Offer) -> str:
    return f"the {what} is that of {owner.full_name}; what this plugin offers is found as {offer.full_name}"


def _without(offer: Offer, aliases: list[str]) -> Offer:
    if not aliases:
        return offer
    kept = tuple(alias for alias in offer.aliases if alias not in aliases)
    return Offer(offer.plugin, replace(offer.record, aliases=kept))
