"""Sequences: batches whose rows follow each other in time, for networks that remember.

A batch to learn from is one flat row of steps. `Layout` says which of them follow each other, and `Sequences`
adds what was remembered at the first step of each. A `Net` that is given `Sequences` in place of observations
gives what it would have given step by step; blocks without memory see all rows at once, as ever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from csai_core import trees

Rows = NDArray[np.int64]


class Layout:
    """Which rows of a batch follow each other.

    Args:
        sequence: (batch,), to which sequence each row belongs, counted from 0.
        time: (batch,), which step of its sequence it is, counted from 0.
        lane: (batch,), which rows are never parted by `minibatches`, such as those of one environment; None
            is the sequences themselves.
        kept: the numbers of the rows that are to be given, where others only bring memory up to date, as in a
            burn-in; None gives all.
    """

    def __init__(
        self, sequence: Rows, time: Rows, lane: Rows | None = None, kept: Rows | None = None
    ) -> None:
        self.sequence = sequence
        self.time = time
        self.lane = sequence if lane is None else lane
        self.kept = kept

    @classmethod
    def of_lanes(cls, starts: NDArray[np.bool_]) -> Layout:
        """The layout of steps (num_steps, num_lanes), laid out flat in that order.

        Args:
            starts: (num_steps, num_lanes), where a sequence begins; at the first step all do.
        """
        num_steps, num_lanes = starts.shape
        starts = starts.copy()
        starts[0] = True
        by_lane = starts.T.ravel()
        sequence = np.cumsum(by_lane) - 1
        time = np.arange(by_lane.size) - np.flatnonzero(by_lane)[sequence]
        sequence, time = (each.reshape(num_lanes, num_steps).T.ravel() for each in (sequence, time))
        return cls(sequence, time, np.tile(np.arange(num_lanes), num_steps))

    @property
    def num_sequences(self) -> int:
        """How many sequences there are."""
        return int(self.sequence.max(initial=-1)) + 1

    @cached_property
    def longest_first(self) -> Tensor:
        """(num_sequences,): the sequences by falling length, as torch packs them."""
        return torch.from_numpy(np.argsort(-np.bincount(self.sequence), kind="stable"))

    @cached_property
    def order(self) -> Tensor:
        """(batch,): the rows in time: all first steps, all second ones, …, each in `longest_first`."""
        rank = np.empty(self.num_sequences, dtype=np.int64)
        rank[self.longest_first.numpy()] = np.arange(self.num_sequences)
        return torch.from_numpy(np.lexsort((rank[self.sequence], self.time)))

    @cached_property
    def back(self) -> Tensor:
        """(batch,): where in `order` each row stands."""
        return torch.argsort(self.order)

    @cached_property
    def batch_sizes(self) -> Tensor:
        """(longest,): how many sequences have a first step, how many a second one, and so on."""
        return torch.from_numpy(np.bincount(self.time))

    def take(self, rows: Rows) -> tuple[Layout, Rows]:
        """The layout of some rows, which hold sequences whole; and which sequences these are."""
        kept, sequence = np.unique(self.sequence[rows], return_inverse=True)
        return Layout(sequence, self.time[rows], self.lane[rows]), kept

    def minibatches(self, count: int, random: np.random.Generator) -> list[Rows]:
        """The rows of `count` random groups of whole lanes, of even size; fewer for fewer lanes."""
        lanes = random.permutation(np.unique(self.lane))
        groups = np.array_split(lanes, min(count, len(lanes)))
        return [np.flatnonzero(np.isin(self.lane, group)) for group in groups]


@dataclass(frozen=True)
class Sequences:
    """Observations that follow each other, and what was remembered before the first of each sequence."""

    observation: Any
    """Leading axis batch."""
    state: Any
    """By block name, (num_sequences, *state_shape); see `Net.initial_state`."""
    layout: Layout

    def take(self, rows: Rows | slice) -> Sequences:
        """Some of the rows, which hold sequences whole."""
        if isinstance(rows, slice):
            rows = np.arange(len(self.layout.time))[rows]
        layout, kept = self.layout.take(rows)
        return Sequences(take_rows(self.observation, rows), take_rows(self.state, kept), layout)

    def given(self, output: Tensor) -> Tensor:
        """The rows of what a network makes of these that are to be given; see `Layout`."""
        kept = self.layout.kept
        return output if kept is None else output.index_select(0, torch.from_numpy(kept).to(output.device))

    def unroll(self, name: str, unroll: Callable[[Tensor, Tensor, Tensor], Tensor], x: Tensor) -> Tensor:
        """What a block that remembers gives for all steps.

        Args:
            name: of the block.
            unroll: `Block.unroll` of it.
            x: (batch, *input_shape), what it is given.
        """
        layout, device = self.layout, x.device
        state = torch.as_tensor(self.state[name], device=device, dtype=x.dtype)
        packed = unroll(
            x.index_select(0, layout.order.to(device)),
            state.index_select(0, layout.longest_first.to(device)),
            layout.batch_sizes,
        )
        return packed.index_select(0, layout.back.to(device))


def take_rows(tree: Any, rows: Rows) -> Any:
    """Rows of arrays or tensors, in dicts and tuples if need be."""

    def of(each: Any) -> Any:
        if isinstance(each, np.ndarray):
            return each.take(rows, axis=0)
        # For rows of bytes, sixteen times faster than each[rows].
        return each.index_select(0, torch.from_numpy(rows).to(each.device))

    return trees.apply(of, tree)
