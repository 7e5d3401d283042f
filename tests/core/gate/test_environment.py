"""Every way in which an environment can be broken, and what its gate says of it."""

from __future__ import annotations

import re

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from csai_core.errors import EnvironmentFailedError, SpaceError
from csai_core.gate import EnvironmentGate
from csai_core.testing.toys import Walk

PAIR = spaces.Dict({"a": spaces.Box(-1, 1, (2,), np.float32), "b": spaces.Discrete(3)})


class Breaking(gymnasium.Env):
    """Sound until its second step, where `change` has a look at the five items; or at reset."""

    def __init__(self, change=None, change_reset=None):
        self.observation_space, self.action_space = PAIR, spaces.Discrete(2)
        self.change, self.change_reset = change, change_reset

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.count = 0
        items = [self.look(), {}]
        return self.change_reset(items) if self.change_reset else tuple(items)

    def step(self, action):
        self.count += 1
        items = [self.look(), 1.0, False, False, {}]
        return self.change(items) if self.change and self.count == 2 else tuple(items)

    def look(self):
        return {"a": np.zeros(2, np.float32), "b": 1}


def put(place, value):
    def change(items):
        items[place] = value
        return tuple(items)

    return change


def raise_key_error(items):
    return {}["velocity"]


def without_b(items):
    items[0].pop("b")
    return tuple(items)


def with_part(name, value):
    def change(items):
        items[0][name] = value
        return tuple(items)

    return change


FAULTS = {
    "exception": (raise_key_error, "KeyError: 'velocity'"),
    "old four items": (lambda items: (*items[:3], items[4]), r"step returned 4 items .*five items"),
    "no items": (lambda items: None, "step returned one NoneType; step returns five items"),
    "info None": (put(-1, None), "info None. info is not a dict"),
    "reward None": (put(1, None), "the reward None. The reward is not a finite number"),
    "reward text": (put(1, "1.0"), "the reward '1.0'. The reward is not a finite number"),
    "reward of two": (put(1, np.ones(2)), r"the reward array\(\[1., 1.\]\)"),
    "reward nan": (put(1, float("nan")), "the reward nan"),
    "reward complex": (put(1, 1j), "the reward 1j"),
    "terminated text": (put(2, "False"), "terminated is 'False'. .* True or False"),
    "terminated None": (put(2, None), "terminated is None"),
    "truncated two": (put(3, 2), "truncated is 2"),
    "truncated array": (put(3, np.zeros(2, bool)), "truncated is array"),
    "missing part": (without_b, r"observation has no part 'b'; it has 'a'"),
    "no dict": (put(0, np.zeros(2)), r"observation is an array of shape \(2,\) .*must be a dict"),
    "shape": (with_part("a", np.zeros(3, np.float32)), r"observation\['a'\] must have shape \(2,\)"),
    "kind": (with_part("b", 0.5), r"observation\['b'\] must hold int64 values"),
    "text": (with_part("a", "left"), r"observation\['a'\] must have shape \(2,\)"),
    "nan": (with_part("a", np.float32([0, np.nan])), r"observation\['a'\]\[1\] is nan"),
    "inf": (with_part("a", np.float32([0, -np.inf])), r"observation\['a'\]\[1\] is -inf"),
    "outside": (with_part("b", 3), r"observation\['b'\] is 3, outside its bounds 0 to 2"),
}


def fail_in_step(env, **reset):
    gate = EnvironmentGate(env, 5)
    gate.own(gate.reset(**reset)[0])
    gate.own(gate.step(np.int64(0))[0])
    with pytest.raises(EnvironmentFailedError) as caught:
        gate.own(gate.step(np.int64(1))[0])
    return caught.value


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_in_a_step_is_told_with_its_place(fault):
    change, words = FAULTS[fault]
    error = fail_in_step(Breaking(change), seed=7)
    assert (error.environment, error.index, error.seed) == ("Breaking", 5, 7)
    assert (error.step, error.action) == (2, 1)
    assert str(error).startswith("Environment 5 (Breaking, seed 7, step 2 of its episode, action 1) failed: ")
    assert re.search(words, str(error))
    assert isinstance(error.__cause__, KeyError if fault == "exception" else type(None))


RESET_FAULTS = {
    "exception": (raise_key_error, "KeyError: 'velocity'"),
    "observation alone": (lambda items: items[0], "reset returned one dict; reset returns"),
    "three items": (lambda items: (*items, 1), r"reset returned 3 items \(dict, dict, int\)"),
    "info None": (put(1, None), "reset returned the info None. info is not a dict"),
    "missing part": (without_b, "observation has no part 'b'"),
    "nan": (with_part("a", np.float32([np.nan, 0])), r"observation\['a'\]\[0\] is nan"),
}


@pytest.mark.parametrize("fault", RESET_FAULTS)
def test_every_fault_at_a_reset_is_told_with_its_place(fault):
    change, words = RESET_FAULTS[fault]
    gate = EnvironmentGate(Breaking(change_reset=change))
    with pytest.raises(EnvironmentFailedError, match=words) as caught:
        gate.own(gate.reset(seed=3)[0])
    assert str(caught.value).startswith("The environment (Breaking, seed 3, at reset) failed: ")
    assert (caught.value.step, caught.value.action) == (0, None)
    assert "env.reset(seed=3)" in caught.value.repeat


class Old(gymnasium.Env):
    observation_space = action_space = spaces.Discrete(2)

    def reset(self):
        return 0


def test_a_reset_without_gymnasiums_arguments_has_plain_words():
    with pytest.raises(EnvironmentFailedError, match=r"Write def reset\(self, \*, seed=None, options=None\)"):
        EnvironmentGate(Old()).reset(seed=1)


def test_what_gymnasiums_own_wrappers_stumble_over_has_plain_words():
    env = gymnasium.wrappers.TimeLimit(Breaking(lambda items: (*items[:3], {})), 9)
    assert "step returns five items" in str(fail_in_step(env, seed=1))


def test_what_a_student_raises_is_not_taken_for_anything_else():
    def change(items):
        raise ValueError("too many values to unpack, says the student's own code")

    assert "five items" not in str(fail_in_step(Breaking(change), seed=1))


def test_a_shells_own_complaint_is_kept_and_is_the_cause():
    gate = EnvironmentGate(Walk())
    gate.reset(seed=1)
    with pytest.raises(EnvironmentFailedError, match="from 0 to 1, but was given 7") as caught:
        gate.step(7)
    assert isinstance(caught.value.__cause__, SpaceError)


SOUND = {
    "numbers": [1, 1.0, np.float32(1), np.int8(1), True],
    "one element": [np.array(1.0), np.array([1.0]), np.array([[1]])],
}


@pytest.mark.parametrize("reward", [each for group in SOUND.values() for each in group], ids=repr)
def test_rewards_of_one_number_are_taken(reward):
    gate = EnvironmentGate(Breaking(put(1, reward)))
    gate.reset()
    gate.step(0)
    taken = gate.step(0)[1]
    assert taken == 1.0
    assert isinstance(taken, float)


@pytest.mark.parametrize("flag", [True, np.True_, 1, np.array(True), np.array([True])], ids=repr)
def test_ends_of_one_truth_value_are_taken(flag):
    gate = EnvironmentGate(Breaking(put(2, flag)))
    gate.reset()
    gate.step(0)
    assert gate.step(0)[2:4] == (True, False)


class Drifting(gymnasium.Env):
    """Its place is drawn; it raises where it stands beyond 2.5."""

    observation_space = spaces.Box(-np.inf, np.inf, (1,), np.float64)
    action_space = spaces.Box(-1, 1, (1,), np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place = self.np_random.random(1)
        return self.place.copy(), {}

    def step(self, action):
        self.place += np.abs(action) + self.np_random.random(1)
        if self.place > 2.5:
            raise ZeroDivisionError(f"at {self.place[0]}")
        return self.place.copy(), 0.0, False, False, {}


def breaking_point(line, env):
    """What an environment says that is led by the line to where it fails."""
    with pytest.raises(ZeroDivisionError) as caught:
        exec(line, {"env": env, "numpy": np})
    return str(caught.value)


@pytest.mark.parametrize("seed", [5, None])
def test_the_line_repeats_it(seed):
    gate = EnvironmentGate(Drifting())
    gate.reset(seed=1)
    gate.reset(seed=seed)
    with pytest.raises(EnvironmentFailedError) as caught:
        [gate.step(np.float32([0.1 * number])) for number in range(9)]
    error = caught.value
    assert error.step >= 2
    assert breaking_point(error.repeat, Drifting()) == str(error.__cause__)
    assert f"To repeat it: {error.repeat}" in str(error)


def test_the_line_makes_what_is_registered_and_leaves_long_episodes_out():
    gymnasium.register("Testing/Drifting-v0", entry_point="somewhere.drifting:Drifting", kwargs={"slope": 2})
    try:
        env = Drifting()
        env.spec = gymnasium.spec("Testing/Drifting-v0")
        gate = EnvironmentGate(env)
        gate.reset(seed=1)
        made = 'env = csai_core.make("somewhere.drifting:Testing/Drifting-v0", slope=2); env.reset(seed=1)'
        assert gate.failed("").repeat == f"import csai_core; {made}".replace('"', "'")
        env.step = lambda action: (np.zeros(1), 0.0, False, False, {})
        for _ in range(51):
            gate.step(np.float32([0.0]))
        assert gate.failed("").repeat == ""
    finally:
        del gymnasium.registry["Testing/Drifting-v0"]


def test_what_is_kept_is_a_copy():
    env = Breaking()
    shown = {"a": np.zeros(2, np.float32), "b": 1}
    env.look = lambda: shown
    gate = EnvironmentGate(env)
    kept = gate.own(gate.reset()[0])
    shown["a"][0], shown["b"] = 1.0, 2
    assert kept["a"].tolist() == [0, 0]
    assert kept["b"] == 1
