"""A plain TwinCritic in numpy, forwards and backwards."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_neural.twin_critic import TwinCritic
from csai_train.backends.numpy_layers import Floats, NumpyLayers, in_numpy


class NumpyTwinCritic:
    """Both critics as rows of layers; their weights are views of the network's own.

    Args:
        bodies: from observations, (batch, size), to features; may be empty.
        heads: from features and action, side by side, to one number.
    """

    def __init__(self, bodies: list[NumpyLayers], heads: list[NumpyLayers]) -> None:
        self._critics = list(zip(bodies, heads, strict=True))
        self._size_of_action = 0

    def __call__(self, observation: NDArray[Any], action: Floats) -> Floats:
        """What both expect after each action: (2, batch)."""
        values = [head(_joined(body(observation), action))[:, 0] for body, head in self._critics]
        return np.stack(values)

    def forward(self, observation: NDArray[Any], action: Floats) -> Floats:
        """The same, and remember what `backward` and `gradient_of_chosen` need."""
        values = []
        self._size_of_action = action.shape[1]
        for body, head in self._critics:
            features = body.forward(observation)
            values.append(head.forward(_joined(features, action))[:, 0])
        return np.stack(values)

    def backward(self, to_values: Floats) -> None:
        """Write the gradients of all parameters over those before.

        Args:
            to_values: (2, batch), of a loss with respect to what the last `forward` gave.
        """
        for (body, head), gradient in zip(self._critics, to_values, strict=True):
            learns = len(body) > 0
            to_joined = head.backward(gradient[:, None], to_input=learns)
            if learns:
                body.backward(np.ascontiguousarray(to_joined[:, : -self._size_of_action]))

    def gradient_of_chosen(self, is_first: NDArray[np.bool_]) -> Floats:
        """The gradient of one value for each row with respect to the action, (batch, num_numbers).

        Nothing is written, and each row is followed through one of the critics alone.

        Args:
            is_first: (batch,), where it is that of the first critic in the last `forward`.
        """
        gradient = np.empty((len(is_first), self._size_of_action), np.float32)
        for (_, head), rows in zip(self._critics, (is_first, ~is_first), strict=True):
            count = int(np.count_nonzero(rows))
            if count:
                to_joined = head.gradient_of_rows(np.ones((count, 1), np.float32), rows)
                gradient[rows] = to_joined[:, -self._size_of_action :]
        return gradient


def _joined(features: Floats, action: Floats) -> Floats:
    return np.concatenate([features, action], axis=1)


def twin_critic_in_numpy(network: TwinCritic) -> NumpyTwinCritic | None:
    """A TwinCritic in numpy, or None where it is not plain enough; see `in_numpy`.

    Args:
        network: its parameters laid out as `FlatParameters`.
    """
    rows = [in_numpy([part]) for parts in (network.bodies, network.heads) for part in parts]
    plain = [row for row in rows if row is not None]
    return NumpyTwinCritic(plain[:2], plain[2:]) if len(plain) == len(rows) else None
