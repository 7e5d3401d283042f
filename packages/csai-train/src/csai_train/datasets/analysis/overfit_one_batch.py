"""Learning one batch by heart: what every network that works can do in seconds, and a broken one cannot."""

from __future__ import annotations

import copy
import math
import warnings
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from csai_core import options
from csai_neural.generators import seeded
from csai_train.datasets.learning.compatibility import compatible_loaders
from csai_train.datasets.learning.config import DatasetConfig
from csai_train.datasets.learning.epoch_order import EpochOrder
from csai_train.datasets.learning.trainer import Trainer
from csai_train.errors import TrainingWarning
from csai_train.threads import limited_threads

_MOST_STEPS = 300
_LOW_ENOUGH = 0.05


@dataclass(frozen=True)
class OverfitResult:
    """How a network learned one batch; print it for a line."""

    num_examples: int
    losses: list[float]
    """The mean loss of each step."""
    accuracies: list[float]
    """The share of right answers of each step."""

    @property
    def is_learned(self) -> bool:
        """Whether the network knows the batch by heart."""
        return self.accuracies[-1] == 1 and self.losses[-1] < _LOW_ENOUGH

    def __str__(self) -> str:
        verdict = "learned by heart" if self.is_learned else "not learned"
        return (
            f"one batch of {self.num_examples}, {verdict}: loss {self.losses[-1]:.4f}, "
            f"{self.accuracies[-1]:.0%} right after {len(self.losses)} steps"
        )


def overfit_one_batch(
    net: nn.Module, dataset: Any, *, seed: int = 0, config: Any = None, threads: int = 1
) -> OverfitResult:
    """Train a copy of a network on one batch alone, until it knows it by heart or 300 steps are over.

    A network that cannot learn even that is broken, and a TrainingWarning says what to look for.

    Args:
        net: the network; it is left as it is.
        dataset: what it shall learn; its first examples are the batch.
        seed: decides everything random.
        config: as for `train_on_dataset`; of it count `batch_size`, `learning_rate`, `augment`, `precision`
            and `workers`.
        threads: how many threads numpy and torch may use.

    Raises:
        InvalidDataError, CompatibilityError: if the network cannot be trained on the dataset.
        ConfigError, UnknownNameError: if a setting cannot work, or does not exist.
        NonFiniteError: if the loss becomes NaN or infinite.
    """
    settings: DatasetConfig = options.configure(DatasetConfig, config)
    net = copy.deepcopy(net)
    train, _ = compatible_loaders(net, dataset, augmentations=settings.augment, workers=settings.workers)
    trainer = Trainer(net, learning_rate=settings.learning_rate, precision=settings.precision)
    count = min(len(train), settings.batch_size)
    (batch,) = train.batches(EpochOrder(torch.arange(count), count, seed=seed))
    result = OverfitResult(count, [], [])
    with limited_threads(threads), seeded(seed, trainer.device):
        net.train()
        for _ in range(_MOST_STEPS):
            trainer.train_batch(*batch)
            loss, accuracy, _ = trainer.take_means()
            result.losses.append(loss)
            result.accuracies.append(accuracy)
            if result.is_learned:
                break
    if not result.is_learned:
        warnings.warn(_diagnosis(result, dataset.num_classes), TrainingWarning, stacklevel=2)
    return result


def _diagnosis(result: OverfitResult, num_classes: int) -> str:
    guessing = math.log(num_classes)
    learned_nothing = result.losses[-1] > 0.9 * guessing
    hint = (
        "Its loss is that of guessing, so nothing reaches its weights: look for an activation or a softmax "
        "at its end, for frozen blocks, and for labels that are mixed up."
        if learned_nothing
        else "It learns, but slowly: try another learning rate (find_learning_rate), less dropout, or a "
        "larger network."
    )
    return (
        f"The network could not learn {result.num_examples} examples by heart in {_MOST_STEPS} steps: its "
        f"loss is {result.losses[-1]:.3f} (guessing gives {guessing:.3f}), and {result.accuracies[-1]:.0%} "
        f"of its answers are right. {hint}"
    )
