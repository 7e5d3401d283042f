"""What every command should do: explain itself, refuse wrong words, and work only when it is called."""

from __future__ import annotations

from csai_core.testing.command.explaining import ExplainingChecks
from csai_core.testing.command.making import MakingChecks
from csai_core.testing.command.refusing import RefusingChecks
from csai_core.testing.command.working import WorkingChecks

__all__ = ["CommandSuite"]


class CommandSuite(WorkingChecks, RefusingChecks, ExplainingChecks, MakingChecks):
    """Checks one command; a subclass names the entry, or says where it is, or writes `make`.

    class TestSayHello(CommandSuite):
        entry_name = "say_hello"
        words = ("Ada",)            # a call that works

    A command is called with wrong words, in an empty folder; with those of `words`, which work, or with none
    where it needs none; and, with these, by `--json`, by `--seed` twice and in another process, and by each
    of its options that takes a text or the numbers of a range, as far as it ends within seconds.
    """
