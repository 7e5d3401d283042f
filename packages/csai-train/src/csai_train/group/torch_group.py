"""The processes of a training that are several: what they tell each other goes through `torch.distributed`.

The transport is gloo: over loopback on one machine, over the network between machines. Whatever is on another
device than the CPU goes by way of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import numpy as np
import safetensors.numpy
import torch
import torch.distributed as dist
from numpy.typing import NDArray
from torch import Tensor

from csai_core import tree_codec
from csai_train.errors import ProcessLostError
from csai_train.group.group import Group


class TorchGroup(Group):
    """Several processes.

    Args:
        rank: which of them this is.
        size: how many they are.
        timeout: after how many seconds one that does not answer is lost.
        meeting: where they find each other, as `torch.distributed.init_process_group` takes it.

    Raises:
        ProcessLostError: if they do not all come.
    """

    def __init__(self, rank: int, size: int, *, timeout: float, meeting: str = "env://") -> None:
        super().__init__(rank, size)
        with self._together("joining the others"):
            dist.init_process_group(
                "gloo",
                init_method=meeting,
                rank=rank,
                world_size=size,
                timeout=timedelta(seconds=timeout),
            )

    def mean_gradient(self, gradient: Tensor, weight: float, loss: float) -> float:
        """Make a gradient the mean over all processes; see `Group.mean_gradient`."""
        told = torch.tensor([loss, 1.0, self.has_wish], dtype=gradient.dtype)
        total = torch.cat([gradient.cpu(), told]) * weight
        with self._together("meaning gradients"):
            dist.all_reduce(total)
        mean_loss, count, wishes = total[-3:].tolist()
        self.is_wished = wishes > 0
        gradient.copy_(total[:-3] / count)
        return float(mean_loss / count)

    def mean(self, values: NDArray[np.float64], weight: float = 1.0) -> NDArray[np.float64]:
        """The mean of some numbers over all processes; see `Group.mean`."""
        total = self._sum(np.append(values, 1.0) * weight)
        mean: NDArray[np.float64] = (total[:-1] / total[-1]).reshape(np.shape(values))
        return mean

    def merge_stats(
        self, count: Any, mean: NDArray[np.float64], squares: NDArray[np.float64]
    ) -> tuple[Any, NDArray[np.float64], NDArray[np.float64]]:
        """Means and sums of squares over all processes; see `Group.merge_stats`."""
        mean, squares = np.asarray(mean, np.float64), np.asarray(squares, np.float64)
        counts = np.broadcast_to(np.asarray(count, np.float64), mean.shape)
        rows = self.gather_rows(np.stack([counts, mean, squares]).reshape(1, -1))
        counts, means, all_squares = rows.reshape(self.size, 3, *mean.shape).swapaxes(0, 1)
        total = counts.sum(axis=0)
        merged = (counts * means).sum(axis=0) / np.maximum(total, 1)
        together = all_squares.sum(axis=0) + (counts * (means - merged) ** 2).sum(axis=0)
        return (total if np.ndim(count) else int(total.flat[0])), merged, together

    def any(self, flag: bool) -> bool:
        """Whether any process says so."""
        return bool(self._sum(np.array([float(flag)]))[0])

    def barrier(self) -> None:
        """Wait until all processes are here."""
        with self._together("waiting for the others"):
            dist.barrier()

    def gather_rows(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """The rows of all processes; see `Group.gather_rows`."""
        counts = self._sum(np.eye(self.size)[self.rank] * len(rows)).astype(int)
        room = np.zeros((counts.max(), rows.shape[1]))
        if not room.size:
            return rows
        room[: len(rows)] = rows
        found = [torch.empty(room.shape, dtype=torch.float64) for _ in counts]
        with self._together("gathering numbers"):
            dist.all_gather(found, torch.from_numpy(room))
        return np.concatenate(
            [each[:count].numpy() for each, count in zip(found, counts.tolist(), strict=True)]
        )

    def broadcast(self, *tensors: Tensor) -> None:
        """Give all processes what the first one has, in place."""
        for tensor in tensors:
            sent = tensor.detach().cpu().contiguous()
            with self._together("taking over weights"):
                dist.broadcast(sent, 0)
            tensor.copy_(sent)

    def broadcast_state(self, state: Any) -> Any:
        """What the first process has; see `Group.broadcast_state`."""
        sent = _packed(state) if self.is_main else torch.empty(0, dtype=torch.uint8)
        size = torch.tensor([len(sent)])
        with self._together("taking over a state"):
            dist.broadcast(size, 0)
            sent = sent if self.is_main else torch.empty(int(size), dtype=torch.uint8)
            dist.broadcast(sent, 0)
        return state if self.is_main else _unpacked(sent)

    def gather_states(self, state: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """What each process has, in the first one."""
        with self._together("gathering what each has to save"):
            if self.is_main:
                return [state, *(_unpacked(_received(rank)) for rank in range(1, self.size))]
            _send(_packed(state), 0)
        return []

    def scatter_states(self, states: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        """Of what the first process has for each, this one's."""
        with self._together("handing out what each has saved"):
            if self.is_main:
                for rank in range(1, self.size):
                    _send(_packed(states[rank]), rank)
                return states[0]
            received: Mapping[str, Any] = _unpacked(_received(0))
            return received

    def _sum(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        total = torch.from_numpy(values)
        with self._together("adding up numbers"):
            dist.all_reduce(total)
        return total.numpy()

    @contextmanager
    def _together(self, doing: str) -> Iterator[None]:
        """Say of what failed between processes that it did, and what has to be done."""
        try:
            yield
        except RuntimeError as error:
            raise ProcessLostError(
                f"Process {self.rank} of {self.size} lost touch with another one while {doing}: that one has "
                "ended, or did not answer in time. What was saved stays; go on from there with --resume. "
                f"({str(error).splitlines()[0]})"
            ) from error


def _packed(state: Any) -> Tensor:
    """A state as bytes: two lengths, the text, and the arrays."""
    text, arrays = tree_codec.to_file(state)
    data = safetensors.numpy.save(arrays)
    head = np.array([len(text), len(data)], dtype=np.int64).tobytes()
    return torch.frombuffer(bytearray(head + text + data), dtype=torch.uint8)


def _unpacked(packed: Tensor) -> Any:
    data = packed.numpy().tobytes()
    length = int(np.frombuffer(data[:8], dtype=np.int64)[0])
    text, arrays = data[16 : 16 + length], safetensors.numpy.load(data[16 + length :])
    return tree_codec.from_file(text, arrays)


def _send(packed: Tensor, rank: int) -> None:
    dist.send(torch.tensor([len(packed)]), rank)
    dist.send(packed, rank)


def _received(rank: int) -> Tensor:
    size = torch.zeros(1, dtype=torch.int64)
    dist.recv(size, rank)
    packed = torch.empty(int(size), dtype=torch.uint8)
    dist.recv(packed, rank)
    return packed
