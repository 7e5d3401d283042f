"""Datasets: pictures and what they show, to train networks on.

Names are imported when first used. torchvision is needed for downloads, for ImageNet and for transforms of
its own making, and nothing here imports it before that; see `torchvision_import` for what importing this
package does to a later `import torchvision`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from csai_core.lazy import lazy_names
from csai_train.datasets.sources import torchvision_import

if TYPE_CHECKING:
    from csai_train.datasets.analysis.error_analysis import Examination, examine
    from csai_train.datasets.analysis.learning_rate_finder import RateSearch, find_learning_rate
    from csai_train.datasets.learning.config import DatasetConfig
    from csai_train.datasets.learning.history import History
    from csai_train.datasets.learning.run import DatasetRun
    from csai_train.datasets.learning.train import resume_on_dataset, train_on_dataset
    from csai_train.datasets.learning.trainer import Trainer
    from csai_train.datasets.learning.training import DatasetTraining
    from csai_train.datasets.sources.cifar import CIFAR10Dataset, CIFAR100Dataset
    from csai_train.datasets.sources.dataset import Dataset, DatasetOrigin
    from csai_train.datasets.sources.imagenet import ImageNetDataset
    from csai_train.datasets.sources.mnist import FashionMNISTDataset, MNISTDataset
    from csai_train.events import Epoch

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

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "CIFAR100Dataset": "sources.cifar",
        "CIFAR10Dataset": "sources.cifar",
        "Dataset": "sources.dataset",
        "DatasetConfig": "learning.config",
        "DatasetOrigin": "sources.dataset",
        "DatasetRun": "learning.run",
        "DatasetTraining": "learning.training",
        "Epoch": "learning.history",
        "Examination": "analysis.error_analysis",
        "FashionMNISTDataset": "sources.mnist",
        "History": "learning.history",
        "ImageNetDataset": "sources.imagenet",
        "MNISTDataset": "sources.mnist",
        "RateSearch": "analysis.learning_rate_finder",
        "Trainer": "learning.trainer",
        "examine": "analysis.error_analysis",
        "find_learning_rate": "analysis.learning_rate_finder",
        "resume_on_dataset": "learning.train",
        "train_on_dataset": "learning.train",
    },
)
