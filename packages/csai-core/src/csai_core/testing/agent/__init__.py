"""What every agent should do: choose among the actions there are, and leave the environment to others."""

from __future__ import annotations

from csai_core.testing.agent.acting import ActingChecks
from csai_core.testing.agent.learning import LearningChecks
from csai_core.testing.agent.making import MakingChecks
from csai_core.testing.agent.refusing import RefusingChecks
from csai_core.testing.agent.repeating import RepeatingChecks

__all__ = ["AgentSuite"]


class AgentSuite(RefusingChecks, LearningChecks, RepeatingChecks, ActingChecks, MakingChecks):
    """Checks one agent; a subclass names the entry, or writes `make`.

    class TestStubborn(AgentSuite):
        entry_name = "stubborn"

    An agent need not play everything; it refuses what it cannot play with a `CsaiError` when it is made.
    What it can play is found among the environments of its own plugin and toys; a subclass can write a
    method `environments(self)` instead, which makes new ones each time:

    class TestDigger(AgentSuite):
        entry_name = "digger"

        def environments(self):
            return [environments.make("Garden/Beds-v0")]
    """
