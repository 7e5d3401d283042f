"""Every way in which a vector environment of somebody's can be broken, and what its gate says of it."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from csai_core.errors import EnvironmentFailedError, WorkerError
from csai_core.gate import VectorGate

BOX = spaces.Box(-9, 9, (1,), np.float32)


class Counting(VectorEnv):
    """Three counters in one array, which is handed out as it is; episodes of three steps.

    Args:
        mode: how it resets.
        change: has a look at the items of the second step.
    """

    def __init__(self, mode=AutoresetMode.SAME_STEP, change=None):
        self.num_envs, self.metadata = 3, {"autoreset_mode": mode}
        self.single_observation_space, self.single_action_space = BOX, spaces.Discrete(2)
        self.observation_space = batch_space(BOX, 3)
        self.action_space = batch_space(spaces.Discrete(2), 3)
        self.mode, self.change = mode, change
        self.places, self.rewards = np.zeros((3, 1), np.float32), np.zeros(3)
        self.calls = 0

    def reset(self, *, seed=None, options=None):
        if isinstance(seed, list):
            raise TypeError("one seed for all")
        mask = (options or {}).get("reset_mask", np.ones(3, bool))
        self.places[mask] = 0
        return self.places, {}

    def step(self, actions):
        self.calls += 1
        starts = self.places[:, 0] == 3
        self.places += 1
        if self.mode is AutoresetMode.NEXT_STEP:
            self.places[starts] = 0
        self.rewards[:] = self.calls
        over, info = self.places[:, 0] == 3, {}
        if self.mode is AutoresetMode.SAME_STEP and over.any():
            final = np.full(3, None, object)
            for i in np.flatnonzero(over):
                final[i] = self.places[i].copy()
            info = {"final_obs": final, "_final_obs": over}
            self.places[over] = 0
        items = [self.places, self.rewards, over, np.zeros(3, bool), info]
        return self.change(items) if self.change and self.calls == 2 else tuple(items)


def gate_of(mode=AutoresetMode.SAME_STEP, change=None):
    gate = VectorGate(Counting(mode, change), mode)
    gate.reset(seed=[4, 5, 6])
    return gate


def put(place, value):
    def change(items):
        items[place] = value
        return tuple(items)

    return change


def raise_key_error(items):
    return {}["velocity"]


FAULTS = {
    "exception": (raise_key_error, "KeyError: 'velocity'", None),
    "four items": (lambda items: tuple(items[:4]), "step returned 4 items", None),
    "info None": (put(4, None), "info None. info is not a dict", None),
    "rewards text": (put(1, np.array(["1", "2", "3"])), "the reward np.str_", 0),
    "rewards None": (put(1, [1.0, None, 2.0]), "the reward None", 1),
    "rewards nan": (put(1, np.array([1.0, 2.0, np.nan])), "the reward nan", 2),
    "rewards short": (put(1, np.ones(2)), "step returns an array of 3", None),
    "rewards number": (put(1, 1.0), "step returns an array of 3", None),
    "terminated": (put(2, [False, False, "no"]), "terminated is 'no'", 2),
    "truncated": (put(3, np.array([0.0, 0.0, 0.0])), "truncated is", 0),
    "shape": (put(0, np.zeros((3, 2), np.float32)), r"observation must have shape \(1,\)", 0),
    "count": (put(0, np.zeros((2, 1), np.float32)), r"a batch of 3 in Box", None),
    "nan": (put(0, np.float32([[0], [np.nan], [0]])), r"observation\[0\] is nan", 1),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_every_fault_is_told_with_its_place(fault, mode):
    change, words, index = FAULTS[fault]
    gate = gate_of(mode, change)
    gate.step(np.array([0, 1, 0]))
    with pytest.raises(EnvironmentFailedError, match=words) as caught:
        gate.step(np.array([1, 0, 1]))
    error = caught.value
    assert (error.environment, error.index, error.step) == ("Counting", index, 2)
    seed, action = (None, [1, 0, 1]) if index is None else ([4, 5, 6][index], [1, 0, 1][index])
    assert (error.seed, np.asarray(error.action).tolist()) == (seed, action)


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_nothing_of_it_is_kept_without_a_copy(mode):
    gate = gate_of(mode)
    first, _ = gate.reset(seed=[1, 2, 3])
    second, rewards, *_ = gate.step(np.zeros(3, int))
    gate.step(np.zeros(3, int))
    assert (first.ravel().tolist(), second.ravel().tolist()) == ([0, 0, 0], [1, 1, 1])
    assert rewards.tolist() == [1, 1, 1]


def test_what_it_does_to_its_actions_is_its_own():
    gate = gate_of()
    gate.envs.change = None
    actions = np.zeros(3, int)
    original = gate.envs.step
    gate.envs.step = lambda given: (given.fill(7), original(given))[1]
    gate.step(actions)
    assert actions.tolist() == [0, 0, 0]


def test_lists_and_columns_are_taken():
    def change(items):
        places, rewards, over, cut, info = items
        return places, rewards[:, None], over.astype(int), list(cut), info

    gate = gate_of(change=change)
    gate.step(np.zeros(3, int))
    _, rewards, over, cut, _ = gate.step(np.zeros(3, int))
    assert (rewards.tolist(), over.dtype, cut.dtype) == ([2, 2, 2], bool, bool)


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_the_step_is_counted_from_the_start_of_each_episode(mode):
    gate = gate_of(mode)
    steps = []
    for _ in range(8):
        over = gate.step(np.zeros(3, int))[2]
        steps.append(gate.failed("", 0).step)
        if over.any() and mode is AutoresetMode.DISABLED:
            gate.reset(options={"reset_mask": over})
    expected = [1, 2, 3, 0, 1, 2, 3, 0] if mode is AutoresetMode.NEXT_STEP else [1, 2, 3, 1, 2, 3, 1, 2]
    assert steps == expected
    assert gate.failed("", 0).seed is None


def test_what_a_reset_in_the_same_step_gave_is_told_as_that():
    gate = gate_of()
    gate.step(np.zeros(3, int))
    gate.step(np.zeros(3, int))
    gate.envs.reset()
    gate.envs.change = lambda items: (
        np.float32([[0], [np.nan], [0]]),
        items[1],
        np.ones(3, bool),
        *items[3:],
    )
    gate.envs.calls = 1
    with pytest.raises(EnvironmentFailedError, match=r"Environment 1 \(Counting, unseeded, at reset\)"):
        gate.step(np.zeros(3, int))


def test_an_end_in_the_same_step_must_tell_the_last_observation():
    gate = gate_of()
    for _ in range(3):
        info = gate.step(np.zeros(3, int))[4]
    ended = np.arange(3)
    assert gate.last_ones(info, ended).ravel().tolist() == [3, 3, 3]
    assert gate.last_ones({"final_obs": np.float32([[1], [2], [3]])}, ended[1:]).ravel().tolist() == [2, 3]
    with pytest.raises(EnvironmentFailedError, match=r'no info\["final_obs"\].*SAME_STEP'):
        gate.last_ones({}, ended)
    info["final_obs"][2] = np.float32([np.nan])
    with pytest.raises(EnvironmentFailedError, match=r"Environment 2 .*observation\[0\] is nan"):
        gate.last_ones(info, ended)


@pytest.mark.parametrize("result", [None, (np.zeros((3, 1), np.float32), None), np.zeros(3)], ids=repr)
def test_a_broken_reset_is_refused(result):
    gate = gate_of()
    gate.envs.reset = lambda **kwargs: result
    with pytest.raises(EnvironmentFailedError, match=r"at reset\) failed: reset returned"):
        gate.reset(seed=[1, 2, 3])


def test_gymnasiums_own_pass():
    envs = gymnasium.make_vec("CartPole-v1", 2, vectorization_mode="sync")
    gate = VectorGate(envs, envs.metadata["autoreset_mode"])
    gate.reset(seed=[1, 2])
    for _ in range(60):
        observation, *_ = gate.step(np.array([0, 1]))
    assert observation.shape == (2, 4)
    envs.close()


def test_what_says_already_which_environment_failed_is_raised_as_it_is():
    known = WorkerError("boom", environment="Own-v0", index=2, seed=7, step=3, action=1)

    class Failing(Counting):
        def reset(self, *, seed=None, options=None):
            raise known

        def step(self, actions):
            raise known

    gate = VectorGate(Failing(), AutoresetMode.SAME_STEP)
    for call in (lambda: gate.reset(seed=[1, 2, 3]), lambda: gate.step(np.zeros(3, int))):
        with pytest.raises(EnvironmentFailedError) as caught:
            call()
        assert caught.value is known


@pytest.mark.parametrize("method", ["reset", "step"])
def test_what_knows_better_where_it_failed_is_left_as_it_is(method):
    def fail(*args, **kwargs):
        raise known

    known = EnvironmentFailedError("gone", environment="Inner", index=2, seed=9, step=4, action=1)
    gate = gate_of()
    setattr(gate.envs, method, fail)
    with pytest.raises(EnvironmentFailedError) as caught:
        gate.reset(seed=[1, 2, 3]) if method == "reset" else gate.step(np.zeros(3, int))
    assert caught.value is known


LAST_FAULTS = {
    "final_info None": ({"final_info": None}, r'info\["final_info"\] is None; it must be a dict'),
    "final_info list": ({"final_info": [{}]}, r'info\["final_info"\] is \[{}\]; it must be a dict'),
    "final_obs number": ({"final_obs": 3}, r'info\["final_obs"\] is 3; it must have 3 rows'),
    "final_obs short": ({"final_obs": np.zeros((1, 1))}, r"final_obs.* of shape \(1, 1\).*must have 3 rows"),
    "final_obs missing": ({"final_obs": None}, r'gave no info\["final_obs"\]'),
    "final_obs of None": ({"final_obs": [None, None, None]}, "observation must have shape"),
}


@pytest.mark.parametrize("fault", LAST_FAULTS)
def test_what_is_told_of_an_end_is_refused_by_name(fault):
    info, words = LAST_FAULTS[fault]
    gate = gate_of()
    gate.step(np.zeros(3, int))
    with pytest.raises(EnvironmentFailedError, match=words):
        gate.last_ones({**info, "final_info": gate.last_infos(info)}, np.array([0, 2]))
