"""Plain networks in numpy, forwards and backwards, on views of their weights.

Calling torch costs about as much for eight observations as for a thousand, and working out by itself how to
go backwards costs it more than going there. For rows of linear layers, tanh and ReLU, which small networks
are made of, both are a few lines of arithmetic; this is that arithmetic, with the same results. The views
follow the weights as they change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import nn

from csai_neural import FlattenBlock, InputBlock, LinearBlock, Net, OutputBlock
from csai_train.backends.numpy_encoders import Encode, as_floats, encoder_in_numpy

Floats = NDArray[np.float32]

_ZERO, _INFINITY = np.zeros((), np.float32), np.full((), np.inf, np.float32)
"""As arrays, since numpy would make arrays of numbers at every call."""


_products = np.errstate(invalid="ignore")
"""Around products: some of OpenBLAS's also compute with what happens to lie on the stack, and drop it; where
that is NaN, numpy would warn. What is not finite is found in the loss and its gradient.
"""


@lru_cache(maxsize=16)  # batches of a training have few sizes, but episodes have any
def _ones(count: int) -> Floats:
    return np.ones(count, dtype=np.float32)


class Layer(Protocol):
    """One layer; batches have axes (batch, size)."""

    def forward(self, x: Floats) -> Floats:
        """What the layer makes of x, a batch or a single vector; may be written over x."""

    def backward(self, x: Floats, y: Floats, gradient: Floats, *, to_input: bool) -> Floats:
        """From the gradient of a loss with respect to y to that with respect to x.

        Args:
            x: what went in; for an activation it may have been written over.
            y: what came out.
            gradient: with respect to y; may be written over.
            to_input: whether the result matters.
        """

    def to_input(self, y: Floats, gradient: Floats) -> Floats:
        """The same, where the gradients of the layer's own parameters do not matter: they stay."""


class Linear:
    """x @ weight.T + bias. Gradients go where those of the torch layer are kept."""

    def __init__(self, layer: nn.Linear) -> None:
        self._weight: Floats = layer.weight.detach().numpy()
        self._across = self._weight.T
        self._bias: Floats = layer.bias.detach().numpy()
        weight, bias = layer.weight.grad, layer.bias.grad
        self._gradients = None if weight is None or bias is None else (weight.numpy(), bias.numpy())

    def forward(self, x: Floats) -> Floats:
        """The linear map x @ weight.T + bias."""
        y: Floats = self._weight.dot(x) if x.ndim == 1 else x @ self._across
        y += self._bias
        return y

    def backward(self, x: Floats, y: Floats, gradient: Floats, *, to_input: bool) -> Floats:
        """Write the gradients of weight and bias; see `Layer.backward`."""
        if self._gradients is None:
            raise ValueError(
                "Lay the parameters out with FlatParameters first, which makes room for gradients."
            )
        np.matmul(gradient.T, x, out=self._gradients[0])
        np.matmul(_ones(len(x)), gradient, out=self._gradients[1])  # twice as fast as gradient.sum(axis=0)
        return self.to_input(y, gradient) if to_input else gradient

    def to_input(self, y: Floats, gradient: Floats) -> Floats:
        """The gradient times the weight; see `Layer.to_input`."""
        if len(self._weight) == 1:  # a product with one number in each sum, which is slow as a product
            return gradient * self._weight
        return gradient @ self._weight


class Tanh:
    """The hyperbolic tangent."""

    def forward(self, x: Floats) -> Floats:
        """The tanh of x, written over it."""
        y: Floats = np.tanh(x, out=x)
        return y

    def backward(self, x: Floats, y: Floats, gradient: Floats, *, to_input: bool) -> Floats:
        """The gradient times 1 - y^2, written over it."""
        return self.to_input(y, gradient)

    def to_input(self, y: Floats, gradient: Floats) -> Floats:
        """The same; see `Layer.to_input`."""
        slope = y * y
        np.subtract(np.float32(1.0), slope, out=slope)
        gradient *= slope
        return gradient


class ReLU:
    """What is above zero."""

    def forward(self, x: Floats) -> Floats:
        """The larger of x and zero, written over x."""
        if x.ndim == 1:
            return np.maximum(x, _ZERO, out=x)
        return x.clip(_ZERO, _INFINITY, out=x)  # three times faster than that for many numbers

    def backward(self, x: Floats, y: Floats, gradient: Floats, *, to_input: bool) -> Floats:
        """The gradient where y is above zero, written over it."""
        return self.to_input(y, gradient)

    def to_input(self, y: Floats, gradient: Floats) -> Floats:
        """The same; see `Layer.to_input`."""
        gradient *= y > 0
        return gradient


class NumpyLayers:
    """A row of layers, for batches.

    Args:
        layers: linear ones, tanh and ReLU, the first a linear one; none at all passes everything on.
        encode: what makes vectors of what goes in, before.
    """

    def __init__(self, layers: Sequence[nn.Module], encode: Encode = as_floats) -> None:
        self._encode = encode
        self._layers: list[Layer] = [_LAYERS[type(layer)](layer) for layer in layers]
        self._passed: list[Floats] = []

    def __len__(self) -> int:
        """How many layers there are."""
        return len(self._layers)

    @_products
    def __call__(self, x: Any) -> Floats:
        """From what is encoded as (batch, size of the first layer) to (batch, size of the last).

        What goes in is left as it is.
        """
        y = self._encode(x)
        is_one = len(y) == 1  # as it is in acting; a vector takes half the time of a matrix with one row
        if is_one:
            y = y[0]
        for layer in self._layers:
            y = layer.forward(y)
        return y[None] if is_one else y

    @_products
    def forward(self, x: Any) -> Floats:
        """The same, and remember what `backward` needs."""
        y = self._encode(x)
        self._passed = [y]
        for layer in self._layers:
            y = layer.forward(y)
            self._passed.append(y)
        return y

    @_products
    def backward(self, gradient: Floats, *, to_input: bool = False) -> Floats:
        """Write the gradients of all parameters over those before, and forget the last `forward`.

        What is forgotten is free for the next one, which finds that memory near the processor.

        Args:
            gradient: of a loss, with respect to what the last `forward` gave; may be written over.
            to_input: whether to go on to the input.

        Returns:
            The gradient with respect to the encoded input, where that was asked for.
        """
        for i in range(len(self._layers) - 1, -1, -1):
            y, x = self._passed.pop(), self._passed[-1]
            gradient = self._layers[i].backward(x, y, gradient, to_input=to_input or i > 0)
        self._passed.clear()
        return gradient

    @_products
    def gradient_of_rows(self, gradient: Floats, rows: NDArray[np.bool_]) -> Floats:
        """The gradient of some rows with respect to the encoded input; nothing is written or forgotten.

        Args:
            gradient: of a loss, with respect to these rows of what the last `forward` gave.
            rows: (batch,), which they are.
        """
        for layer, y in zip(reversed(self._layers), reversed(self._passed), strict=False):
            seen = y if isinstance(layer, Linear) else y[rows]  # a linear layer's output does not matter
            gradient = layer.to_input(seen, gradient)
        return gradient


_LAYERS: dict[type[nn.Module], Any] = {
    nn.Linear: Linear,
    nn.Tanh: lambda _: Tanh(),
    nn.ReLU: lambda _: ReLU(),
}


_ROWS = (nn.Sequential, nn.ModuleDict, Net, LinearBlock, OutputBlock)
"""Modules that pass things through what they hold, one after the other; a ModuleDict holds a Net's blocks."""


def in_numpy(modules: Sequence[nn.Module]) -> NumpyLayers | None:
    """A row of modules in numpy, or None where they are not plain enough for that.

    Plain means: observations that are vectors, or that are laid out flat (see `encoder_in_numpy`), and then
    only linear layers, tanh and ReLU, all on the CPU.

    Args:
        modules: what observations pass through, in order: nets, blocks or layers. To go backwards, their
            parameters must have been laid out as `FlatParameters` before.
    """
    if any(getattr(module, "is_dict_network", False) for module in modules):
        return None  # it takes parts of what is observed by name
    leaves = list(_leaves(modules))
    layers = [each for each in leaves if not isinstance(each, _PASSING)]
    starts_well = not layers or isinstance(layers[0], nn.Linear)  # an activation writes over its input
    if not starts_well or not all(map(_is_plain, layers)):
        return None
    inputs = [each for each in leaves if isinstance(each, InputBlock)]
    if not inputs:
        return NumpyLayers(layers)
    encode = None if inputs[0].is_module_dict else encoder_in_numpy(inputs[0].encoder)
    return None if encode is None else NumpyLayers(layers, encode)


_PASSING = (InputBlock, FlattenBlock, nn.Identity)
"""What does nothing to observations that are encoded and laid out flat."""


def _leaves(modules: Sequence[nn.Module]) -> Iterator[nn.Module]:
    for module in modules:
        if isinstance(module, _ROWS):
            yield from _leaves(list(module.children()))
        else:
            yield module


def _is_plain(module: nn.Module) -> bool:
    if isinstance(module, nn.Linear):
        return module.bias is not None and module.weight.device.type == "cpu"
    return type(module) in _LAYERS
