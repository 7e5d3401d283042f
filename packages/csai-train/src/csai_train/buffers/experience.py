"""What a policy has lived through and what came of it, as one batch to learn from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core import trees
from csai_neural.sequences import Sequences, take_rows


@dataclass(frozen=True)
class RolloutBatch:
    """Steps that were valued; every field has leading axis batch. All arrays, or all tensors."""

    observation: Any
    """`Sequences`, where they are for a network with memory."""
    action: Any
    """As they were drawn, which may lie outside the space's bounds."""
    action_mask: Any
    """1 where an action was allowed; None where all always are."""
    returns: Any
    """What the values should have been."""
    advantage: Any = None
    """How much better the actions turned out than expected."""
    value: Any = None
    """Of the observations, as they were valued then."""
    log_prob: Any = None
    """Of the actions, under the policy that chose them."""

    def __len__(self) -> int:
        """How many steps there are."""
        return len(self.returns)

    def take(self, chosen: NDArray[np.int64] | slice) -> RolloutBatch:
        """The steps at these positions."""
        return RolloutBatch(**{name: _pick(field, chosen) for name, field in vars(self).items()})

    def minibatches(self, count: int, random: np.random.Generator) -> Iterator[RolloutBatch]:
        """`count` random parts of even size, which hold sequences whole where the steps are such."""
        if isinstance(self.observation, Sequences):
            yield from map(self.take, self.observation.layout.minibatches(count, random))
        else:
            yield from self.take(random.permutation(len(self))).split(count)

    def split(self, count: int) -> Iterator[RolloutBatch]:
        """Parts of even size, one after the other."""
        count = min(count, len(self))
        for i in range(count):
            yield self.take(slice(len(self) * i // count, len(self) * (i + 1) // count))

    @property
    def explained_variance(self) -> float:
        """1 where the values foretold the returns exactly, 0 where their mean would have done as well."""
        returns, value = (np.asarray(each, dtype=np.float64) for each in (self.returns, self.value))
        variance = returns.var()
        return float(1 - (returns - value).var() / variance) if variance > 0 else 0.0


def _pick(field: Any, chosen: NDArray[np.int64] | slice) -> Any:
    """Rows of arrays or tensors, in dicts and tuples if need be; None stays None."""
    if field is None:
        return None
    if isinstance(field, Sequences):
        return field.take(chosen)
    if isinstance(chosen, slice):
        return trees.apply(lambda each: each[chosen], field)
    return take_rows(field, chosen)
