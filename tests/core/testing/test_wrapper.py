"""The suite of wrappers: Gymnasium's own pass, and what is not asked of any is left alone."""

from __future__ import annotations

import gymnasium
import pytest
from gymnasium import spaces, wrappers

from csai_core import Entry
from csai_core.testing import WrapperSuite
from csai_core.testing.probe import Probe

GYMNASIUMS = {
    "TimeLimit": {"max_episode_steps": 9},
    "ClipReward": {"min_reward": -1, "max_reward": 1},
    "RescaleAction": {"min_action": -1, "max_action": 1},
    "NormalizeObservation": {},
    "NormalizeReward": {},
    "FrameStackObservation": {"stack_size": 3},
    "FlattenObservation": {},
    "GrayscaleObservation": {},
    "DelayObservation": {"delay": 2},
    "StickyAction": {"repeat_action_probability": 0.25},
    "MaxAndSkipObservation": {"skip": 4},
    "RecordEpisodeStatistics": {},
    "PassiveEnvChecker": {},
    "Autoreset": {},
    "FilterObservation": {"filter_keys": ["mood"]},
}


def outcomes(suite):
    return {each.check: (each.status, each.message) for each in suite.run()}


def failures(suite):
    return [each for each in suite.run() if each.status == "failed"]


@pytest.mark.parametrize("name", GYMNASIUMS)
def test_gymnasiums_own_pass(name):
    class Suite(WrapperSuite):
        def make(self, env):
            return getattr(wrappers, name)(env, **GYMNASIUMS[name])

    assert failures(Suite()) == []


class Scaled(gymnasium.RewardWrapper):
    """Scales rewards by a setting that it needs."""

    def __init__(self, env, scale):
        super().__init__(env)
        self.scale = scale

    def reward(self, reward):
        return self.scale * float(reward)


@pytest.fixture
def registered(monkeypatch):
    entry = Entry(name="scaled", target=f"{__name__}:Scaled")
    monkeypatch.setattr(Entry, "load", lambda self: Scaled)

    class Manager:
        def find(self, kind, name):
            return entry

    monkeypatch.setattr("csai_core.testing.wrapper.base.installed", Manager)


@pytest.mark.usefixtures("registered")
def test_a_setting_that_nobody_has_said_is_no_fault():
    assert outcomes(WrapperSuite.of("scaled"))["it can be made"] == (
        "skipped",
        "it needs scale: say it in `settings`, in a WrapperSuite of your own",
    )

    class Said(WrapperSuite):
        entry_name = "scaled"
        settings = {"scale": 2.0}  # noqa: RUF012

    assert failures(Said()) == []


def test_what_takes_no_environment_of_the_toys_can_bring_its_own():
    class Suite(WrapperSuite):
        def make(self, env):
            assert env.observation_space.shape == (2, 2), "It takes tables."
            return wrappers.FlattenObservation(env)

    assert "It takes tables." in outcomes(Suite())["it can be made"][1]

    class Own(Suite):
        def environments(self, **how):
            how = {"render_mode": "rgb_array", **how}
            return [Probe(spaces.Box(-1, 1, (2, 2)), spaces.Discrete(2), **how)]

    assert failures(Own()) == []
