"""Which attributes a batched game shows, and the space they make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gymnasium import spaces

from csai_core.arguments import check_name
from csai_core.shell import SpaceType
from csai_core.shell.attribute_table import AttributeNames, check_view


def view_space(
    owner: str, attributes: Mapping[str, SpaceType], view: AttributeNames | None
) -> tuple[str | tuple[str, ...], spaces.Space[Any]]:
    """What is observed and its space, by the same rules as `Shell`'s.

    Args:
        owner: the name of the environment's class, for errors.
        attributes: the space of each attribute.
        view: a name for the bare value, several for a dict, None for all, bare if there is only one.

    Raises:
        ConfigError: if the view is empty, or not made of names.
        UnknownNameError: if there is no such attribute, with the nearest name.
    """
    check_view(owner, view)
    names = tuple(attributes) if view is None else view
    for name in (names,) if isinstance(names, str) else names:
        check_name(f"observation attribute of {owner}", name, attributes)
    if isinstance(names, str):
        return names, attributes[names]
    if view is None and len(names) == 1:
        return names[0], attributes[names[0]]
    return tuple(names), spaces.Dict({name: attributes[name] for name in names})
