"""Updates: how far each moves the policy and the weights."""

from __future__ import annotations

from csai_train.health.checkup import Checkup
from csai_train.health.finding import Symptom
from csai_train.health.rules.settings import faster, number, scaled, slower

_KL, _HARDLY = 0.15, 1e-7
_CLIPPED = 0.4
_JUMP = 0.5
_ALIKE = 1e-5
_FROZEN = 1e-5
"""Of their length, between checks; healthy ones move by a thousandth and more."""
_MANY = 5
"""Checks."""


def policy_jumps(checkup: Checkup) -> Symptom | None:
    """An update moves the policy much further than is safe (KL divergence)."""
    kl = checkup.metric("kl", last=2)
    target = checkup.subject.config.get("target_kl")
    most = _KL if not target else max(_KL, 1.5 * float(target))
    if kl is None or kl <= most or not checkup.is_warm:
        return None
    return Symptom(
        seen=f"An update moves the policy by a KL divergence of {number(kl)}; 0.01 to 0.05 is usual.",
        means="Steps of learning are too large: what one update learns the next destroys.",
        try_first=slower(checkup.subject),
    )


def policy_hardly_moves(checkup: Checkup) -> Symptom | None:
    """Updates leave the policy as it is, and it does no better than at first."""
    kl = checkup.metric("kl", last=4)
    if kl is None or not 0 <= kl < _HARDLY or not 0.25 <= checkup.share_done < 0.8:
        return None
    if checkup.found or checkup.has_improved():
        return None
    return Symptom(
        seen=f"An update moves the policy by a KL divergence of {kl:.1g}; 0.01 to 0.05 is usual.",
        means="Steps of learning are too small to get anywhere in this training.",
        try_first=faster(checkup.subject),
    )


def kl_below_zero(checkup: Checkup) -> Symptom | None:
    """A KL divergence is below zero, which none can be."""
    kl = checkup.metric("kl", last=2)
    if kl is None or kl > -1e-3:
        return None
    return Symptom(
        seen=f"The algorithm measures a KL divergence of {kl:.3g}.",
        means="It is estimated by a wrong formula, or the actions' probabilities leave out the mask.",
        try_first="the estimator mean((ratio - 1) - log ratio), as in csai_train.algorithms.losses",
    )


def clipped_too_often(checkup: Checkup) -> Symptom | None:
    """Most of what an update learns from is cut off by the clip range."""
    share = checkup.metric("clip_fraction", last=2)
    if share is None or share <= _CLIPPED or not checkup.is_warm or checkup.found:
        return None
    return Symptom(
        seen=f"{share:.0%} of the actions in an update lie beyond the clip range; up to 30% is usual.",
        means="Each batch is used for too much: the policy goes as far as it is let.",
        try_first=(
            scaled(checkup.subject, "learning_rate", 1 / 3)
            if checkup.subject.has("learning_rate")
            else "fewer epochs"
        ),
    )


def weights_frozen(checkup: Checkup) -> Symptom | None:
    """The network learns, and its weights do not move."""
    now = checkup.vital("weights_moved")
    if now is None or now > _FROZEN:
        return None
    learned = [check for check in checkup.marks if check.metrics]
    moved = [check.vitals["weights_moved"] for check in learned if "weights_moved" in check.vitals]
    if len(moved) < _MANY or max(moved) > _FROZEN or checkup.share_done < 0.05:
        return None
    return Symptom(
        seen=f"Since the first update, at {learned[0].steps:,} steps, the weights have not moved "
        f"(at most {max(moved):.1g} of their length between checks).",
        means="The gradient does not reach the network, the optimizer holds others, or the rate is nothing.",
        try_first=faster(checkup.subject, 1000),
    )


def network_blind(checkup: Checkup) -> Symptom | None:
    """The network gives the same answer whatever it sees."""
    differ = checkup.series("answers_differ", last=3)
    if checkup.vital("weights_moved") is None:
        return None  # a table, which knows nothing of states that it has not seen
    if len(differ) < 3 or max(differ) > _ALIKE or checkup.share_done < 0.05 or not checkup.marks[-1].metrics:
        return None
    return Symptom(
        seen=f"For observations that differ, the network's answers differ by {max(differ):.1g} of "
        "their size.",
        means="Its units have died or saturated, as after steps of learning that were far too large.",
        try_first=slower(checkup.subject),
    )


def weights_jump(checkup: Checkup) -> Symptom | None:
    """The weights change by much of their length from check to check, long after the start."""
    moved = checkup.series("weights_moved", last=_MANY)
    if len(moved) < _MANY or checkup.share_done < 0.08:
        return None
    mean = sum(moved) / len(moved)
    if mean <= _JUMP or checkup.found:
        return None
    return Symptom(
        seen=f"Between two checks the weights move by {mean:.0%} of their length.",
        means="Steps of learning are so large that nothing learned stays.",
        try_first=slower(checkup.subject),
    )
