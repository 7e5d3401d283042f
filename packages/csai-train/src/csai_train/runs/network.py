"""The network that a training was given, in its run: its structure in config.json, its weights in a file.

A training may begin with weights that somebody trained before, so those are kept too: whoever starts the run
over, or repeats its first steps, begins with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from torch import nn

import csai_neural
from csai_core.errors import ConfigError, CsaiError, UnknownNameError
from csai_core.plugins import installed
from csai_neural import Block
from csai_train.errors import RunError

NETWORK = "network.safetensors"


def describe_network(network: Any) -> dict[str, Any]:
    """What a network is made of, as plain values.

    Raises:
        ConfigError: if nothing tells how to make it again, as with a block that no plugin offers.
    """
    try:
        structure = network.structure()
        network.from_structure(structure)
    except UnknownNameError as error:
        kinds = sorted({f"{type(block).__name__} (kind {block.kind!r})" for block in _unregistered(network)})
        raise ConfigError(
            "A run of this network cannot be kept, as nobody could load it: no plugin offers the block "
            f"{', '.join(kinds)}. Offer it with the hook csai_blocks, or train without run_dir."
        ) from error
    except CsaiError as error:
        raise ConfigError(f"A run of this network cannot be kept; train without run_dir. {error}") from error
    return {"kind": network.kind, **structure}


def _unregistered(network: nn.Module) -> Iterator[Block]:
    known = {entry.name for entry in installed().entries("blocks").values()}
    for module in network.modules():
        if isinstance(module, Block) and module.kind not in known:
            yield module


def keep_weights(network: Any, run: Path) -> None:
    """Write the weights that a training begins with to its run.

    Raises:
        RunError: if the disk refuses.
    """
    try:
        network.save(run / NETWORK)
    except OSError as error:
        raise RunError(f"The run cannot be written to {run}: {error}") from error


def build_network(described: Mapping[str, Any], run: Path) -> Any:
    """The network of a run, with the weights that the training began with.

    Raises:
        RunError: if the run describes a kind of network that is not known here, or lacks its weights.
        NetFileError: if it describes none that can be built, or its weights are damaged.
        UnknownNameError: if a block is not installed here.
    """
    kinds = {each.kind: each for each in (csai_neural.Net, csai_neural.ActorCritic)}
    structure = {name: value for name, value in described.items() if name != "kind"}
    kind = kinds.get(described.get("kind", ""))
    if kind is None:
        raise RunError(f"{run / 'config.json'} describes a network of kind {described.get('kind')!r}.")
    try:
        network = kind.load(run / NETWORK)
    except OSError as error:
        raise RunError(f"{run} lacks {NETWORK}, the weights that its training began with: {error}") from error
    if network.structure() != structure:
        raise RunError(f"{run} holds in {NETWORK} another network than its config.json describes.")
    return network
