"""What the numbers of a run mean."""

from __future__ import annotations

import math

import pytest
from gymnasium import spaces

from csai_train.live.account import Account
from csai_train.live.facts import Facts, _most_entropy


def test_a_curve_is_compared_with_random_play_and_the_goal(finished):
    names = [each.name for each in Facts(finished).references("return")]
    assert names == ["goal", "random"]
    assert Facts(finished).references("score") == []


def test_how_much_is_tried_out_is_said_by_epsilon_or_by_entropy(finished):
    facts, account = Facts(finished), Account()
    assert facts.exploration(account) is None
    account.metrics["entropy"] = math.log(2)
    assert facts.exploration(account) == "50% (entropy 0.69 of 1.39)"
    account.metrics["epsilon"] = 0.25
    assert facts.exploration(account) == "25% of steps at random"


def test_the_most_entropy_is_that_of_choosing_evenly():
    assert _most_entropy(spaces.Discrete(4)) == pytest.approx(math.log(4))
    assert _most_entropy(spaces.MultiDiscrete([2, 8])) == pytest.approx(math.log(16))
    assert _most_entropy(spaces.MultiBinary(3)) == pytest.approx(math.log(8))
    assert _most_entropy(spaces.Box(0, 1)) is None
    assert _most_entropy(spaces.Discrete(1)) is None
