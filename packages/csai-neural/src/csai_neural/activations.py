"""Activation functions: by name, class, instance or plain function."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from csai_core.errors import ConfigError, UnknownNameError


@dataclass(frozen=True)
class Prototype:
    """A layer that is copied wherever it is needed, and is itself part of no network."""

    layer: nn.Module


Activation: TypeAlias = str | type[nn.Module] | nn.Module | Prototype | Callable[[Tensor], Tensor] | None

ACTIVATIONS: dict[str, Callable[..., nn.Module]] = {
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "hardswish": nn.Hardswish,
    "hardtanh": nn.Hardtanh,
    "identity": nn.Identity,
    "leaky_relu": nn.LeakyReLU,
    "log_softmax": partial(nn.LogSoftmax, dim=-1),
    "mish": nn.Mish,
    "prelu": nn.PReLU,
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "selu": nn.SELU,
    "sigmoid": nn.Sigmoid,
    "silu": nn.SiLU,
    "softmax": partial(nn.Softmax, dim=-1),
    "softplus": nn.Softplus,
    "tanh": nn.Tanh,
}
"""The activations that have a name; networks made of these can be saved."""


class FunctionLayer(nn.Module):
    """A layer that calls a plain function."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        """The function's value; same shape as `x`."""
        return self.function(x)

    def extra_repr(self) -> str:
        """The function's name, for printing."""
        return getattr(self.function, "__name__", repr(self.function))


def as_setting(activation: Activation) -> Activation:
    """An activation as a block keeps it: a layer must not become a part of the block by being kept."""
    return Prototype(activation) if isinstance(activation, nn.Module) else activation


def make_activation(activation: Activation, default: str) -> nn.Module:
    """A new layer for an activation given in any of the usual ways; None means `default`.

    Raises:
        UnknownNameError: if no activation has that name.
        ConfigError: if it is nothing that can be called on a tensor.
    """
    if activation is None:
        activation = default
    if isinstance(activation, str):
        if activation not in ACTIVATIONS:
            raise UnknownNameError.of("activation", activation, ACTIVATIONS)
        return ACTIVATIONS[activation]()
    if isinstance(activation, Prototype):
        activation = activation.layer
    if isinstance(activation, nn.Module):
        return copy.deepcopy(activation)
    if name := name_of(activation):
        return ACTIVATIONS[name]()
    if isinstance(activation, type) and issubclass(activation, nn.Module):
        return activation()
    if not callable(activation) or isinstance(activation, type):
        raise ConfigError(
            f"The activation {activation!r} cannot be used. Give a name ({', '.join(ACTIVATIONS)}), "
            "a torch.nn class such as nn.Tanh, a layer, or a function of one tensor."
        )
    return FunctionLayer(activation)


def describe(activation: Any) -> tuple[str, dict[str, Any]] | None:
    """The name and settings that make an activation again, or None if it has no name."""
    if isinstance(activation, Prototype):
        activation = activation.layer
    if isinstance(activation, nn.Module):
        name = name_of(type(activation))
        settings = {each: getattr(activation, each) for each in getattr(activation, "__constants__", ())}
        return (name, settings) if name else None
    name = name_of(activation)
    return (name, {}) if name else None


def name_of(activation: Any) -> str | None:
    """The name of an activation given as a class or as one of torch's functions, if it has one."""
    for name, maker in ACTIVATIONS.items():
        made = maker.func if isinstance(maker, partial) else maker
        same = (made, getattr(torch, name, made), getattr(nn.functional, name, made))
        if any(activation is each for each in same):
            return name
    return None
