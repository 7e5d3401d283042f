"""Whether a network and a dataset fit together, found out before anything is trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from torch import Tensor, nn

from csai_core.errors import CsaiError
from csai_train.datasets.learning.loaders import Loader
from csai_train.datasets.learning.make_loaders import make_loaders
from csai_train.errors import CompatibilityError

_SOFTMAXES = (nn.Softmax, nn.LogSoftmax, nn.Sigmoid)
_TORCH_ERRORS = (RuntimeError, ValueError, IndexError, TypeError)


def compatible_loaders(
    net: nn.Module,
    dataset: Any,
    *,
    augmentations: Sequence[str] = (),
    workers: int | None = None,
    warn: Callable[[str], None] = lambda message: None,
) -> tuple[Loader, Loader]:
    """The training set and the test set as a network takes them, once it is known that it does.

    Args:
        net: the network; batches are made where it lives.
        dataset: has `trainset`, `testset` and `num_classes`.
        augmentations: what is done to training images at random.
        workers: how many processes prepare images one by one; None lets the dataset say.
        warn: is notified of what makes training slow.

    Raises:
        InvalidDataError: if the data cannot be trained on.
        CompatibilityError: if the network cannot be trained on it.
        ConfigError: if there is nothing that an augmentation could change.
    """
    train, test = make_loaders(
        dataset,
        device_of(net),
        takes_bytes=takes_bytes(net),
        augmentations=augmentations,
        workers=workers,
        warn=warn,
    )
    check_compatibility(net, train, test, dataset.num_classes)
    return train, test


def takes_bytes(net: nn.Module) -> bool:
    """Whether the network's input is a Box of bytes, which it scales to 0..1 itself."""
    blocks = getattr(net, "input_blocks", None) or []
    space = getattr(blocks[0], "space", None) if len(blocks) == 1 else None
    return isinstance(space, spaces.Box) and space.dtype == np.uint8


def device_of(net: nn.Module) -> torch.device:
    """Where the network lives."""
    parameter = next(iter(net.parameters()), None)
    return torch.device("cpu") if parameter is None else parameter.device


def check_compatibility(net: nn.Module, train: Loader, test: Loader, num_classes: int) -> None:
    """Run a few examples of either set through the network.

    Raises:
        CompatibilityError: if the network cannot take them, or gives another number of outputs than there are
            classes, or nothing in it can learn.
        NotCompiledError: if it is a Net that was not compiled.
    """
    output_shape = getattr(net, "output_shape", None)
    if isinstance(output_shape, tuple):  # a Net knows without being tried
        _check_outputs(net, output_shape, num_classes, train.name)
    if not any(parameter.requires_grad for parameter in net.parameters()):
        raise CompatibilityError("Nothing in the network can learn: it has no parameters, or all are frozen.")
    for loader in (train, test):
        inputs, _ = next(loader.test_batches())
        _check_outputs(net, tuple(_try(net, inputs[:2], loader.name).shape[1:]), num_classes, loader.name)


def ends_in_softmax(net: nn.Module) -> bool:
    """Whether the network's last layer is a softmax or the like, which the loss does itself."""
    last = None
    for module in net.modules():
        last = module if not list(module.children()) else last
    return isinstance(last, _SOFTMAXES)


def _try(net: nn.Module, inputs: Tensor, name: str) -> Tensor:
    was_training = net.training
    net.eval()
    try:
        with torch.no_grad():
            output: Any = net(inputs)
    except CsaiError as error:
        raise CompatibilityError(_does_not_take(inputs, name, error)) from error
    except _TORCH_ERRORS as error:
        raise CompatibilityError(_does_not_take(inputs, name, error)) from error
    finally:
        net.train(was_training)
    if not isinstance(output, Tensor) or output.ndim < 1 or len(output) != len(inputs):
        raise CompatibilityError(
            f"For {len(inputs)} examples the network gives {_shape(output)}; it must give a tensor of shape "
            f"({len(inputs)}, number of classes)."
        )
    return output


def _check_outputs(net: nn.Module, shape: tuple[int, ...], num_classes: int, name: str) -> None:
    if shape != (num_classes,):
        nodes: Any = getattr(net, "nodes", None)
        last = nodes[-1].block if nodes else None
        what = f"The network's last block, {last.title}," if last is not None else "The network"
        outputs = f"{shape[0]} outputs" if len(shape) == 1 else f"outputs of shape {shape}"
        raise CompatibilityError(
            f"{what} gives {outputs}, and {name} has {num_classes} classes. It must end in as many outputs: "
            f"OutputBlock(num_classes={num_classes})."
        )


def _does_not_take(inputs: Tensor, name: str, error: Exception) -> str:
    shape = tuple(inputs.shape[1:])
    return (
        f"The network does not take the examples of {name}, which have shape {shape}: {error} Begin it with "
        f'InputBlock(ObsAttribute("input", BoxType(-1, 1, shape={shape}))).'
    )


def _shape(output: object) -> str:
    return f"a tensor of shape {tuple(output.shape)}" if isinstance(output, Tensor) else repr(type(output))
