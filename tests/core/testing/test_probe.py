"""The probe: it shows what lies in its space, and notes how it is used."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from gymnasium import spaces

from csai_core.testing import EnvironmentSuite
from csai_core.testing.probe import Probe, draw


class TestProbe(EnvironmentSuite):
    def make(self, **settings):
        shown = spaces.Dict({"place": spaces.Box(-1, 1, (2,)), "mood": spaces.Discrete(3, start=-1)})
        return Probe(shown, spaces.Discrete(3), has_masks=True, **settings)


@pytest.mark.parametrize(
    "space",
    [
        spaces.Box(-np.inf, np.inf, (2, 3), np.float32),
        spaces.Box(0, 255, (4, 4, 3), np.uint8),
        spaces.Tuple((spaces.Discrete(2), spaces.MultiBinary(3))),
        spaces.MultiDiscrete([2, 3]),
    ],
)
def test_what_is_drawn_lies_in_the_space_and_comes_from_the_generator(space):
    drawn = [[draw(space, np.random.default_rng(seed)) for _ in range(3)] for seed in (1, 1, 2)]
    assert all(space.contains(each) for each in drawn[0])
    assert repr(drawn[0]) == repr(drawn[1]) != repr(drawn[2])


def used(how):
    env = Probe(spaces.Box(-1, 1, (2,)), spaces.Discrete(2), has_masks=True, end="truncated")
    how(env)
    return env.complaint


def test_it_complains_of_what_it_would_not_have():
    def changed(env):
        env.reset(seed=0)[0][:] = 7
        env.reset()

    assert used(lambda env: env.step(0)) == "It was stepped after its episode had ended, without a reset"
    assert "does not lie in Discrete(2)" in used(lambda env: (env.reset(), env.step(2)))
    assert "changed in place" in used(changed)


def test_it_complains_of_what_is_changed_in_its_masks_and_pictures():
    def marked(env):
        env.reset(seed=0)[1]["action_mask"][:] = 7
        env.step(0)

    def painted(env):
        env.render_mode = "rgb_array"
        env.reset(seed=0)
        env.render()[:] = 7
        env.step(0)

    assert "The action mask that it gave was changed in place" in used(marked)
    assert "The picture that it gave was changed in place" in used(painted)


def test_it_notes_the_actions_against_its_masks():
    env = Probe(spaces.Discrete(2), spaces.Discrete(3, start=2), has_masks=True, end=None)
    masks = [env.reset(seed=3)[1]["action_mask"].tolist()]
    masks += [env.step(2)[4]["action_mask"].tolist() for _ in range(9)]
    against = [(2, mask, step) for step, mask in enumerate(masks[:9], start=1) if not mask[0]]
    assert 0 < len(against) < 9
    assert env.forbidden == against


def test_it_fails_when_it_is_told_to():
    env = Probe(spaces.Discrete(2), spaces.Discrete(2))
    env.reset(seed=0)
    env.failure = RuntimeError("told to fail")
    with pytest.raises(RuntimeError, match="told to fail"):
        env.step(0)


def test_a_saved_state_goes_on_alike():
    env = Probe(spaces.Discrete(9), spaces.Discrete(2))
    env.reset(seed=4)
    saved = copy.deepcopy(env.state_dict())
    went = [env.step(0)[:4] for _ in range(5)]
    env.load_state_dict(saved)
    assert [env.step(0)[:4] for _ in range(5)] == went
