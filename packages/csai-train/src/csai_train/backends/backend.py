"""Who computes a network and the gradient of its loss: numpy, where it is plain, or torch, on any device.

Both compute the same. Each loss stands once, in the algorithm's file, in torch. Where its derivative was
worked out by hand as well (`derivatives`), numpy takes that, several times faster for small networks; but
only after the two were compared on the first minibatch, so that what runs is what is read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any, Literal, get_args

import numpy as np
import torch
from torch import nn

from csai_core import trees
from csai_core.errors import ConfigError
from csai_neural import ActorCritic
from csai_neural.modes import has_modes
from csai_neural.twin_critic import TwinCritic
from csai_train.backends import torch as by_torch
from csai_train.backends.allocator import keep_freed_memory
from csai_train.backends.derivatives import DERIVATIVES, Loss, Probe
from csai_train.backends.devices import choose_device
from csai_train.backends.flat import FlatParameters
from csai_train.backends.numpy_actor_critic import actor_critic_in_numpy
from csai_train.backends.numpy_layers import in_numpy
from csai_train.backends.numpy_twin_critic import twin_critic_in_numpy
from csai_train.group import Group

Choice = Literal["auto", "numpy", "torch"]
_TOLERANCE, _ROUNDING, _CANCELED = 3e-4, 1e-6, 1e-7
"""Up to this share of its length, and of the whole gradient's, two gradients of a parameter that differ are
the same one, rounded differently; and up to this length, which float32 leaves of terms that cancel."""
_NUDGED = 1e-4
"""How far weights are moved at least for the comparison."""
_TRIES = 2
"""So many weights are tried: a ReLU whose input is zero but for rounding has a derivative on either side."""


class Backend:
    """Computes with one network that learns, and others beside it that do not.

    Args:
        *networks: the first one learns; all are moved to the device, and their parameters laid out flat.
        choice: "numpy", "torch", or "auto", which takes numpy where it can.
        device: "cpu", "cuda", "mps" or any other of torch, or "auto"; see `choose_device`.
        random: seeds dropout, where the network has any.
        judge: another backend, whose first network stands in the losses too, after these; it learns nothing
            by them. Both compute alike: where that one takes torch, this one does.

    Attributes:
        parameters: of the first network.
        all_parameters: of each of them.
        group: the processes whose gradients are meant; this one alone, until it `join`s others.
        reason: why this backend and this device, in words.

    Raises:
        ConfigError: if numpy was chosen and cannot compute these networks, or nothing in the first can learn.
        DeviceError: if there is no such device here.
    """

    def __init__(
        self,
        *networks: nn.Module,
        choice: str = "auto",
        device: str = "auto",
        random: np.random.Generator,
        judge: Backend | None = None,
    ) -> None:
        if choice not in get_args(Choice):
            raise ConfigError(f"There is no backend {choice!r}; there is {', '.join(get_args(Choice))}.")
        self.device, self.reason = choose_device(device, networks[0], must_be_cpu=choice == "numpy")
        self._networks = [network.to(self.device).eval() for network in networks]
        if not any(parameter.requires_grad for parameter in networks[0].parameters()):
            raise ConfigError("Every parameter of the network is frozen, so it cannot learn; unfreeze some.")
        self.all_parameters = [FlatParameters(network) for network in self._networks]
        self.parameters = self.all_parameters[0]
        self._buffers = [[*network.buffers()] for network in self._networks]
        self.has_modes = has_modes(networks[0])
        self.has_memory: bool = getattr(networks[0], "has_memory", False)
        self.group = Group()
        self._random = random
        self._judge = judge
        self._in_torch = [_in_torch(network, self.device) for network in networks]
        self._in_numpy = self._plain_ones() if choice != "torch" else None
        if choice == "numpy" and self._in_numpy is None:
            raise ConfigError(
                "backend='numpy' computes linear layers, tanh and ReLU, none of them frozen, for numbers and "
                f"one-hot codes laid out flat, on the CPU; this network on {self.device} has more than that. "
                "Take backend='auto' or 'torch'."
            )
        self._compared: Loss | None = None
        has_convolutions = any(isinstance(each, nn.Conv2d) for each in networks[0].modules())
        if has_convolutions and self.device.type == "cpu":
            keep_freed_memory()

    @property
    def name(self) -> str:
        """Who computes: "numpy" or "torch"."""
        return "torch" if self._in_numpy is None else "numpy"

    @property
    def network(self) -> Any:
        """The network that learns, from arrays to arrays."""
        return (self._in_numpy or self._in_torch)[0]

    @property
    def followers(self) -> list[Any]:
        """The others, which follow it, likewise."""
        followers: list[Any] = (self._in_numpy or self._in_torch)[1:]
        return followers

    def join(self, group: Group) -> None:
        """Compute from now on with the others of a group, beginning with the weights of its first process.

        Each differentiates its own part of a batch; what `differentiate` leaves in `parameters` is the
        gradient of the whole batch, the same in all of them.
        """
        self.group = group
        group.broadcast(*(each.values for each in self.all_parameters))
        group.broadcast(*(buffer for buffers in self._buffers for buffer in buffers))

    def differentiate(
        self, loss: Loss, batch: Any, max_grad_norm: float, *, seed: int | None = None, **settings: Any
    ) -> tuple[float, Any]:
        """Put the gradient of a loss into `parameters`, no longer than `max_grad_norm`.

        Args:
            loss: takes the networks, the batch and the settings; gives a scalar, a mean over the batch, and
                what was measured.
            batch: as `load` gave it, or of arrays; in a group, this process's part of it.
            max_grad_norm: the longest gradient.
            seed: of dropout; None draws one where it is needed.
            **settings: more arguments of the loss.

        Returns:
            The loss, and what was measured, in arrays; in a group, on this process's part.

        Raises:
            NonFiniteError: if the loss or its gradient is NaN or infinite.
        """
        if self._judge is not None and self._judge.name == "torch" and self._in_numpy is not None:
            self._in_numpy, self.reason = None, self._judge.reason
        if self._in_numpy is not None and loss is not self._compared:
            self._compare(loss, batch, settings)
        if self._in_numpy is not None:
            value, measured = self._differentiate_by_hand(loss, batch, settings)
        else:
            value, measured = self._differentiate_by_torch(loss, batch, seed, settings)
        if self.group.is_shared:
            value = self.group.mean_gradient(self.parameters.gradients, _count(batch), value)
        self.parameters.clip_gradients(value, max_grad_norm)
        return value, measured

    def follow(self, share: float) -> None:
        """Move the other networks, copies of the first, toward it; share 1 makes them equal to it."""
        for parameters, buffers in zip(self.all_parameters[1:], self._buffers[1:], strict=True):
            parameters.copy_from(self.parameters, share)
            for own, other in zip(buffers, self._buffers[0], strict=True):
                own.copy_(other)

    def load(self, batch: Any) -> Any:
        """A batch of arrays as this backend takes it soonest; its parts need not be moved again."""
        return batch if self._in_numpy is not None else by_torch.as_tensors(batch, self.device)

    def draw_seed(self) -> int:
        """A seed for dropout."""
        return int(self._random.integers(2**31))

    def in_training_mode(self, seed: int | None) -> Any:
        """Inside, dropout drops and batch norm looks at the batch, where the network has such."""
        if not self.has_modes:
            return nullcontext()
        return by_torch.training_mode(self._networks[:1], self.draw_seed() if seed is None else seed)

    def describe(self) -> dict[str, str]:
        """Who computes, where and why; and what there is to note about the network."""
        described = {"backend": self.name, "device": str(self.device), "reason": self.reason}
        notes = getattr(self._networks[0], "notes", ())
        return {**described, "note": " ".join(notes)} if notes else described

    def state_dict(self) -> dict[str, Any]:
        """Who computes, so that a resumed training rounds alike, and the state of every network."""
        return {"name": self.name, "networks": [network.state_dict() for network in self._networks]}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        for network, values in zip(self._networks, state["networks"], strict=True):
            network.load_state_dict(values)
        if state["name"] == "torch":
            self._in_numpy = None

    # --- inner workings

    def _plain_ones(self) -> list[Any] | None:
        """The networks in numpy, or None where one is not plain enough."""
        parameters = [parameter for network in self._networks for parameter in network.parameters()]
        if not all(parameter.requires_grad for parameter in parameters):
            return None  # frozen ones have no room for gradients
        if self._judge is not None and self._judge.name == "torch":
            return None
        found = [_in_numpy(network) for network in self._networks]
        return None if self.has_modes or any(each is None for each in found) else found

    def _differentiate_by_hand(
        self, loss: Loss, batch: Any, settings: Mapping[str, Any]
    ) -> tuple[float, Any]:
        judges = () if self._judge is None else (self._judge.network,)
        return DERIVATIVES[loss].by_hand(*self._in_numpy or (), *judges, batch, **settings)

    def _differentiate_by_torch(
        self, loss: Loss, batch: Any, seed: int | None, settings: Mapping[str, Any]
    ) -> tuple[float, Any]:
        judges = () if self._judge is None else (self._judge._networks[0],)
        with self.in_training_mode(seed):
            batch = by_torch.as_tensors(batch, self.device)
            value, measured = loss(*self._networks, *judges, batch, **settings)
            return self.parameters.differentiate(value), trees.apply(by_torch.as_array, measured)

    def _compare(self, loss: Loss, batch: Any, settings: Mapping[str, Any]) -> None:
        """Leave numpy aside if what was worked out by hand is not the derivative of the loss as it stands."""
        problem = self._difference(loss, batch, settings)
        if self.group.any(bool(problem)):  # all compute in the same way
            problem = problem or "so does another process"
            self._in_numpy = None
            self.reason = f"{problem}, so that torch differentiates the loss as it stands in the file"
        self._compared = loss

    def _difference(self, loss: Loss, batch: Any, settings: Mapping[str, Any]) -> str:
        """Empty, or how the derivative by hand differs from autograd's."""
        name = f"{loss.__module__}.{getattr(loss, '__qualname__', loss)}"
        if loss not in DERIVATIVES:
            return f"{name} has no derivative that was worked out by hand"
        problem = f"the gradient of {name} is not the one that was worked out by hand"
        probes = DERIVATIVES[loss].probes(batch, settings)
        if all(self._agrees(loss, probe) for probe in (*probes, Probe(batch, settings, _NUDGED))):
            return ""
        return problem

    def _agrees(self, loss: Loss, probe: Probe) -> bool:
        """Whether both derivatives are the same."""
        for seed in range(_TRIES):
            with self._moved_apart(probe.distance, seed):
                if self._agrees_here(loss, probe.batch, probe.settings):
                    return True
        return False

    def _agrees_here(self, loss: Loss, batch: Any, settings: Mapping[str, Any]) -> bool:
        """Whether the derivative by hand and autograd's give the same for every parameter."""
        value, measured = self._differentiate_by_torch(loss, batch, None, settings)
        expected = [gradient.clone() for gradient in self._gradients()]
        length = float(torch.linalg.vector_norm(self.parameters.gradients))
        if not math.isfinite(value + length):
            return True  # nothing can be told from it
        found = self._differentiate_by_hand(loss, batch, settings)
        are_equal = (
            torch.linalg.vector_norm(one - other)
            <= _TOLERANCE * torch.linalg.vector_norm(other) + _ROUNDING * length + _CANCELED
            for one, other in zip(self._gradients(), expected, strict=True)
        )
        return all(map(bool, are_equal)) and _are_close(found, (value, measured))

    def _gradients(self) -> Iterator[torch.Tensor]:
        """The gradient of each parameter, where it is kept."""
        return (p.grad for p in self._networks[0].parameters() if p.grad is not None)

    @contextmanager
    def _moved_apart(self, distance: float, seed: int) -> Iterator[None]:
        """Inside, every network has other weights, each its own.

        At the start of a training a target network is the network itself, and a policy finds all actions
        alike: what a loss does with the difference would not show.
        """
        before = [parameters.values.clone() for parameters in self.all_parameters]
        noise = torch.Generator().manual_seed(seed)
        for parameters in self.all_parameters:
            parameters.values.add_(torch.randn(parameters.values.shape, generator=noise), alpha=distance)
        try:
            yield
        finally:
            for parameters, values in zip(self.all_parameters, before, strict=True):
                parameters.values.copy_(values)


_KINDS: dict[type[nn.Module], tuple[Any, Any]] = {
    ActorCritic: (by_torch.TorchActorCritic, actor_critic_in_numpy),
    TwinCritic: (by_torch.TorchTwinCritic, twin_critic_in_numpy),
    nn.Module: (by_torch.TorchNetwork, lambda network: in_numpy([network])),
}
"""What makes a kind of network one from arrays to arrays: in torch, and in numpy where it is plain."""


def _in_torch(network: nn.Module, device: torch.device) -> Any:
    if getattr(network, "has_memory", False):
        if isinstance(network, ActorCritic):
            return by_torch.TorchRecurrentActorCritic(network, device)
        return by_torch.TorchRecurrentNetwork(network, device)
    return _kind_of(network)[0](network, device)


def _in_numpy(network: nn.Module) -> Any:
    return _kind_of(network)[1](network)


def _kind_of(network: nn.Module) -> tuple[Any, Any]:
    return next(found for kind, found in _KINDS.items() if isinstance(network, kind))


def _count(batch: Any) -> int:
    """How many examples a batch has, as the first array says that is found in it."""
    if isinstance(batch, (dict, tuple)):
        parts = batch.values() if isinstance(batch, dict) else batch
        return next(filter(None, map(_count, parts)), 0)
    return len(batch) if hasattr(batch, "__len__") else 0


def _are_close(one: Any, other: Any) -> bool:
    if isinstance(one, tuple):
        return all(map(_are_close, one, other))
    return bool(np.allclose(one, other, rtol=1e-3, atol=1e-4, equal_nan=True))
