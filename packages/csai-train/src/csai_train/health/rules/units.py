"""Units: some must answer, and none may stand at its end before anything was learned."""

from __future__ import annotations

from csai_train.health.checkup import Checkup
from csai_train.health.finding import Symptom
from csai_train.health.rules.settings import slower

_MOST_IDLE = 0.9
"""Of a layer. 0.25 is the literature's; chosen here, as layers of healthy trainings have up to 0.8."""
_LOOKS, _WITHIN = 3, 15
"""Looks at units, and checks."""
_MOST_SATURATED = 0.05


def units_idle(checkup: Checkup) -> Symptom | None:
    """Almost all units of a layer give nothing, whatever is seen."""
    shares = checkup.series("idle_units", last=_WITHIN)
    if len(shares) < _LOOKS or min(shares) <= _MOST_IDLE or checkup.found or checkup.has_improved():
        return None
    return Symptom(
        seen=f"In a layer of the network, {min(shares):.0%} of the units give next to nothing, whatever is "
        "seen.",
        means="Dead units learn nothing any more, and the few that are left can tell little apart.",
        try_first=slower(checkup.subject),
    )


def saturated_at_start(checkup: Checkup) -> Symptom | None:
    """Units stood at the ends of tanh before anything was learned, and nothing came of it."""
    share = next((check.vitals.get("saturated_at_start") for check in checkup.marks), None)
    if share is None or share <= _MOST_SATURATED or checkup.share_done < 0.1:
        return None
    if checkup.found or checkup.has_improved() or checkup.has_reached_its_goal():
        return None
    return Symptom(
        seen=f"Before anything was learned, {share:.0%} of what a layer gave was within 3% of 1 or -1, the "
        "ends of tanh.",
        means="Hardly any gradient comes through from there: the weights began too large, or what is "
        "observed is.",
        try_first="smaller weights at the start: the network's own, as csai makes it",
    )
