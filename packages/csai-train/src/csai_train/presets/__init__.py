"""Presets: settings known to work, one TOML file an environment.

A file is named after the environment's id, with "/" as "--", and holds

    algorithm = "deep_q_learning"      # the one to take when none is named

    [deep_q_learning]                  # one table for each preset, named after its algorithm
    total_steps = 500_000
    result = "25 apples a game"        # what it reached, with
    command = "csai train …"           # the command that measured it

    [deep_q_learning.environment]      # keyword arguments of gymnasium.make
    [deep_q_learning.config]           # fields of the algorithm's config

    [long]                             # another one for the same algorithm has a name of its own
    algorithm = "deep_q_learning"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from csai_core.errors import ConfigError, UnknownNameError


@dataclass(frozen=True)
class Preset:
    """Settings of one algorithm for one environment."""

    name: str
    """The algorithm's, or one of its own where there are several for it."""
    algorithm: str
    total_steps: int
    environment: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    result: str = ""
    command: str = ""

    def is_kept(
        self, total_steps: int | None, environment: Mapping[str, Any], config: Mapping[str, Any]
    ) -> bool:
        """Whether a training with these wishes is the one whose `result` was measured."""
        wishes = ((environment, self.environment), (config, self.config))
        return total_steps in (None, self.total_steps) and all(
            name in own and _plain(own[name]) == _plain(value)
            for given, own in wishes
            for name, value in given.items()
        )


def _plain(value: Any) -> Any:
    """A value as TOML has it."""
    return list(value) if isinstance(value, tuple) else value


def choose(
    environment_id: str, *, algorithm: str | None = None, preset: str | None = "auto"
) -> Preset | None:
    """The preset that is wished for; None where there is none, or none is wanted.

    Args:
        environment_id: the environment.
        algorithm: what shall learn; None leaves that to the preset.
        preset: "auto": the algorithm's, or the one that the environment names itself; a preset's name; or
            None for none.

    Raises:
        UnknownNameError: if the environment has no preset of that name, with the nearest.
        ConfigError: if that preset is for another algorithm.
    """
    if preset is None:
        return None
    if preset == "auto":
        return find(environment_id, algorithm)
    found = find(environment_id, preset)
    if found is None:
        raise UnknownNameError.of(f"preset of {environment_id}", preset, names(environment_id))
    if algorithm not in (None, found.algorithm):
        raise ConfigError(
            f"The preset {preset!r} of {environment_id} is one for {found.algorithm}, not for {algorithm}."
        )
    return found


def find(environment_id: str, name: str | None = None) -> Preset | None:
    """A preset for an environment.

    Args:
        environment_id: the environment.
        name: the preset's name, which is its algorithm's unless it has one of its own; None takes the one
            that the environment names itself.

    Returns:
        The preset; None where the environment has none of that name.
    """
    document = _document(environment_id)
    return _presets(document).get(document["algorithm"] if name is None else name) if document else None


def names(environment_id: str) -> list[str]:
    """The names of an environment's presets."""
    return list(_presets(_document(environment_id)))


def all_presets() -> list[tuple[str, Preset]]:
    """Every preset there is, with the id of its environment."""
    files = sorted(file.name for file in resources.files(__name__).iterdir() if file.name.endswith(".toml"))
    ids = [name.removesuffix(".toml").replace("--", "/") for name in files]
    return [(each, preset) for each in ids for preset in _presets(_document(each)).values()]


def _document(environment_id: str) -> dict[str, Any]:
    """What an environment's file holds; nothing where there is none."""
    file = resources.files(__name__) / f"{environment_id.replace('/', '--')}.toml"
    return tomllib.loads(file.read_text()) if file.is_file() else {}


def _presets(document: Mapping[str, Any]) -> dict[str, Preset]:
    return {
        name: Preset(**{"name": name, "algorithm": name, **table})
        for name, table in document.items()
        if isinstance(table, dict)
    }
