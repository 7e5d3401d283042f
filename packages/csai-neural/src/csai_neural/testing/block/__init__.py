"""What every block should do."""

from __future__ import annotations

from csai_neural.testing.block.giving import GivingChecks
from csai_neural.testing.block.keeping import KeepingChecks
from csai_neural.testing.block.learning import LearningChecks
from csai_neural.testing.block.making import MakingChecks

__all__ = ["BlockSuite"]


class BlockSuite(KeepingChecks, LearningChecks, GivingChecks, MakingChecks):
    """Checks one block; a subclass names the entry, or writes `make`.

    class TestMaxout(BlockSuite):
        entry_name = "maxout"

    class TestWideMaxout(BlockSuite):
        input_spaces = (Box(-1, 1, (100,)),)

        def make(self):
            return MaxoutBlock(pieces=9)

    Attributes:
        input_spaces: what it must take; without any, those of `CANDIDATES` that it does not refuse.
        refused_spaces: what it must refuse, with a ShapeError.
    """
