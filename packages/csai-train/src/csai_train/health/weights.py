"""How far the weights of a training move from check to check."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core.algorithm import Algorithm


class Weights:
    """The parameters of a network that learns, and where they stood at the last check.

    Args:
        parameters: torch parameters; none where nothing is known of them.
    """

    def __init__(self, parameters: list[Any]) -> None:
        self._parameters = parameters
        self._before = self._joined()

    @classmethod
    def of(cls, algorithm: Algorithm) -> Weights:
        """Those of the network that an algorithm says it learns, if it says one."""
        parameters: list[Any] = []
        with suppress(Exception):  # a stranger's may have none, or something else
            network = algorithm.learned().network
            if network is not None:
                parameters = [each for each in network.parameters() if each.requires_grad]
        return cls(parameters)

    def moved(self) -> dict[str, float]:
        """How far they moved since this was last asked, as a share of how long they are."""
        if not self._parameters:
            return {}
        now = self._joined()
        step = now - self._before
        distance, length = float(np.vdot(step, step)), float(np.vdot(now, now))
        self._before = now
        return {"weights_moved": (distance / max(length, 1e-30)) ** 0.5}

    def _joined(self) -> NDArray[Any]:
        """A copy of all of them as one vector."""
        if not self._parameters:
            return np.zeros(0, np.float32)
        return np.concatenate([each.detach().cpu().float().numpy().ravel() for each in self._parameters])
