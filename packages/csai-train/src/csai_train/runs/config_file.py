"""The file config.json of a run: what was trained, on what, how, and with which versions."""

from __future__ import annotations

import importlib.metadata
import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from csai_core import storage
from csai_core.decoding import decoding, parse_json, read_bytes
from csai_core.schema import check
from csai_train.errors import RunError

CONFIG = "config.json"
FORMAT = 1
COMMANDS = {"agent": "csai train", "dataset": "csai train-dataset"}
"""What goes on with a run, by its kind."""
NO_RUN = "It is not a run of csai, or was damaged."
_DISTRIBUTIONS = (
    "csai-core",
    "csai-envs",
    "csai-neural",
    "csai-train",
    "gymnasium",
    "numpy",
    "torch",
    "torchvision",
)
_LARGEST = 2**26
"""Bytes; spaces and networks stand in it."""


def read_config(directory: Path) -> dict[str, Any]:
    """What stands in a run's config.json; its format and kind are known.

    Raises:
        RunError: if it is none, or has another format or kind.
    """
    path = directory / CONFIG
    try:
        with decoding(path, RunError, NO_RUN):
            config: dict[str, Any] = parse_json(read_bytes(path, at_most=_LARGEST, follow_links=False))
            check(config, {})
    except FileNotFoundError as error:
        raise RunError(f"{directory} is not a run of csai: it has no {CONFIG}.") from error
    if config.get("format") != FORMAT:
        raise RunError(
            f"{directory} has format {config.get('format')!r}; this version of csai reads {FORMAT}."
        )
    config.setdefault("kind", "agent")
    if config["kind"] not in list(COMMANDS):
        raise RunError(
            f"{directory} is a run of a {config['kind']!r}, which this version of csai does not know."
        )
    return config


def write_config(directory: Path, contents: Mapping[str, Any]) -> None:
    """Write what stands in a run's config.json."""
    storage.write(directory / CONFIG, json.dumps(contents, indent=2) + "\n")


def versions() -> dict[str, str]:
    """The versions of Python and of what a training depends on, as they are here."""
    found = {"python": platform.python_version()}
    for distribution in _DISTRIBUTIONS:
        try:
            found[distribution] = importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
