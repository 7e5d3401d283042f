"""What is looked at in steps and in an algorithm's outlook, against numbers by hand."""

from __future__ import annotations

import numpy as np
import pytest
from gymnasium import spaces

from csai_core.algorithm import Learned, Outlook, Step
from csai_train.health.vitals import Vitals

BOX = spaces.Box(-np.inf, np.inf, (2,), np.float32)


class Mind:
    """Thinks what it is told to."""

    def __init__(self, **outlook):
        self.outlook = outlook

    def learned(self):
        return Learned()

    def explain(self, observation, action_mask=None):
        count = len(next(iter(observation.values())) if isinstance(observation, dict) else observation)
        return Outlook(
            **{name: np.resize(value, (count, *np.shape(value)[1:])) for name, value in self.outlook.items()}
        )


def step(observation, reward=(0.0, 1.0), led_to=None):
    off = np.zeros(len(reward), bool)
    led_to = observation if led_to is None else led_to
    return Step(observation, np.zeros(len(reward)), np.array(reward), off, off, led_to)


def seen(space, *steps, mind=None):
    vitals = Vitals(mind or Mind(), space)
    for each in steps:
        vitals.glance(each)
    return vitals.at_check(steps[-1].next_observation, None)


def test_rewards_and_observations_are_summed_up():
    first = np.array([[0.0, 7.0], [2.0, 7.0]], np.float32)
    then = np.array([[-30.0, 7.0], [4.0, 7.0]], np.float32)
    found = seen(BOX, step(first), step(first, (-2.0, 0.0), then))
    assert (found["reward_lowest"], found["reward_highest"], found["reward_share"]) == (-2.0, 1.0, 0.5)
    assert (found["observation_largest"], found["observation_seen"]) == (30.0, 4.0)
    assert found["observation_spread"] == pytest.approx(np.std([0, 2, -30, 4]))
    assert (found["observation_constant"], found["observation_parts"]) == (1.0, 2.0)
    assert found["starts_alike"] == 0.0


def test_what_networks_scale_themselves_is_left_out():
    image = spaces.Dict({"image": spaces.Box(0, 255, (2, 2), np.uint8), "cell": spaces.Discrete(9)})
    batch = {"image": np.full((2, 2, 2), 255, np.uint8), "cell": np.array([8, 8])}
    found = seen(image, step(batch))
    assert "observation_largest" not in found
    assert found["starts_alike"] == 1.0


def test_an_observation_of_thousands_of_numbers_is_not_looked_at_one_by_one():
    wide = spaces.Box(-1, 1, (40, 40), np.float32)
    assert "observation_parts" not in seen(wide, step(np.zeros((2, 40, 40), np.float32)))


def test_an_outlook_becomes_values_and_indecision():
    batch = np.array([[1.0, 0.0], [0.0, 1.0]], np.float32)
    mind = Mind(state_value=np.array([2.0, -4.0]), chances=np.array([[0.5, 0.5], [1.0, 0.0]]))
    found = seen(BOX, step(batch), mind=mind)
    assert (found["value"], found["value_largest"], found["start_value"]) == (-1.0, 4.0, -1.0)
    assert found["indecision"] == pytest.approx(0.5)
    assert found["answers_differ"] == pytest.approx(1.0)


def test_action_values_stand_for_the_best_of_them():
    batch = np.array([[1.0, 0.0], [0.0, 1.0]], np.float32)
    found = seen(BOX, step(batch), mind=Mind(action_values=np.array([[1.0, 3.0], [1.0, 3.0]])))
    assert found["value"] == 3.0
    assert found["answers_differ"] == 0.0
    assert "indecision" not in found


def test_masked_choices_do_not_count():
    vitals = Vitals(Mind(chances=np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]])), BOX)
    batch = np.array([[1.0, 0.0], [0.0, 1.0]], np.float32)
    mask = np.array([[1, 1, 0], [1, 0, 0]], np.int8)
    assert vitals.at_check(batch, mask)["indecision"] == pytest.approx(1.0)


def test_an_outlook_that_fails_is_let_be():
    class Fails(Mind):
        def explain(self, observation, action_mask=None):
            raise RuntimeError("no opinion")

    assert "value" not in seen(BOX, step(np.zeros((2, 2), np.float32)), mind=Fails())
