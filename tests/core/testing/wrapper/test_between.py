"""Calls that pass a wrapper over are counted, and those that do not are left alone."""

from __future__ import annotations

import pytest
from gymnasium import spaces

from csai_core.testing import ConformanceError
from csai_core.testing.probe import Probe
from csai_core.testing.wrapper.between import Between, check_nothing_passed_over

CALLS = {
    "reset": lambda env: env.reset(seed=1),
    "step": lambda env: env.step(0),
    "render": lambda env: env.render(),
    "close": lambda env: env.close(),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_past_it_is_refused(name):
    between = Between(Probe(spaces.Discrete(2), spaces.Discrete(2)))
    CALLS["reset"](between)
    CALLS[name](between)
    check_nothing_passed_over(between, between.env)
    CALLS[name](between.unwrapped)
    if name == "close":  # a second end of the environment is none
        between.calls["close"] = 0
    with pytest.raises(ConformanceError, match=f"Call self.env.{name}"):
        check_nothing_passed_over(between, between.env)
