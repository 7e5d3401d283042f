"""ONNX: networks for other programs; needs the extra `onnx`."""

from __future__ import annotations

import importlib.util
import logging
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from torch import Tensor, nn

from csai_core import storage
from csai_core.errors import MissingExtraError
from csai_neural.action_heads import ActionHead
from csai_neural.encoding import parts_of
from csai_neural.flow import State
from csai_neural.input_scaling import InputScale

MASK = "action_mask"
"""What the input of a mask is called."""
BATCH = 2
"""The batch size of the example that the exporter follows; other sizes work just as well."""


class _Exported(nn.Module):
    """A net that takes one tensor for each leaf of its input space, then a mask, then one for each state."""

    def __init__(
        self,
        net: Any,
        space: spaces.Space[Any],
        state: State,
        scales: Sequence[InputScale | None],
        head: ActionHead | None,
    ) -> None:
        super().__init__()
        self.head = head
        self.takes_mask = head is not None and head.num_choices > 0
        self.net = net
        self.space = space
        self.state_names = list(state)
        self.scales = scales

    def forward(self, *tensors: Tensor) -> Any:
        """The actions, if there is a head; the outputs; then the new states."""
        count = len(tensors) - len(self.state_names) - self.takes_mask
        leaves = [
            tensor if scale is None else scale(tensor)
            for tensor, scale in zip(tensors[:count], self.scales, strict=True)
        ]
        x = _nested(self.space, iter(leaves))
        mask = tensors[count] if self.takes_mask else None
        values = iter(tensors[count + self.takes_mask :])
        state: State = {name: next(values) for name in self.state_names}
        output, state = self.net.step(x, state) if state else (self.net(x), state)
        outputs = output if isinstance(output, tuple) else (output,)
        actions = () if self.head is None else self.head(outputs[0], mask)
        return (*actions, *outputs, *(state[name] for name in self.state_names))


def export_onnx(net: Any, path: str | Path, head: ActionHead | None = None) -> None:
    """Write a network as an ONNX file, for batches of any size.

    The file's inputs are named after the parts of the input space ("observation" if it has no parts), the
    output is "output", or "policy" and "value" for an ActorCritic, as `ActorCritic.forward` gives them.
    Bytes stay bytes, other integers are int64, all else is float32. Each recurrent block adds an input
    "state_<block>" and an output "new_state_<block>". Where the net was trained on scaled observations, the
    file scales them as the training does now, and takes them as the environment gives them.

    With a head the first outputs are the best actions, "action" or "action_<part>", as the environment takes
    them. Where they are chosen among some, the file has an input "action_mask", int8 of (batch, choices), in
    which 1 allows an action.

    Args:
        net: a compiled Net or an ActorCritic; it is exported as it is used, not as it is trained.
        path: the file.
        head: what makes actions of what the net gives; None leaves it at that.

    Raises:
        MissingExtraError: if onnx and onnxscript are not installed.
    """
    if any(importlib.util.find_spec(name) is None for name in ("onnx", "onnxscript")):
        raise MissingExtraError(
            'Writing ONNX needs onnx and onnxscript. Install them with: pip install "csai-neural[onnx]"'
        )
    space = _input_space(net)
    leaves = dict(_leaves(space, ""))
    state = net.initial_state(BATCH)
    known = {} if net.input_scaling is None else dict(_scales(net.input_scaling.scales(), ""))
    scales = [known.get(name) for name in leaves]
    examples = [torch.zeros(BATCH, *(leaf.shape or ()), dtype=_dtype(leaf)) for leaf in leaves.values()]
    examples = [_lowest(example, leaf) for example, leaf in zip(examples, leaves.values(), strict=True)]
    mask = (
        []
        if head is None or not head.num_choices
        else [torch.ones(BATCH, head.num_choices, dtype=torch.int8)]
    )
    arguments = (*examples, *mask, *(each.cpu() for each in state.values()))
    batch = torch.export.Dim("batch")
    # The exporter warns of its own deprecations and logs every step.
    level = logging.getLogger("torch.onnx").level
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program = torch.onnx.export(
                _Exported(net.copy().cpu().eval(), space, state, scales, head),
                arguments,
                input_names=[*leaves, *(MASK for _ in mask), *(f"state_{name}" for name in state)],
                output_names=[
                    *(() if head is None else head.names),
                    *net.output_names,
                    *(f"new_state_{name}" for name in state),
                ],
                dynamic_shapes=(tuple({0: batch} for _ in arguments),),
                dynamo=True,
                verbose=False,
            )
    finally:
        logging.getLogger("torch.onnx").setLevel(level)
    with storage.replacement(path) as unfinished:
        program.save(str(unfinished))  # type: ignore[union-attr]


def _input_space(net: Any) -> spaces.Space[Any]:
    """What the net takes: a space, or for a dictionary network a Dict of its inputs' spaces."""
    inputs = net.input_blocks
    if not net.is_dict_network:
        only: spaces.Space[Any] = inputs[0].space
        return only
    parts: dict[str, spaces.Space[Any]] = {}
    for block in inputs:
        parts |= {block.key: block.space} if block.key else dict(block.space.spaces)
    return spaces.Dict(parts)


def _leaves(space: spaces.Space[Any], path: str) -> Iterator[tuple[str, spaces.Space[Any]]]:
    if not isinstance(space, (spaces.Dict, spaces.Tuple)):
        yield path or "observation", space
        return
    for key, part in parts_of(space).items():
        yield from _leaves(part, f"{path}_{key}" if path else key)


def _scales(scales: Any, path: str) -> Iterator[tuple[str, InputScale | None]]:
    """Scales by the names of the leaves that they are of."""
    if not isinstance(scales, (dict, tuple)):
        yield path or "observation", scales
        return
    parts = scales if isinstance(scales, dict) else dict(enumerate(scales))
    for key, part in parts.items():
        yield from _scales(part, f"{path}_{key}" if path else str(key))


def _nested(space: spaces.Space[Any], values: Iterator[Tensor]) -> Any:
    if not isinstance(space, (spaces.Dict, spaces.Tuple)):
        return next(values)
    return {key: _nested(part, values) for key, part in parts_of(space).items()}


def _dtype(space: spaces.Space[Any]) -> torch.dtype:
    """The dtype of an input: float32 for floats, uint8 for bytes, int64 for other integers."""
    dtype = np.dtype(space.dtype)
    if dtype.kind == "f":
        return torch.float32
    return torch.uint8 if dtype == np.uint8 else torch.int64


def _lowest(example: Tensor, space: spaces.Space[Any]) -> Tensor:
    """The first value of the space, in every place."""
    start = getattr(space, "start", 0)
    return example + torch.as_tensor(np.asarray(start), dtype=example.dtype)
