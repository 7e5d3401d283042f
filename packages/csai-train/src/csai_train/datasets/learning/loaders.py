"""Loaders: they hand examples to a network, batch by batch, on its device and as numbers.

`InMemoryLoader` holds all examples in one tensor, and makes a batch by a handful of operations; that is the
fast path. `StreamingLoader` has every image transformed on its own by a torch DataLoader, for transforms and
datasets that cannot do otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

import numpy as np
import torch
from PIL import Image
from torch import Generator, Tensor

from csai_neural.generators import seeded
from csai_train.datasets.learning.epoch_order import EpochOrder, derive_seed, in_order
from csai_train.datasets.sources.images import Transform
from csai_train.errors import InvalidDataError
from csai_train.group import Group

Batch = tuple[Tensor, Tensor]
"""Inputs (batch, *shape) of floats, and labels (batch,) of integers."""
_TEST_BATCH = 512


class Loader(Protocol):
    """Hands out examples in batches."""

    name: str
    """What errors call the examples."""

    def __len__(self) -> int:
        """How many examples there are."""

    def batches(self, order: EpochOrder) -> Iterator[Batch]:
        """The batches of an epoch, augmented where that is wanted."""

    def test_batches(self, group: Group | None = None) -> Iterator[Batch]:
        """All examples once, in order and as they are; of several processes each has some of the batches."""


class InMemoryLoader:
    """Examples that are all in memory, on the network's device.

    Args:
        inputs: (count, *shape): bytes of images, or floats.
        labels: (count,), integers.
        encode: makes numbers out of a batch of inputs; None where they are numbers already.
        augment: changes a batch of images at random.
        device: where batches are needed.
        name: what errors call the examples.
    """

    def __init__(
        self,
        inputs: Tensor,
        labels: Tensor,
        encode: Callable[[Tensor], Tensor] | None,
        augment: Callable[[Tensor, Generator], Tensor] | None,
        device: torch.device,
        name: str,
    ) -> None:
        self.inputs = inputs.to(device)
        self.labels = labels.to(device)
        self.name = name
        self._encode = encode
        self._augment = augment
        # Convolutions of a GPU are fastest where the channels of a pixel lie side by side.
        self._is_channels_last = device.type == "cuda" and inputs.ndim == 4

    def __len__(self) -> int:
        return len(self.labels)

    def batches(self, order: EpochOrder) -> Iterator[Batch]:
        """The batches of an epoch."""
        for number, chosen in order.batches():
            yield self._batch(chosen, None if self._augment is None else derive_seed(order.seed, number))

    def test_batches(self, group: Group | None = None) -> Iterator[Batch]:
        """All examples once."""
        for _, chosen in in_order(len(self), _TEST_BATCH, group):
            yield self._batch(chosen, None)

    def _batch(self, chosen: Tensor, seed: int | None) -> Batch:
        chosen = chosen.to(self.labels.device)
        inputs = self.inputs.index_select(0, chosen)
        if self._augment is not None and seed is not None:
            inputs = self._augment(inputs, Generator().manual_seed(seed))
        if self._encode is not None:
            inputs = self._encode(inputs)
        if self._is_channels_last:
            inputs = inputs.contiguous(memory_format=torch.channels_last)
        return inputs, self.labels.index_select(0, chosen)


class StreamingLoader:
    """Examples that are made one by one.

    What a transform draws at random follows from the seed and the batch, whatever the number of workers.

    Args:
        examples: gives (input, label) for an index.
        transform: what is done to an input that is still an image.
        num_classes: labels go from 0 to one less.
        workers: how many processes prepare examples; 0 for this one.
        device: where batches are needed.
        name: what errors call the examples.
    """

    def __init__(
        self,
        examples: Any,
        transform: Transform | None,
        num_classes: int,
        workers: int,
        device: torch.device,
        name: str,
    ) -> None:
        self.name = name
        self._examples = examples
        self._transform = transform
        self._num_classes = num_classes
        self._workers = workers
        self._device = device

    def __len__(self) -> int:
        return len(self._examples)

    def batches(self, order: EpochOrder) -> Iterator[Batch]:
        """The batches of an epoch."""
        return self._load((chosen for _, chosen in order.batches()), order.seed)

    def test_batches(self, group: Group | None = None) -> Iterator[Batch]:
        """All examples once."""
        return self._load((chosen for _, chosen in in_order(len(self), _TEST_BATCH, group)), 0)

    def _load(self, batches: Iterable[Tensor], seed: int) -> Iterator[Batch]:
        from torch.utils.data import DataLoader

        prepared: Any = _Prepared(self._examples, self._transform, self._num_classes, seed, self.name)
        loader: Any = DataLoader(
            prepared,
            batch_sampler=[chosen.tolist() for chosen in batches],
            num_workers=self._workers,
            pin_memory=self._device.type == "cuda",
            generator=torch.Generator().manual_seed(seed),
        )
        for inputs, labels in loader:
            yield inputs.to(self._device, non_blocking=True), labels.to(self._device, non_blocking=True)


class _Prepared:
    """Examples as floats and integers."""

    def __init__(
        self, examples: Any, transform: Transform | None, num_classes: int, seed: int, name: str
    ) -> None:
        self._examples = examples
        self._transform = transform
        self._num_classes = num_classes
        self._seed = seed
        self._name = name

    def __len__(self) -> int:
        return len(self._examples)

    def __getitems__(self, indices: list[int]) -> list[tuple[Tensor, int]]:
        """A batch of examples, as torch's DataLoader asks for them.

        What is drawn at random follows from the seed and the batch.
        """
        with seeded(derive_seed(self._seed, indices[0])):
            return [self._example(index) for index in indices]

    def _example(self, index: int) -> tuple[Tensor, int]:
        value, label = self._examples[index]
        if self._transform is not None and not is_number_tensor(value):
            value = self._transform(value)
        number = int(label)
        if not 0 <= number < self._num_classes:
            raise InvalidDataError(label_out_of_range(number, index, self._name, self._num_classes))
        return as_numbers(value, self._name), number


def is_number_tensor(value: Any) -> bool:
    """Whether a value is a tensor of floats, and so no longer an image."""
    return isinstance(value, Tensor) and value.is_floating_point()


def as_numbers(value: Any, name: str) -> Tensor:
    """An input as a tensor of float32.

    Raises:
        InvalidDataError: if it is nothing that a network could take.
    """
    if isinstance(value, Image.Image):
        raise InvalidDataError(
            f"The inputs of {name} are PIL images still. Give the dataset a transform that makes tensors of "
            "them, or none, which does that."
        )
    try:
        tensor = torch.as_tensor(np.asarray(value) if not isinstance(value, Tensor) else value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InvalidDataError(
            f"The inputs of {name} are of type {type(value).__name__}; they must be arrays or tensors of "
            f"numbers, or PIL images. ({error})"
        ) from error
    return tensor.to(torch.float32)


def label_out_of_range(label: int, index: int, name: str, num_classes: int) -> str:
    """What is wrong with a label that no class has."""
    return (
        f"Example {index:,} of {name} has the label {label}; labels must be from 0 to {num_classes - 1}, as "
        f"num_classes is {num_classes}."
    )
