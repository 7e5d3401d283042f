"""A network and a dataset in words, exact enough to tell whether two are the same."""

from __future__ import annotations

import hashlib
from typing import Any

from torch import nn

from csai_core.plugins import installed
from csai_train.datasets.learning.loaders import Feed, ResidentFeed


def describe_network(net: nn.Module) -> str:
    """How many parameters, and a digest of their names, shapes and types."""
    digest = hashlib.sha256()
    for name, tensor in net.state_dict().items():
        digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}\n".encode())
    count = sum(parameter.numel() for parameter in net.parameters())
    return f"{type(net).__name__} of {count:,} parameters #{digest.hexdigest()[:8]}"


def describe_dataset(dataset: Any, train: Feed, test: Feed) -> dict[str, Any]:
    """Its name, what it holds, and how to make it anew, if it can be."""
    name = getattr(dataset, "name", type(dataset).__name__)
    contents = f"{len(train):,} and {len(test):,} examples #{_digest(dataset, train, test)}"
    return {
        "name": str(name),
        "contents": contents,
        "entry": _registered_name(dataset),
        "options": getattr(dataset, "options", {}),
    }


def _digest(dataset: Any, train: Feed, test: Feed) -> str:
    """Of the files, where they are known; else of everything that is in memory."""
    digest = hashlib.sha256(str(getattr(dataset, "key", "")).encode())
    for feed in () if getattr(dataset, "key", "") else (train, test):
        if isinstance(feed, ResidentFeed):
            for tensor in (feed.inputs, feed.labels):
                digest.update(tensor.cpu().contiguous().numpy().data)
    return digest.hexdigest()[:8]


def _registered_name(dataset: Any) -> str | None:
    target = f"{type(dataset).__module__}:{type(dataset).__qualname__}"
    entries = installed().entries("datasets")
    return next((name for name, entry in entries.items() if entry.target == target), None)
