"""Optimizers: Adam on flat parameters, and any torch optimizer in the same form."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import torch
from torch import nn
from torch.optim.adam import adam

from csai_core.errors import ConfigError, UnknownNameError
from csai_train.backends.flat import FlatParameters, fast_view


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
        self._mean_view, self._square_view = map(fast_view, (self._mean, self._square))
        self._steps_before = torch.zeros((), device=self._mean.device)
        self._num_steps = 0
        if isinstance(self._mean_view, np.ndarray):
            self._scratch = np.empty_like(self._mean_view)

    def step(self) -> None:
        """Move the parameters against their gradients."""
        self._num_steps += 1
        if isinstance(self._parameters.value_view, np.ndarray):
            self._step_in_numpy()
        else:
            self._step_in_torch()

    def _step_in_numpy(self) -> None:
        # The corrections of both biases go into the step's size and into epsilon: so they cost no pass.
        mean_bias = 1 - self._beta1**self._num_steps
        deviation_bias = math.sqrt(1 - self._beta2**self._num_steps)
        size = self.learning_rate * deviation_bias / mean_bias
        epsilon = self._epsilon * deviation_bias
        values, gradients = self._parameters.value_view, self._parameters.gradient_view
        mean, square, scratch = self._mean_view, self._square_view, self._scratch
        mean *= self._beta1
        mean += np.multiply(gradients, 1 - self._beta1, out=scratch)
        square *= self._beta2
        np.multiply(gradients, 1 - self._beta2, out=scratch)
        square += np.multiply(scratch, gradients, out=scratch)
        np.sqrt(square, out=scratch)
        scratch += epsilon
        values -= np.divide(size * mean, scratch, out=scratch)

    def _step_in_torch(self) -> None:
        """The same in a single pass, as long vectors take longer to read than to compute with."""
        self._steps_before.fill_(self._num_steps - 1)
        adam(
            [self._parameters.values],
            [self._parameters.gradients],
            [self._mean],
            [self._square],
            [],
            [self._steps_before],
            fused=True,
            amsgrad=False,
            beta1=self._beta1,
            beta2=self._beta2,
            lr=self.learning_rate,
            weight_decay=0.0,
            eps=self._epsilon,
            maximize=False,
        )

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
        self._mean.copy_(state["mean"])
        self._square.copy_(state["square"])
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
        if value == self.learning_rate:
            return  # what is multiplied and divided by the same is not always the same
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
        self._optimizer.load_state_dict(dict(state))


def make_optimizer(
    wanted: str | torch.optim.Optimizer | None,
    network: nn.Module,
    parameters: FlatParameters,
    learning_rate: float,
    *,
    epsilon: float = 1e-8,
) -> Optimizer:
    """What moves the parameters of a network.

    Args:
        wanted: one of torch.optim as text, such as "SGD(momentum=0.9)", one that is made already over the
            network's parameters that learn, or None for Adam.
        network: what learns.
        parameters: the same laid out flat.
        learning_rate: how far a step goes, where it is made here.
        epsilon: of Adam, where that is taken for want of another.

    Raises:
        ConfigError: if the text says no optimizer, or one that cannot be made so, or the optimizer is over
            other parameters.
        UnknownNameError: if torch has no such optimizer, with the nearest name.
    """
    if wanted is None:
        return Adam(parameters, learning_rate, epsilon=epsilon)
    if isinstance(wanted, str):
        name, options = _parse(wanted)
        if name not in _IN_TORCH:
            raise UnknownNameError.of("optimizer of torch.optim", name, _IN_TORCH)
        try:
            made: torch.optim.Optimizer = _IN_TORCH[name](trainable(network), lr=learning_rate, **options)
        except (TypeError, ValueError) as error:
            raise ConfigError(f"The optimizer {wanted!r} cannot be made: {error}.") from error
        return TorchOptimizer(made)
    _require_same_parameters(wanted, network)
    return TorchOptimizer(wanted)


def trainable(network: nn.Module) -> list[nn.Parameter]:
    """The parameters of a network that learn."""
    return [parameter for parameter in network.parameters() if parameter.requires_grad]


def _require_same_parameters(optimizer: torch.optim.Optimizer, network: nn.Module) -> None:
    moved = {parameter for group in optimizer.param_groups for parameter in group["params"]}
    learning = {*trainable(network)}
    if moved != learning:
        lacking = [name for name, parameter in network.named_parameters() if parameter in learning - moved]
        example = f", such as {lacking[0]}" if lacking else ""
        raise ConfigError(
            f"The optimizer {type(optimizer).__name__} is not over the parameters of the network that learn: "
            f"of these {len(learning)} it lacks {len(lacking)}{example}, and of others it has "
            f"{len(moved - learning)}. Freeze what shall not "
            "learn with net.freeze(...), and make the optimizer over the rest: all parameters of which "
            "requires_grad is true."
        )


def optimizer_in_words(kind: type[torch.optim.Optimizer], options: Mapping[str, Any]) -> str | None:
    """What `make_optimizer` makes such an optimizer of; None where text cannot say it."""
    text = f"{kind.__name__}({', '.join(f'{name}={value!r}' for name, value in options.items())})"
    try:
        is_said = _IN_TORCH.get(kind.__name__) is kind and _parse(text) == (kind.__name__, dict(options))
    except ConfigError:
        return None
    return text if is_said else None


_IN_TORCH: dict[str, Any] = {
    name: kind
    for name, kind in vars(torch.optim).items()
    if isinstance(kind, type)
    and issubclass(kind, torch.optim.Optimizer)
    and kind not in (torch.optim.Optimizer, torch.optim.LBFGS, torch.optim.SparseAdam)
}
"""Those that move any parameters, and look at each gradient once."""
_LONGEST_TEXT = 500


def _parse(text: str) -> tuple[str, dict[str, Any]]:
    """The name and the arguments in text such as "SGD(momentum=0.9)"."""
    try:
        if len(text) > _LONGEST_TEXT:
            raise ValueError(f"it is longer than {_LONGEST_TEXT} characters")
        called = ast.parse(text.strip(), mode="eval").body
        arguments = called.keywords if isinstance(called, ast.Call) and not called.args else []
        name = called.func if isinstance(called, ast.Call) and not called.args else called
        if not isinstance(name, ast.Name) or any(each.arg is None for each in arguments):
            raise ValueError("it is no name with named arguments")
        return name.id, {str(each.arg): ast.literal_eval(each.value) for each in arguments}
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ConfigError(
            f"The optimizer is given as {text!r}; it must be like 'SGD' or 'SGD(momentum=0.9)': {error}."
        ) from error
