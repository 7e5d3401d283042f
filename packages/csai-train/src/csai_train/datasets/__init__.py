"""Datasets: pictures and what they show, to train networks on.

Names are imported when first used. torchvision is needed for downloads, for ImageNet and for transforms of
its own making, and nothing here imports it before that; see `torchvision_import` for what importing this
package does to a later `import torchvision`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from csai_train.datasets import torchvision_import

if TYPE_CHECKING:
    from csai_train.datasets.cifar import CIFAR10Dataset, CIFAR100Dataset
    from csai_train.datasets.config import DatasetConfig
    from csai_train.datasets.dataset import Dataset, DatasetOrigin
    from csai_train.datasets.examination import Examination, examine
    from csai_train.datasets.history import Epoch, History
    from csai_train.datasets.imagenet import ImageNetDataset
    from csai_train.datasets.learning_rates import RateSearch, find_learning_rate
    from csai_train.datasets.mnist import FashionMNISTDataset, MNISTDataset
    from csai_train.datasets.run import DatasetRun
    from csai_train.datasets.starting import resume_on_dataset, train_on_dataset
    from csai_train.datasets.trainer import Trainer
    from csai_train.datasets.training import DatasetTraining

_HOMES = {
    "CIFAR100Dataset": "cifar",
    "CIFAR10Dataset": "cifar",
    "Dataset": "dataset",
    "DatasetConfig": "config",
    "DatasetOrigin": "dataset",
    "DatasetRun": "run",
    "DatasetTraining": "training",
    "Epoch": "history",
    "Examination": "examination",
    "FashionMNISTDataset": "mnist",
    "History": "history",
    "ImageNetDataset": "imagenet",
    "MNISTDataset": "mnist",
    "RateSearch": "learning_rates",
    "Trainer": "trainer",
    "examine": "examination",
    "find_learning_rate": "learning_rates",
    "resume_on_dataset": "starting",
    "train_on_dataset": "starting",
}

__all__ = [
    "CIFAR10Dataset",
    "CIFAR100Dataset",
    "Dataset",
    "DatasetConfig",
    "DatasetOrigin",
    "DatasetRun",
    "DatasetTraining",
    "Epoch",
    "Examination",
    "FashionMNISTDataset",
    "History",
    "ImageNetDataset",
    "MNISTDataset",
    "RateSearch",
    "Trainer",
    "examine",
    "find_learning_rate",
    "resume_on_dataset",
    "train_on_dataset",
]

torchvision_import.mend()


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
