"""What every wrapper should do: keep Gymnasium's contract on both sides, and be made and saved again."""

from __future__ import annotations

from csai_core.testing.wrapper.giving import GivingChecks
from csai_core.testing.wrapper.making import MakingChecks
from csai_core.testing.wrapper.masks import MaskChecks
from csai_core.testing.wrapper.passing import PassingChecks
from csai_core.testing.wrapper.repeating import RepeatingChecks
from csai_core.testing.wrapper.saving import SavingChecks
from csai_core.testing.wrapper.using import UsingChecks

__all__ = ["WrapperSuite"]


class WrapperSuite(
    MaskChecks,
    PassingChecks,
    SavingChecks,
    RepeatingChecks,
    GivingChecks,
    UsingChecks,
    MakingChecks,
):
    """Checks one wrapper; a subclass names the entry, or writes `make`.

    class TestGenerous(WrapperSuite):
        entry_name = "generous"
        settings = {"bonus": 0.5}

    A wrapper need not take every environment: whatever it raises when it is made is its refusal.
    """
