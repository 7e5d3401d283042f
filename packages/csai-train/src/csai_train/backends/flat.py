"""All parameters of a network as one vector, so that a step, a copy or a norm is a handful of operations.

The network's own parameters become views into that vector, and their gradients views into another; the
network works as before. For small networks this saves most of an optimizer's time. Most of what is left is
the price of calling torch, so that short vectors are computed with as numpy arrays that share their memory.
"""

from __future__ import annotations

import math
from typing import Any

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
        value_view: the same memory as `values`, as `fast_view` has it.
        gradient_view: the same memory as `gradients`, likewise.
    """

    def __init__(self, network: nn.Module) -> None:
        self._parameters = parameters = [p for p in network.parameters() if p.requires_grad]
        self.values = torch.cat([_laid_out(p.detach()).reshape(-1) for p in parameters])
        self.gradients = torch.zeros_like(self.values)
        start = 0
        for parameter in parameters:
            end = start + parameter.numel()
            gradient = _viewed_as(parameter, self.gradients[start:end])
            parameter.data = _viewed_as(parameter, self.values[start:end])
            parameter.grad = gradient
            start = end
        self.value_view, self.gradient_view = fast_view(self.values), fast_view(self.gradients)

    def copy_from(self, other: FlatParameters, share: float = 1.0) -> None:
        """Move toward the values of another network with the same layers; share 1 copies them."""
        self.values.lerp_(other.values, share)

    def differentiate(self, loss: Tensor) -> float:
        """Put the gradient of `loss` into `gradients`, whatever else it depends on; the loss."""
        self.gradients.zero_()
        loss.backward(inputs=self._parameters)  # type: ignore[no-untyped-call]
        return loss.item()

    def clip_gradients(self, loss: float, max_norm: float) -> None:
        """Make `gradients`, which are those of a loss, no longer than `max_norm`.

        Raises:
            NonFiniteError: if the loss or its gradient is NaN or infinite.
        """
        gradients = self.gradient_view
        # A loss that is infinite has gradients whose squares overflow, of which numpy would warn first.
        norm = math.sqrt(gradients @ gradients) if math.isfinite(loss) else math.nan
        require_finite(loss, norm)
        share = max_norm / (norm + 1e-6)
        if share < 1:
            gradients *= share


_FEW = 2**15
"""Up to so many numbers, numpy is quicker than torch."""


def fast_view(vector: Tensor) -> Any:
    """The vector as what computes fastest with it: a numpy array with the same memory, or itself."""
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


def require_finite(loss: float, gradient_norm: float) -> None:
    """Refuse to learn from NaN or infinity.

    Raises:
        NonFiniteError: if one of them is NaN or infinite.
    """
    total = loss + gradient_norm
    if total - total != 0:  # NaN for both NaN and infinity
        raise NonFiniteError(
            f"The loss is {loss} and its gradient has length {gradient_norm}; the weights were left as "
            "they were. A smaller learning rate, or smaller rewards, may help."
        )
