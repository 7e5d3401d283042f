"""Endings: episodes must end, in the right way, and not all at once."""

from __future__ import annotations

from csai_train.health.checkup import Checkup
from csai_train.health.finding import Symptom
from csai_train.health.rules.settings import number, option

_LIMITS = 1.5
"""A limit that is kept ends an episode within one; marks may lie half of it apart."""
_LONG = 1000
"""Steps of an environment without an end, where no limit is known."""
_MOST_SHARED = 0.9


def no_ending(checkup: Checkup) -> Symptom | None:
    """No episode has ended for a long time."""
    limit = checkup.subject.max_episode_steps
    steps = checkup.steps_since_an_end()
    if steps < (_LONG if limit is None else _LIMITS * limit) or checkup.share_done < 0.1:
        return None
    if checkup.all_episodes() is not None and checkup.has_improved():
        return None
    return Symptom(
        seen=f"No episode has ended in the last {steps:,} steps of each environment.",
        means="Neither is a goal reached nor time up: terminated or truncated is never set.",
        try_first="--env max_episode_steps=500",
    )


def cut_before_its_time(checkup: Checkup) -> Symptom | None:
    """All episodes are cut short, though they end after differing times: truncated stands for terminated."""
    episodes = checkup.all_episodes()
    if episodes is None or episodes.count < 20 or checkup.share_done < 0.03:
        return None
    limit = checkup.subject.max_episode_steps
    recent = checkup.recent() or episodes
    if episodes.num_cut < episodes.count or episodes.shortest == episodes.longest:
        return None
    if limit is not None and recent.mean_length > 0.95 * limit:
        return None
    return Symptom(
        seen=f"All {episodes.count:,} episodes were cut short (truncated), after {episodes.shortest:.0f} to "
        f"{episodes.longest:.0f} steps; none has terminated.",
        means="A time limit cuts all at the same length. Where the game itself ends, terminated must be "
        "set, or losing looks as if the game went on.",
        try_first="terminated=True where the game is over, in step()",
    )


def lock_step(checkup: Checkup) -> Symptom | None:
    """All environments begin alike and end in the same step: they are one game, seen several times."""
    episodes = checkup.all_episodes()
    envs = checkup.subject.num_envs
    if envs < 2 or episodes is None or episodes.count < 5 * envs or not episodes.num_moments:
        return None
    together = episodes.count / episodes.num_moments / envs
    if checkup.vital("starts_alike") != 1 or together < _MOST_SHARED or checkup.share_done < 0.05:
        return None
    return Symptom(
        seen=f"The {envs} environments began with the same observation, and {together:.0%} of their episodes "
        "ended in the same step.",
        means="They go through the same moments at the same time, so an update sees little that differs.",
        try_first="a start drawn at random in reset(), from self.np_random",
    )


def one_habit(checkup: Checkup) -> Symptom | None:
    """Episodes are alike to the last step, and bring less than there was before."""
    now, best = checkup.recent(), checkup.best()
    first = checkup.first()
    if now is None or best is None or first is None or checkup.share_done < 0.1:
        return None
    is_alike = now.shortest == now.longest and now.lowest_return == now.highest_return
    lost = best[0] - now.mean_return
    spread = first.highest_return - first.lowest_return
    if not is_alike or now.num_cut == now.count or lost <= 0.25 * spread or checkup.found:
        return None
    return Symptom(
        seen=f"The last {now.count} episodes all lasted {now.longest:.0f} steps and brought "
        f"{number(now.mean_return)}; there were {number(best[0])} before.",
        means="The agent has fallen into one habit, and tries nothing else any more.",
        try_first=_explore_more(checkup),
    )


def _explore_more(checkup: Checkup) -> str:
    if checkup.subject.has("entropy_coef"):
        return option("entropy_coef", max(0.01, 3 * float(checkup.subject.config["entropy_coef"])))
    if checkup.subject.has("exploration_fraction"):
        return option("exploration_fraction", 0.5)
    return "more exploring"
