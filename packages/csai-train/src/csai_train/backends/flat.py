"""All parameters of a network as one vector, so that a step, a copy or a norm is a handful of operations.

The network's own parameters become views into that vector, and their gradients views into another; the
network works as before. For small networks this saves most of an optimiser's time. Most of what is left is
the price of calling torch, so that short vectors are reckoned with as numpy arrays that share their memory.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from csai_train.errors import NonFiniteError


class FlatParameters:
    """The trainable parameters of a network, laid end to end.

    Args:
        network: its parameters become views; load weights with `load_state_dict`, which writes into
            them, and move it to its device before.

    Attributes:
        values: all parameters, one after the other.
        gradients: of a loss, in the same order.
        quick_values: the same memory as `values`, as `quick` has it.
        quick_gradients: the same memory as `gradients`, likewise.
    """

    def __init__(self, network: nn.Module) -> None:
        parameters = [p for p in network.parameters() if p.requires_grad]
        self.values = torch.cat([_laid_out(p.detach()).reshape(-1) for p in parameters])
        self.gradients = torch.zeros_like(self.values)
        start = 0
        for parameter in parameters:
            end = start + parameter.numel()
            gradient = _viewed_as(parameter, self.gradients[start:end])
            parameter.data = _viewed_as(parameter, self.values[start:end])
            parameter.grad = gradient
            start = end
        self.quick_values, self.quick_gradients = quick(self.values), quick(self.gradients)

    def copy_from(self, other: FlatParameters, share: float = 1.0) -> None:
        """Move towards the values of another network with the same layers; share 1 copies them."""
        self.values.lerp_(other.values, share)

    def differentiate(self, loss: Tensor, max_norm: float) -> float:
        """Put the gradient of `loss` into `gradients`, no longer than `max_norm`.

        Returns:
            The loss.

        Raises:
            NonFiniteError: if the loss or its gradient is NaN or infinite.
        """
        self.gradients.zero_()
        loss.backward()  # type: ignore[no-untyped-call]
        value = loss.item()
        self.shorten(value, max_norm)
        return value

    def shorten(self, loss: float, max_norm: float) -> None:
        """Make `gradients`, which are those of a loss, no longer than `max_norm`.

        Raises:
            NonFiniteError: if the loss or its gradient is NaN or infinite.
        """
        gradients = self.quick_gradients
        norm = math.sqrt(gradients @ gradients)
        require_finite(loss, norm)
        share = max_norm / (norm + 1e-6)
        if share < 1:
            gradients *= share


_FEW = 2**15
"""Up to so many numbers, numpy is quicker than torch."""


def quick(vector: Tensor) -> Any:
    """The vector as that which reckons quickest with it: a numpy array with the same memory, or itself."""
    return vector.numpy() if vector.device.type == "cpu" and vector.numel() <= _FEW else vector


def _laid_out(values: Tensor) -> Tensor:
    """Values with their axes in the order in which they lie in memory."""
    return values.permute(0, 2, 3, 1) if _is_channels_last(values) else values


def _viewed_as(parameter: Tensor, flat: Tensor) -> Tensor:
    """A piece of the vector in a parameter's shape, lying in memory as the parameter does."""
    laid_out = flat.view(_laid_out(parameter).shape)
    return laid_out.permute(0, 3, 1, 2) if _is_channels_last(parameter) else laid_out


def _is_channels_last(values: Tensor) -> bool:
    """Whether these are the weights of a convolution with the channels of a pixel side by side."""
    return (
        values.dim() == 4
        and values.is_contiguous(memory_format=torch.channels_last)
        and not values.is_contiguous()
    )


class Adam:
    """Adam (Kingma and Ba 2015, arXiv:1412.6980, algorithm 1) on flat parameters.

    Args:
        parameters: what to optimise.
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
        self._quick_mean, self._quick_square = quick(self._mean), quick(self._square)
        self._num_steps = 0

    def step(self) -> None:
        """Move the parameters against their gradients."""
        self._num_steps += 1
        # The corrections of both biases go into the step's size and into epsilon: so they cost no pass.
        mean_bias = 1 - self._beta1**self._num_steps
        deviation_bias = math.sqrt(1 - self._beta2**self._num_steps)
        size = self.learning_rate * deviation_bias / mean_bias
        epsilon = self._epsilon * deviation_bias
        if isinstance(self._parameters.quick_values, np.ndarray):
            self._step_in_numpy(size, epsilon)
        else:
            self._step_in_torch(size, epsilon)

    def _step_in_numpy(self, size: float, epsilon: float) -> None:
        values, gradients = self._parameters.quick_values, self._parameters.quick_gradients
        mean, square = self._quick_mean, self._quick_square
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


def gradient_norm(network: nn.Module) -> float:
    """The length of a network's whole gradient."""
    squares = [p.grad.pow(2).sum() for p in network.parameters() if p.grad is not None]
    return float(torch.stack(squares).sum().sqrt()) if squares else 0.0


def require_finite(loss: float, gradient_norm: float) -> None:
    """Refuse to learn from numbers that are none.

    Raises:
        NonFiniteError: if one of them is NaN or infinite.
    """
    total = loss + gradient_norm
    if total - total != 0:  # NaN for both NaN and infinity
        raise NonFiniteError(
            f"The loss is {loss} and its gradient has length {gradient_norm}; the weights were left as "
            "they were. A smaller learning rate, or smaller rewards, may help."
        )
