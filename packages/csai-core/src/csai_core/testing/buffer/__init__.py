"""What every experience buffer should do: keep what it is given, hand it out whole, and forget the oldest.

A buffer is made with `batch_size`, `capacity` and `seed`, and has the methods of `csai_train.ReplayBuffer`.
Algorithms call `extend` with the steps of several environments, and `sample`; the checks do the same, with
transitions of which every part says which it is.
"""

from __future__ import annotations

from csai_core.testing.buffer.drawing import DrawingChecks
from csai_core.testing.buffer.making import MakingChecks
from csai_core.testing.buffer.saving import SavingChecks
from csai_core.testing.buffer.storing import StoringChecks

__all__ = ["BufferSuite"]


class BufferSuite(SavingChecks, DrawingChecks, StoringChecks, MakingChecks):
    """Checks one buffer; a subclass names the entry, or writes `make`.

    class TestBasic(BufferSuite):
        entry_name = "basic"

    class TestMine(BufferSuite):
        def make(self, **settings):
            return MyBuffer(**settings)
    """
