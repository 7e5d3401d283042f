"""Block: what every block is, and all that a new kind of block has to write."""

from __future__ import annotations

import contextlib
import copy
import inspect
import math
import re
from typing import Any, ClassVar, Self

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from csai_core.arguments import is_integer
from csai_core.errors import ContractError
from csai_neural.devices import Device, find_device
from csai_neural.errors import ShapeError

Shape = tuple[int, ...]


class Block(nn.Module):
    """A part of a network that turns tensors of one shape into tensors of another.

    A new kind of block writes two things:

    - `__init__`, which keeps every argument as an attribute of the same name, so that the block can be
      copied, saved and rebuilt;
    - `build(input_shape)`, which makes the layers and returns the output shape. Layers that simply
      follow each other go into `self.layers = nn.Sequential(...)`; anything else also needs `forward`.

    Shapes never include the batch axis. Sizes may be unknown until the network is compiled.

    Args:
        device: where the parameters live; None leaves it to the network.

    Attributes:
        kind: the name the block is registered by; made from the class's name unless the class sets it.
        name: what the network it was added to calls it.
        input_shape: the shape it takes, once known.
        output_shape: the shape it gives, once known; `output_size` is the product of it.
    """

    kind: ClassVar[str] = "block"
    is_last: ClassVar[bool] = False
    """Whether nothing can follow this block."""
    takes_indices: ClassVar[bool] = False
    """Whether it takes integers that stand for categories, as EmbeddingBlock does."""
    is_recurrent: ClassVar[bool] = False
    """Whether it remembers: then `forward(x, state=None)` returns `(output, state)`; see RecurrentBlock."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Name the kind after the class: MaxoutBlock is "maxout"."""
        super().__init_subclass__(**kwargs)
        if "kind" not in cls.__dict__:
            words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()
            cls.kind = words.removesuffix("_block")

    def __init__(self, device: Device = None) -> None:
        super().__init__()
        self.device = find_device(device)
        self.dtype = torch.get_default_dtype()
        self.name = ""
        self.input_shape: Shape | None = None
        self.output_shape: Shape | None = None
        self.input_size: int | None = None
        self.output_size: int | None = None
        self.links: list[tuple[Block, str | None]] = []

    # --- what a new kind of block writes

    def build(self, input_shape: Shape) -> Shape:
        """Make the layers for inputs of `input_shape` and return the output shape.

        Raises:
            ShapeError: if the block cannot take that shape; the message is the reason alone, as in
                "it takes vectors", and is put behind the names of the blocks.
        """
        raise ContractError(f"{type(self).__name__} has no method build(self, input_shape); write one.")

    @property
    def state_shape(self) -> Shape:
        """For a recurrent block, the shape of what it remembers of one game."""
        raise ContractError(f"{type(self).__name__} has no state_shape; a recurrent block must have one.")

    def forward(self, x: Any) -> Any:
        """From (batch, *input_shape) to (batch, *output_shape): the layers, one after the other."""
        layers: nn.Sequential = self.layers  # type: ignore[assignment]
        result: Tensor = layers(x)
        return result

    # --- what every block can do

    def unroll(self, x: Tensor, state: Tensor, batch_sizes: Tensor) -> Tensor:
        """For a recurrent block, what it gives for all steps of several sequences.

        Args:
            x: (number of steps, *input_shape): the first steps of all sequences, then the second ones, and so
                on, the longer sequences first, as in torch's PackedSequence.
            state: (number of sequences, *state_shape), before their first steps.
            batch_sizes: how many sequences have a first step, a second one, and so on; on the CPU.

        Returns:
            (number of steps, *output_shape), in the order of `x`.
        """
        outputs: list[Tensor] = []
        start = 0
        for size in batch_sizes.tolist():
            output, state = self(x[start : start + size], state[:size])
            start += size
            outputs.append(output)
        return torch.cat(outputs)

    def fit(self, input_shape: Shape) -> None:
        """Settle on inputs of `input_shape`, making the layers unless they are there already.

        Raises:
            ShapeError: if the block was made for another shape, or cannot take this one.
        """
        try:
            self._fit(input_shape)
        except ShapeError as error:
            raise ShapeError(f"{self.title} cannot take {input_shape}: {error}.") from error

    def connect(self, *sources: Block) -> None:
        """Fit this block behind the blocks that feed it.

        Raises:
            ShapeError: naming both blocks and shapes, and what to change.
        """
        (source,) = sources
        if source.gives_categories is not None and not self.takes_indices:
            raise ShapeError(
                f"{self.title} cannot follow {source.title}, which gives integers. Put an "
                "EmbeddingBlock() between them, or leave as_indices=True out."
            )
        refuse_unknown(source)
        try:
            self._fit(source.output_shape or ())
        except ShapeError as error:
            raise ShapeError(f"{self.title} cannot follow {source.title}: {error}.") from error

    def join_block(self, block: Block, key: str | None = None) -> None:
        """Let `block` follow this one; a network that gets this block takes `block` along.

        Args:
            block: what comes next.
            key: for an InputBlock of several parts, the part that `block` is fed with.
        """
        self.links.append((block, key))

    def regenerate_network(self) -> None:
        """Make the layers again, with new weights, from the settings as they are now."""
        if self.input_shape is not None:
            self._build(self.input_shape)

    def copy(self) -> Self:
        """An independent block with the same settings and weights, joined to no other block."""
        return copy.deepcopy(self, {id(self.links): []})

    def multiply_adds(self) -> int:
        """How many multiplications, each with an addition, one input costs; 0 before the shapes are known."""
        if self.input_shape is None:
            return 0
        dtype = torch.int64 if self.takes_indices else self.dtype
        x = torch.zeros(1, *self.input_shape, dtype=dtype, device=self.device)
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            self.copy().eval().requires_grad_(False)(x)
        return int(counter.get_total_flops()) // 2

    def settings(self) -> dict[str, Any]:
        """The arguments that would make this block again, by name; the device is left out.

        Raises:
            ContractError: if an argument is not kept as an attribute of the same name.
        """
        names = [name for name in inspect.signature(type(self)).parameters if name != "device"]
        for name in names:
            if not hasattr(self, name):
                raise ContractError(
                    f"{type(self).__name__} does not keep its argument {name!r}; "
                    f"write self.{name} = {name} in its __init__."
                )
        return {name: getattr(self, name) for name in names}

    @property
    def gives_categories(self) -> int | None:
        """How many categories the integers it gives stand for; None if it gives other numbers."""
        return None

    @property
    def title(self) -> str:
        """How errors call this block: its class, and its name in the network."""
        return f"{type(self).__name__} {self.name!r}" if self.name else type(self).__name__

    def _fit(self, input_shape: Shape) -> None:
        if self.input_shape is None:
            self._build(input_shape)
        elif self.input_shape != input_shape:
            raise ShapeError(
                f"it was made for {self.input_shape}, and is given {input_shape}. "
                "Make it for that shape, or leave its input size out"
            )

    def _build(self, input_shape: Shape) -> None:
        with self.device or contextlib.nullcontext():
            output_shape: Any = self.build(input_shape)
        if not isinstance(output_shape, tuple) or not all(map(is_integer, output_shape)):
            raise ContractError(
                f"{self.title}.build returned {output_shape!r}; it must return the shape of one output, "
                "without "
                "the batch axis: a tuple of integers, such as (16,)."
            )
        self.input_shape, self.output_shape = input_shape, output_shape
        self.input_size, self.output_size = math.prod(input_shape), math.prod(output_shape)

    def _apply(self, fn: Any, recurse: bool = True) -> Self:
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        moved = fn(torch.empty(0, device=self.device, dtype=self.dtype))
        self.device, self.dtype = moved.device, moved.dtype
        return self


def refuse_unknown(block: Block) -> None:
    """Refuse a block whose output shape is not known yet."""
    if block.output_shape is None:
        raise ShapeError(f"The output shape of {block.title} is not known; compile the network it is in.")
