"""Exploration: something must be tried, and long enough."""

from __future__ import annotations

from csai_train.health.checkup import Checkup
from csai_train.health.finding import Symptom
from csai_train.health.rules.settings import option

_NOTHING = 0.01
_TOO_SOON, _TOO_SOON_IF_NEVER = 0.1, 0.5
"""Shares of the training. What never tries anything may begin to learn late, and tells of nothing before."""

_STILL, _LATE = 0.5, 0.7


def exploring_ended_early(checkup: Checkup) -> Symptom | None:
    """Nothing is tried at random any more, though the training has just begun."""
    epsilon = checkup.metric("epsilon")
    never = float(checkup.subject.config.get("epsilon_start") or 0.0) <= _NOTHING
    too_soon = _TOO_SOON_IF_NEVER if never else _TOO_SOON
    if epsilon is None or epsilon > _NOTHING or checkup.share_done >= too_soon or _is_optimistic(checkup):
        return None
    return Symptom(
        seen=f"After {checkup.share_done:.0%} of the training, {epsilon:.1%} of the actions are "
        "tried at random.",
        means="What was not found by now, is not found any more.",
        try_first=option("epsilon_start", 1.0) if never else option("exploration_fraction", 0.3),
    )


def exploring_never_ends(checkup: Checkup) -> Symptom | None:
    """Most of what is done is drawn at random, late in the training or to its end."""
    epsilon, end = checkup.metric("epsilon"), checkup.subject.config.get("epsilon_end")
    if epsilon is None or epsilon < _STILL or not checkup.is_warm or checkup.has_reached_its_goal():
        return None
    if checkup.share_done < _LATE and (end is None or float(end) < _STILL):
        return None
    return Symptom(
        seen=f"After {checkup.share_done:.0%} of the training, {epsilon:.0%} of the actions are drawn at "
        "random" + ("." if end is None else f", and {float(end):.0%} will be at its end."),
        means="What was learned is hardly tried, so it is neither seen nor made better.",
        try_first=option("epsilon_end", 0.05),
    )


def _is_optimistic(checkup: Checkup) -> bool:
    """Whether a table begins with values that no state has, so that everything is tried for them."""
    if not checkup.subject.has("initial_value"):
        return False
    high = checkup.vital("reward_highest")
    return float(checkup.subject.config["initial_value"]) > 0 or (high is not None and high <= 0)


def short_sighted(checkup: Checkup) -> Symptom | None:
    """The discount lets the agent see a few steps ahead, and episodes or rewards lie further apart."""
    gamma, episodes = checkup.subject.gamma, checkup.recent()
    if gamma is None or gamma >= 1 or episodes is None or not checkup.is_warm:
        return None
    horizon = 1 / (1 - gamma)
    share = checkup.vital("reward_share")
    gap = 1 / share if share else episodes.mean_length
    is_blind = horizon <= 3 and episodes.mean_length >= 3 * horizon
    if not is_blind and not (gap > 5 * horizon and not checkup.has_improved() and checkup.share_done > 0.2):
        return None
    return Symptom(
        seen=f"With gamma {gamma:g} the agent looks about {horizon:.0f} steps ahead; episodes last "
        f"{episodes.mean_length:.0f}, and a reward comes every {gap:.0f} steps.",
        means="What is paid later counts for nothing when an action is chosen.",
        try_first=option("gamma", 0.99 if gamma < 0.98 else 0.998),
    )


def undiscounted(checkup: Checkup) -> Symptom | None:
    """With gamma 1 and episodes that do not end by themselves, values have no limit."""
    gamma, episodes = checkup.subject.gamma, checkup.all_episodes()
    if gamma is None or gamma < 1 or checkup.share_done < 0.1:
        return None
    if episodes is not None and episodes.num_cut < 0.5 * episodes.count and episodes.mean_length < 200:
        return None
    return Symptom(
        seen="gamma is 1, and episodes are long or cut short.",
        means="Everything to come counts in full, for ever: values have no limit, and noise adds up.",
        try_first=option("gamma", 0.99),
        level="note",
    )
