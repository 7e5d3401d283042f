"""Flow: how data runs through the blocks of a compiled net."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.modules import module as module_hooks

from csai_core.errors import CsaiError
from csai_neural.blocks.block import Block, Shape
from csai_neural.blocks.input import InputBlock
from csai_neural.encoding import BoxEncoder, Encoder, part_at
from csai_neural.errors import ForwardError, ShapeError
from csai_neural.sequences import Sequences
from csai_neural.wiring import Node

State = dict[str, Tensor]
"""What recurrent blocks remember, by block name; each tensor is (batch, *state_shape)."""
TORCH_ERRORS = (RuntimeError, ValueError, IndexError, TypeError)


GLOBAL_HOOKS = (
    module_hooks._global_forward_hooks,
    module_hooks._global_forward_pre_hooks,
    module_hooks._global_backward_hooks,
    module_hooks._global_backward_pre_hooks,
)
"""The dicts in which torch keeps the hooks of all modules."""


class Flow:
    """The blocks of a compiled net in the order in which they run.

    Args:
        nodes: the blocks and what feeds each, as `wire` gave them.
        title: how errors call the net.
        takes_dict: whether each InputBlock takes its attribute from a dict.
    """

    def __init__(self, nodes: Sequence[Node], title: str, takes_dict: bool) -> None:
        self.nodes = list(nodes)
        self.title = title
        self.takes_dict = takes_dict
        self.inputs = [node.block for node in nodes if isinstance(node.block, InputBlock)]
        self.recurrent = [node.block for node in nodes if node.block.is_recurrent]
        self.output = self.nodes[-1].block
        self.used_parts = {block: self._parts_with_branches(block) for block in self.inputs}

    def _parts_with_branches(self, block: InputBlock) -> dict[str, Encoder]:
        """The encoders of an input's parts that have branches, in the input's order."""
        used = {node.key for node in self.nodes if block in node.sources}
        return {key: encoder for key, encoder in block.parts.items() if key in used}

    # --- in: from observations to the tensors that the first blocks take

    def read(self, x: Any) -> tuple[dict[Any, Tensor], Shape]:
        """Encode the inputs; of `Sequences`, their observations.

        Returns:
            The codes by InputBlock, or by (InputBlock, part), with all batch axes made one: (batch, …);
            and the batch axes as they were.

        Raises:
            ShapeError: if `x` does not fit the input's space.
        """
        values: dict[Any, Tensor] = {}
        batches: dict[str, Shape] = {}
        batch_shape: Shape = ()
        x = x.observation if isinstance(x, Sequences) else x
        for block in self.inputs:
            encoder = block.encoder
            device = block.device or torch.device("cpu")
            raw = encoder.read(self._part_for(block, x), device, f"input of {self.title}")
            batch_shape = batches[block.name] = encoder.batch_shape(raw)
            if block.is_module_dict:
                for key, part in self.used_parts[block].items():
                    code = part.encode(part_at(raw, key), block.dtype)
                    values[(block, key)] = _one_batch_axis(code, batch_shape, part.shape)
            else:
                # Calling the block reads once more, which only its hooks are worth.
                code = (
                    block(raw) if has_hooks(block) or any(GLOBAL_HOOKS) else encoder.encode(raw, block.dtype)
                )
                values[block] = _one_batch_axis(code, batch_shape, encoder.shape)
        if any(each != batch_shape for each in batches.values()):
            raise ShapeError(f"The inputs of {self.title} come in batches of different shapes: {batches}.")
        return values, batch_shape

    def _part_for(self, block: InputBlock, x: Any) -> Any:
        if not (self.takes_dict and block.key):
            return x
        if not isinstance(x, Mapping) or block.key not in x:
            given = f"the keys {', '.join(map(repr, x))}" if isinstance(x, Mapping) else type(x).__name__
            raise ShapeError(f"{self.title} takes a dict with the key {block.key!r}, and was given {given}.")
        return x[block.key]

    # --- through: one block after the other

    def run(
        self, values: dict[Any, Tensor], state: State | None = None, sequences: Sequences | None = None
    ) -> State:
        """Run all blocks, adding what each gives to `values`; return what recurrent blocks remember.

        Args:
            values: what the inputs gave.
            state: what recurrent blocks remember; None starts from zeros.
            sequences: what the rows are of; recurrent blocks are unrolled through them, and nothing is
                returned.

        Raises:
            ForwardError: if a block fails, naming it and the shapes it was given.
        """
        new_state: State = {}
        for node in self.nodes:
            if not node.sources:
                continue
            block = node.block
            given = [values[source if node.key is None else (source, node.key)] for source in node.sources]
            try:
                if block.is_recurrent and sequences is not None:
                    values[block] = sequences.unroll(block.name, block.unroll, given[0])
                elif block.is_recurrent:
                    before = None if state is None else state[block.name]
                    values[block], new_state[block.name] = block(given[0], before)
                else:
                    values[block] = block(*given)
            except CsaiError:
                raise
            except TORCH_ERRORS as error:
                raise self._explain(node, given, error) from error
        return new_state

    def check_state(self, state: Any, batch_shape: Shape) -> None:
        """Refuse a state that does not belong to this net, or to a batch of that shape.

        Raises:
            ShapeError: saying which shapes are needed.
        """
        wanted = {block.name: (*batch_shape, *block.state_shape) for block in self.recurrent}
        given = (
            {name: tuple(each.shape) for name, each in state.items()} if isinstance(state, dict) else state
        )
        if given != wanted or len(batch_shape) > 1:
            raise ShapeError(
                f"{self.title} remembers {wanted or 'nothing'} for a batch of shape {batch_shape}, and was "
                f"given the state {given}. Start with net.initial_state(batch_size); one batch axis at most."
            )

    def _explain(self, node: Node, given: Sequence[Tensor], error: Exception) -> Exception:
        if isinstance(error, torch.OutOfMemoryError):
            return error
        for each in self.nodes:
            connect(each)
        shapes = " and ".join(str(tuple(tensor.shape)) for tensor in given)
        return ForwardError(f"{node.block.title} failed on an input of shape {shapes}: {error}")

    # --- the short way, for nets that are one plain row of layers

    def chain(self) -> tuple[Mapping[str, Any], ...]:
        """The layers of a net without branches, for a plain loop; empty if the net has none such.

        Each item holds, under "layers", a Sequential whose modules are to be called in order. It is the
        block's own dict of modules, so that layers that are exchanged later are seen.
        """
        is_row = len(self.inputs) == 1 and not self.recurrent and not self.takes_dict
        if not is_row or not _is_plain(self.inputs[0]) or any(len(node.sources) > 1 for node in self.nodes):
            return ()
        blocks = [node.block for node in self.nodes if node.sources]
        return tuple(
            block._modules if type(block).forward is Block.forward else {"layers": nn.Sequential(block)}
            for block in blocks
        )

    def hooks(self) -> tuple[Mapping[int, Any], ...]:
        """The dicts in which torch keeps all blocks' hooks; the short way is for when they are empty."""
        return tuple(
            hooks
            for node in self.nodes
            for hooks in (
                node.block._forward_hooks,
                node.block._forward_pre_hooks,
                node.block._backward_hooks,
                node.block._backward_pre_hooks,
            )
        )


def has_hooks(module: nn.Module) -> bool:
    """Whether calling the module does more than its `forward`, save for the hooks of all modules."""
    return bool(
        module._compiled_call_impl is not None
        or module._forward_hooks
        or module._forward_pre_hooks
        or module._backward_hooks
        or module._backward_pre_hooks
    )


def connect(node: Node) -> None:
    """Fit a block behind its sources; one that takes a part of the input is fitted to that part.

    Raises:
        ShapeError: if they do not fit.
    """
    if node.key is None:
        node.block.connect(*node.sources)
    else:
        (source,) = node.sources
        node.block.connect(cast("InputBlock", source).part(node.key))


def _is_plain(block: InputBlock) -> bool:
    return isinstance(block.encoder, BoxEncoder) and block.encoder.is_plain


def _one_batch_axis(code: Tensor, batch_shape: Shape, shape: Shape) -> Tensor:
    if len(batch_shape) == 1:
        return code
    return code.unsqueeze(0) if not batch_shape else code.flatten(0, len(batch_shape) - 1)
