"""What an agent thinks of a state, in plain values."""

from __future__ import annotations

import json

import numpy as np
import pytest
from gymnasium import spaces

from csai_core.algorithm import Outlook, Spread
from csai_core.explanation import Amount, Options, explain_batch


def test_the_values_of_a_choice_and_of_its_state():
    space = spaces.Discrete(3, start=5)
    outlook = Outlook(action_values=np.array([[1.0, 3.0, 2.0], [0.0, -1.0, -2.0]]))
    first, second = explain_batch(space, np.array([6, 5]), outlook)
    assert first.action == 6
    assert first.parts == (Options("", ("5", "6", "7"), 1, (1.0, 3.0, 2.0), None, (True,) * 3),)
    assert (first.value, second.value) == (3.0, 0.0)
    assert second.parts[0].chosen == 0


def test_what_is_forbidden_counts_for_nothing():
    outlook = Outlook(action_values=np.array([[1.0, 3.0]]))
    mask = np.array([[1, 0]], np.int8)
    names = ("left", "right")
    (told,) = explain_batch(spaces.Discrete(2), np.array([0]), outlook, action_mask=mask, action_names=names)
    assert told.value == 1.0
    assert told.parts[0].allowed == (True, False)
    assert told.parts[0].names == names


def test_an_action_of_many_parts_is_told_part_by_part():
    space = spaces.Dict(
        {
            "gas": spaces.Box(0.0, np.inf, (1,), np.float32),
            "gear": spaces.MultiDiscrete([2, 3]),
            "horn": spaces.MultiBinary(1),
        }
    )
    chances = {
        "gas": Spread(np.array([[2.0]]), np.array([[0.5]])),
        "gear": (np.array([[0.25, 0.75]]), np.array([[0.2, 0.3, 0.5]])),
        "horn": np.array([[0.125]]),
    }
    action = {"gas": np.array([[2.0]]), "gear": np.array([[1, 2]]), "horn": np.array([[0]])}
    mask = np.array([[1, 1, 0, 1, 1, 0]], np.int8)
    outlook = Outlook(chances=chances, state_value=np.array([7.0]))
    (told,) = explain_batch(space, action, outlook, action_mask=mask)
    assert told.parts == (
        Amount("gas", 2.0, 0.0, None, 2.0, 0.5),
        Options("gear 0", ("0", "1"), 1, None, (0.25, 0.75), (True, True)),
        Options("gear 1", ("0", "1", "2"), 2, None, (0.2, 0.3, 0.5), (False, True, True)),
        Options("horn", ("0", "1"), 0, None, (0.875, 0.125), (True, False)),
    )
    assert told.value == 7.0
    written = json.loads(json.dumps(told.to_json()))
    assert written["action"] == {"gas": [2.0], "gear": [1, 2], "horn": [0]}
    assert [part["kind"] for part in written["parts"]] == ["amount", "options", "options", "options"]


@pytest.mark.parametrize("space", [spaces.Discrete(2), spaces.Box(-1, 1, (2,)), spaces.MultiBinary(3)])
def test_who_tells_nothing_is_still_known_by_what_it_does(space):
    action = space.sample()
    (told,) = explain_batch(space, np.array([action]), Outlook())
    assert told.value is None
    assert np.array_equal(told.action, action)
    assert len(told.parts) == (1 if isinstance(space, spaces.Discrete) else len(action))
