"""Pickling and deep copies of shells.

Attributes usually read the world through functions bound to their shell (`lambda: self.position`), which
can be neither pickled nor copied. So a copy is made from the constructor's arguments, which gives
it attributes of its own, and then takes over everything else.
"""

from __future__ import annotations

from typing import Any

from csai_core.shell.attributes import Attribute

_MADE_BY_INIT = frozenset({"_attributes", "_window", "_made_with"})


def construct(shell_class: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Make a shell as another one was made."""
    return shell_class(*args, **kwargs)


def carried_over(shell: Any) -> dict[str, Any]:
    """What a copy, made by the constructor, takes over from a shell."""
    return {
        "variables": {
            name: value
            for name, value in vars(shell).items()
            if name not in _MADE_BY_INIT and not is_made_by_init(value)
        },
        "attributes": {each.name: (each.space, each._data, each.is_stale) for each in shell._attributes},
        "spaces": shell._attributes.made_spaces,
    }


def take_over(shell: Any, state: dict[str, Any]) -> None:
    """Give a new shell what `carried_over` gave."""
    vars(shell).update(state["variables"])
    for name, (space, data, is_stale) in state["attributes"].items():
        attribute = shell._attributes.find(name)
        attribute.space, attribute._data, attribute.is_stale = space, data, is_stale
    shell._attributes.made_spaces = state["spaces"]


def is_made_by_init(value: Any) -> bool:
    """Whether a constructor makes such a value again: attributes, and functions written inside it."""
    return isinstance(value, Attribute) or "<" in getattr(value, "__qualname__", "")
