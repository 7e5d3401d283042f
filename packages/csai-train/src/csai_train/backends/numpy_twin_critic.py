"""A plain TwinCritic in numpy, forwards and backwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_neural.twin_critic import TwinCritic
from csai_train.backends.numpy_layers import Floats, NumpyLayers, in_numpy

Gradient = Callable[[Floats], Floats]


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

    def learn(self, observation: NDArray[Any], action: Floats, gradient: Gradient) -> tuple[Floats, Floats]:
        """Write the gradients of all parameters over those before, critic by critic.

        Each goes backwards right after it went forwards, while the processor has its numbers near.

        Args:
            observation: a batch.
            action: (batch, num_numbers).
            gradient: from what a critic expects, (batch,), to the gradient of a loss with respect to it.

        Returns:
            What both expect and the gradients, each (2, batch).
        """
        values, gradients = [], []
        for body, head in self._critics:
            features = body.forward(observation)
            values.append(head.forward(_joined(features, action))[:, 0])
            gradients.append(gradient(values[-1]))
            learns = len(body) > 0
            to_joined = head.backward(gradients[-1][:, None], to_input=learns)
            if learns:
                body.backward(np.ascontiguousarray(to_joined[:, : -action.shape[1]]))
        return np.stack(values), np.stack(gradients)

    def gradient_of_chosen(self, is_first: NDArray[np.bool_]) -> Floats:
        """The gradient of one value for each row with respect to the action, (batch, num_numbers).

        Nothing is written, and each row is followed through one of the critics alone.

        Args:
            is_first: (batch,), where it is that of the first critic in the last `forward`.
        """
        gradient = np.empty((len(is_first), self._size_of_action), np.float32)
        # The second critic first: it went forwards last, and its numbers are still near the processor.
        for (_, head), rows in ((self._critics[1], ~is_first), (self._critics[0], is_first)):
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
