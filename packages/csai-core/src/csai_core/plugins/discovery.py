"""Finding the entry points of the group `csai` in whatever is installed.

`importlib.metadata` takes longer to import than all of csai-core: that waits until plugins are looked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import Distribution, EntryPoint

GROUP = "csai"


def find_entry_points() -> list[EntryPoint]:
    """The entry points of all installed distributions; one with damaged metadata is passed over.

    Where one distribution is found twice on the path, the first is meant, as for `import`.
    """
    from importlib.metadata import distributions

    found: list[EntryPoint] = []
    seen: set[str] = set()
    for distribution in distributions():
        try:
            name = _normalized(distribution.name)
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
        owner = _normalized(name_and_version(entry_point.dist)[0])
        return entry_point.name, owner != _normalized(entry_point.name), owner

    return sorted(entry_points, key=rank)


def name_and_version(distribution: Distribution | None) -> tuple[str, str]:
    """What a distribution calls itself; empty where it does not say."""
    if distribution is None:
        return "", ""
    metadata = distribution.metadata
    return metadata["Name"] or "", metadata["Version"] or ""


def _normalized(name: str) -> str:
    return name.replace("-", "_").replace(".", "_").lower()
