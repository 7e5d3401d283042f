"""Demonstrations: what a player saw and did, kept as arrays in one file, without pickle.

The file is a numpy archive (.npz) with the arrays `observation`, `action`, `reward`, `terminated`,
`truncated` and `next_observation`, first axis = steps; parts of Dict observations and actions are named
`observation/board`. `format` is a text, and `contents` one in JSON: everything else, and where arrays belong.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core import storage, tree_codec
from csai_core.errors import ConfigError
from csai_core.play.episode import Transition

FORMAT = "csai demonstration 2"


@dataclass(frozen=True)
class Demonstration:
    """A stretch of play; the first axis of every array counts steps, also in parts of a Dict or Tuple."""

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
        self._steps: list[Transition] = []

    def __len__(self) -> int:
        return len(self._steps)

    def note(self, transition: Transition) -> None:
        """Note one step."""
        self._steps.append(transition)

    def give_up(self) -> None:
        """Note that the present game does not go on after the last step."""
        if self._steps and not self._steps[-1].terminated:
            self._steps[-1] = self._steps[-1]._replace(truncated=True)

    def save(self, path: Path) -> None:
        """Write everything noted so far; a file that is there is replaced only when all went well."""
        self.give_up()
        columns = zip(*self._steps, strict=True)
        contents, arrays = tree_codec.encode(
            {
                "environment": self._environment,
                "options": self._options,
                "player": self._player,
                **{field: _stack(column) for field, column in zip(Transition._fields, columns, strict=True)},
            }
        )
        texts = {"format": np.array(FORMAT), "contents": np.array(json.dumps(contents))}
        with storage.replacement(path) as unfinished, unfinished.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **texts, **arrays)


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
    try:
        return Demonstration(**tree_codec.decode(json.loads(str(arrays["contents"])), arrays))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ConfigError(f"{path} is a demonstration that was damaged or altered: {error!r}.") from error


def _stack(values: Sequence[Any]) -> Any:
    """Values of all steps as an array, or as one for each part of a dict or tuple; texts as a list."""
    first = values[0]
    if isinstance(first, Mapping):
        return {key: _stack([value[key] for value in values]) for key in first}
    if isinstance(first, tuple):
        return tuple(_stack([value[i] for value in values]) for i in range(len(first)))
    return list(values) if isinstance(first, str) else np.array(values)
