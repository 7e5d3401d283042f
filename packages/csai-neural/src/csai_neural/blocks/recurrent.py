"""RecurrentBlock: layers that remember, with their memory in the open."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from csai_core.errors import UnknownNameError
from csai_neural.blocks.block import Block, Shape
from csai_neural.blocks.sizes import check_layers, check_sizes, make_layer
from csai_neural.devices import Device
from csai_neural.errors import ShapeError

CELLS: dict[str, type[nn.GRU] | type[nn.LSTM]] = {"gru": nn.GRU, "lstm": nn.LSTM}

MOST_PADDING = 8
"""Sequences are filled up to the length of the longest where that makes at most so many times the steps."""


class RecurrentBlock(Block):
    """A GRU (Cho et al. 2014, arXiv:1406.1078) or LSTM (Hochreiter and Schmidhuber 1997).

    It takes one vector (features,) at a time, or a sequence (steps, features), and gives what it holds
    after the last step: (hidden_size,).

    What it remembers is a tensor (batch, *state_shape) that the caller keeps: `Net.step` takes and returns
    it, and a row of zeros is a fresh start. `Net.forward` starts from zeros.

    Args:
        input_size: the number of features; None takes what the block before gives.
        hidden_size: how many numbers it remembers, in each layer.
        num_layers: how many layers, each reading the one below.
        cell: "gru", which is smaller, or "lstm", which can forget and remember apart.
        return_sequence: whether to give the output of every step of a sequence: (steps, hidden_size).
        device: where the parameters live; None leaves it to the network.

    Raises:
        ConfigError: if a size cannot work.
        UnknownNameError: if there is no such cell.
    """

    is_recurrent: ClassVar[bool] = True

    def __init__(
        self,
        input_size: int | None = None,
        hidden_size: int = 128,
        num_layers: int = 1,
        cell: Literal["gru", "lstm"] = "gru",
        return_sequence: bool = False,
        device: Device = None,
    ) -> None:
        super().__init__(device)
        check_sizes("RecurrentBlock", input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
        check_layers("RecurrentBlock", num_layers=num_layers)
        if cell not in CELLS:
            raise UnknownNameError.of("cell of RecurrentBlock", cell, CELLS)
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.cell = cell
        self.return_sequence = return_sequence

    def build(self, input_shape: Shape) -> Shape:
        """Make the layers for vectors (features,) or sequences (steps, features)."""
        if len(input_shape) not in (1, 2):
            raise ShapeError(
                "it takes vectors, of shape (features,), or sequences, of shape (steps, features). "
                "Put a FlattenBlock() or a ConvBlock() before it"
            )
        features = input_shape[-1]
        if self.input_size not in (None, features):
            raise ShapeError(
                f"it was made for input_size={self.input_size}, and there are {features} features. "
                f"Say input_size={features}, or leave it out"
            )
        if self.return_sequence and len(input_shape) == 1:
            raise ShapeError(
                "return_sequence=True needs a sequence, of shape (steps, features). Leave it out"
            )
        self.input_size = features
        self.layers = make_layer(
            CELLS[self.cell], features, self.hidden_size, self.num_layers, batch_first=True
        )
        return (input_shape[0], self.hidden_size) if self.return_sequence else (self.hidden_size,)

    def _build(self, input_shape: Shape) -> None:
        super()._build(input_shape)
        self.input_size = input_shape[-1]

    def multiply_adds(self) -> int:
        """Gates times what each reads: 3 gates for a GRU, 4 for an LSTM, in every layer and step."""
        if self.input_shape is None:
            return 0
        steps = self.input_shape[0] if len(self.input_shape) == 2 else 1
        below = [self.input_shape[-1], *[self.hidden_size] * (self.num_layers - 1)]
        gates = 4 if self.cell == "lstm" else 3
        return steps * sum(gates * self.hidden_size * (size + self.hidden_size) for size in below)

    @property
    def state_shape(self) -> Shape:
        """The shape of what is remembered for one game: an LSTM keeps outputs, then cells."""
        return (self.num_layers * (2 if self.cell == "lstm" else 1), self.hidden_size)

    def forward(self, x: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """One step, or one sequence.

        Args:
            x: (batch, features) or (batch, steps, features).
            state: (batch, *state_shape), or None to start from zeros.

        Returns:
            The output, (batch, *output_shape), and the new state.
        """
        if state is None:
            state = x.new_zeros(x.shape[0], *self.state_shape)
        sequence = x.unsqueeze(1) if x.ndim == 2 else x
        memory = state.transpose(0, 1).contiguous()  # (layers, batch, hidden), as torch wants it
        if self.cell == "lstm":
            outputs, (hidden, cell) = self.layers(sequence, tuple(memory.chunk(2)))
            new_state = torch.cat([hidden, cell]).transpose(0, 1)
        else:
            outputs, hidden = self.layers(sequence, memory)
            new_state = hidden.transpose(0, 1)
        return (outputs if self.return_sequence else outputs[:, -1]), new_state

    def unroll(self, x: Tensor, state: Tensor, batch_sizes: Tensor) -> Tensor:
        """All steps of several sequences in one call of torch's layers; see `Block.unroll`."""
        if x.ndim != 2:  # each step is a sequence itself
            return super().unroll(x, state, batch_sizes)
        memory = state.transpose(0, 1).contiguous()
        num_cells = len(state) * len(batch_sizes)
        if self.cell == "lstm" and not x.is_cuda and num_cells <= MOST_PADDING * len(x):
            return self._unroll_padded(x, memory, batch_sizes)
        outputs, _ = self.layers(
            PackedSequence(x, batch_sizes), tuple(memory.chunk(2)) if self.cell == "lstm" else memory
        )
        result: Tensor = outputs.data
        return result

    def _unroll_padded(self, x: Tensor, memory: Tensor, batch_sizes: Tensor) -> Tensor:
        """The same by sequences that are filled up with zeros to the length of the longest.

        On the CPU torch has a kernel for a whole LSTM, forwards and backwards, which takes no packed ones.
        """
        longest, count = len(batch_sizes), memory.shape[1]
        step = torch.repeat_interleave(torch.arange(longest), batch_sizes)
        rank = torch.arange(len(x)) - (torch.cumsum(batch_sizes, 0) - batch_sizes)[step]
        cell = (step * count + rank).to(x.device)  # of each row, in a table of steps and sequences
        table = x.new_zeros(longest * count, x.shape[1]).index_copy(0, cell, x)
        outputs, _ = self.layers(table.view(longest, count, -1).transpose(0, 1), tuple(memory.chunk(2)))
        result: Tensor = outputs.transpose(0, 1).reshape(longest * count, -1).index_select(0, cell)
        return result
