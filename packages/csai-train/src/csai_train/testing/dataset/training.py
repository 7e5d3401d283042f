"""Checks that a dataset can be trained on, with a transform too."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import torch

from csai_core.testing import fail, skip
from csai_train.datasets import train_on_dataset
from csai_train.datasets.learning.loaders import is_number_tensor
from csai_train.datasets.learning.make_loaders import make_loaders
from csai_train.testing.dataset.base import CPU, DatasetChecks
from csai_train.testing.dataset.examples import Part, sample


class TrainingChecks(DatasetChecks):
    """What a training makes of it."""

    num_examples: ClassVar[int] = 64
    """How many of its examples a network is trained on for an epoch."""

    def test_its_transform_is_done(self) -> None:
        """Where it takes a transform, images pass through it."""
        if not self._takes("transform"):
            skip("it takes no transform")
        try:
            dataset = self._made(transform=_seven)
        except TypeError as error:
            if "unexpected keyword argument 'transform'" not in str(error) or self._says_its_settings():
                raise
            skip("it takes no transform")
        for loader in make_loaders(dataset, CPU, warn=lambda message: None):
            inputs, _ = next(loader.test_batches())
            if not bool((inputs == 7).all()) and not is_number_tensor(next(sample(dataset.trainset))[1][0]):
                fail(
                    f"Made with a transform, {loader.name} is what it was without; hand it to Dataset: "
                    "super().__init__(origin, transform)."
                )

    def test_it_can_be_learned(self) -> None:
        """An epoch of training goes through, and its loss is a number."""
        dataset = Part(self._made(), self.num_examples)
        training = train_on_dataset("linear", dataset, 1, seed=1, device="cpu")
        if not math.isfinite(training.history.epochs[-1].loss):
            fail(f"After an epoch the loss is {training.history.epochs[-1].loss}; bring inputs near -1 to 1.")

    # --- inner workings

    def _takes(self, setting: str) -> bool:
        return not self._says_its_settings() or setting in self._parameters()

    def _says_its_settings(self) -> bool:
        """Whether the names of its settings can be told: not where `make` hands on whatever it is given."""
        is_handed_on = any(each.kind is each.VAR_KEYWORD for each in self._parameters().values())
        return type(self).make is DatasetChecks.make or not is_handed_on

    def _parameters(self) -> Mapping[str, inspect.Parameter]:
        is_own = type(self).make is not DatasetChecks.make
        return inspect.signature(self.make if is_own else self._target()).parameters


def _seven(image: Any) -> torch.Tensor:
    """A transform that no picture looks like."""
    return torch.full((1, *np.shape(image)[:2]), 7.0)
