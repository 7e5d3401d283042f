"""Looking for a learning rate: a short trial in which it grows until the network no longer bears it.

Reference: Smith 2017, arXiv:1506.01186, section 3.3.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import nn

from csai_core import storage
from csai_core.errors import ConfigError
from csai_neural.generators import seeded
from csai_train.datasets.learning.compatibility import compatible_loaders
from csai_train.datasets.learning.epoch_order import shuffled
from csai_train.datasets.learning.trainer import Trainer
from csai_train.errors import NonFiniteError
from csai_train.threads import limited_threads

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_TOO_MUCH = 3.0
"""The trial ends when the loss is so many times the lowest."""
_SMOOTHING = 0.9


@dataclass(frozen=True)
class LearningRateFinder:
    """What came of a trial of learning rates."""

    rates: list[float]
    """The learning rates that were tried, each on one batch, from low to high."""
    losses: list[float]
    """The loss at each, as a running mean."""

    @property
    def suggestion(self) -> float:
        """The rate at which the loss fell the fastest as the rate grew."""
        before_the_lowest = max(3, self.losses.index(min(self.losses)) + 1)
        losses, rates = self.losses[:before_the_lowest], self.rates[:before_the_lowest]
        slopes = np.gradient(losses, np.log(rates))
        return rates[int(slopes.argmin())]

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw the loss over the learning rate, and the suggestion.

        Args:
            path: where to save the figure, `.png` or `.svg`; None saves nothing.
        """
        from csai_train.runs.figures import COLORS, INK, make_figure

        figure, (axis,) = make_figure(["loss"], "learning rate finder")
        axis.plot(self.rates, self.losses, color=COLORS[0], linewidth=2)
        axis.axvline(self.suggestion, color=COLORS[1], linewidth=1.5)
        axis.annotate(
            f" {self.suggestion:.2g}", (self.suggestion, max(self.losses)), color=COLORS[1], va="top"
        )
        axis.set_xscale("log")
        axis.set_xlabel("learning rate", color=INK)
        if path is not None:
            with storage.replacement(path) as unfinished:
                figure.savefig(unfinished)
        return figure


def find_learning_rate(
    net: nn.Module,
    dataset: Any,
    *,
    batch_size: int = 64,
    lowest: float = 1e-5,
    highest: float = 1.0,
    num_batches: int = 200,
    seed: int = 0,
    threads: int = 1,
) -> LearningRateFinder:
    """Try learning rates on a copy of a network, one for each batch, until the loss grows out of hand.

    Args:
        net: the network; it is left as it is.
        dataset: what it shall learn.
        batch_size: examples in a batch; the larger, the larger the best learning rate.
        lowest: the first learning rate.
        highest: the last, unless the loss has grown before.
        num_batches: how many rates to try.
        seed: decides the order of the examples.
        threads: how many threads numpy and torch may use.

    Raises:
        InvalidDataError, CompatibilityError: if the network cannot be trained on the dataset.
        ConfigError: if the rates do not rise, or there are too few batches.
    """
    if not 0 < lowest < highest or num_batches < 10:
        raise ConfigError(
            f"find_learning_rate was given lowest={lowest}, highest={highest} and num_batches={num_batches}; "
            "the rates must rise from above 0, over 10 batches or more."
        )
    net = copy.deepcopy(net)
    train, _ = compatible_loaders(net, dataset)
    trainer = Trainer(net)
    net.train()
    rates: list[float] = []
    losses: list[float] = []
    mean = 0.0
    batches = (
        batch
        for epoch in count()
        for batch in train.batches(shuffled(len(train), batch_size, seed=seed, epoch=epoch))
    )
    with seeded(seed, trainer.device), limited_threads(threads):
        for number, (inputs, labels) in enumerate(batches, start=1):
            rate = lowest * (highest / lowest) ** ((number - 1) / (num_batches - 1))
            trainer.set_learning_rate(rate)
            try:
                trainer.train_batch(inputs, labels)
                loss, _, _ = trainer.take_means()
            except NonFiniteError:
                break
            mean = _SMOOTHING * mean + (1 - _SMOOTHING) * loss
            rates.append(rate)
            losses.append(mean / (1 - _SMOOTHING**number))
            if number == num_batches or not math.isfinite(loss) or losses[-1] > _TOO_MUCH * min(losses):
                break
    return LearningRateFinder(rates, losses)
