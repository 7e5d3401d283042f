"""Observations: numbers of a size that networks cope with, all of which say something."""

from __future__ import annotations

from csai_train.health.checkup import Checkup
from csai_train.health.finding import Symptom
from csai_train.health.rules.settings import number, option

_WIDEST = 20.0
"""Standard deviation. 10 is the usual advice; chosen here so that healthy trainings stay below."""
_SEEN = 100


def observations_too_large(checkup: Checkup) -> Symptom | None:
    """Numbers are observed that are far larger than 1, and the network takes them as they are."""
    spread = checkup.vital("observation_spread")
    largest = checkup.vital("observation_largest")
    if spread is None or largest is None or not checkup.is_warm:
        return None
    is_scaled = checkup.subject.config.get("normalize_observation")
    has_network = checkup.vital("weights_moved", last=3) is not None
    if is_scaled or not has_network or spread <= _WIDEST:
        return None
    return Symptom(
        seen=f"Numbers up to {number(largest)} are observed, with a standard deviation up to "
        f"{number(spread)}; networks learn well from about -1 to 1.",
        means="Large numbers push the layers to their ends, so that differences between states are lost.",
        try_first=(
            option("normalize_observation")
            if checkup.subject.has("normalize_observation")
            else "--wrap NormalizeObservation"
        ),
    )


def observation_constant(checkup: Checkup) -> Symptom | None:
    """Nothing that is observed has ever changed."""
    constant, parts = checkup.vital("observation_constant"), checkup.vital("observation_parts")
    seen = checkup.vital("observation_seen") or 0
    if not constant or not parts or seen < _SEEN or checkup.share_done < 0.05 or constant < parts:
        return None
    return Symptom(
        seen=f"In {seen:,.0f} observations, none of the {parts:,.0f} numbers has ever changed.",
        means="The agent sees the same whatever happens: an attribute is not brought up to date.",
        try_first=f"csai check {checkup.subject.environment or 'ID'}",
    )
