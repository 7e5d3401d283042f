"""Pace: a step must not take longer and longer."""

from __future__ import annotations

from itertools import pairwise
from statistics import median

from csai_train.health.checkup import Checkup
from csai_train.health.finding import Symptom
from csai_train.health.rules.settings import number

_PARTS, _FEWEST = 4, 20
"""Parts of the training so far, and checks that fill them."""
_SLOWER, _SLOWER_IN_ALL = 1.2, 2.0
_SHORTEST = 20.0
"""Seconds of processor time; of less, the clock says little."""


def slowing_down(checkup: Checkup) -> Symptom | None:
    """A step takes longer and longer, in every part of the training."""
    if checkup.vital("seconds_a_step") is None:
        return None
    learned = [check for check in checkup.marks if check.metrics and "seconds_a_step" in check.vitals]
    if len(learned) < _FEWEST:
        return None
    costs = [check.vitals["seconds_a_step"] for check in learned]
    size = len(costs) // _PARTS
    parts = [median(costs[i * size : (i + 1) * size]) for i in range(_PARTS)]
    grows = all(after >= _SLOWER * before for before, after in pairwise(parts))
    seconds = (learned[-1].steps - learned[0].steps) * sum(costs) / len(costs)
    if not grows or parts[-1] < _SLOWER_IN_ALL * parts[0] or seconds < _SHORTEST:
        return None
    return Symptom(
        seen=f"A step takes {number(1e6 * parts[-1])} microseconds of processor time, and took "
        f"{number(1e6 * parts[0])} in the first quarter; it grew from quarter to quarter.",
        means="Something grows with every step, such as a list or a log that is gone through each time.",
        try_first="python -m cProfile -s cumtime on the program that trains, to see what takes longest",
        level="note",
    )
