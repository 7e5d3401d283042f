"""Random numbers for torch's own layers from a generator of one's own, whatever other threads do.

Torch's layers draw their first weights, and dropout its gaps, from one generator of the whole process, and
take no other. Seeding that one would change what other threads draw, and they what is drawn here.
"""

from __future__ import annotations

import functools
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode


class DrawingFrom(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Inside, what torch draws in this thread comes from a generator; the global one stays as it is.

    What is drawn is what the global generator would give, seeded alike. Left out are drawings on a GPU that
    take no generator, as those of cuDNN's recurrent layers, and `torch.utils.checkpoint`, which repeats what
    the global generator has drawn.

    Args:
        *generators: one for each device, where random numbers on it come from.
    """

    def __init__(self, *generators: torch.Generator) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._generators = {generator.device.type: generator for generator in generators}

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Whether torch's compiler is told to leave this alone, for which it would be imported: a second."""
        return False

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Run an operation, with the generator where it draws and was given none."""
        kwargs = kwargs or {}
        if not _draws(func) or kwargs.get("generator") is not None:
            return func(*args, **kwargs)
        generator = self._generators.get(_device_type(args, kwargs))
        drawing = _with_generator(func)
        if generator is not None and drawing is not None:
            return drawing(*args, **kwargs, generator=generator)
        if generator is not None and func is torch.ops.aten.native_dropout.default:
            return _dropout(args[0], args[1], args[2], generator)
        with self:
            result = func.decompose(*args, **kwargs)
        return func(*args, **kwargs) if result is NotImplemented else result


def make_generators(seed: int, device: torch.device | None = None) -> list[torch.Generator]:
    """Generators for the CPU, and for a device if it is another, with the same seed."""
    devices = [torch.device("cpu")]
    if device is not None and device.type != "cpu":
        devices.append(device)
    return [torch.Generator(each).manual_seed(seed) for each in devices]


def seeded(seed: int, device: torch.device | None = None) -> DrawingFrom:
    """Inside, everything that torch draws in this thread, on the CPU and a device, follows from a seed."""
    return DrawingFrom(*make_generators(seed, device))


def forked() -> DrawingFrom:
    """Inside, torch draws in this thread what the global generator would give now, and leaves it as it is."""
    generator = torch.Generator()
    generator.set_state(torch.get_rng_state())
    return DrawingFrom(generator)


@functools.cache
def _draws(func: Any) -> bool:
    return torch.Tag.nondeterministic_seeded in func.tags


@functools.cache
def _with_generator(func: Any) -> Any:
    """The overload of an operation that takes a generator; None if it has none."""
    wanted = {argument.name for argument in func._schema.arguments} | {"generator"}
    packet = func.overloadpacket
    for overload in (func, *(getattr(packet, name) for name in packet.overloads())):
        if {argument.name for argument in overload._schema.arguments} == wanted:
            return overload
    return None


def _device_type(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """Where an operation draws: on the device it is told, or that of its first tensor."""
    if kwargs.get("device") is not None:
        return torch.device(kwargs["device"]).type
    return next((each.device.type for each in args if isinstance(each, torch.Tensor)), "cpu")


def _dropout(
    x: torch.Tensor, p: float, train: bool | None, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """GPUs drop and draw in one operation, which takes no generator; here the same in two."""
    if not train:
        return x.clone(), torch.ones_like(x, dtype=torch.bool)
    kept = torch.empty_like(x).bernoulli_(1 - p, generator=generator)
    return (x * kept / (1 - p) if p < 1 else torch.zeros_like(x)), kept.bool()
