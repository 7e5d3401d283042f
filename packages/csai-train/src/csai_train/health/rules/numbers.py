"""NaN and infinity."""

from __future__ import annotations

import re

from csai_train.health.checkup import Checkup
from csai_train.health.finding import Symptom
from csai_train.health.rules.settings import slower

_NOT_FINITE = re.compile(r"\b(nan|inf|infinite|infinity|NonFiniteError)\b", re.IGNORECASE)


def not_finite(checkup: Checkup) -> Symptom | None:
    """Something measured, observed or paid was NaN or infinite, and the training has ended for it."""
    text = checkup.error
    if not _NOT_FINITE.search(text):
        return None
    from_environment = "observation" in text or "reward" in text
    return Symptom(
        seen=f"The training ended with: {text}",
        means="Something was divided by zero, or a step of learning was so large that the weights ran away.",
        try_first=(
            f"csai check {checkup.subject.environment}"
            if from_environment and checkup.subject.environment
            else slower(checkup.subject)
        ),
        level="stop",
    )
