"""Checks of how a wrapper uses its environment: rightly, through what stands between, and openly."""

from __future__ import annotations

import copy
from collections.abc import Iterator

from csai_core.testing.probe import Probe
from csai_core.testing.suite import called, fail
from csai_core.testing.wrapper.base import WrapperChecks
from csai_core.testing.wrapper.between import Between, check_nothing_passed_over
from csai_core.testing.wrapper.turns import Turn


class UsingChecks(WrapperChecks):
    """What the environment notices of it."""

    def test_it_does_with_the_environment_as_one_should(self) -> None:
        """Actions that reach it lie in its space, episodes that are over are reset, what it shows stays."""
        for how in ({}, {"end": "truncated"}, {"has_masks": True}):
            for env in self._accepted(**how):
                before = copy.deepcopy((env.observation_space, env.action_space))
                wrapper = self.make(env)
                if (env.observation_space, env.action_space) != before:
                    fail(
                        "It changes a space of the environment in place, which is everybody's; make one of "
                        "its own: self.observation_space = Box(…)."
                    )
                _require_right_use(env, self._drawn_play(wrapper))

    def test_it_passes_no_wrapper_over(self) -> None:
        """Another wrapper, between it and the environment, is called too."""
        for env in self._accepted():
            try:
                wrapper = self.make(between := Between(env))
            except Exception:
                continue
            for _ in self._drawn_play(wrapper):
                pass
            called(wrapper.close, "close()")
            check_nothing_passed_over(between, env)


def _require_right_use(env: Probe, turns: Iterator[Turn]) -> None:
    """Refuse what the environment complains of, also where its end was not told."""
    hidden = ""
    for turn in turns:
        if env.complaint:
            fail(hidden or f"At {turn.when}, the environment was used wrongly: {env.complaint}.")
        is_told = turn.terminated or turn.truncated
        if env.is_over and not is_told:
            hidden = (
                f"At {turn.when}, the environment's episode was {env.end}, and the wrapper said that it goes "
                "on, so that the next step came after the end. Return terminated and truncated as the "
                "environment gave them."
            )
        else:
            hidden = ""
