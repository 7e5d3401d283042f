"""Normal distributions that tanh squashes into -1 to 1, in numpy, with their gradient."""

from __future__ import annotations

import math

import numpy as np

from csai_neural.policies import HIGHEST_LOG_STD, LOWEST_LOG_STD
from csai_train.backends.numpy_layers import Floats

_HALF_LOG_2PI = np.float32(0.5 * math.log(2 * math.pi))
_LOG_2 = np.float32(math.log(2))


class SquashedNormal:
    """What a policy draws actions from: tanh of a normal distribution for each number.

    Args:
        outputs: (batch, 2 * num_numbers): means, then log standard deviations.
    """

    def __init__(self, outputs: Floats) -> None:
        size = outputs.shape[1] // 2
        self._mean, self._free_log_std = outputs[:, :size], outputs[:, size:]
        self._log_std: Floats = self._free_log_std.clip(LOWEST_LOG_STD, HIGHEST_LOG_STD)

    def squashed(self, noise: Floats) -> tuple[Floats, Floats]:
        """What `sac.squashed` gives."""
        drawn = self._mean + np.exp(self._log_std) * noise
        action: Floats = np.tanh(drawn)
        # log(1 - tanh(x)^2) = 2 (log 2 - |x| - log(1 + exp(-2 |x|))), which no x makes lose its digits.
        distance = np.abs(drawn)
        slope = _LOG_2 - distance - np.log1p(np.exp(-2 * distance))
        log_prob = -0.5 * noise * noise - _HALF_LOG_2PI - self._log_std - 2 * slope
        return action, log_prob.sum(axis=1)

    def backward(self, noise: Floats, action: Floats, to_action: Floats, to_log_prob: np.float32) -> Floats:
        """The gradient of a loss with respect to the outputs, (batch, 2 * num_numbers).

        Args:
            noise: what the actions were made of.
            action: the actions.
            to_action: the gradient with respect to them.
            to_log_prob: that with respect to each log-probability.
        """
        to_drawn = to_action * (1 - action * action) + to_log_prob * 2 * action
        to_log_std = to_drawn * np.exp(self._log_std) * noise - to_log_prob
        to_log_std *= self._log_std == self._free_log_std
        return np.hstack([to_drawn, to_log_std])
