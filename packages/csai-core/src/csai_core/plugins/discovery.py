"""Finding the entry points of the group `csai` in whatever is installed.

`importlib.metadata` takes longer to import than all of csai-core: that waits until plugins are looked for.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import Distribution, EntryPoint

GROUP = "csai"
OURS = ("csai_core", "csai_envs", "csai_neural", "csai_train", "csai_classic")
"""csai's own packages, and the plugins of the same names; what they offer keeps its name."""
DISTRIBUTIONS = tuple(name.replace("_", "-") for name in OURS)
"""What pip calls them."""


def find_entry_points() -> list[EntryPoint]:
    """The entry points of all installed distributions; one with damaged metadata is passed over.

    Where one distribution is found twice on the path, the first is meant, as for `import`.
    """
    from importlib.metadata import distributions

    found: list[EntryPoint] = []
    seen: set[str] = set()
    for distribution in distributions():
        try:
            name = normalized(distribution.name)
            entry_points = list(distribution.entry_points.select(group=GROUP))
        except Exception:  # whose plugin it is cannot be told, so it is nobody's failure
            continue
        if name not in seen:
            seen.add(name)
            found += entry_points
    return found


def in_order(entry_points: Iterable[EntryPoint]) -> list[EntryPoint]:
    """Entry points by name, so that nothing depends on the order of folders on a disk.

    Of several with one name, that of the distribution of the same name comes first.
    """

    def rank(entry_point: EntryPoint) -> tuple[str, bool, str]:
        owner = normalized(name_and_version(entry_point.dist)[0])
        return entry_point.name, owner != normalized(entry_point.name), owner

    return sorted(entry_points, key=rank)


def named(entry_points: Iterable[EntryPoint]) -> dict[str, EntryPoint]:
    """Entry points by what their plugins go by, in order; those for which no name is left are dropped."""
    found: dict[str, EntryPoint] = {}
    for entry_point in in_order(entry_points):
        if name := plugin_name(entry_point, taken=found):
            found[name] = entry_point
    return found


def plugin_name(entry_point: EntryPoint, taken: Collection[str]) -> str:
    """What a plugin goes by: the name of its entry point, or where it cannot have that, its distribution's.

    The names of ours belong to our distributions. In a name, what is no letter of the
    English alphabet, digit or dash counts as an underscore, so that none looks like another.

    Args:
        entry_point: the plugin.
        taken: the names of others.

    Returns:
        The name; empty if none is left, as where one distribution names the same plugin twice.
    """
    name = _plain(entry_point.name)
    distribution = _plain(normalized(name_and_version(entry_point.dist)[0]))
    names = (name, distribution, f"{distribution}_{name}")
    foreign = [each for each in OURS if each != distribution] if distribution else []
    return next((name for name in names if name not in (*taken, *foreign)), "")


def name_and_version(distribution: Distribution | None) -> tuple[str, str]:
    """What a distribution calls itself; empty where it does not say."""
    if distribution is None:
        return "", ""
    metadata = distribution.metadata
    return metadata["Name"] or "", metadata["Version"] or ""


def _plain(name: str) -> str:
    return re.sub(r"[^\w-]", "_", name, flags=re.ASCII)


def normalized(name: str) -> str:
    """The name of a distribution as that of a package."""
    return name.replace("-", "_").replace(".", "_").lower()
