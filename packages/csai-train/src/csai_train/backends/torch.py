"""Networks computed by torch, on any device: arrays in, arrays out."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from csai_core import trees
from csai_neural import ActorCritic
from csai_neural.generators import seeded
from csai_neural.sequences import Sequences
from csai_neural.twin_critic import TwinCritic

Floats = NDArray[np.float32]


class TorchNetwork:
    """A network whose output for a batch is an array.

    Args:
        network: takes observations, gives (batch, num_outputs).
        device: where it lives.
    """

    def __init__(self, network: nn.Module, device: torch.device) -> None:
        self._network: Any = network
        self._device = device

    def __call__(self, observation: Any) -> Floats:
        """(batch, num_outputs)."""
        with torch.inference_mode():
            return as_array(self._network(as_input(observation, self._device)))


class TorchRecurrentNetwork(TorchNetwork):
    """A network with memory, which comes and goes as arrays."""

    def initial_memory(self, count: int) -> dict[str, Floats]:
        """What is remembered at the start of each of several episodes, by block name."""
        return _initial_memory(self._network, count)

    def step(self, observation: Any, memory: dict[str, Floats]) -> tuple[Floats, dict[str, Floats]]:
        """The output, and what is remembered from here on."""
        with torch.inference_mode():
            state = as_tensors(memory, self._device)
            output, state = self._network.step(as_input(observation, self._device), state)
        return as_array(output), trees.apply(as_array, state)


class TorchActorCritic:
    """An ActorCritic whose outputs and values for a batch are arrays.

    Args:
        network: the network.
        device: where it lives.
    """

    def __init__(self, network: ActorCritic, device: torch.device) -> None:
        self._network = network
        self._device = device

    @property
    def log_std(self) -> Floats:
        """(num_deviations,): the log standard deviations of Box actions."""
        return as_array(self._network.log_std.detach())

    def outputs(self, observation: Any) -> Floats:
        """The policy's numbers: (batch, num_outputs)."""
        with torch.inference_mode():
            return as_array(self._network.get_policy_outputs(as_input(observation, self._device)))

    def value(self, observation: Any) -> Floats:
        """Values: (batch,)."""
        with torch.inference_mode():
            return as_array(self._network.get_value(as_input(observation, self._device)))

    def outputs_and_value(self, observation: Any) -> tuple[Floats, Floats]:
        """Both, for the price of one pass through what they share."""
        with torch.inference_mode():
            outputs, value = self._network(as_input(observation, self._device))
        return as_array(outputs), as_array(value)


class TorchRecurrentActorCritic(TorchActorCritic):
    """An ActorCritic with memory, which comes and goes as arrays; whole rollouts are `Sequences`."""

    def initial_memory(self, count: int) -> dict[str, Floats]:
        """What is remembered at the start of each of several episodes, by block name."""
        return _initial_memory(self._network, count)

    def step(self, observation: Any, memory: dict[str, Floats]) -> tuple[Floats, Floats, dict[str, Floats]]:
        """The policy's numbers, values, and what is remembered from here on."""
        with torch.inference_mode():
            state = as_tensors(memory, self._device)
            (outputs, value), state = self._network.step(as_input(observation, self._device), state)
        return as_array(outputs), as_array(value), trees.apply(as_array, state)

    def step_policy(self, observation: Any, memory: dict[str, Floats]) -> tuple[Floats, dict[str, Floats]]:
        """The policy's numbers alone, and what is remembered from here on."""
        with torch.inference_mode():
            state = as_tensors(memory, self._device)
            outputs, state = self._network.step_policy(as_input(observation, self._device), state)
        return as_array(outputs), trees.apply(as_array, state)

    def value(self, observation: Any) -> Floats:
        """Values, (batch,), of `Sequences`, or of observations in a tuple with what is remembered."""
        if isinstance(observation, Sequences):
            return super().value(observation)
        return self.step(*observation)[1]


class TorchTwinCritic:
    """A TwinCritic whose values for a batch are an array.

    Args:
        network: the network.
        device: where it lives.
    """

    def __init__(self, network: TwinCritic, device: torch.device) -> None:
        self._network = network
        self._device = device

    def __call__(self, observation: Any, action: Floats) -> Floats:
        """What both expect after each action: (2, batch)."""
        with torch.inference_mode():
            seen = as_input(observation, self._device)
            return as_array(self._network(seen, as_tensors(action, self._device)))


@contextmanager
def training_mode(networks: Sequence[nn.Module], seed: int) -> Iterator[None]:
    """Let dropout drop, drawn from `seed`, and batch norm look at the batch; afterwards all is as before."""
    device = next(networks[0].parameters()).device
    with seeded(seed, device):
        for network in networks:
            network.train()
        try:
            yield
        finally:
            for network in networks:
                network.eval()


def _initial_memory(network: Any, count: int) -> dict[str, Floats]:
    memory: dict[str, Floats] = trees.apply(as_array, network.initial_state(count))
    return memory


def as_input(observation: Any, device: torch.device) -> Any:
    """Observations as a network takes them soonest: on the CPU, arrays as tensors that share their memory."""
    if device.type == "cpu" and not isinstance(observation, np.ndarray):
        return observation
    return as_tensors(observation, device)


def as_tensors(tree: Any, device: torch.device) -> Any:
    """Dicts, tuples and records of arrays as the same of tensors; on the CPU they share their memory."""
    if isinstance(tree, np.ndarray):
        return torch.from_numpy(tree if tree.flags.writeable else tree.copy()).to(device)
    if isinstance(tree, dict):
        return {name: as_tensors(each, device) for name, each in tree.items()}
    if isinstance(tree, tuple):
        parts = [as_tensors(each, device) for each in tree]
        return type(tree)(*parts) if hasattr(tree, "_fields") else tuple(parts)
    if dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        fields = {field.name: getattr(tree, field.name) for field in dataclasses.fields(tree)}
        return dataclasses.replace(tree, **as_tensors(fields, device))
    return tree


def as_array(tensor: Tensor) -> NDArray[Any]:
    """A tensor as an array, on the CPU; where it is there already, with the same memory."""
    return tensor.detach().cpu().numpy()
