"""Datasets, by their old path."""

from csai_train.datasets import (
    CIFAR10Dataset,
    CIFAR100Dataset,
    Dataset,
    DatasetOrigin,
    FashionMNISTDataset,
    ImageNetDataset,
    MNISTDataset,
    Trainer,
    train_on_dataset,
)

__all__ = [
    "CIFAR10Dataset",
    "CIFAR100Dataset",
    "Dataset",
    "DatasetOrigin",
    "FashionMNISTDataset",
    "ImageNetDataset",
    "MNISTDataset",
    "Trainer",
    "train_on_dataset",
]
