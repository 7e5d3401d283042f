"""What a dataset is: examples to learn from, examples to be tested on, and how many classes there are."""

from __future__ import annotations

import enum
from typing import Any, NoReturn

from csai_core.errors import ContractError
from csai_train.datasets.sources.images import Rescale, Transform


class DatasetOrigin(enum.Enum):
    """Where a dataset comes from."""

    MNIST = "mnist"
    CIFAR10 = "cifar10"
    FASHION_MNIST = "fashion_mnist"
    CIFAR100 = "cifar100"
    IMAGENET = "imagenet"
    CUSTOM = "custom"


class Dataset:
    """Base of all datasets. A subclass writes `_load_data` and, if it likes, `_default_transform`.

    `_load_data` sets three attributes:

    - `trainset` and `testset`: each a sequence of (input, label), such as a list, or one of torchvision's
      datasets; or a pair of arrays (inputs, labels), which trains the fastest.
    - `num_classes`: how many classes there are; labels go from 0 to one less.

    Inputs that are still images, bytes or PIL images, pass through the transform; what has become
    a tensor of floats, or comes from a dataset of torchvision with its own transform, is taken as it is.

    Args:
        origin: where it comes from; DatasetOrigin.CUSTOM for your own.
        transform: what is done to each image; None takes `_default_transform`.
    """

    trainset: Any
    testset: Any
    num_classes: int
    classes: tuple[str, ...] = ()
    """What the labels mean, in order; empty where nobody says."""

    def __init__(self, origin: DatasetOrigin, transform: Transform | None = None) -> None:
        self.origin = origin
        self.transform: Transform | None = self._default_transform() if transform is None else transform
        self._load_data()

    @property
    def name(self) -> str:
        """What it is called."""
        return type(self).__name__ if self.origin is DatasetOrigin.CUSTOM else self.origin.value

    def _load_data(self) -> None:
        """Set `trainset`, `testset` and `num_classes`."""
        raise ContractError(
            f"{type(self).__name__} must write _load_data(self), which sets self.trainset, self.testset and "
            "self.num_classes."
        )

    def _default_transform(self) -> Transform | None:
        """What is done to each image where nobody says otherwise: numbers from -1 to 1."""
        return Rescale()

    def get_train_loader(self, batch_size: int = 64, shuffle: bool = True) -> Any:
        """A torch DataLoader over the training set, for loops of your own."""
        from torch.utils.data import DataLoader

        return DataLoader(self.trainset, batch_size=batch_size, shuffle=shuffle)

    def get_test_loader(self, batch_size: int = 64, shuffle: bool = False) -> Any:
        """A torch DataLoader over the test set, for loops of your own."""
        from torch.utils.data import DataLoader

        return DataLoader(self.testset, batch_size=batch_size, shuffle=shuffle)

    def __getattr__(self, name: str) -> NoReturn:
        if name in ("trainset", "testset", "num_classes"):
            raise ContractError(
                f"{type(self).__name__} has no {name}: its _load_data must set self.trainset, self.testset "
                "and self.num_classes."
            )
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
