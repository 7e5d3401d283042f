"""What every block should do."""

from __future__ import annotations

from csai_neural.testing.block.giving import GivingChecks
from csai_neural.testing.block.keeping import KeepingChecks
from csai_neural.testing.block.learning import LearningChecks
from csai_neural.testing.block.looking import LookingChecks
from csai_neural.testing.block.making import MakingChecks
from csai_neural.testing.block.remembering import RememberingChecks

__all__ = ["BlockSuite"]


class BlockSuite(RememberingChecks, LookingChecks, KeepingChecks, LearningChecks, GivingChecks, MakingChecks):
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
        looks_at_all: whether every part of its input decides something of what comes out; False for one that
            is there to leave some out.
    """
