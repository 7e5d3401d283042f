"""How much memory a network may take while it is built from a file: about as much as its weights there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from csai_neural.errors import NetFileError

_MAKERS = frozenset({"empty", "zeros", "ones", "full", "rand", "randn", "normal", "randint", "empty_strided"})
"""Torch's operations that make a tensor of the sizes they are given first."""
_MORE_AT_ONCE = 2**24
_MORE_IN_ALL = 2**26
"""Numbers besides the weights, such as masks and tables of positions."""
_MORE_TENSORS = 10_000


class LimitedAllocation(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Inside the block, torch makes no tensors that a network with these weights would not have.

    Args:
        weights: of the file.

    Raises:
        NetFileError: when larger ones, or more of them, are asked for, before they are made.
    """

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        numbers = sum(tensor.numel() for tensor in weights.values())
        self._most_at_once, self._most_in_all = numbers + _MORE_AT_ONCE, 4 * numbers + _MORE_IN_ALL
        self._most_tensors = 8 * len(weights) + _MORE_TENSORS
        self._numbers = self._tensors = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Count what is asked for, and let torch do it."""
        if func.overloadpacket.__name__ in _MAKERS and args and isinstance(args[0], (list, tuple)):
            self._count(math.prod(args[0]))
        return func(*args, **(kwargs or {}))

    def _count(self, numbers: int) -> None:
        self._numbers += numbers
        self._tensors += 1
        if (
            numbers > self._most_at_once
            or self._numbers > self._most_in_all
            or self._tensors > self._most_tensors
        ):
            raise NetFileError(
                f"it describes a network of {self._numbers:,} numbers and more, and holds weights for a "
                "smaller one"
            )
