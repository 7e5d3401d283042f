"""Datasets: images and what they show, to train networks on.

Three rooms: `sources` reads examples, `learning` trains on them, `analysis` looks at what was learned.

Names are imported when first used. torchvision is needed for downloads, for ImageNet and for transforms of
its own making, and nothing here imports it before that; see `torchvision_import` for what importing this
package does to a later `import torchvision`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from csai_core.lazy import lazy_names
from csai_train.datasets.sources import torchvision_import

if TYPE_CHECKING:
    from csai_train.datasets.analysis.error_analysis import ErrorAnalysis, analyze_errors
    from csai_train.datasets.analysis.learning_rate_finder import LearningRateFinder, find_learning_rate
    from csai_train.datasets.analysis.overfit_one_batch import OverfitResult, overfit_one_batch
    from csai_train.datasets.learning.config import DatasetConfig
    from csai_train.datasets.learning.history import History
    from csai_train.datasets.learning.networks import load_classifier
    from csai_train.datasets.learning.run import DatasetRun
    from csai_train.datasets.learning.train import resume_on_dataset, train_on_dataset
    from csai_train.datasets.learning.trainer import Trainer
    from csai_train.datasets.learning.training import DatasetTraining
    from csai_train.datasets.sources.cifar import CIFAR10Dataset, CIFAR100Dataset
    from csai_train.datasets.sources.dataset import Dataset, DatasetOrigin
    from csai_train.datasets.sources.imagenet import ImageNetDataset
    from csai_train.datasets.sources.mnist import FashionMNISTDataset, MNISTDataset
    from csai_train.errors import (
        CompatibilityError,
        DamagedFileError,
        DatasetError,
        InvalidDataError,
        MissingFilesError,
    )
    from csai_train.events import Epoch

__all__ = [
    "CIFAR10Dataset",
    "CIFAR100Dataset",
    "CompatibilityError",
    "DamagedFileError",
    "Dataset",
    "DatasetConfig",
    "DatasetError",
    "DatasetOrigin",
    "DatasetRun",
    "DatasetTraining",
    "Epoch",
    "ErrorAnalysis",
    "FashionMNISTDataset",
    "History",
    "ImageNetDataset",
    "InvalidDataError",
    "LearningRateFinder",
    "MNISTDataset",
    "MissingFilesError",
    "OverfitResult",
    "Trainer",
    "analyze_errors",
    "find_learning_rate",
    "load_classifier",
    "overfit_one_batch",
    "resume_on_dataset",
    "train_on_dataset",
]

torchvision_import.install_import_hook()

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "CIFAR100Dataset": "sources.cifar",
        "CIFAR10Dataset": "sources.cifar",
        "CompatibilityError": ".errors",
        "DamagedFileError": ".errors",
        "Dataset": "sources.dataset",
        "DatasetConfig": "learning.config",
        "DatasetError": ".errors",
        "DatasetOrigin": "sources.dataset",
        "DatasetRun": "learning.run",
        "DatasetTraining": "learning.training",
        "Epoch": ".events",
        "ErrorAnalysis": "analysis.error_analysis",
        "FashionMNISTDataset": "sources.mnist",
        "History": "learning.history",
        "ImageNetDataset": "sources.imagenet",
        "InvalidDataError": ".errors",
        "LearningRateFinder": "analysis.learning_rate_finder",
        "MNISTDataset": "sources.mnist",
        "MissingFilesError": ".errors",
        "OverfitResult": "analysis.overfit_one_batch",
        "Trainer": "learning.trainer",
        "analyze_errors": "analysis.error_analysis",
        "find_learning_rate": "analysis.learning_rate_finder",
        "load_classifier": "learning.networks",
        "overfit_one_batch": "analysis.overfit_one_batch",
        "resume_on_dataset": "learning.train",
        "train_on_dataset": "learning.train",
    },
)
