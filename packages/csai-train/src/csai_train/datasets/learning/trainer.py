"""Trainer: one network, how its errors are measured, and how it learns from a batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from csai_core.errors import ConfigError
from csai_neural.devices import Device, find_device
from csai_train.backends.flat import FlatParameters
from csai_train.backends.optimizers import Adam
from csai_train.datasets.learning.compatibility import device_of
from csai_train.errors import CompatibilityError, NonFiniteError
from csai_train.group import Group

_CHECKED_EVERY = 20
"""On a GPU, looking at a loss after every batch would make the GPU wait."""

_POOLING = (nn.MaxPool2d, nn.AvgPool2d)
Criterion = Callable[[Tensor, Tensor], Tensor]


class Trainer:
    """Trains a network batch by batch: what a loop of your own needs, and what `train_on_dataset` uses.

    Args:
        model: the network.
        criterion: the loss, of (outputs, labels); None is the cross-entropy.
        optimizer: one of torch's, over the parameters of `model`; None is Adam.
        device: where to train; None trains where the network is.
        learning_rate: of Adam.
        label_smoothing: of the cross-entropy in training; tests are without.
        precision: "float32", "bfloat16", or "auto": bfloat16 on a GPU that has it.

    Raises:
        CompatibilityError: if nothing in the network can learn.
        DeviceError: if the device is not in this machine.

    Attributes:
        group: the processes that learn together; see `join`.
    """

    def __init__(
        self,
        model: nn.Module,
        criterion: Criterion | None = None,
        optimizer: torch.optim.Optimizer | None = None,
        device: Device = None,
        *,
        learning_rate: float = 1e-3,
        label_smoothing: float = 0.0,
        precision: str = "auto",
    ) -> None:
        self.model = model if device is None else model.to(find_device(device))
        self.device = device_of(self.model)
        self.group = Group()
        self.criterion = criterion or nn.CrossEntropyLoss(label_smoothing=label_smoothing)
        self.test_criterion = criterion or nn.CrossEntropyLoss()
        self.precision = _precision(precision, self.device)
        self._is_channels_last = _use_channels_last(self.model, self.device)
        parameters = [p for p in model.parameters() if p.requires_grad]
        if not parameters:
            raise CompatibilityError(
                "Nothing in the network can learn: it has no parameters, or all are frozen."
            )
        self._flat: FlatParameters | None = None
        self.optimizer: Any = optimizer
        if optimizer is None:
            if len({(p.dtype, p.device) for p in parameters}) > 1:
                raise ConfigError(
                    "The network's parameters differ in dtype or device; give the Trainer an optimizer, such "
                    "as torch.optim.Adam(net.parameters())."
                )
            self._flat = FlatParameters(model)
            self.optimizer = Adam(self._flat, learning_rate)
        # Sums since the last `take_means`: numbers, or on a GPU tensors.
        self._loss: Any = 0.0
        self._right: Any = 0
        self._count = self._unchecked = 0

    # --- learning

    def set_learning_rate(self, learning_rate: float) -> None:
        """Learn with another rate from now on."""
        if self._flat is not None:
            self.optimizer.learning_rate = learning_rate
        else:
            for group in self.optimizer.param_groups:
                group["lr"] = learning_rate

    @property
    def learning_rate(self) -> float:
        """The present learning rate."""
        if self._flat is not None:
            return float(self.optimizer.learning_rate)
        return float(self.optimizer.param_groups[0]["lr"])

    def join(self, group: Group) -> None:
        """Learn from now on with the others of a group, beginning with the weights of its first process.

        Each learns from its own part of a batch, by the gradient of the whole batch.
        """
        self.group = group
        group.broadcast(*(p.data for p in self.model.parameters()), *self.model.buffers())

    def train_batch(self, inputs: Tensor, labels: Tensor, count: int | None = None) -> None:
        """Learn from one batch; the network must be in training mode.

        Args:
            inputs: (batch, *shape); in a group, this process's part of it.
            labels: (batch,), integers.
            count: as how many examples they count beside those of other processes; None as many as they are.

        Raises:
            NonFiniteError: if the loss is NaN or infinite; nothing is learned then.
        """
        with self._autocast():
            outputs = self.model(self._as_channels_last(inputs))
            loss = self.criterion(outputs, labels)
        if not self.group.is_shared:
            self._add_up(loss, outputs, labels)
        if self._flat is None:
            self.optimizer.zero_grad()
        else:
            self._flat.gradients.zero_()
        loss.backward()
        if self.group.is_shared:
            count = len(labels) if count is None else count
            self._require_finite(self._mean_gradients(loss.item(), count))
            if count:
                self._add_up(loss, outputs, labels)
        self.optimizer.step()

    def _mean_gradients(self, loss: float, count: int) -> float:
        """Make the gradients those of all processes' examples, in place; the mean loss over these."""
        if self._flat is not None:
            return self.group.mean_gradient(self._flat.gradients, count, loss)
        gradients = [p.grad for p in self.model.parameters() if p.grad is not None]
        together = torch.cat([gradient.reshape(-1) for gradient in gradients])
        mean_loss = self.group.mean_gradient(together, count, loss)
        start = 0
        for gradient in gradients:
            gradient.copy_(together[start : start + gradient.numel()].view(gradient.shape))
            start += gradient.numel()
        return mean_loss

    def train_epoch(self, batches: Iterable[tuple[Tensor, Tensor]]) -> tuple[float, float]:
        """Learn from every batch once, such as those of a DataLoader.

        Returns:
            The mean loss, and the share of right answers, while learning.
        """
        self.model.train()
        self._zero_totals()
        for inputs, labels in batches:
            self.train_batch(inputs.to(self.device), labels.to(self.device))
        loss, accuracy, _ = self.take_means()
        return loss, accuracy

    def evaluate(self, batches: Iterable[tuple[Tensor, Tensor]]) -> tuple[float, float]:
        """Test the network, which learns nothing from it; in a group, each process with batches of its own.

        Returns:
            The mean loss, and the share of right answers.
        """
        was_training = self.model.training
        self.model.eval()
        total, right, count = 0.0, 0, 0
        try:
            with torch.no_grad(), self._autocast():
                for inputs, labels in batches:
                    outputs = self.model(self._as_channels_last(inputs.to(self.device)))
                    answers = labels.to(self.device)
                    total += float(self.test_criterion(outputs, answers)) * len(answers)
                    right += int((outputs.argmax(dim=1) == answers).sum())
                    count += len(answers)
        finally:
            self.model.train(was_training)
        total, right, count = self._over_all(total, right, count)
        return total / count, right / count

    def take_means(self) -> tuple[float, float, int]:
        """Mean loss and share of right answers, and how many, of the examples since this was last called.

        In a group, of those of all processes, which call this together.

        Raises:
            NonFiniteError: if the loss has become NaN or infinite.
        """
        total, right, count = self._over_all(float(self._loss), int(self._right), self._count)
        loss, accuracy = total / count, right / count
        self._require_finite(loss)
        self._zero_totals()
        return loss, accuracy, count

    def _over_all(self, total: float, right: int, count: int) -> tuple[float, int, int]:
        """Sums over all processes: of losses, of right answers and of examples."""
        sums = self.group.gather_rows(np.array([[total, right, count]], dtype=np.float64)).sum(axis=0)
        return float(sums[0]), int(sums[1]), int(sums[2])

    def _add_up(self, loss: Tensor, outputs: Tensor, labels: Tensor) -> None:
        """Add up losses and right answers, of which a GPU is not asked after every batch."""
        count = len(labels)
        right = (outputs.detach().argmax(dim=1) == labels).sum()
        self._count += count
        if self.device.type == "cpu":
            value = loss.item()
            self._require_finite(value)
            self._loss += value * count
            self._right += right.item()
            return
        self._loss = self._loss + loss.detach() * count
        self._right = self._right + right
        self._unchecked += 1
        if self._unchecked >= _CHECKED_EVERY:
            self._unchecked = 0
            self._require_finite(float(self._loss))

    def _require_finite(self, loss: float) -> None:
        if not math.isfinite(loss):
            raise NonFiniteError(
                f"The loss has become {loss}, at a learning rate of {self.learning_rate:g}. A smaller one, "
                f"such as {self.learning_rate / 10:g}, may help; find_learning_rate looks for the right one."
            )

    def _zero_totals(self) -> None:
        self._loss, self._right, self._count = 0.0, 0, 0

    def _as_channels_last(self, inputs: Tensor) -> Tensor:
        """Gray images, of which torch cannot tell how they lie in memory, marked as the weights are."""
        if self._is_channels_last and inputs.dim() == 4 and inputs.shape[1] == 1:
            batch, _, height, width = inputs.shape
            return inputs.reshape(batch, height, width, 1).permute(0, 3, 1, 2)
        return inputs

    def _autocast(self) -> AbstractContextManager[Any]:
        if self.precision == "float32":
            return nullcontext()
        return torch.autocast(self.device.type, dtype=torch.bfloat16)

    # --- saving

    def state_dict(self) -> dict[str, Any]:
        """Everything needed to go on exactly from here."""
        return {
            "model": dict(self.model.state_dict()),
            "optimizer": self.optimizer.state_dict(),
            "totals": [float(self._loss), int(self._right), self._count],
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self._loss, self._right, self._count = state["totals"]


def _use_channels_last(model: nn.Module, device: torch.device) -> bool:
    """Let the channels of a pixel lie side by side, where that is the faster; whether it is.

    On a GPU it always is. On a CPU it makes pooling several times as fast, and convolutions a little slower.
    """
    if device.type != "cuda" and not any(isinstance(module, _POOLING) for module in model.modules()):
        return False
    for parameter in model.parameters():
        if parameter.dim() == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return True


def _precision(wanted: str, device: torch.device) -> str:
    if wanted != "auto":
        return wanted
    return "bfloat16" if device.type == "cuda" and torch.cuda.is_bf16_supported() else "float32"
