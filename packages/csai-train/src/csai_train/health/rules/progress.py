"""Progress: whether it plays better than chance, and keeps what it has learned."""

from __future__ import annotations

from csai_core.schedules import Schedule
from csai_train.health.checkup import Checkup
from csai_train.health.finding import Symptom
from csai_train.health.rules.settings import faster, number, slower

_PATIENCE = 0.3
_MANY = 50


def no_better_than_random(checkup: Checkup) -> Symptom | None:
    """After a good part of the training, it plays as random actions do."""
    now, first = checkup.recent(_MANY), checkup.first(_MANY)
    if now is None or first is None or checkup.share_done < _PATIENCE or checkup.has_reached_its_goal():
        return None
    episodes = checkup.all_episodes()
    if episodes is None or episodes.count < 2 * _MANY or _still_explores(checkup):
        return None
    chance, count, std, whose = first.mean_return, first.count, first.std_return, "the first episodes"
    if (play := checkup.random_play) is not None:
        chance, count, whose = play.mean_return, play.episodes, "random actions"
        std = first.std_return if play.std_return is None else play.std_return
    error = (now.std_return**2 / now.count + std**2 / max(1, count)) ** 0.5
    if now.mean_return - chance > 2 * error or now.lowest_return > chance:
        return None
    return Symptom(
        seen=f"After {checkup.share_done:.0%} of the training an episode brings {number(now.mean_return)}, "
        f"where {whose} brought {number(chance)}.",
        means="The difference may be chance. Does the reward depend on what the agent can see and do? One "
        "seed in three is unlucky.",
        try_first=_first_cause(checkup) or faster(checkup.subject, 3),
    )


def _first_cause(checkup: Checkup) -> str:
    """What was found before, as that may be why; empty where there was nothing."""
    return f"what is said of {checkup.found[0].replace('_', ' ')!r}" if checkup.found else ""


def _still_explores(checkup: Checkup) -> bool:
    """Whether more is tried at random than there will be at the end."""
    epsilon, end = checkup.metric("epsilon"), checkup.subject.config.get("epsilon_end")
    return epsilon is not None and end is not None and epsilon > float(end) + 0.05


def forgetting(checkup: Checkup) -> Symptom | None:
    """It has played much better before."""
    now, first, best = checkup.recent(_MANY), checkup.first(), checkup.best(_MANY)
    if now is None or first is None or best is None or checkup.share_done < _PATIENCE:
        return None
    gained, config = best[0] - first.mean_return, checkup.subject.config
    is_much = gained > 0.5 * (first.highest_return - first.lowest_return)
    if checkup.found or not is_much or best[0] - now.mean_return < 0.6 * gained:
        return None
    return Symptom(
        seen=f"An episode brings {number(now.mean_return)}; after {best[1]:,} steps it brought "
        f"{number(best[0])}.",
        means="What was learned is being unlearned: the steps of learning are too large by now. The best "
        "state is kept (--checkpoint best).",
        try_first=(
            "--anneal-learning-rate"
            if config.get("anneal_learning_rate") is False
            and not isinstance(config.get("learning_rate"), Schedule)
            else slower(checkup.subject, 3)
        ),
    )


def stuck(checkup: Checkup) -> Symptom | None:
    """It was no better for half of the training, and the goal is not reached."""
    best, goal = checkup.best(), checkup.subject.goal
    if best is None or goal is None or checkup.share_done < 0.6 or best[0] >= goal:
        return None
    if checkup.steps - best[1] < 0.5 * checkup.subject.total_steps:
        return None
    if not _are_many(checkup, best[1]) or not checkup.has_improved() or checkup.found:
        return None
    return Symptom(
        seen=f"The best episodes, with {number(best[0])}, came after {best[1]:,} steps, and none were better "
        f"since; the goal is {number(goal)}.",
        means="It has found a way that is not the best one, and stays with it.",
        try_first=(
            "--entropy-coef 0.02" if checkup.subject.has("entropy_coef") else slower(checkup.subject, 3)
        ),
        level="note",
    )


def _are_many(checkup: Checkup, steps: int) -> bool:
    """Whether many episodes have ended after so many steps."""
    count = 0
    for mark in reversed(checkup.marks):
        if mark.steps <= steps or count >= 2 * _MANY:
            break
        count += mark.episodes.get("count", 0)
    return count >= 2 * _MANY


def unreliable(checkup: Checkup) -> Symptom | None:
    """It can do it, and often does not."""
    now, goal = checkup.recent(_MANY), checkup.subject.goal
    if now is None or goal is None or goal <= 0 or checkup.share_done < 0.8 or checkup.found:
        return None
    if now.highest_return < goal or now.mean_return >= 0.5 * goal or now.highest_return <= now.lowest_return:
        return None
    return Symptom(
        seen=f"The best of the last {now.count} episodes brought {number(now.highest_return)}, their mean is "
        f"{number(now.mean_return)}; the goal is {number(goal)}.",
        means="It can do it, and not reliably yet.",
        try_first=f"--total-steps {2 * checkup.subject.total_steps}",
        level="note",
    )
