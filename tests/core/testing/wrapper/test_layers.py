"""Layers are found from the outside in, and are what they record."""

from __future__ import annotations

import gymnasium
import pytest
from gymnasium import wrappers
from gymnasium.utils import RecordConstructorArgs

from csai_core.testing import ConformanceError
from csai_core.testing.toys import Walk
from csai_core.testing.wrapper.layers import advice, check_recorded, layers, through_a_file


class Scaled(gymnasium.RewardWrapper, RecordConstructorArgs):
    """Records what it is told to."""

    def __init__(self, env, scale=1.0, offset=0.0, recorded=("scale", "offset", "recorded")):
        given = {"scale": scale, "offset": offset, "recorded": list(recorded)}
        RecordConstructorArgs.__init__(self, **{name: given[name] for name in recorded})
        super().__init__(env)


def test_layers_are_found_from_the_outside_in_without_the_checker():
    env = wrappers.TimeLimit(wrappers.PassiveEnvChecker(wrappers.OrderEnforcing(Walk())), 5)
    assert [type(each).__name__ for each in layers(env)] == ["TimeLimit", "OrderEnforcing"]


def test_what_is_recorded_is_all_and_plain():
    check_recorded(Scaled(Walk()))
    check_recorded(wrappers.TransformReward(Walk(), abs))  # Gymnasium's own is its own affair
    with pytest.raises(ConformanceError, match="does not record its setting offset"):
        check_recorded(Scaled(Walk(), recorded=("scale", "recorded")))
    with pytest.raises(ConformanceError, match="records its setting scale as <built-in function abs>"):
        check_recorded(Scaled(Walk(), scale=abs))


def test_what_cannot_be_saved_is_said_and_how_to_mend_it():
    class Odd(gymnasium.Wrapper):
        def state_dict(self):
            return {"place": object()}

        def load_state_dict(self, state):
            pass

    with pytest.raises(ConformanceError, match=r"Odd cannot be saved: .*place.*what its state_dict gives"):
        through_a_file(Odd(Walk()))
    assert "It keeps visits, which cannot be saved" in advice(["visits"])
    assert "state_dict" in advice([])
