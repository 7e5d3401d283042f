"""Error analysis: which classes a network confuses, and on which examples it is wrong the most."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from csai_core import storage
from csai_train.datasets.learning.compatibility import compatible_loaders
from csai_train.datasets.learning.fingerprint import name_of
from csai_train.datasets.sources.images import ImageSet

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class ErrorAnalysis:
    """A network's answers to a test set."""

    labels: NDArray[np.int64]
    """(count,), what is right."""
    predictions: NDArray[np.int64]
    """(count,), what the network says."""
    confidence: NDArray[np.float32]
    """(count,), the probability that the network gives to its answer."""
    loss: NDArray[np.float32]
    """(count,), the cross-entropy of each example: how surprised the network is by what is right."""
    num_classes: int
    classes: tuple[str, ...] = ()
    title: str = ""
    testset: Any = field(default=None, repr=False)

    @property
    def accuracy(self) -> float:
        """The share of right answers."""
        return float((self.labels == self.predictions).mean())

    @property
    def confusion(self) -> NDArray[np.int64]:
        """(num_classes, num_classes): how often each class (row) was taken for each (column)."""
        counts = np.zeros((self.num_classes, self.num_classes), dtype=np.int64)
        np.add.at(counts, (self.labels, self.predictions), 1)
        return counts

    def worst(self, count: int = 24) -> NDArray[np.int64]:
        """The indices of the examples that are answered wrong, the highest loss first."""
        wrong = np.flatnonzero(self.labels != self.predictions)
        order: NDArray[np.int64] = wrong[np.argsort(-self.loss[wrong], kind="stable")][:count]
        return order

    def class_name(self, label: int) -> str:
        """What a label means."""
        return self.classes[label] if label < len(self.classes) else str(label)

    def image(self, index: int) -> NDArray[np.uint8] | None:
        """An example as (height, width, 3), or None where it is no image."""
        examples = self.testset
        if isinstance(examples, ImageSet):
            image = examples.as_image(index)
            return np.asarray(image.convert("RGB"))
        pair = isinstance(examples, tuple) and len(examples) == 2 and hasattr(examples[0], "shape")
        return as_image(examples[0][index] if pair else examples[index][0])

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw the confusion matrix and the most wrong images.

        Args:
            path: where to save the figure, `.png` or `.svg`; None saves nothing.
        """
        from csai_train.datasets.analysis.error_plots import draw_errors

        figure = draw_errors(self)
        if path is not None:
            with storage.replacement(path) as unfinished:
                figure.savefig(unfinished)
        return figure


def analyze_errors(net: nn.Module, dataset: Any) -> ErrorAnalysis:
    """Let a network answer the test set of a dataset.

    Raises:
        InvalidDataError: if the data cannot be read.
        CompatibilityError: if the network cannot be trained on it.
    """
    _, test = compatible_loaders(net, dataset)
    found: list[tuple[torch.Tensor, ...]] = []
    was_training = net.training
    net.eval()
    try:
        with torch.no_grad():
            for inputs, right in test.test_batches():
                log_probabilities = net(inputs).float().log_softmax(dim=1)
                confidence, predicted = log_probabilities.exp().max(dim=1)
                loss = -log_probabilities.gather(1, right[:, None])[:, 0]
                found.append((right, predicted, confidence, loss))
    finally:
        net.train(was_training)
    labels, predictions, confidences, losses = (
        torch.cat(each).cpu().numpy() for each in zip(*found, strict=True)
    )
    return ErrorAnalysis(
        labels,
        predictions,
        confidences,
        losses,
        num_classes=dataset.num_classes,
        classes=tuple(getattr(dataset, "classes", ())),
        title=name_of(dataset),
        testset=dataset.testset,
    )


def as_image(value: Any) -> NDArray[np.uint8] | None:
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
