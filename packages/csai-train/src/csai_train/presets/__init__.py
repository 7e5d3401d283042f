"""Presets: settings known to work, one TOML file an environment.

A file is named after the environment's id, with "/" as "--", and holds

    algorithm = "deep_q_learning"      # the one to take when none is named

    [deep_q_learning]                  # one table for each algorithm there is a preset for
    total_steps = 500_000
    result = "25 apples a game"        # what it reached, with
    command = "csai train …"           # the command that measured it

    [deep_q_learning.environment]      # keyword arguments of gymnasium.make
    [deep_q_learning.config]           # fields of the algorithm's config
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any


@dataclass(frozen=True)
class Preset:
    """Settings of one algorithm for one environment."""

    algorithm: str
    total_steps: int
    environment: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    result: str = ""
    command: str = ""


def find(environment_id: str, algorithm: str | None = None) -> Preset | None:
    """The preset for an environment; of the algorithm it names itself, unless one is given."""
    file = resources.files(__name__) / f"{environment_id.replace('/', '--')}.toml"
    if not file.is_file():
        return None
    document = tomllib.loads(file.read_text())
    name = algorithm or document["algorithm"]
    return Preset(name, **document[name]) if name in document else None


def all_presets() -> list[tuple[str, Preset]]:
    """Every preset there is, with the id of its environment."""
    found = []
    for file in sorted(resources.files(__name__).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            environment_id = file.name.removesuffix(".toml").replace("--", "/")
            document = tomllib.loads(file.read_text())
            found += [
                (environment_id, Preset(name, **table))
                for name, table in document.items()
                if isinstance(table, dict)
            ]
    return found
