"""Net: a network made of blocks."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from typing import Any, Self

import torch
from torch import Tensor, nn

from csai_core.errors import DuplicateNameError
from csai_neural.blocks.block import Block, Shape
from csai_neural.blocks.input import InputBlock
from csai_neural.devices import Device, find_device
from csai_neural.encoding import PartsEncoder
from csai_neural.errors import NotCompiledError, ShapeError, StructureError
from csai_neural.wiring import Node, wire


class Net(nn.Module):
    """A network made of blocks: add them in order, `compile()`, call.

    Args:
        network_name: what the network is called, in files and pictures.
        is_dict_network: whether the input is a dict, from which each InputBlock takes the attribute it
            was made for. A network with several InputBlocks is one.
        device: where the network lives; None leaves it where its blocks are.

    Raises:
        DeviceError: if there is no such device here.
    """

    def __init__(
        self,
        network_name: str = "basic_net",
        is_dict_network: bool = False,
        device: Device = None,
    ) -> None:
        super().__init__()
        self.name = network_name
        self.is_dict_network = is_dict_network
        self.device = find_device(device)
        self.blocks = nn.ModuleDict()
        self._added: list[Block] = []
        self._nodes: list[Node] = []

    # --- putting it together

    def add_block(self, block: Block) -> None:
        """Add a block behind the ones added before; `compile()` then checks that they fit.

        Raises:
            StructureError: if it is no block.
            DuplicateNameError: if the very same block is in the net already.
        """
        if not isinstance(block, Block):
            raise StructureError(f"add_block was given {block!r}; it takes blocks, such as LinearBlock().")
        if any(block is each for each in self._added):
            raise DuplicateNameError(f"{block.title} is in the net already; add block.copy() for another.")
        self._added.append(block)
        self._nodes = []
        self._register(block)

    def compile(self) -> None:
        """Put the blocks together: find out sizes that were left out, check each pair, make the layers.

        Call it once all blocks are added; all parameters exist afterwards. Compiling again keeps the
        layers. torch's own compiler is reached by `torch_compile`.

        Raises:
            StructureError: if the blocks' order makes no network.
            ShapeError: if two blocks do not fit, naming both, their shapes and what to change.
        """
        nodes = wire(self._added)
        self._check_inputs(nodes)
        for node in nodes:
            self._register(node.block)
            _connect(node)
        self.blocks = nn.ModuleDict({node.block.name: node.block for node in nodes})
        self._move()
        self._nodes = nodes

    @property
    def input_blocks(self) -> list[InputBlock]:
        """Where observations enter, in order."""
        return [block for block in self.blocks.values() if isinstance(block, InputBlock)]

    @property
    def output_shape(self) -> Shape:
        """The shape of one output, without batch axes."""
        return self._compiled_nodes()[-1].block.output_shape or ()

    @property
    def output_size(self) -> int:
        """How many numbers one output has."""
        return math.prod(self.output_shape)

    # --- running it

    def forward(self, x: Any) -> Tensor:
        """The network's output.

        Args:
            x: observations, as numpy arrays or tensors: one, of the space's shape, or several with any
                number of batch axes before it. A dict (or tuple) of these if the input has parts.

        Returns:
            (*batch axes, *output_shape); without batch axes for a single observation.

        Raises:
            NotCompiledError: before `compile()`.
            ShapeError: if `x` does not fit the input's space.
        """
        values, batch_shape = self._read(x)
        for node in self._compiled_nodes():
            if node.sources:
                values[node.block] = node.block(*(values[_slot(node, source)] for source in node.sources))
        return values[self._nodes[-1].block].reshape(*batch_shape, *self.output_shape)

    def copy(self) -> Self:
        """An independent network with the same blocks, settings and weights."""
        return copy.deepcopy(self)

    # --- inside

    def _compiled_nodes(self) -> list[Node]:
        if not self._nodes:
            raise NotCompiledError(
                f"The net {self.name!r} is not put together yet; call net.compile() first."
            )
        return self._nodes

    def _register(self, block: Block) -> None:
        """Give the block a name that is free in this net, and make its parameters the net's."""
        if any(block is each for each in self.blocks.values()):
            return
        name, count = block.name or block.kind, 1
        while name in self.blocks:
            count += 1
            name = f"{block.name or block.kind}_{count}"
        block.name = name
        self.blocks[name] = block

    def _check_inputs(self, nodes: list[Node]) -> None:
        inputs = [node.block for node in nodes if isinstance(node.block, InputBlock)]
        if len(inputs) > 1 and not self.is_dict_network:
            raise StructureError(
                f"The net has {len(inputs)} inputs, {' and '.join(block.title for block in inputs)}. "
                "Make it with Net(is_dict_network=True): each then takes its attribute from a dict."
            )

    def _move(self) -> None:
        blocks = [block for block in self.blocks.values() if isinstance(block, Block)]
        devices = {block.device for block in blocks if block.device is not None}
        if self.device is None and len(devices) > 1:
            raise StructureError(
                f"The blocks are on different devices: {', '.join(sorted(map(str, devices)))}. "
                "Say where the net shall live: Net(device=...)."
            )
        self.to(self.device or next(iter(devices), torch.device("cpu")))

    def _read(self, x: Any) -> tuple[dict[Any, Tensor], Shape]:
        """Encoded inputs by block, or by block and part, with all batch axes made one; and those axes."""
        device = self.device or torch.device("cpu")
        values: dict[Any, Tensor] = {}
        batches: dict[str, Shape] = {}
        self._compiled_nodes()
        for block in self.input_blocks:
            raw = block.encoder.read(self._part_for(block, x), device, f"input of net {self.name!r}")
            batch_shape = batches[block.name] = block.encoder.batch_shape(raw)
            encoder = block.encoder
            if block.is_module_dict and isinstance(encoder, PartsEncoder):
                for key, part in encoder.parts.items():
                    code = part.encode(raw[key], block.dtype)
                    values[(block, key)] = code.reshape(-1, *part.shape)
            else:
                values[block] = encoder.encode(raw, block.dtype).reshape(-1, *encoder.shape)
        if len(set(batches.values())) > 1:
            raise ShapeError(f"The inputs of the net come in batches of different shapes: {batches}.")
        return values, batch_shape

    def _part_for(self, block: InputBlock, x: Any) -> Any:
        if not (self.is_dict_network and block.key):
            return x
        if not isinstance(x, Mapping) or block.key not in x:
            given = f"the keys {', '.join(map(repr, x))}" if isinstance(x, Mapping) else type(x).__name__
            raise ShapeError(
                f"The net {self.name!r} takes a dict with the key {block.key!r}, and was given {given}."
            )
        return x[block.key]

    def _apply(self, fn: Any, recurse: bool = True) -> Self:
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self.device = fn(torch.empty(0, device=self.device)).device
        return self


def _slot(node: Node, source: Block) -> Any:
    return source if node.key is None else (source, node.key)


def _connect(node: Node) -> None:
    """Fit a block behind its sources; one that takes a part of the input is fitted to that part."""
    if node.key is None:
        node.block.connect(*node.sources)
        return
    (source,) = node.sources
    assert isinstance(source, InputBlock)
    node.block.connect(source.part(node.key))
