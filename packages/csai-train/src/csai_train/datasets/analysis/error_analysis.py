"""Examination: which classes a network takes for which, and on what it is wrong the most."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from csai_core import storage
from csai_train.datasets.learning.compatibility import check_fit, device_of, takes_bytes
from csai_train.datasets.learning.make_loaders import make_feeds
from csai_train.datasets.sources.images import Pictures

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Examination:
    """A network's answers to a test set."""

    labels: NDArray[np.int64]
    """(count,), what is right."""
    guesses: NDArray[np.int64]
    """(count,), what the network says."""
    sureness: NDArray[np.float32]
    """(count,), the probability that the network gives to its answer."""
    doubt: NDArray[np.float32]
    """(count,), the loss of each example: how surprised the network is by what is right."""
    num_classes: int
    classes: tuple[str, ...] = ()
    title: str = ""
    testset: Any = field(default=None, repr=False)

    @property
    def accuracy(self) -> float:
        """The share of right answers."""
        return float((self.labels == self.guesses).mean())

    @property
    def confusion(self) -> NDArray[np.int64]:
        """(num_classes, num_classes): how often each class (row) was taken for each (column)."""
        counts = np.zeros((self.num_classes, self.num_classes), dtype=np.int64)
        np.add.at(counts, (self.labels, self.guesses), 1)
        return counts

    def worst(self, count: int = 24) -> NDArray[np.int64]:
        """The examples that are answered wrong, by how sure of it the network is: their indices."""
        wrong = np.flatnonzero(self.labels != self.guesses)
        order: NDArray[np.int64] = wrong[np.argsort(-self.doubt[wrong], kind="stable")][:count]
        return order

    def class_name(self, label: int) -> str:
        """What a label means."""
        return self.classes[label] if label < len(self.classes) else str(label)

    def picture(self, index: int) -> NDArray[np.uint8] | None:
        """An example as (height, width, 3), or None where it is no picture."""
        examples = self.testset
        if isinstance(examples, Pictures):
            image = examples.as_image(index)
            return np.asarray(image.convert("RGB"))
        pair = isinstance(examples, tuple) and len(examples) == 2 and hasattr(examples[0], "shape")
        return as_picture(examples[0][index] if pair else examples[index][0])

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw the confusion matrix and the most wrong pictures.

        Args:
            path: where to save the picture, `.png` or `.svg`; None saves nothing.
        """
        from csai_train.datasets.analysis.error_plots import draw_examination

        figure = draw_examination(self)
        if path is not None:
            with storage.replacement(path) as unfinished:
                figure.savefig(unfinished)
        return figure


def examine(net: nn.Module, dataset: Any) -> Examination:
    """Let a network answer the test set of a dataset.

    Raises:
        MisfitError: if they do not fit together.
    """
    train, test = make_feeds(dataset, device_of(net), takes_bytes=takes_bytes(net), warn=lambda message: None)
    check_fit(net, train, test, dataset.num_classes)
    found: list[tuple[torch.Tensor, ...]] = []
    was_training = net.training
    net.eval()
    try:
        with torch.no_grad():
            for inputs, right in test.test_batches():
                log_shares = net(inputs).float().log_softmax(dim=1)
                share, said = log_shares.exp().max(dim=1)
                surprise = -log_shares.gather(1, right[:, None])[:, 0]
                found.append((right, said, share, surprise))
    finally:
        net.train(was_training)
    labels, guesses, sureness, doubt = (torch.cat(each).cpu().numpy() for each in zip(*found, strict=True))
    name = getattr(dataset, "name", type(dataset).__name__)
    classes = tuple(getattr(dataset, "classes", ()))
    return Examination(labels, guesses, sureness, doubt, dataset.num_classes, classes, name, dataset.testset)


def as_picture(value: Any) -> NDArray[np.uint8] | None:
    """An input as (height, width, 3) bytes, its darkest number black and its lightest white."""
    array = np.asarray(value.convert("RGB") if hasattr(value, "convert") else value, dtype=np.float32)
    if array.ndim == 3 and array.shape[0] in (1, 3):
        array = np.moveaxis(array, 0, -1)
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or array.shape[-1] not in (1, 3) or min(array.shape[:2]) < 2:
        return None
    low, high = float(array.min()), float(array.max())
    scaled = ((array - low) / max(high - low, 1e-9) * 255).astype(np.uint8)
    return np.broadcast_to(scaled, (*scaled.shape[:2], 3))
