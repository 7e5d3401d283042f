"""Rewards: there must be something to learn from, of a size that networks cope with."""

from __future__ import annotations

from csai_train.health.checkup import Checkup
from csai_train.health.finding import Symptom
from csai_train.health.rules.settings import number, option

_FEWEST, _SOONEST = 20, 1000
"""Episodes, and steps."""
_UNPAID = 200
"""Episodes in which chance may still find a reward for the first time."""
_LARGEST_TARGET = 500.0
"""Discounted return. Chosen here: healthy trainings in CartPole reach 100, in Lunar Lander 250."""
_QUITS_WITHIN = 0.6
"""Of the length of first episodes."""


def reward_never_changes(checkup: Checkup) -> Symptom | None:
    """Every episode has brought exactly the same, so that nothing tells good actions from bad ones."""
    episodes = checkup.all_episodes()
    if episodes is None or episodes.lowest_return != episodes.highest_return:
        return None
    if episodes.count < _FEWEST or checkup.steps < _SOONEST or checkup.share_done < 0.05:
        return None
    if not episodes.mean_return and episodes.count < _UNPAID and checkup.share_done < 0.15:
        return None
    is_unreached = bool(episodes.mean_return) and episodes.num_cut == episodes.count
    if is_unreached and checkup.share_done < 0.2:
        return None  # a goal that chance may still find
    return Symptom(
        seen=f"All {episodes.count:,} episodes so far have brought a return of exactly "
        f"{number(episodes.mean_return)}.",
        means=(
            "The goal was never reached, so there is nothing to learn from."
            if is_unreached
            else "The reward says nothing about which actions are good; is it paid at all?"
        ),
        try_first=f"csai play {checkup.subject.environment or 'ID'}, and see what is paid for; then make a "
        "first goal easier to reach",
    )


def rewards_too_large(checkup: Checkup) -> Symptom | None:
    """Returns are so large that the values' errors drown everything else, and take long to be learned."""
    episodes = checkup.recent()
    subject = checkup.subject
    is_table = checkup.vital("weights_moved", last=3) is None
    if episodes is None or not checkup.is_warm or is_table or subject.config.get("normalize_reward"):
        return None
    gamma = subject.gamma
    steps = (
        episodes.mean_length if gamma is None or gamma >= 1 else min(episodes.mean_length, 1 / (1 - gamma))
    )
    target = episodes.mean_return / max(1.0, episodes.mean_length) * steps
    if abs(target) <= _LARGEST_TARGET:
        return None
    factor = 10.0 ** -round(len(str(int(abs(target)))) - 1)
    return Symptom(
        seen=f"A state is worth about {number(target)} (mean reward times the steps that count); up to "
        f"{_LARGEST_TARGET:g} is usual, and about 10 is best.",
        means="The network is busy with the size of the values, and the policy learns little.",
        try_first=(
            option("normalize_reward")
            if subject.has("normalize_reward")
            else f"rewards multiplied by {factor:g} in the environment"
        ),
    )


def quitting_pays(checkup: Checkup) -> Symptom | None:
    """Every step costs, and episodes became shorter: ending soon may be all that is learned."""
    first, now = checkup.first(), checkup.recent()
    low, high = checkup.vital("reward_lowest"), checkup.vital("reward_highest")
    if first is None or now is None or low is None or high is None or checkup.share_done < 0.1:
        return None
    costs_alike = low == high < 0 and abs(now.mean_return - low * now.mean_length) < -0.5 * low
    ends_by_itself = first.num_cut < 0.2 * first.count
    limit = checkup.subject.max_episode_steps
    is_short = limit is None or first.mean_length < 0.25 * limit
    if not (costs_alike and ends_by_itself and is_short):
        return None
    if now.mean_length > _QUITS_WITHIN * first.mean_length:
        return None
    return Symptom(
        seen=f"Each step costs {number(-low)}, and episodes last {number(now.mean_length)} steps, where the "
        f"first lasted {number(first.mean_length)}.",
        means="The agent learns to end episodes soon: right where the end is the goal, wrong where it is "
        "losing.",
        try_first="a reward for staying, where the end is no goal",
    )
