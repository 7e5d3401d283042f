"""Normal distributions that tanh squashes into -1 to 1, in numpy, with their gradient."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from csai_neural.policies import HIGHEST_LOG_STD, LOWEST_LOG_STD
from csai_train.backends.numpy_layers import Floats

_ALWAYS = np.float32(2 * math.log(2) + 0.5 * math.log(2 * math.pi))
"""What is taken from a log-probability whatever is drawn."""
_LOWEST, _HIGHEST = np.float32(LOWEST_LOG_STD), np.float32(HIGHEST_LOG_STD)
_ONE, _TWO, _HALF = np.float32(1), np.float32(2), np.float32(0.5)


class SquashedNormal:
    """What a policy draws actions from: tanh of a normal distribution for each number.

    Args:
        outputs: (batch, 2 * num_numbers): means, then log standard deviations.
    """

    def __init__(self, outputs: Floats) -> None:
        size = outputs.shape[1] // 2
        self._mean, self._free_log_std = outputs[:, :size], outputs[:, size:]
        self._log_std: Floats = np.minimum(np.maximum(self._free_log_std, _LOWEST), _HIGHEST)
        self._std: Floats = np.exp(self._log_std)

    def squashed(self, noise: Floats) -> tuple[Floats, Floats]:
        """What `sac.squashed` gives."""
        drawn = self._std * noise
        drawn += self._mean
        action: Floats = np.tanh(drawn)
        # log(1 - tanh(x)^2) = 2 (log 2 - |x| - log(1 + exp(-2 |x|))), which no x makes lose its digits.
        distance = np.abs(drawn, out=drawn)
        slope = np.log1p(np.exp(-_TWO * distance))
        slope += distance
        log_prob = _TWO * slope - self._log_std
        log_prob -= _HALF * (noise * noise)
        log_prob -= _ALWAYS
        return action, log_prob.sum(axis=1)

    def backward(self, noise: Floats, action: Floats, to_action: Floats, to_log_prob: np.float32) -> Floats:
        """The gradient of a loss with respect to the outputs, (batch, 2 * num_numbers).

        Args:
            noise: what the actions were made of.
            action: the actions.
            to_action: the gradient with respect to them.
            to_log_prob: that with respect to each log-probability.
        """
        to_drawn = to_action * (_ONE - action * action) + (_TWO * to_log_prob) * action
        to_log_std = to_drawn * self._std * noise - to_log_prob
        to_log_std *= self._log_std == self._free_log_std
        return np.concatenate([to_drawn, to_log_std], axis=1)


def draw_squashed(outputs: Floats, noise: Floats) -> tuple[Floats, Floats]:
    """What `sac.squashed` gives, in arrays."""
    return SquashedNormal(outputs).squashed(noise)


def is_draw_squashed(squashed: Callable[..., Any]) -> bool:
    """Whether a function of tensors gives what `draw_squashed` gives.

    So whoever edits `sac.squashed` need not know of it: a training asks this when it starts.
    """
    random = np.random.default_rng(0)
    noise = random.standard_normal((32, 2), dtype=np.float32)
    for size in (0.1, 1, 10, 100):
        outputs = (size * random.standard_normal((32, 4))).astype(np.float32)
        with torch.no_grad():
            expected = squashed(torch.from_numpy(outputs), torch.from_numpy(noise))
        for one, other in zip(draw_squashed(outputs, noise), expected, strict=True):
            if not np.allclose(one, other, rtol=1e-4, atol=1e-5):
                return False
    return True
