"""Net: a network made of blocks."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Self

import torch
from torch import Tensor, nn

from csai_core.errors import CsaiError, DuplicateNameError
from csai_core.memory import summed
from csai_neural.blocks.block import Block, Shape
from csai_neural.blocks.input import InputBlock
from csai_neural.devices import Device, find_device
from csai_neural.errors import NotCompiledError, StructureError
from csai_neural.flow import GLOBAL_HOOKS, TORCH_ERRORS, Flow, State, connect, has_hooks
from csai_neural.network import Network
from csai_neural.sequences import Sequences
from csai_neural.structure import Json, build_net, describe_net, freeze
from csai_neural.wiring import Node, wire


class Net(Network):
    """A network made of blocks: add them in order, `compile()`, call.

    Args:
        network_name: what the network is called, in files and pictures.
        is_dict_network: whether the input is a dict, from which each InputBlock takes the attribute it
            was made for. A network with several InputBlocks is one.
        device: where the network lives; None leaves it where its blocks are.

    Raises:
        DeviceError: if there is no such device here.
    """

    kind = "net"

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
        self._flow: Flow | None = None
        # For the short way through `forward`: a tensor of this shape and dtype runs along this chain.
        self._chain: tuple[Any, ...] = ()
        self._chain_shape: Shape = ()
        self._chain_dtype: torch.dtype | None = None
        self._hooks: tuple[Any, ...] = ()

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
        self._flow, self._chain = None, ()
        self._register_all(block)

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
        with summed():
            for node in nodes:
                self._register(node.block)
                connect(node)
        self.blocks = nn.ModuleDict({node.block.name: node.block for node in nodes})
        self._flow = Flow(nodes, f"net {self.name!r}", self.is_dict_network)
        self._move()

    @property
    def is_compiled(self) -> bool:
        """Whether `compile()` has put the blocks together since the last one was added."""
        return self._flow is not None

    def followed_by(self, *blocks: Block, name: str | None = None) -> Net:
        """A compiled net of the blocks of this one, weights included, and of others behind them.

        Both nets have the same blocks, so what one of them learns, the other knows.

        Args:
            blocks: what follows.
            name: what the new net is called; None is the name of this one.

        Raises:
            NotCompiledError: before `compile()`.
            StructureError: if this net ends in a block that nothing can follow.
            ShapeError: if the blocks do not fit.
        """
        last = self._compiled().output
        if last.is_last:
            raise StructureError(
                f"The net {self.name!r} ends with {last.title}, which nothing can follow. "
                "Leave that out: a body ends before the output, which is added to it."
            )
        net = Net(self.name if name is None else name, self.is_dict_network)
        net.notes = list(self.notes)
        for block in (*self._added, *blocks):
            net.add_block(block)
        net.compile()
        return net.to(last.dtype)

    @property
    def added_blocks(self) -> list[Block]:
        """The blocks in the order in which they were added."""
        return list(self._added)

    @property
    def nodes(self) -> list[Node]:
        """The blocks of a compiled net in the order in which they run, and what feeds each."""
        return list(self._compiled().nodes)

    @property
    def output_shape(self) -> Shape:
        """The shape of one output, without batch axes."""
        return self._compiled().output.output_shape or ()

    @property
    def output_size(self) -> int:
        """How many numbers one output has."""
        return math.prod(self.output_shape)

    # --- running it

    def forward(self, x: Any) -> Tensor:
        """The network's output.

        Args:
            x: observations, as numpy arrays or tensors: one, of the space's shape, or several with any
                number of batch axes before it. A dict (or tuple) of these if the input has parts. Or
                `Sequences` of them, through which recurrent blocks are unrolled; these start from zeros else.

        Returns:
            (*batch axes, *output_shape); without batch axes for a single observation.

        Raises:
            NotCompiledError: before `compile()`.
            ShapeError: if `x` does not fit the input's space.
            ForwardError: if a block fails.
        """
        if (
            self._chain
            and isinstance(x, Tensor)
            and x.shape[1:] == self._chain_shape
            and x.dtype is self._chain_dtype
            and not any(self._hooks)
            and not any(GLOBAL_HOOKS)
        ):
            y: Tensor = x
            try:
                for modules in self._chain:
                    for layer in modules["layers"]._modules.values():
                        y = layer(y) if has_hooks(layer) else layer.forward(y)
            except TORCH_ERRORS as error:
                return self._explained(x, error)
            return y
        values, batch_shape = self._run(x)
        output = _unbatched(values[self._compiled().output], batch_shape)
        return x.given(output) if isinstance(x, Sequences) else output

    def step(self, x: Any, state: State) -> tuple[Tensor, State]:
        """The output and the new state of a net with recurrent blocks.

        Args:
            x: observations, single or with one batch axis.
            state: what the last step returned, or `initial_state`. Set the rows of games that start again
                to zero.

        Returns:
            The output as from `forward`, and the new state by block name.

        Raises:
            ShapeError: if `x` does not fit the input's space, or `state` does not fit `x`.
        """
        flow = self._compiled()
        values, batch_shape = flow.read(x)
        flow.check_state(state, batch_shape)
        new_state = flow.run(values, {name: _batched(each, batch_shape) for name, each in state.items()})
        if not batch_shape:
            return values[flow.output][0], {name: each[0] for name, each in new_state.items()}
        return values[flow.output], new_state

    def initial_state(self, batch_size: int | None = None) -> State:
        """Zeros for `step`: what recurrent blocks remember at the start, by block name.

        Args:
            batch_size: how many games are played at once; None for one, without a batch axis.
        """
        flow = self._compiled()
        batch_shape = () if batch_size is None else (batch_size,)
        return {
            block.name: torch.zeros(*batch_shape, *block.state_shape, device=block.device, dtype=block.dtype)
            for block in flow.recurrent
        }

    def trace(self, x: Any) -> dict[str, Tensor]:
        """What every block gives for `x`, by block name, each (*batch axes, *output_shape)."""
        values, batch_shape = self._run(x)
        return {
            (slot.name if isinstance(slot, Block) else f"{slot[0].name}[{slot[1]}]"): _unbatched(
                value, batch_shape
            )
            for slot, value in values.items()
        }

    # --- keeping it

    def structure(self) -> Json:
        """The blocks, their settings and how they hang together; see `Network.structure`."""
        return describe_net(self)

    @classmethod
    def _build(cls, structure: Json, blocks: Iterable[type[Block]]) -> Self:
        net = cls(structure["name"], structure["is_dict_network"])
        dtype = getattr(torch, structure["dtype"])
        build_net(net, structure, blocks)
        freeze(net, structure["frozen"])
        return net.to(dtype)

    # --- inside

    def _named_blocks(self) -> list[tuple[str, nn.Module]]:
        return list(self.blocks.items())

    def _compiled(self) -> Flow:
        if self._flow is None:
            raise NotCompiledError(f"The net {self.name!r} is not put together yet; call net.compile().")
        return self._flow

    def _register(self, block: Block) -> None:
        """Give the block a name that is free in this net, and make its parameters the net's."""
        if any(block is each for each in self.blocks.values()):
            return
        wanted = block.name or block.kind
        name, count = wanted, 1
        while name in self.blocks:
            count += 1
            name = f"{wanted}_{count}"
        block.name = name
        self.blocks[name] = block

    def _register_all(self, block: Block) -> None:
        """Register a block, and those joined to it in the order in which they were joined."""
        self._register(block)
        for target, _ in block.links:
            if not any(target is each for each in self.blocks.values()):
                self._register_all(target)

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

    def _run(self, x: Any) -> tuple[dict[Any, Tensor], Shape]:
        flow = self._compiled()
        values, batch_shape = flow.read(x)
        flow.run(values, sequences=x if isinstance(x, Sequences) else None)
        return values, batch_shape

    def _explained(self, x: Tensor, error: Exception) -> Tensor:
        """Take the long way, which checks more and moves data; raise an error that explains `error`."""
        if isinstance(error, CsaiError | torch.OutOfMemoryError):
            raise error
        values, _ = self._run(x)
        return values[self._compiled().output]

    def _apply(self, fn: Any, recurse: bool = True) -> Self:
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self.device = fn(torch.empty(0, device=self.device)).device
        if self._flow is not None:
            self._shorten(self._flow)
        return self

    def _shorten(self, flow: Flow) -> None:
        self._chain, self._hooks = flow.chain(), flow.hooks()
        if self._chain:
            self._chain_shape = flow.inputs[0].encoder.shape
            self._chain_dtype = flow.inputs[0].dtype


def _unbatched(value: Tensor, batch_shape: Shape) -> Tensor:
    """(batch, …) with the batch axes as they were given."""
    return value.reshape(*batch_shape, *value.shape[1:])


def _batched(state: Tensor, batch_shape: Shape) -> Tensor:
    return state if batch_shape else state.unsqueeze(0)
