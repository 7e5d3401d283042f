"""Observations that are too large or never change."""

from __future__ import annotations

import pytest

from csai_train.health.rules.observations import observation_constant, observations_too_large

LARGE = {"observation_largest": 5000.0, "observation_spread": 900.0}


def test_large_numbers_are_seen_where_a_network_takes_them_as_they_are(checkup):
    symptom = observations_too_large(checkup(vitals=LARGE))
    assert "5,000" in symptom.seen
    assert symptom.try_first == "--wrap NormalizeObservation"
    offered = checkup(vitals=LARGE, config={"normalize_observation": False})
    assert observations_too_large(offered).try_first == "--normalize-observation"
    assert observations_too_large(checkup(vitals=LARGE, config={"normalize_observation": True})) is None
    assert (
        observations_too_large(checkup(vitals={"observation_largest": 30.0, "observation_spread": 9.0}))
        is None
    )


@pytest.mark.parametrize(("constant", "seen", "is_told"), [(4, 500, True), (3, 500, False), (4, 20, False)])
def test_an_observation_of_which_nothing_changes_is_seen(checkup, constant, seen, is_told):
    vitals = {"observation_constant": constant, "observation_parts": 4, "observation_seen": seen}
    assert (observation_constant(checkup(vitals=vitals)) is not None) is is_told
