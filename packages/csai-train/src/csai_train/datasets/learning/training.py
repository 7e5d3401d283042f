"""Training on a dataset: the loop that shows a network every example, epoch after epoch, and tests it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import astuple, replace
from typing import Any

import numpy as np
from torch import nn

from csai_core.errors import ConfigError
from csai_core.schema import Schema, a_list_of, an_object_of, check, is_float, is_truth, is_whole
from csai_neural.generators import DrawingFrom, make_generators
from csai_neural.modes import has_modes
from csai_train.datasets.learning.config import DatasetConfig
from csai_train.datasets.learning.epoch_order import count_batches, derive_seed, shuffled
from csai_train.datasets.learning.history import History
from csai_train.datasets.learning.loaders import Loader
from csai_train.datasets.learning.schedules import learning_rate_factor
from csai_train.datasets.learning.trainer import Trainer
from csai_train.events import Callback, Epoch, Session
from csai_train.group import Group
from csai_train.group.gathering import Gathering
from csai_train.group.shares import own_seed
from csai_train.marks import Interval
from csai_train.runs.checkpoint import PROCESSES

_POINTS_PER_TRAINING = 200


def _are_floats(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(map(is_float, value))


_BATCH_NORM = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm)
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

    Several processes each learn from their part of every batch, and agree after it on whether to stop or to
    save. The first one alone has callbacks.

    Args:
        trainer: the network, and how it learns.
        train: the examples to learn from.
        test: the examples to be tested on after each epoch.
        config: how to train.
        epochs: how often every example is seen.
        seed: decides the order of the examples, and everything else that is random.
        callbacks: who is notified of what happens.
        title: what its history is called.
        group: the processes that train together; None is this one alone.

    Raises:
        ConfigError: if several processes would learn something else than one, or a batch has fewer examples
            than there are processes.

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
        group: Group | None = None,
    ) -> None:
        self.group = Group() if group is None else group
        if self.group.is_shared:
            _require_shareable(trainer.model, config, self.group)
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
        self._generators = make_generators(own_seed(seed, self.group), trainer.device)
        """Which dropout draws from, in each process other numbers."""
        self._gathering = Gathering(self.group)
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
        self.trainer.join(self.group)
        with DrawingFrom(*self._generators) if has_modes(self.net) else nullcontext(), self.running():
            while not self.is_complete and not self.stop_requested:
                self._learn_an_epoch()
            if self.is_complete and self._best_weights is not None:
                self.trainer.model.load_state_dict(self._best_weights)
        self.group.barrier()

    @property
    def can_be_saved(self) -> bool:
        """Whether what all processes have to save is here."""
        is_here = not self.group.is_shared or self._gathering.is_of(self.steps)
        return is_here and super().can_be_saved

    def save_with(self, save: Callable[[], None]) -> None:
        """Call `save` when what all have to save is here: now, or at the end of the step."""
        if self.can_be_saved:
            save()
        else:
            self._gathering.ask(save)

    def _learn_an_epoch(self) -> None:
        """Learn from what is left of the present epoch."""
        self._epoch_began = time.perf_counter()
        epoch, first = divmod(self.steps, self.steps_per_epoch)
        order = shuffled(
            len(self.train_loader),
            self.config.batch_size,
            seed=self.seed,
            epoch=epoch,
            first=first,
            group=self.group,
        )
        trainer, points = self.trainer, Interval(self.total_steps // _POINTS_PER_TRAINING, self.steps)
        trainer.model.train()
        for inputs, labels in self.train_loader.batches(order):
            factor = learning_rate_factor(self.config.schedule, self.steps / self.total_steps)
            trainer.set_learning_rate(self.config.learning_rate * factor)
            trainer.train_batch(inputs, labels, order.num_own(self.steps % self.steps_per_epoch))
            self.steps += 1
            is_last = self.steps % self.steps_per_epoch == 0
            is_point = points.has_passed(self.steps)
            if is_point or is_last:
                self._take_means(is_point=is_point)
            if is_last:
                self._finish_epoch()
                self.emit("epoch", self.epochs[-1])
            self.end_step()
            self._agree()
            self.raise_if_broken()
            if self.stop_requested:
                break

    def _agree(self) -> None:
        """Find out whether any process wants to stop or to save, and do it in all."""
        if not self.group.is_shared:
            return
        wishes = [self.stop_requested or self._broken is not None, self._gathering.is_wished]
        to_stop, to_save = (self.group.mean(np.array(wishes, dtype=np.float64)) > 0).tolist()
        self.stop_requested = to_stop
        if to_stop or to_save or self.is_complete:
            self._gathering.bring({"generators": self._generator_states()}, self.steps)

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
        test_loss, test_accuracy = self.trainer.evaluate(self.test_loader.test_batches(self.group))
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
        """Everything needed to go on exactly from here; times are left out, as they never come again.

        In the first of several processes, with what the others have as "processes" beside it.
        """
        of_others = {PROCESSES: self._gathering.of_others} if self.group.is_shared else {}
        return {
            **of_others,
            "trainer": self.trainer.state_dict(),
            "steps": self.steps,
            "epochs": [astuple(replace(epoch, seconds=0.0)) for epoch in self.epochs],
            "curve": self.curve,
            "since_epoch": self._since_epoch,
            "metrics": self.metrics,
            "best_weights": self._best_weights,
            "is_over": self._is_over,
            "generators": self._generator_states(),
        }

    def _generator_states(self) -> list[Any]:
        return [generator.get_state() for generator in self._generators]

    def load_state_dict(self, state: Mapping[str, Any] | None) -> str:
        """Go on from a state that `state_dict` gave.

        Args:
            state: it; in others than the first of several processes None.

        Returns:
            Why the training does not go on exactly; empty where it does.
        """
        parts = [] if state is None else [{"generators": state["generators"]}, *state.get(PROCESSES, ())]
        shared = None if state is None else {name: part for name, part in state.items() if name != PROCESSES}
        before, state = self.group.broadcast_state([len(parts), shared])
        check(state, _STATE)
        self.trainer.load_state_dict(state["trainer"])
        self.steps = state["steps"]
        self.epochs = [Epoch(*values) for values in state["epochs"]]
        self.curve = [(steps, loss, accuracy) for steps, loss, accuracy in state["curve"]]
        self._since_epoch = list(state["since_epoch"])
        self.metrics = dict(state["metrics"])
        self._best_weights = state["best_weights"]
        self._is_over = state["is_over"]
        if before != self.group.size:
            self._generators = make_generators(
                derive_seed(self.seed, self.steps, self.group.rank), self.trainer.device
            )
            return (
                f"it was trained by {before} process{'es' if before > 1 else ''}, and goes on with "
                f"{self.group.size}"
            )
        own = self.group.scatter_states(parts)
        # A run that was begun on another device has no state for this one.
        for generator, saved in zip(self._generators, own["generators"] or (), strict=False):
            generator.set_state(saved)
        return ""


def _require_shareable(model: nn.Module, config: DatasetConfig, group: Group) -> None:
    """Refuse what several processes cannot learn as one would, before anything is written.

    Raises:
        ConfigError: saying what would work.
    """
    if config.batch_size < group.size:
        raise ConfigError(
            f"batch_size is {config.batch_size}, a total of which each of {group.size} processes needs one "
            "at least. Give a larger batch_size, or fewer processes."
        )
    for name, module in model.named_modules():
        if isinstance(module, _BATCH_NORM):
            raise ConfigError(
                f"The network has batch norm ({name}), which goes by all examples of a batch, and each of "
                f"{group.size} processes has a part of them. Train it in one process, or take a layer that "
                "normalizes each example by itself, such as torch.nn.GroupNorm."
            )
