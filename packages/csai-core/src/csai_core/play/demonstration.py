"""Demonstrations: what a player saw and did, kept as arrays in one file, without pickle.

The file is a numpy archive (.npz) with the arrays `observation`, `action`, `reward`, `terminated`,
`truncated` and `next_observation`, first axis = steps; parts of Dict observations and actions are named
`observation/board`. `format` is a text, `contents` one in JSON: everything else, and where arrays belong; and
`sha256` is a digest of all others, which tells a damaged file from a whole one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core import storage, tree_codec
from csai_core.decoding import decoding, parse_json
from csai_core.errors import CodecError
from csai_core.npz import read_arrays
from csai_core.play.episode import Transition

FORMAT = "csai demonstration 3"
LARGEST = 2**31
"""Bytes that a file may hold, unpacked."""
_NO_DEMONSTRATION = "Record one with: csai play ENVIRONMENT --record FILE.npz"


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

    def take_back(self) -> None:
        """Forget the last step, as the game goes back to before it."""
        self._steps.pop()

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
        arrays |= {"format": np.array(FORMAT), "contents": np.array(json.dumps(contents))}
        arrays["sha256"] = np.array(_digest(arrays))
        with storage.replacement(path) as unfinished, unfinished.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)


def load_demonstration(path: Path | str) -> Demonstration:
    """Read a demonstration that `csai play --record` saved.

    Raises:
        FileNotFoundError: if there is no such file.
        CodecError: if the file is no demonstration, or is damaged, cut short or altered.
    """
    with decoding(f"{path}, a demonstration,", CodecError, _NO_DEMONSTRATION):
        arrays = read_arrays(path, at_most=LARGEST)
        if str(arrays.get("format")) != FORMAT:
            raise ValueError(f"it is not of the format {FORMAT!r}")
        seal = str(arrays.pop("sha256", None))
        if seal != _digest(arrays):
            raise ValueError("its contents do not have its SHA-256; it was damaged or altered")
        contents = tree_codec.decode(parse_json(str(arrays["contents"])), arrays)
        demonstration = Demonstration(**contents)
        _check(demonstration)
    return demonstration


def _check(demonstration: Demonstration) -> None:
    """Refuse what a player cannot have seen and done.

    Raises:
        ValueError: naming it.
    """
    for name, kind in (("environment", str), ("player", str), ("options", dict)):
        if not isinstance(getattr(demonstration, name), kind):
            raise ValueError(f"its {name} is not of the type {kind.__name__}")
    for name, dtype in (("reward", np.float64), ("terminated", np.bool_), ("truncated", np.bool_)):
        array = getattr(demonstration, name)
        if not isinstance(array, np.ndarray) or array.dtype != dtype or array.ndim != 1:
            raise ValueError(f"its {name} is not one {np.dtype(dtype)} for each step")
    steps = len(demonstration.reward)
    for name in Transition._fields:
        if any(
            not _counts(column) or len(column) != steps for column in _leaves(getattr(demonstration, name))
        ):
            raise ValueError(f"its {name} is not one for each of the {steps} steps")


def _leaves(value: Any) -> list[Any]:
    """The arrays and lists of texts in what the parts of a space were stacked to."""
    if isinstance(value, (dict, tuple)):
        parts = value.values() if isinstance(value, dict) else value
        return [leaf for part in parts for leaf in _leaves(part)]
    return [value]


def _counts(column: Any) -> bool:
    """Whether this is an array or a list of texts, whose first axis can count steps."""
    if isinstance(column, np.ndarray):
        return column.ndim > 0
    return isinstance(column, list) and all(isinstance(each, str) for each in column)


def _digest(arrays: Mapping[str, NDArray[Any]]) -> str:
    """SHA-256 over names, types, shapes and bytes."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {arrays[name].shape}\n".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _stack(values: Sequence[Any]) -> Any:
    """Values of all steps as an array, or as one for each part of a dict or tuple; texts as a list."""
    first = values[0]
    if isinstance(first, Mapping):
        return {key: _stack([value[key] for value in values]) for key in first}
    if isinstance(first, tuple):
        return tuple(_stack([value[i] for value in values]) for i in range(len(first)))
    return list(values) if isinstance(first, str) else np.array(values)
