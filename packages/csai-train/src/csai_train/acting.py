"""Small networks in numpy, on views of their weights: for a few observations, far cheaper than torch.

Calling torch costs about as much for eight observations as for a thousand. While a rollout is played, that
is most of the time a small network takes; so plain fully connected networks are played by the same
arithmetic in numpy. The views follow the weights as they change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from torch import nn

from csai_neural import InputBlock

MOST_OBSERVATIONS = 64
"""From about here on, torch is the faster one."""

Floats = NDArray[np.float32]
_ACTIVATIONS: dict[type[nn.Module], Callable[[Floats, Floats], Any]] = {
    nn.Tanh: lambda x, out: np.tanh(x, out=out),
    nn.ReLU: lambda x, out: np.maximum(x, 0.0, out=out),
}


class NumpyLayers:
    """A row of layers, for batches of vectors.

    Args:
        layers: linear ones, tanh and ReLU; the first is linear.
    """

    def __init__(self, layers: list[nn.Module]) -> None:
        self._layers: list[tuple[Floats, Floats] | Callable[[Floats, Floats], Any]] = [
            (layer.weight.detach().numpy().T, layer.bias.detach().numpy())
            if isinstance(layer, nn.Linear)
            else _ACTIVATIONS[type(layer)]
            for layer in layers
        ]

    def __call__(self, observation: NDArray[Any]) -> Floats:
        """From (batch, size of the first layer) to (batch, size of the last)."""
        x: Floats = observation.astype(np.float32, copy=False)
        for layer in self._layers:
            if isinstance(layer, tuple):
                x = x @ layer[0]
                x += layer[1]
            else:
                layer(x, x)
        return x


def in_numpy(observation_space: spaces.Space[Any], modules: Sequence[nn.Module]) -> NumpyLayers | None:
    """A row of modules in numpy, or None where they are not plain enough for that.

    Plain means: observations are vectors of float32 or bits, and there are only linear layers, tanh and
    ReLU behind them, on the CPU.

    Args:
        observation_space: of one environment.
        modules: what observations pass through, in order: nets, blocks or layers.
    """
    is_vector = len(observation_space.shape or ()) == 1
    is_float = isinstance(observation_space, spaces.Box) and observation_space.dtype == np.float32
    if not (is_vector and (is_float or isinstance(observation_space, spaces.MultiBinary))):
        return None
    layers = [layer for layer in _leaves(modules) if not isinstance(layer, (InputBlock, nn.Identity))]
    if not (isinstance(layers[0], nn.Linear) and all(_is_plain(layer) for layer in layers)):
        return None
    return NumpyLayers(layers)


def draw(outputs: Floats, random: np.random.Generator) -> NDArray[np.int64]:
    """One action for each row of logits, each with probability softmax(logits)[action].

    Drawn by the exponential race: with E from Exp(1), the action with the largest logit - log E wins.
    """
    race = random.standard_exponential(outputs.shape, dtype=np.float32)
    np.maximum(race, np.finfo(np.float32).tiny, out=race)  # exactly 0 is drawn once in a great while
    np.log(race, out=race)
    np.subtract(outputs, race, out=race)
    actions: NDArray[np.int64] = race.argmax(axis=1)
    return actions


def _leaves(modules: Sequence[nn.Module]) -> Iterator[nn.Module]:
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
