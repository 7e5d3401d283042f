"""A preset that a search has found, as a file that `csai train --preset` takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from csai_core import storage
from csai_core.toml_text import to_toml


def write_preset(path: Path, algorithm: str, table: Mapping[str, Any], notes: Sequence[str]) -> None:
    """Write it.

    Args:
        path: the file, which is written over.
        algorithm: as runs call it.
        table: what the preset says.
        notes: how it was found, a line each.
    """
    name = algorithm.rpartition(":")[2]
    said = {**({} if name == algorithm else {"algorithm": algorithm}), **table}
    heading = "".join(f"# {each}\n" for each in notes)
    storage.write(path, f"{heading}\n{to_toml({'algorithm': name, name: _listed(said)})}")


def _listed(value: Any) -> Any:
    """A value as TOML has it, which knows no tuples; what says nothing is left out of a table."""
    if isinstance(value, Mapping):
        return {name: _listed(each) for name, each in value.items() if each not in ({}, [])}
    return list(value) if isinstance(value, tuple) else value
