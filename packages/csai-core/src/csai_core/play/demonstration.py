"""Demonstrations: what a player saw and did, kept as arrays in one file, without pickle.

The file is a numpy archive (.npz) with the arrays `observation`, `action`, `reward`, `terminated`,
`truncated` and `next_observation`, first axis = steps; parts of Dict observations and actions are named
`observation/board`. `environment`, `player` and `format` are texts, `options` is one in JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core import storage
from csai_core.errors import ConfigError

FORMAT = "csai demonstration 1"
_STEP_FIELDS = ("observation", "action", "reward", "terminated", "truncated", "next_observation")


@dataclass(frozen=True)
class Demonstration:
    """A stretch of play; every field of steps has leading axis num_steps, Dict spaces are dicts of arrays."""

    environment: str
    """The id of the environment."""
    options: dict[str, Any]
    """What it was made with, such as `{"width": 8}`."""
    player: str
    """Who played: "keyboard", or the name of an agent."""
    observation: Any
    action: Any
    reward: NDArray[np.float64]
    terminated: NDArray[np.bool_]
    truncated: NDArray[np.bool_]
    """Also true where a game was given up, and at the end of the recording."""
    next_observation: Any


class Recorder:
    """Collects the steps of a player, to be saved as a demonstration.

    Args:
        environment: the id of the environment.
        player: who plays.
        options: what the environment is made with, as JSON can say it.
    """

    def __init__(self, environment: str, player: str, options: Mapping[str, Any] | None = None) -> None:
        self._environment = environment
        self._player = player
        self._options = dict(options or {})
        self._steps: list[list[Any]] = []

    def __len__(self) -> int:
        return len(self._steps)

    def note(
        self,
        observation: Any,
        action: Any,
        reward: float,
        terminated: bool,
        truncated: bool,
        next_observation: Any,
    ) -> None:
        """Note one step."""
        self._steps.append([observation, action, float(reward), terminated, truncated, next_observation])

    def give_up(self) -> None:
        """Note that the present game does not go on after the last step."""
        if self._steps and not self._steps[-1][3]:
            self._steps[-1][4] = True

    def save(self, path: Path) -> None:
        """Write everything noted so far; a file that is there is replaced only when all went well."""
        self.give_up()
        arrays: dict[str, Any] = {
            "format": np.array(FORMAT),
            "environment": np.array(self._environment),
            "options": np.array(json.dumps(self._options)),
            "player": np.array(self._player),
        }
        for field, column in zip(_STEP_FIELDS, zip(*self._steps, strict=True), strict=True):
            arrays |= _columns(field, list(column))
        with storage.replacement(path) as unfinished, unfinished.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)


def load_demonstration(path: Path | str) -> Demonstration:
    """Read a demonstration that `csai play --record` saved.

    Raises:
        ConfigError: if the file is not one.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (ValueError, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise ConfigError(f"{path} is not a demonstration: {error}") from error
    if str(arrays.get("format")) != FORMAT:
        raise ConfigError(f"{path} is not a demonstration of the format {FORMAT!r}.")
    fields = {field: _nested(arrays, field) for field in _STEP_FIELDS}
    return Demonstration(
        environment=str(arrays["environment"]),
        options=json.loads(str(arrays.get("options", "{}"))),
        player=str(arrays["player"]),
        **fields,
    )


def _columns(name: str, values: list[Any]) -> dict[str, NDArray[Any]]:
    """Values of all steps as arrays, one for each part of a dict or tuple."""
    first = values[0]
    if isinstance(first, (Mapping, tuple)):
        keys = first.keys() if isinstance(first, Mapping) else range(len(first))
        parts = [_columns(f"{name}/{key}", [value[key] for value in values]) for key in keys]
        return {part: array for each in parts for part, array in each.items()}
    return {name: np.array(values)}


def _nested(arrays: Mapping[str, NDArray[Any]], name: str) -> Any:
    if name in arrays:
        return arrays[name]
    prefix = f"{name}/"
    keys = {part.removeprefix(prefix).split("/")[0]: None for part in arrays if part.startswith(prefix)}
    return {key: _nested(arrays, prefix + key) for key in keys}
