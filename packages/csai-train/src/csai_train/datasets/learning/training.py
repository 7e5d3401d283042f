"""Training on a dataset: the loop that shows a network every example, epoch after epoch, and tests it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import astuple, replace
from typing import Any

from torch import nn

from csai_core.schema import Schema, a_list_of, an_object_of, check, is_float, is_truth, is_whole
from csai_neural.generators import DrawingFrom, make_generators
from csai_neural.modes import has_modes
from csai_train.datasets.learning.config import DatasetConfig
from csai_train.datasets.learning.epoch_order import count_batches, shuffled
from csai_train.datasets.learning.history import History
from csai_train.datasets.learning.loaders import Loader
from csai_train.datasets.learning.schedules import learning_rate_factor
from csai_train.datasets.learning.trainer import Trainer
from csai_train.events import Callback, Epoch, Session
from csai_train.marks import Interval

_POINTS_PER_TRAINING = 200


def _are_floats(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(map(is_float, value))


_STATE: Schema = {
    "steps": is_whole,
    "epochs": a_list_of(_are_floats),
    "curve": a_list_of(_are_floats),
    "since_epoch": _are_floats,
    "metrics": an_object_of(is_float),
    "is_over": is_truth,
}
"""What stands in a state besides what the trainer and torch's generators keep."""


class DatasetTraining(Session):
    """One training of a network on a dataset; a step is one batch.

    Args:
        trainer: the network, and how it learns.
        train: the examples to learn from.
        test: the examples to be tested on after each epoch.
        config: how to train.
        epochs: how often every example is seen.
        seed: decides the order of the examples, and everything else that is random.
        callbacks: who is notified of what happens.
        title: what its history is called.

    Attributes:
        epochs: what each epoch that was finished has measured.
        curve: within epochs, after how many steps the mean loss and accuracy since the last point were which.
    """

    def __init__(
        self,
        trainer: Trainer,
        train: Loader,
        test: Loader,
        config: DatasetConfig,
        *,
        epochs: int,
        seed: int,
        callbacks: Sequence[Callback] = (),
        title: str = "",
    ) -> None:
        self.steps_per_epoch = count_batches(len(train), config.batch_size)
        super().__init__(epochs * self.steps_per_epoch, callbacks)
        self.trainer = trainer
        self.train_loader, self.test_loader = train, test
        self.config = config
        self.seed = seed
        self.title = title
        self.epochs: list[Epoch] = []
        self.curve: list[tuple[int, float, float]] = []
        self._since_epoch: list[float] = [0.0, 0.0, 0.0]
        """Sums over the epoch so far: losses, right answers, examples."""
        self._best_weights: dict[str, Any] | None = None
        self._generators = make_generators(seed, trainer.device)
        """Which dropout draws from."""
        self._is_over = False
        self._epoch_began = 0.0

    @property
    def net(self) -> nn.Module:
        """The network that is trained."""
        return self.trainer.model

    @property
    def history(self) -> History:
        """Loss and accuracy so far."""
        return History(self.epochs, self.curve, self.steps_per_epoch, self.title)

    @property
    def is_complete(self) -> bool:
        """Whether all steps have been taken, or the network got no better for too long."""
        return self._is_over or super().is_complete

    def run(self) -> None:
        """Go on from where this training stands until its end, or until `stop_requested`.

        Raises:
            NonFiniteError: if the loss becomes NaN or infinite; the last save is from before.
            CallbackError: if a callback failed, naming it.
        """
        with DrawingFrom(*self._generators) if has_modes(self.net) else nullcontext(), self.running():
            while not self.is_complete and not self.stop_requested:
                self._learn_an_epoch()
            if self.is_complete and self._best_weights is not None:
                self.trainer.model.load_state_dict(self._best_weights)

    def _learn_an_epoch(self) -> None:
        """Learn from what is left of the present epoch."""
        self._epoch_began = time.perf_counter()
        epoch, first = divmod(self.steps, self.steps_per_epoch)
        order = shuffled(
            len(self.train_loader), self.config.batch_size, seed=self.seed, epoch=epoch, first=first
        )
        trainer, points = self.trainer, Interval(self.total_steps // _POINTS_PER_TRAINING, self.steps)
        trainer.model.train()
        for inputs, labels in self.train_loader.batches(order):
            factor = learning_rate_factor(self.config.schedule, self.steps / self.total_steps)
            trainer.set_learning_rate(self.config.learning_rate * factor)
            trainer.train_batch(inputs, labels)
            self.steps += 1
            is_last = self.steps % self.steps_per_epoch == 0
            is_point = points.has_passed(self.steps)
            if is_point or is_last:
                self._take_means(is_point=is_point)
            if is_last:
                self._finish_epoch()
                self.emit("epoch", self.epochs[-1])
            self.end_step()
            self.raise_if_broken()
            if self.stop_requested:
                break

    def _take_means(self, *, is_point: bool) -> None:
        """Note mean loss and accuracy since this was last done; what is left of an epoch is no point."""
        loss, accuracy, count = self.trainer.take_means()
        if is_point:
            self.curve.append((self.steps, loss, accuracy))
        for place, value in enumerate((loss * count, accuracy * count, count)):
            self._since_epoch[place] += value
        self.metrics.update(loss=loss, accuracy=accuracy, learning_rate=self.trainer.learning_rate)
        self.emit("update", self.metrics)

    def _finish_epoch(self) -> None:
        """Test the network, and decide whether to go on."""
        losses, right, count = self._since_epoch
        test_loss, test_accuracy = self.trainer.evaluate(self.test_loader.test_batches())
        self.metrics.update(test_loss=test_loss, test_accuracy=test_accuracy)
        self.epochs.append(
            Epoch(
                len(self.epochs) + 1,
                losses / count,
                right / count,
                test_loss,
                test_accuracy,
                self.trainer.learning_rate,
                time.perf_counter() - self._epoch_began,
            )
        )
        self._since_epoch = [0.0, 0.0, 0.0]
        if self.config.patience is not None:
            self._consider_stopping(self.config.patience)

    def _consider_stopping(self, patience: int) -> None:
        accuracies = [epoch.test_accuracy for epoch in self.epochs]
        best = accuracies.index(max(accuracies)) + 1
        if best == len(accuracies):
            weights = self.trainer.model.state_dict()
            self._best_weights = {name: tensor.detach().clone() for name, tensor in weights.items()}
        self._is_over = len(accuracies) - best >= patience

    # --- what those who listen ask

    def metrics_row(self) -> dict[str, str]:
        """The number of the epoch."""
        return {"epoch": str(-(-self.steps // self.steps_per_epoch))}

    def status_line(self, steps_per_second: float) -> str:
        """The epoch, the speed, the mean loss of the epoch so far, and what the last test said."""
        num_epochs = self.total_steps // self.steps_per_epoch
        epoch = min(num_epochs, self.steps // self.steps_per_epoch + 1)
        speed = steps_per_second * self.config.batch_size
        line = f"epoch {epoch}/{num_epochs}  {speed:,.0f} examples/s"
        losses, _, count = self._since_epoch
        if count:
            line += f"  loss {losses / count:.4f}"
        if self.epochs:
            line += f"  test {self.epochs[-1].test_accuracy:.2%}"
        return line

    # --- saving

    def state_dict(self) -> dict[str, Any]:
        """Everything needed to go on exactly from here; times are left out, as they never come again."""
        return {
            "trainer": self.trainer.state_dict(),
            "steps": self.steps,
            "epochs": [astuple(replace(epoch, seconds=0.0)) for epoch in self.epochs],
            "curve": self.curve,
            "since_epoch": self._since_epoch,
            "metrics": self.metrics,
            "best_weights": self._best_weights,
            "is_over": self._is_over,
            "generators": [generator.get_state() for generator in self._generators],
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        check(state, _STATE)
        self.trainer.load_state_dict(state["trainer"])
        self.steps = state["steps"]
        self.epochs = [Epoch(*values) for values in state["epochs"]]
        self.curve = [(steps, loss, accuracy) for steps, loss, accuracy in state["curve"]]
        self._since_epoch = list(state["since_epoch"])
        self.metrics = dict(state["metrics"])
        self._best_weights = state["best_weights"]
        self._is_over = state["is_over"]
        # A run that was begun on another device has no state for this one.
        for generator, saved in zip(self._generators, state["generators"] or (), strict=False):
            generator.set_state(saved)
