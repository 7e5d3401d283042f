"""Snapshots: what an agent needs to act, and nothing else, in one small file.

A checkpoint is what a training goes on from; a snapshot is what a view plays with. Of a network the weights
are kept, of a table its rows, and how observations are scaled: what `Algorithm.learned` says. An algorithm
that says nothing there is kept as its whole state. Reading one never executes code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import safetensors.numpy

from csai_core import tree_codec
from csai_core.algorithm import Algorithm
from csai_core.decoding import decoding, in_words, parse_json, read_bytes
from csai_core.errors import CodecError
from csai_core.schema import Schema, check, is_text, is_whole
from csai_train.errors import CheckpointError, UnsavableError
from csai_train.runs.misfits import fitting

FORMAT = "csai snapshot 1"
_HEADER = "csai"
LARGEST = 2**30
"""Bytes that are read."""
_SCHEMA: Schema = {"steps": is_whole, "episodes": is_whole, "algorithm": is_text}


class Snapshot(NamedTuple):
    """An agent as it was at a moment of its training."""

    steps: int
    """How many had been taken in the whole training."""
    episodes: int
    """How many had ended."""
    algorithm: str
    """Its name."""
    state: dict[str, Any]
    """What `acting_state` gave."""


class UnderWay(Protocol):
    """A training, as far as a snapshot of it goes."""

    algorithm: Algorithm
    steps: int
    num_episodes: int


def of(training: UnderWay, algorithm: str) -> Snapshot:
    """The agent of a training as it is now, to be written before the training goes on.

    Args:
        training: whose.
        algorithm: its name.
    """
    return Snapshot(training.steps, training.num_episodes, algorithm, acting_state(training.algorithm))


def acting_state(algorithm: Algorithm) -> dict[str, Any]:
    """What an algorithm needs to act as it does now; arrays in it may be its own, to be read at once."""
    if not algorithm.learns:
        return {"whole": algorithm.state_dict()}
    learned = algorithm.learned()
    if learned.network is None:
        return {"network": None, "state": dict(learned.state)}
    if algorithm.learned().network is not learned.network:
        return {"whole": algorithm.state_dict()}  # a copy, in which no weights could be put back
    return {"network": learned.network.state_dict(), "state": dict(learned.state)}


def load_acting_state(algorithm: Algorithm, state: Mapping[str, Any]) -> None:
    """Have an algorithm that was made alike act as the other did; it is not to be trained any more."""
    if "whole" in state:
        algorithm.load_state_dict(state["whole"])
        return
    if state["network"] is not None:
        algorithm.learned().network.load_state_dict(state["network"])
    algorithm.start_from(state["state"])


def to_bytes(snapshot: Snapshot) -> bytes:
    """A snapshot as a file holds it.

    Raises:
        UnsavableError: if something in it is held by no file, naming its place.
    """
    try:
        text, arrays = tree_codec.to_file(dict(snapshot.state))
    except CodecError as error:
        raise UnsavableError(f"A snapshot of {snapshot.algorithm} cannot be kept: {error}") from error
    about = {name: value for name, value in snapshot._asdict().items() if name != "state"}
    header = json.dumps({"format": FORMAT, "about": about, "state": text.decode()})
    return bytes(safetensors.numpy.save(arrays, metadata={_HEADER: header}))


def read(path: Path) -> Snapshot:
    """Read a snapshot.

    Raises:
        CheckpointError: if it is missing, damaged, or of another format.
    """
    try:
        data = read_bytes(path, at_most=LARGEST, follow_links=False)
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {in_words(error)}.") from error
    with decoding(f"{path}, a snapshot,", CheckpointError, "Other snapshots and checkpoints may be whole."):
        arrays = safetensors.numpy.load(data)
        header = _header(data)
        if header.get("format") != FORMAT:
            raise ValueError(f"it has format {header.get('format')!r}, and this version reads {FORMAT!r}")
        about = header["about"]
        check(about, _SCHEMA)
        state = tree_codec.from_file(header["state"].encode(), arrays)
        if not isinstance(state, dict):
            raise ValueError("its state has no names")
        return Snapshot(about["steps"], about["episodes"], about["algorithm"], state)


def apply(snapshot: Snapshot, algorithm: Algorithm, run: Path) -> None:
    """Have an algorithm of the same run act as the snapshot's did.

    Raises:
        CheckpointError: if it does not fit.
    """
    with fitting(run):
        load_acting_state(algorithm, snapshot.state)


def _header(data: bytes) -> dict[str, Any]:
    """What stands beside the arrays, whose length and place `safetensors` has checked."""
    length = int.from_bytes(data[:8], "little")
    texts = parse_json(data[8 : 8 + length]).get("__metadata__", {})
    header: dict[str, Any] = parse_json(texts[_HEADER])
    return header
