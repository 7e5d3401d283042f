"""Whether a network and a dataset fit together, found out before anything is trained."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from torch import Tensor, nn

from csai_core.errors import CsaiError
from csai_train.datasets.errors import MisfitError
from csai_train.datasets.learning.loaders import Feed

_SQUASHING = (nn.Softmax, nn.LogSoftmax, nn.Sigmoid)
_TORCH_ERRORS = (RuntimeError, ValueError, IndexError, TypeError)


def takes_bytes(net: nn.Module) -> bool:
    """Whether the network's input is a Box of bytes, which it scales to 0..1 itself."""
    blocks = getattr(net, "input_blocks", None) or []
    space = getattr(blocks[0], "space", None) if len(blocks) == 1 else None
    return isinstance(space, spaces.Box) and space.dtype == np.uint8


def device_of(net: nn.Module) -> torch.device:
    """Where the network lives."""
    parameter = next(iter(net.parameters()), None)
    return torch.device("cpu") if parameter is None else parameter.device


def check_fit(net: nn.Module, train: Feed, test: Feed, num_classes: int) -> None:
    """Run a few examples of either set through the network.

    Raises:
        MisfitError: if the network cannot take them, or gives another number of outputs than there are
            classes, or nothing in it can learn.
        NotCompiledError: if it is a Net that was not compiled.
    """
    output_shape = getattr(net, "output_shape", None)
    if isinstance(output_shape, tuple):  # a Net knows without being tried
        _check_outputs(net, output_shape, num_classes, train.name)
    if not any(parameter.requires_grad for parameter in net.parameters()):
        raise MisfitError("Nothing in the network can learn: it has no parameters, or all are frozen.")
    for feed in (train, test):
        inputs, _ = next(feed.test_batches())
        _check_outputs(net, tuple(_try(net, inputs[:2], feed.name).shape[1:]), num_classes, feed.name)


def squashes(net: nn.Module) -> bool:
    """Whether the network's last layer is a softmax or the like, which the loss does itself."""
    last = None
    for module in net.modules():
        last = module if not list(module.children()) else last
    return isinstance(last, _SQUASHING)


def _try(net: nn.Module, inputs: Tensor, name: str) -> Tensor:
    was_training = net.training
    net.eval()
    try:
        with torch.no_grad():
            output: Any = net(inputs)
    except CsaiError as error:
        raise MisfitError(_does_not_take(inputs, name, error)) from error
    except _TORCH_ERRORS as error:
        raise MisfitError(_does_not_take(inputs, name, error)) from error
    finally:
        net.train(was_training)
    if not isinstance(output, Tensor) or output.ndim < 1 or len(output) != len(inputs):
        raise MisfitError(
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
        raise MisfitError(
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
