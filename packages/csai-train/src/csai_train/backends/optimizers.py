"""Optimizers: Adam on flat parameters, and any torch optimizer in the same form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import torch

from csai_train.backends.flat import FlatParameters, fast_view
from csai_train.backends.torch import restore_tensors


class Optimizer(Protocol):
    """Moves parameters against their gradients."""

    learning_rate: float

    def step(self) -> None:
        """Move the parameters against their gradients."""

    def state_dict(self) -> dict[str, Any]:
        """What it remembers."""

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""


class Adam:
    """Adam (Kingma and Ba 2015, arXiv:1412.6980, algorithm 1) on flat parameters.

    Args:
        parameters: what to optimize.
        learning_rate: how far a step goes; may be changed between steps.
        epsilon: keeps steps bounded where gradients have been near zero.
    """

    def __init__(
        self,
        parameters: FlatParameters,
        learning_rate: float,
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        self.learning_rate = learning_rate
        self._parameters = parameters
        self._beta1, self._beta2, self._epsilon = beta1, beta2, epsilon
        self._mean = torch.zeros_like(parameters.values)
        self._square = torch.zeros_like(parameters.values)
        self._scratch = torch.empty_like(parameters.values)
        self._mean_view, self._square_view = fast_view(self._mean), fast_view(self._square)
        self._num_steps = 0

    def step(self) -> None:
        """Move the parameters against their gradients."""
        self._num_steps += 1
        # The corrections of both biases go into the step's size and into epsilon: so they cost no pass.
        mean_bias = 1 - self._beta1**self._num_steps
        deviation_bias = math.sqrt(1 - self._beta2**self._num_steps)
        size = self.learning_rate * deviation_bias / mean_bias
        epsilon = self._epsilon * deviation_bias
        if isinstance(self._parameters.value_view, np.ndarray):
            self._step_in_numpy(size, epsilon)
        else:
            self._step_in_torch(size, epsilon)

    def _step_in_numpy(self, size: float, epsilon: float) -> None:
        values, gradients = self._parameters.value_view, self._parameters.gradient_view
        mean, square = self._mean_view, self._square_view
        mean *= self._beta1
        mean += (1 - self._beta1) * gradients
        square *= self._beta2
        square += (1 - self._beta2) * gradients * gradients
        values -= size * mean / (np.sqrt(square) + epsilon)

    def _step_in_torch(self, size: float, epsilon: float) -> None:
        """The same without making new vectors, which for long ones would take most of the time."""
        values, gradients = self._parameters.values, self._parameters.gradients
        self._mean.lerp_(gradients, 1 - self._beta1)
        self._square.mul_(self._beta2).addcmul_(gradients, gradients, value=1 - self._beta2)
        torch.sqrt(self._square, out=self._scratch).add_(epsilon)
        values.addcdiv_(self._mean, self._scratch, value=-size)

    def state_dict(self) -> dict[str, Any]:
        """The running means and the number of steps."""
        return {
            "mean": self._mean,
            "square": self._square,
            "num_steps": self._num_steps,
            "learning_rate": self.learning_rate,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        self._mean.copy_(torch.as_tensor(state["mean"]))
        self._square.copy_(torch.as_tensor(state["square"]))
        self._num_steps = state["num_steps"]
        self.learning_rate = state["learning_rate"]


class TorchOptimizer:
    """An optimizer of torch, over the parameters of a network that is laid out flat.

    Args:
        optimizer: it may give groups of parameters learning rates of their own; all change in proportion.
    """

    def __init__(self, optimizer: torch.optim.Optimizer) -> None:
        self._optimizer = optimizer
        self._first_rate = float(optimizer.param_groups[0]["lr"])
        self._rates = [float(group["lr"]) for group in optimizer.param_groups]

    @property
    def learning_rate(self) -> float:
        """That of the first group of parameters."""
        return float(self._optimizer.param_groups[0]["lr"])

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        for group, rate in zip(self._optimizer.param_groups, self._rates, strict=True):
            group["lr"] = rate * value / self._first_rate

    def step(self) -> None:
        """Move the parameters against their gradients."""
        self._optimizer.step()

    def state_dict(self) -> dict[str, Any]:
        """What the optimizer remembers."""
        return self._optimizer.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        self._optimizer.load_state_dict(restore_tensors(state))
