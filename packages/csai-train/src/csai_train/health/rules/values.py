"""Values: they must be possible, and fit what is earned."""

from __future__ import annotations

from statistics import fmean

from csai_train.health.checkup import Checkup
from csai_train.health.finding import Symptom
from csai_train.health.rules.settings import number, option, slower

_PATIENCE = 0.25
_MANY = 10
"""Checks."""
_NOTHING = 0.02
"""Of the variance of returns, which is as good as none."""


def values_explain_nothing(checkup: Checkup) -> Symptom | None:
    """The values are no better than a constant at telling what returns come (explained variance)."""
    explained = checkup.series("explained_variance", last=_MANY)
    if not explained or checkup.share_done < 0.2 or checkup.found or checkup.has_reached_its_goal():
        return None
    now, has_improved = fmean(explained[-3:]), checkup.has_improved()
    is_long = len(explained) == _MANY and max(explained) <= _NOTHING and checkup.share_done >= 0.5
    if now > _NOTHING or (not is_long if has_improved else now > 0):
        return None
    return Symptom(
        seen=f"The values explain {now:.0%} of the differences between returns.",
        means="What is learned of states says nothing about what they bring, so advantages are noise.",
        try_first=(
            option("value_coef", max(0.5, 2.0 * float(checkup.subject.config["value_coef"])))
            if checkup.subject.has("value_coef")
            else slower(checkup.subject, 3)
        ),
        level="note" if has_improved else "warning",
    )


def values_impossible(checkup: Checkup) -> Symptom | None:
    """States are valued higher than any play could bring."""
    largest = checkup.vital("value_largest")
    low, high = checkup.vital("reward_lowest"), checkup.vital("reward_highest")
    gamma, episodes = checkup.subject.gamma, checkup.all_episodes()
    if largest is None or low is None or high is None or not checkup.is_warm or gamma is None or gamma >= 1:
        return None
    most = max(abs(low), abs(high)) / (1 - gamma)
    if episodes is not None:
        most = max(most, abs(episodes.highest_return), abs(episodes.lowest_return))
    if largest <= 1.3 * max(most, abs(float(checkup.subject.config.get("initial_value") or 0.0)), 1.0):
        return None
    return Symptom(
        seen=f"A state is valued at {number(largest)}, and the rewards seen allow at most {number(most)} "
        "(largest reward / (1 - gamma)).",
        means="The values feed on themselves and run away.",
        try_first=slower(checkup.subject),
    )


def values_too_high(checkup: Checkup) -> Symptom | None:
    """The start is valued much higher than any episode has ever paid."""
    start, episodes = checkup.vital("start_value", last=2), checkup.all_episodes()
    low, high = checkup.vital("reward_lowest"), checkup.vital("reward_highest")
    if start is None or episodes is None or low is None or high is None or checkup.share_done < 0.2:
        return None
    if episodes.count < 20 or checkup.subject.config.get("initial_value"):
        return None
    spread = episodes.highest_return - episodes.lowest_return
    all_pay, all_cost = min(low, episodes.lowest_return) >= 0, max(high, episodes.highest_return) <= 0
    most = episodes.highest_return if all_pay else 0.0 if all_cost else None
    if most is None or not spread or start - most <= 0.5 * spread:
        return None
    return Symptom(
        seen=f"The start is valued at {number(start)}, and no episode has paid more than "
        f"{number(episodes.highest_return)}.",
        means="Values are overestimated: the best of many wrong guesses is taken for true.",
        try_first=option("double") if checkup.subject.has("double") else slower(checkup.subject, 3),
    )


def target_never_copied(checkup: Checkup) -> Symptom | None:
    """After a good part of the training, the target network is what it was at first."""
    config = checkup.subject.config
    if not checkup.subject.has("target_every") or config.get("polyak") or config.get("target_every_episodes"):
        return None
    is_copied = checkup.steps >= int(config["target_every"])
    if is_copied or checkup.share_done < _PATIENCE or not checkup.marks[-1].metrics:
        return None
    return Symptom(
        seen=f"After {checkup.share_done:.0%} of the training, the network was not once copied into its "
        "target.",
        means="What is to come is judged by the target, which has learned nothing: so values learn nothing "
        "of it either.",
        try_first=option("target_every", max(1, checkup.subject.total_steps // 50)),
    )
