"""Policies: neither undecided for ever nor decided too soon."""

from __future__ import annotations

from itertools import pairwise

from csai_train.health.checkup import Checkup, Subject
from csai_train.health.finding import Symptom
from csai_train.health.rules.settings import faster, option, slower

_UNDECIDED, _UNDECIDED_FOR_PAY, _DECIDED = 0.98, 0.95, 0.02
_SWING, _FLIPS, _WITHIN = 0.3, 5, 12
_SURE = 0.99
_LARGE_BONUS = 0.1
"""Of entropy; 0 to 0.02 is usual."""


def undecided(checkup: Checkup) -> Symptom | None:
    """The policy still finds all actions about as good, and does no better for it."""
    share = checkup.vital("indecision", last=2)
    if share is None or checkup.share_done < 0.2 or checkup.found:
        return None
    if share < _UNDECIDED or checkup.has_improved():
        is_paid_for_it = _has_large_bonus(checkup.subject) and share >= _UNDECIDED_FOR_PAY
        if not is_paid_for_it or checkup.has_reached_its_goal():
            return None
    return Symptom(
        seen=f"After {checkup.share_done:.0%} of the training, the policy is {share:.1%} as undecided as one "
        "that plays at random.",
        means="No action was found to be better than others: the reward does not depend on them, staying "
        "undecided is paid too well, or the network hardly moves.",
        try_first=_decide_sooner(checkup.subject),
    )


def _decide_sooner(subject: Subject) -> str:
    """A smaller bonus for staying undecided, where it is large; otherwise larger steps."""
    return option("entropy_coef", 0.01) if _has_large_bonus(subject) else faster(subject)


def _has_large_bonus(subject: Subject) -> bool:
    return subject.has("entropy_coef") and float(subject.config["entropy_coef"]) >= _LARGE_BONUS


def decided_too_soon(checkup: Checkup) -> Symptom | None:
    """The policy has settled on one action a state before it is any good."""
    share = checkup.vital("indecision")
    if share is None or share >= _DECIDED or not 0.03 <= checkup.share_done < 0.5:
        return None
    if checkup.has_reached_its_goal() or checkup.has_improved():
        return None
    return Symptom(
        seen=f"After {checkup.share_done:.0%} of the training, the policy is {share:.1%} as undecided as one "
        "that plays at random, and plays no better than at first.",
        means="It has collapsed onto one action a state, and explores nothing else.",
        try_first=(
            option("entropy_coef", max(0.01, 3 * float(checkup.subject.config["entropy_coef"])))
            if checkup.subject.has("entropy_coef")
            else "more reward for staying undecided"
        ),
    )


def policy_swings(checkup: Checkup) -> Symptom | None:
    """How decided the policy is goes up and down by much, check after check."""
    shares = checkup.series("indecision", last=_WITHIN)
    if (
        len(shares) < _WITHIN
        or max(shares) - min(shares) < _SWING
        or checkup.share_done < 0.15
        or checkup.found
    ):
        return None
    slopes = [after - before for before, after in pairwise(shares)]
    flips = sum(one * other < 0 for one, other in pairwise(slopes))
    size = sum(map(abs, slopes)) / len(slopes)
    if flips < _FLIPS or size < 0.5 * _SWING:
        return None
    return Symptom(
        seen=f"How undecided the policy is went from {min(shares):.0%} to {max(shares):.0%} and turned "
        f"{flips} times in {len(shares)} checks.",
        means="Each update undoes what the one before did: the steps are too large.",
        try_first=slower(checkup.subject, 3),
    )


def dull_habit(checkup: Checkup) -> Symptom | None:
    """The values know exactly what comes, and the policy never does anything else."""
    share, explained = checkup.vital("indecision"), checkup.metric("explained_variance")
    if share is None or explained is None or share >= _DECIDED or explained <= _SURE or checkup.found:
        return None
    if checkup.share_done < 0.1 or checkup.has_reached_its_goal() or checkup.has_improved():
        return None
    return Symptom(
        seen=f"The values explain {explained:.1%} of the returns, and the policy is {share:.1%} undecided.",
        means="It knows one dull way to play perfectly, and looks for no other.",
        try_first=(option("entropy_coef", 0.02) if checkup.subject.has("entropy_coef") else "more exploring"),
    )
