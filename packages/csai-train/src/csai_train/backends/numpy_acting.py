"""Drawing actions from a policy in numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def draw(outputs: Floats, random: np.random.Generator) -> NDArray[np.int64]:
    """One action for each row of logits, each with probability softmax(logits)[action].

    Drawn by the exponential race: with E from Exp(1), the action with the largest logit - log E wins.
    """
    race = random.standard_exponential(outputs.shape, dtype=np.float32)
    np.maximum(race, np.finfo(np.float32).tiny, out=race)  # exactly 0 is drawn once in a great while
    np.log(race, out=race)
    np.subtract(outputs, race, out=race)
    actions: NDArray[np.int64] = race.argmax(axis=1)
    return actions
