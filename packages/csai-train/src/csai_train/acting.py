"""A small policy in numpy, on views of the network's weights: for a few observations, far cheaper than torch.

Calling torch costs about as much for eight observations as for a thousand. While a rollout is played, that
is most of the time a small network takes; so plain fully connected policies are played by the same
arithmetic in numpy. The views follow the weights as they change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from torch import nn

from csai_neural import ActorCritic, InputBlock

MOST_OBSERVATIONS = 64
"""From about here on, torch is the faster one."""

Floats = NDArray[np.float32]
_ACTIVATIONS: dict[type[nn.Module], Callable[[Floats, Floats], Any]] = {
    nn.Tanh: lambda x, out: np.tanh(x, out=out),
    nn.ReLU: lambda x, out: np.maximum(x, 0.0, out=out),
}


class NumpyPolicy:
    """The same numbers as `net.get_policy_outputs`, for a batch of vectors.

    Args:
        layers: from `plain_layers`.
    """

    def __init__(self, layers: list[nn.Module]) -> None:
        self._layers: list[tuple[Floats, Floats] | Callable[[Floats, Floats], Any]] = [
            (layer.weight.detach().numpy().T, layer.bias.detach().numpy())
            if isinstance(layer, nn.Linear)
            else _ACTIVATIONS[type(layer)]
            for layer in layers
        ]

    def __call__(self, observation: Floats) -> Floats:
        """From (batch, observation size) to (batch, policy.num_outputs)."""
        x = observation
        for layer in self._layers:
            if isinstance(layer, tuple):
                x = x @ layer[0]
                x += layer[1]
            else:
                layer(x, x)
        return x


def numpy_policy(net: ActorCritic) -> NumpyPolicy | None:
    """The policy of a network in numpy, or None where it is not plain enough for that.

    Plain means: observations are vectors of float32, actions are Discrete and counted from zero, and
    there are only linear layers, tanh and ReLU in between, on the CPU.
    """
    observed, acted = net.observation_space, net.action_space
    if not (isinstance(observed, spaces.Box) and observed.dtype == np.float32 and len(observed.shape) == 1):
        return None
    if not (isinstance(acted, spaces.Discrete) and acted.start == 0):
        return None
    layers = list(_leaves([net.features_extractor, net.shared, net.actor, net.policy_head]))
    layers = [layer for layer in layers if not isinstance(layer, (InputBlock, nn.Identity))]
    if not (isinstance(layers[0], nn.Linear) and all(_is_plain(layer) for layer in layers)):
        return None
    return NumpyPolicy(layers)


def draw(outputs: Floats, random: np.random.Generator) -> NDArray[np.int64]:
    """One action for each row of logits, each with probability softmax(logits)[action].

    Drawn by the exponential race: with E from Exp(1), the action with the largest logit - log E wins.
    """
    race = random.standard_exponential(outputs.shape, dtype=np.float32)
    np.log(race, out=race)
    np.subtract(outputs, race, out=race)
    actions: NDArray[np.int64] = race.argmax(axis=1)
    return actions


def _leaves(modules: list[nn.Module]) -> Iterator[nn.Module]:
    for module in modules:
        children = list(module.children())
        if children:
            yield from _leaves(children)
        else:
            yield module


def _is_plain(layer: nn.Module) -> bool:
    if isinstance(layer, nn.Linear):
        return layer.bias is not None and layer.weight.device.type == "cpu"
    return type(layer) in _ACTIVATIONS
