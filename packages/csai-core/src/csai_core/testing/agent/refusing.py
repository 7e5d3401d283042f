"""Checks of what an agent says of environments that it does not play."""

from __future__ import annotations

import numpy as np
from gymnasium import spaces

from csai_core.errors import CsaiError
from csai_core.testing.agent.base import AgentChecks
from csai_core.testing.suite import fail, skip

_NUMBERED = (spaces.Discrete, spaces.MultiDiscrete)


class RefusingChecks(AgentChecks):
    """What it refuses."""

    def test_it_refuses_in_words(self) -> None:
        """What it cannot play, it refuses when it is made."""
        for env in self.environments():
            try:
                agent, is_within = self._tried(env)
            except CsaiError:
                continue
            except Exception as error:
                found = f"ended in {type(error).__name__}: {error}"
            else:
                if getattr(agent, "is_user_control", False):
                    skip("a person plays through it")
                if is_within:
                    continue
                found = "took an action that does not lie there"
                if isinstance(env.action_space, _NUMBERED) and np.any(env.action_space.start):
                    found += ", which may be counted from 0: these begin at action_space.start"
            fail(
                f"Where observations are {env.observation_space} and actions {env.action_space}, it {found}. "
                "Refuse in __init__ what it cannot play, with a csai_core.errors.ConfigError that says what "
                "it can."
            )
