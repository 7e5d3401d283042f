"""A training that ended in NaN is explained."""

from __future__ import annotations

import pytest

from csai_train.health.rules.numbers import not_finite


def test_it_names_what_was_measured_and_a_smaller_step(checkup):
    symptom = not_finite(checkup(error="NonFiniteError: After 10 steps the algorithm measured loss = nan."))
    assert symptom.level == "stop"
    assert "loss = nan" in symptom.seen
    assert symptom.try_first == "--learning-rate 0.0001"


def test_an_environment_is_to_be_checked(checkup):
    symptom = not_finite(checkup(error="EnvironmentFailedError: the observation holds NaN"))
    assert symptom.try_first == "csai check Mine-v0"


@pytest.mark.parametrize("error", ["", "CallbackError: disk full", "ValueError: a banana"])
def test_other_failures_are_not_explained(checkup, error):
    assert not_finite(checkup(error=error)) is None
