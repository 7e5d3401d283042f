"""Every form of an action mask that is taken, and every one that is refused."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import SyncVectorEnv

from csai_core.errors import EnvironmentFailedError
from csai_core.gate import ActionMasks, EnvironmentGate, Improper

PAIR = spaces.MultiDiscrete([2, 3])
DICT = spaces.Dict({"aim": spaces.Box(-1, 1, (2,)), "go": spaces.Discrete(2), "lamps": spaces.MultiBinary(2)})
TUPLE = spaces.Tuple([spaces.Discrete(2), PAIR])


def ones(*numbers):
    return np.array(numbers, np.int8)


@pytest.mark.parametrize(
    ("space", "mask", "row"),
    [
        (spaces.Discrete(3), ones(1, 0, 1), [1, 0, 1]),
        (spaces.Discrete(3, start=5), np.array([True, False, True]), [1, 0, 1]),
        (spaces.Discrete(3), [1, 0, 1], [1, 0, 1]),
        (spaces.Discrete(3), (1.0, 0.0, 1.0), [1, 0, 1]),
        (PAIR, ones(1, 0, 0, 1, 1), [1, 0, 0, 1, 1]),
        (PAIR, (ones(1, 0), ones(0, 1, 1)), [1, 0, 0, 1, 1]),
        (spaces.MultiBinary([2, 2]), ones(0, 0, 1, 1).reshape(2, 2), [0, 0, 1, 1]),
        (DICT, {"go": ones(0, 1), "lamps": [1, 0]}, [0, 1, 1, 0]),
        (DICT, {"go": ones(0, 1), "lamps": None, "aim": None}, [0, 1, 1, 1]),
        (DICT, ones(0, 1, 1, 0), [0, 1, 1, 0]),
        (TUPLE, (ones(1, 0), (ones(1, 0), ones(0, 1, 1))), [1, 0, 1, 0, 0, 1, 1]),
        (TUPLE, (None, ones(1, 0, 0, 1, 1)), [1, 1, 1, 0, 0, 1, 1]),
    ],
)
def test_every_form_is_read_as_a_row(space, mask, row):
    masks = ActionMasks(space)
    assert masks.num_choices == len(row)
    assert masks.read(mask).tolist() == row
    assert masks.stack([None, mask]).tolist() == [[1] * len(row), row]
    assert masks.stack([None, None]) is None


@pytest.mark.parametrize(
    ("space", "mask", "words"),
    [
        (spaces.Discrete(3), ones(1, 0, 1, 1), "an array of 3 ones and zeros"),
        (spaces.Discrete(3), ones(1, 2, 0), "ones and zeros"),
        (spaces.Discrete(3), [0.5, 1, 0], "ones and zeros"),
        (spaces.Discrete(3), "101", "'101'; for Discrete"),
        (spaces.Discrete(3), [1, [0], 1], "ones and zeros"),
        (spaces.Discrete(3), {"go": [1]}, "ones and zeros"),
        (PAIR, (ones(1, 0),), "an array of 5 ones and zeros"),
        (DICT, {"jump": ones(1, 1)}, "has a part 'jump'; the action has 'aim', 'go', 'lamps'"),
        (DICT, {"go": ones(1, 1, 1)}, r"action mask\['go'\] .* an array of 2"),
        (DICT, {"aim": ones(1, 1)}, r"action mask\['aim'\], but actions of Box.* take none"),
        (spaces.Box(-1, 1, (2,)), ones(1, 1), "actions of Box.* take none"),
    ],
)
def test_anything_else_is_refused(space, mask, words):
    with pytest.raises(Improper, match=words) as caught:
        ActionMasks(space).stack([None, mask])
    assert caught.value.index == 1


class Masked(gymnasium.Env):
    """Gives masks out of a list, one a step; ends with the last."""

    observation_space = spaces.Discrete(9)

    def __init__(self, space, masks):
        self.action_space, self.masks = space, masks

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.count = 0
        return 0, self.info()

    def step(self, action):
        self.count += 1
        return self.count, 0.0, self.count == len(self.masks) - 1, False, self.info()

    def info(self):
        mask = self.masks[self.count]
        return {} if mask is None else {"action_mask": mask}


@pytest.mark.parametrize(
    ("space", "given", "rows"),
    [
        (spaces.Discrete(2), [ones(1, 0), None], [[1, 0], [1, 1]]),
        (spaces.Discrete(2), [np.array([False, True]), np.array([True, False])], [[0, 1], [1, 0]]),
        (spaces.Discrete(2), [[1, 0], [0, 1]], [[1, 0], [0, 1]]),
        (PAIR, [(ones(1, 0), ones(0, 1, 1)), None], [[1, 0, 0, 1, 1], [1] * 5]),
        (DICT, [{"go": ones(0, 1)}, {"lamps": ones(1, 0)}], [[0, 1, 1, 1], [1, 1, 1, 0]]),
    ],
)
def test_infos_of_gymnasiums_vector_environments_are_read(space, given, rows):
    envs = SyncVectorEnv([lambda mask=mask: Masked(space, [mask]) for mask in given])
    _, info = envs.reset()
    assert ActionMasks(space).batch(info, 2).tolist() == rows
    assert ActionMasks(space).batch({}, 2) is None


def test_rows_of_a_vector_that_are_too_few_are_refused():
    with pytest.raises(Improper, match="must have 3 rows"):
        ActionMasks(spaces.Discrete(2)).batch({"action_mask": np.ones((2, 2), np.int8)}, 3)
    with pytest.raises(Improper, match="ones and zeros"):
        ActionMasks(spaces.Discrete(2)).batch({"action_mask": np.full((2, 2), 3, np.int8)}, 2)


@pytest.mark.parametrize(
    ("space", "empty", "instead"),
    [
        (spaces.Discrete(2), ones(0, 0), [1, 1]),
        (PAIR, ones(0, 1, 0, 0, 0), [0, 1, 1, 1, 1]),
        (DICT, {"go": ones(0, 0), "lamps": ones(0, 0)}, [1, 1, 0, 0]),
    ],
)
def test_nothing_need_be_allowed_at_an_episodes_end_and_something_before(space, empty, instead):
    gate = EnvironmentGate(Masked(space, [None, empty]))
    assert gate.mask(gate.reset()[1]) is None
    info = gate.step(space.sample())[4]
    assert gate.mask(info, is_over=True).tolist() == instead
    with pytest.raises(EnvironmentFailedError, match=r"step 1 .*forbids every action. Allow at least one"):
        gate.mask(info)


def test_bits_may_all_be_forbidden():
    masks = ActionMasks(spaces.MultiBinary(2))
    assert masks.with_choices(np.zeros((1, 2), np.int8), None).tolist() == [[0, 0]]


@pytest.mark.parametrize("present", ["x", [True], None, np.ones((2, 1), bool), [1, 1]], ids=repr)
def test_who_has_a_mask_is_told_by_a_bool_for_each(present):
    masks = ActionMasks(spaces.Discrete(2))
    with pytest.raises(Improper, match=r'info\["_action_mask"\] is .*must be an array of 2 bools'):
        masks.batch({"action_mask": np.ones((2, 2), np.int8), "_action_mask": present}, 2)
