"""Learning one batch by heart: what every network that works can do in seconds, and a broken one cannot."""

from __future__ import annotations

import copy
import math
import warnings

import torch
from torch import nn

from csai_train.datasets.learning.config import DatasetConfig
from csai_train.datasets.learning.epoch_order import Pass
from csai_train.datasets.learning.history import History
from csai_train.datasets.learning.loaders import Feed
from csai_train.datasets.learning.trainer import Trainer
from csai_train.errors import TrainingWarning
from csai_train.events import Epoch

_MOST_STEPS = 300
_LOW_ENOUGH = 0.05


def overfit(net: nn.Module, train: Feed, config: DatasetConfig, num_classes: int, seed: int) -> History:
    """Train a copy of a network on the first batch alone, until it knows it by heart or 300 steps are over.

    Returns:
        The history, with a point for each step and one epoch: the last step.
    """
    net = copy.deepcopy(net)
    trainer = Trainer(net, learning_rate=config.learning_rate, precision=config.precision)
    count = min(len(train), config.batch_size)
    (batch,) = train.batches(Pass(torch.arange(count), count, seed=seed))
    curve: list[tuple[int, float, float]] = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net.train()
        for step in range(1, _MOST_STEPS + 1):
            trainer.train_batch(*batch)
            loss, accuracy, _ = trainer.take_means()
            curve.append((step, loss, accuracy))
            if accuracy == 1 and loss < _LOW_ENOUGH:
                break
    step, loss, accuracy = curve[-1]
    test_loss, test_accuracy = trainer.evaluate([batch])
    last = Epoch(1, loss, accuracy, test_loss, test_accuracy, config.learning_rate, 0.0)
    is_learned = accuracy == 1 and loss < _LOW_ENOUGH
    if not is_learned:
        warnings.warn(_diagnosis(loss, accuracy, count, num_classes), TrainingWarning, stacklevel=3)
    title = f"one batch of {count}, by heart" if is_learned else f"one batch of {count}: not learned"
    return History([last], curve, step, title, net=net, is_complete=is_learned)


def _diagnosis(loss: float, accuracy: float, count: int, num_classes: int) -> str:
    guessing = math.log(num_classes)
    learned_nothing = loss > 0.9 * guessing
    hint = (
        "Its loss is that of guessing, so nothing reaches its weights: look for an activation or a softmax "
        "at its end, for frozen blocks, and for labels that are mixed up."
        if learned_nothing
        else "It learns, but slowly: try another learning rate (find_learning_rate), less dropout, or a "
        "larger network."
    )
    return (
        f"The network could not learn {count} examples by heart in {_MOST_STEPS} steps: its loss is "
        f"{loss:.3f} (guessing gives {guessing:.3f}), and {accuracy:.0%} of its answers are right. {hint}"
    )
