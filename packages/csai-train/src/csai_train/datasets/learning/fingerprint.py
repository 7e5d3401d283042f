"""Fingerprints of networks and datasets, exact enough to tell whether two are the same."""

from __future__ import annotations

import hashlib
from typing import Any

from torch import nn

from csai_core.plugins import installed
from csai_train.datasets.learning.loaders import InMemoryLoader, Loader


def network_fingerprint(net: nn.Module) -> str:
    """How many parameters, and a digest of their names, shapes and types."""
    digest = hashlib.sha256()
    for name, tensor in net.state_dict().items():
        digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}\n".encode())
    count = sum(parameter.numel() for parameter in net.parameters())
    return f"{type(net).__name__} of {count:,} parameters #{digest.hexdigest()[:8]}"


def dataset_fingerprint(dataset: Any, train: Loader, test: Loader) -> str:
    """How many examples, and a digest of what they hold."""
    return f"{len(train):,} and {len(test):,} examples #{_digest(dataset, train, test)}"


def describe_dataset(dataset: Any, train: Loader, test: Loader) -> dict[str, Any]:
    """What a run remembers of a dataset: name, fingerprint, and how to make it again, if it can be."""
    return {
        "name": name_of(dataset),
        "contents": dataset_fingerprint(dataset, train, test),
        "entry": _registered_name(dataset),
        "options": getattr(dataset, "options", {}),
    }


def name_of(dataset: Any) -> str:
    """What a dataset is called; its class where it does not say."""
    return str(getattr(dataset, "name", type(dataset).__name__))


def _digest(dataset: Any, train: Loader, test: Loader) -> str:
    """Of the files, where they are known; else of everything that is in memory."""
    digest = hashlib.sha256(str(getattr(dataset, "key", "")).encode())
    for loader in () if getattr(dataset, "key", "") else (train, test):
        if isinstance(loader, InMemoryLoader):
            for tensor in (loader.inputs, loader.labels):
                digest.update(tensor.cpu().contiguous().numpy().data)
    return digest.hexdigest()[:8]


def _registered_name(dataset: Any) -> str | None:
    target = f"{type(dataset).__module__}:{type(dataset).__qualname__}"
    entries = installed().entries("datasets").values()
    return next((entry.full_name for entry in entries if entry.target == target), None)
