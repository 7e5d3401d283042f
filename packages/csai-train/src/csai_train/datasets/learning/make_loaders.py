"""Makes loaders of what people give as `trainset` and `testset`: the fastest that give the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from csai_core.errors import ConfigError
from csai_train.datasets.learning import augment
from csai_train.datasets.learning.loaders import InMemoryLoader, Loader, StreamingLoader, label_out_of_range
from csai_train.datasets.sources.images import ImageSet, Rescale
from csai_train.errors import CompatibilityError, InvalidDataError


def make_loaders(
    dataset: Any,
    device: torch.device,
    *,
    takes_bytes: bool = False,
    augmentations: Sequence[str] = (),
    workers: int | None = None,
    warn: Callable[[str], None],
) -> tuple[Loader, Loader]:
    """The loaders of the training set and of the test set.

    Args:
        dataset: has `trainset`, `testset` and `num_classes`.
        device: where batches are needed.
        takes_bytes: whether the network scales bytes itself, and so is given them as they are.
        augmentations: what is done to training images at random.
        workers: how many processes prepare images one by one; None lets the dataset say.
        warn: is told, once, where images must be prepared one by one.

    Raises:
        InvalidDataError: if the data cannot be trained on.
        CompatibilityError: if the network takes bytes, which these examples cannot be given as.
        ConfigError: if there is nothing that an augmentation could change.
    """
    make = _LoaderFactory(dataset, device, takes_bytes, workers, warn)
    name = getattr(dataset, "name", type(dataset).__name__)
    train = make.loader(dataset.trainset, f"the training set of {name}", augmentations)
    test = make.loader(dataset.testset, f"the test set of {name}", ())
    return train, test


class _LoaderFactory:
    def __init__(
        self,
        dataset: Any,
        device: torch.device,
        takes_bytes: bool,
        workers: int | None,
        warn: Callable[[str], None],
    ) -> None:
        self.transform = getattr(dataset, "transform", None)
        self.num_classes: int = _number_of_classes(dataset)
        self.device = device
        self.takes_bytes = takes_bytes
        self.streams = bool(getattr(dataset, "streams", False))
        self.workers: int = getattr(dataset, "workers", 0) if workers is None else workers
        self._warn = warn
        self._has_warned = False

    def loader(self, examples: Any, name: str, augmentations: Sequence[str]) -> Loader:
        try:
            count = len(examples)
        except TypeError as error:
            raise InvalidDataError(
                f"T{name[1:]} is a {type(examples).__name__}, which has no length; give a list of "
                "(input, label), a pair of arrays, or a dataset of torch with __len__ and __getitem__."
            ) from error
        if not count:
            raise InvalidDataError(f"There is nothing in {name}: it is empty.")
        whole = _whole(examples, name)
        if isinstance(whole, ImageSet):
            examples = whole
        elif whole is not None:
            return self._of_arrays(*whole, name, augmentations)
        if isinstance(examples, ImageSet) and isinstance(examples.transform, Rescale):
            return self._of_images(examples, name, augmentations)
        return self._of_others(examples, name, augmentations)

    def _of_arrays(self, inputs: Tensor, labels: Tensor, name: str, augmentations: Sequence[str]) -> Loader:
        if inputs.dtype == torch.uint8 and inputs.ndim in (3, 4):
            transform = Rescale() if self.transform is None else self.transform
            image_set = ImageSet(_channels_first(inputs), labels, transform, name=name)
            if isinstance(transform, Rescale):
                return self._of_images(image_set, name, augmentations)
            return self._of_others(image_set, name, augmentations)
        inputs = inputs.to(torch.float32)
        finite = torch.isfinite(inputs).flatten(1).all(dim=1)
        if not bool(finite.all()):
            index = int((~finite).nonzero()[0])
            raise InvalidDataError(f"Input {index:,} of {name} holds numbers that are NaN or infinite.")
        if augmentations and inputs.ndim != 4:
            raise ConfigError(f"augment={tuple(augmentations)} is for images; {name} holds none.")
        self._check_labels(labels, name)
        return InMemoryLoader(inputs, labels, None, augment.chain(augmentations), self.device, name)

    def _of_images(self, image_set: ImageSet, name: str, augmentations: Sequence[str]) -> Loader:
        self._check_labels(image_set.labels, name)
        encode = None if self.takes_bytes else Rescale().batch
        change = augment.chain(augmentations)
        return InMemoryLoader(image_set.images, image_set.labels, encode, change, self.device, name)

    def _of_others(self, examples: Any, name: str, augmentations: Sequence[str]) -> Loader:
        if augmentations:
            raise ConfigError(
                f"augment={tuple(augmentations)} works on whole batches, but {name} is prepared image by "
                "image. Put augmentation into your transform, or leave the transform out."
            )
        if self.takes_bytes:
            raise CompatibilityError(
                f"The network takes bytes from 0 to 255, but {name} is prepared image by image, as "
                "floats. Make its InputBlock with BoxType(-1, 1, shape=...), or leave the transform out."
            )
        if isinstance(examples, ImageSet):
            self._check_labels(examples.labels, name)
        if not self.streams and not self._has_warned:
            self._has_warned = True
            self._warn(_why_one_by_one(examples, name))
        has_own = isinstance(examples, ImageSet) or getattr(examples, "transform", None) is not None
        transform = None if has_own else self.transform or Rescale()
        return StreamingLoader(examples, transform, self.num_classes, self.workers, self.device, name)

    def _check_labels(self, labels: Tensor, name: str) -> None:
        wrong = (labels < 0) | (labels >= self.num_classes)
        if bool(wrong.any()):
            index = int(wrong.nonzero()[0])
            raise InvalidDataError(label_out_of_range(int(labels[index]), index, name, self.num_classes))


def _number_of_classes(dataset: Any) -> int:
    number = dataset.num_classes
    if isinstance(number, bool) or not isinstance(number, int) or number < 2:
        raise InvalidDataError(f"The dataset has num_classes={number!r}; it must be an integer from 2 on.")
    return number


def _whole(examples: Any, name: str) -> tuple[Tensor, Tensor] | ImageSet | None:
    """All inputs and labels as two tensors, where `examples` holds them ready; otherwise None."""
    if isinstance(examples, ImageSet):
        return examples
    tensors = getattr(examples, "tensors", None)  # a torch TensorDataset
    if isinstance(tensors, tuple) and len(tensors) == 2:
        return tensors[0], _labels(tensors[1], name)
    if (
        isinstance(examples, tuple)
        and len(examples) == 2
        and all(hasattr(each, "shape") for each in examples)
    ):
        inputs, labels = _tensor(examples[0], name), _labels(examples[1], name)
        if len(inputs) != len(labels):
            raise InvalidDataError(f"There are {len(inputs):,} inputs and {len(labels):,} labels in {name}.")
        return inputs, labels
    if isinstance(examples, (list, tuple)):
        return _stacked(examples, name)
    return None


def _stacked(examples: Sequence[Any], name: str) -> tuple[Tensor, Tensor] | None:
    """Inputs and labels of a list of pairs as two tensors, where all inputs have one shape."""
    try:
        inputs, labels = zip(*examples, strict=True)
    except (TypeError, ValueError) as error:
        raise InvalidDataError(
            f"T{name[1:]} must hold pairs of (input, label); its first is {examples[0]!r:.60}."
        ) from error
    if isinstance(inputs[0], Image.Image):
        inputs = tuple(np.asarray(each) for each in inputs)
    if len({np.shape(each) for each in inputs}) > 1:
        return None
    stack: Any = torch.stack(inputs) if isinstance(inputs[0], Tensor) else np.stack(inputs)
    return _tensor(stack, name), _labels(np.asarray([int(each) for each in labels]), name)


def _tensor(values: Any, name: str) -> Tensor:
    if isinstance(values, Tensor):
        return values
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise InvalidDataError(f"The inputs of {name} have dtype {array.dtype}; they must be numbers.")
    return torch.from_numpy(np.array(array))


def _labels(values: Any, name: str) -> Tensor:
    labels = _tensor(values, name)
    if labels.ndim != 1:
        hint = " For one-hot labels, give labels.argmax(1)." if labels.ndim == 2 else ""
        raise InvalidDataError(
            f"The labels of {name} have shape {tuple(labels.shape)}; they must be one number for each "
            f"example.{hint}"
        )
    if labels.is_floating_point() and not bool((labels == labels.round()).all()):
        raise InvalidDataError(f"The labels of {name} have dtype {labels.dtype}, and are not integers.")
    return labels.to(torch.int64)


def _channels_first(images: Tensor) -> Tensor:
    """Bytes of gray (count, height, width) or colored images, channels first or last, channels first."""
    if images.ndim == 3:
        return images[:, None]
    is_last = images.shape[-1] in (1, 3, 4) and images.shape[1] not in (1, 3, 4)
    return images.movedim(-1, 1).contiguous() if is_last else images


def _why_one_by_one(examples: Any, name: str) -> str:
    if isinstance(examples, ImageSet):
        return (
            f"Your own transform is done to {name} image by image, in a DataLoader. The default one "
            "(transform=None) works on whole batches, and is a hundred times as fast."
        )
    return (
        f"The {type(examples).__name__} of {name} gives its examples one by one, through a DataLoader. A "
        "pair of arrays, self.trainset = (inputs, labels), comes in whole batches, many times as fast."
    )
