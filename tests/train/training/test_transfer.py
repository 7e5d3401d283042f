"""What an algorithm is in the middle of, in one with other settings: all of it, or nothing."""

from __future__ import annotations

import numpy as np
import pytest

from csai_core.algorithm import Algorithm, Decision
from csai_core.errors import ConfigError
from csai_train.training.transfer import transfer


class Counter(Algorithm):
    """Keeps a rate of its settings, a rate that falls, a table, and a list.

    Args:
        rate: a setting.
        size: of the table.
        forgets: whether it loads less than it is given.
    """

    def __init__(self, rate=0.5, size=2, *, forgets=False, mode="slow"):
        self.state = {
            "rates": {"now": rate, "mode": mode, "first": None},
            "table": np.zeros(size),
            "steps": [1, (2, rate)],
        }
        self.forgets = forgets

    def act(self, observation, *, explore, action_mask=None):
        return Decision(np.zeros(len(observation), int))

    def learn(self, step):
        return {}

    def state_dict(self):
        return self.state

    def load_state_dict(self, state):
        self.state = dict(state)
        if self.forgets:
            self.state["table"] = np.zeros(2)


def test_numbers_that_a_setting_says_are_the_new_ones_and_all_else_stays():
    learned = {
        "rates": {"now": 0.5, "mode": "slow", "first": None},
        "table": np.array([3.0, 4.0]),
        "steps": [1, (2, 0.5)],
    }
    after = Counter(0.1, mode="fast")
    transfer(learned, Counter(0.5), after)
    assert after.state["rates"] == {"now": 0.1, "mode": "fast", "first": None}
    assert after.state["steps"] == [1, (2, 0.1)]
    assert after.state["table"].tolist() == [3.0, 4.0]
    assert learned["rates"]["now"] == 0.5


def test_what_was_learned_since_is_not_taken_for_a_setting():
    learned = {**Counter().state, "rates": {"now": 0.25, "mode": "slow", "first": None}}
    after = Counter(0.1)
    transfer(learned, Counter(0.5), after)
    assert after.state["rates"]["now"] == 0.25


@pytest.mark.parametrize(
    ("after", "match"),
    [
        (Counter(size=3), "another form, in table"),
        (Counter(forgets=True), "'table' would not be taken over as it is"),
    ],
)
def test_what_would_be_lost_is_refused(after, match):
    with pytest.raises(ConfigError, match=match):
        transfer({**Counter().state, "table": np.array([3.0, 4.0])}, Counter(), after)


def test_what_an_algorithm_raises_says_why():
    after = Counter()
    after.load_state_dict = lambda state: state["nothing"]
    with pytest.raises(ConfigError, match="cannot be taken over: it lacks 'nothing'"):
        transfer(Counter().state, Counter(), after)


@pytest.mark.parametrize(
    "other", [{"rates": {}}, {"steps": [1]}, {"steps": None}, {"table": np.zeros(2, int)}]
)
def test_another_form_is_found_at_any_depth(other):
    after = Counter()
    after.state = {**after.state, **other}
    with pytest.raises(ConfigError, match=f"in {next(iter(other))}"):
        transfer(Counter().state, Counter(), after)
