"""Distributions over actions in numpy, with derivatives worked out by hand: pure arithmetic on batches.

The tests hold each of them against `csai_neural.policies` and autograd.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from csai_neural.policies import HIGHEST_LOG_STD, LOWEST_LOG_STD

Floats = NDArray[np.float32]
LOG_2PI = math.log(2.0 * math.pi)
NONE: Floats = np.zeros(0, dtype=np.float32)
"""The deviations of a policy that has none, and their derivatives."""


class Distribution(ABC):
    """One distribution over actions for each row of a batch.

    Attributes:
        entropy: (batch,), in nats.
    """

    entropy: Floats

    @abstractmethod
    def log_prob(self, action: Any) -> Floats:
        """(batch,): the log-probability, or log-density, of actions."""

    @abstractmethod
    def gradient(self, action: Any, log_prob: Floats, entropy: float) -> tuple[Floats, Floats]:
        """The derivatives of a loss with respect to the network's numbers, by the chain rule.

        Args:
            action: the actions whose log-probability counts.
            log_prob: (batch,), the loss's derivative with respect to each action's log-probability.
            entropy: its derivative with respect to each row's entropy.

        Returns:
            With respect to the outputs, (batch, num_outputs), and to the log standard deviations,
            (num_deviations,).
        """


class Categorical(NamedTuple):
    """One choice among several for each row; axes (num_choices, batch), along which numpy adds fastest."""

    log_probs: Floats
    probs: Floats
    entropy: Floats
    """(batch,), in nats."""

    @classmethod
    def from_logits(cls, logits: Floats) -> Categorical:
        """The softmax of logits, (batch, num_choices)."""
        scores = np.ascontiguousarray(logits.T)
        scores -= scores.max(axis=0)
        probs = np.exp(scores)
        total = probs.sum(axis=0)
        scores -= np.log(total)
        probs /= total
        return cls(scores, probs, -np.einsum("ab,ab->b", probs, scores))

    def log_prob(self, choice: NDArray[np.int64]) -> Floats:
        """(batch,): of choices, (batch,), counted from 0."""
        result: Floats = self.log_probs[choice, np.arange(len(choice))]
        return result

    def gradient(self, choice: NDArray[np.int64], log_prob: Floats, entropy: float) -> Floats:
        """With respect to the logits, (batch, num_choices); see `Distribution.gradient`.

        d log p(a) / d logit_j = [j = a] - p_j
        d H / d logit_j        = -p_j * (log p_j + H)
        """
        gradient = self.log_probs + self.entropy
        gradient *= np.float32(-entropy)
        gradient -= log_prob
        gradient *= self.probs
        gradient[choice, np.arange(len(choice))] += log_prob
        return gradient.T


class Choices(Distribution):
    """Independent choices, one Categorical each."""

    def __init__(self, parts: list[Categorical], start: NDArray[np.int64]) -> None:
        self._parts = parts
        self._start = start
        self.entropy = sum_of([part.entropy for part in parts])

    def log_prob(self, action: NDArray[np.int64]) -> Floats:
        """The sum over the choices."""
        choices = self._counted_from_zero(action)
        return sum_of([part.log_prob(choices[:, i]) for i, part in enumerate(self._parts)])

    def gradient(self, action: NDArray[np.int64], log_prob: Floats, entropy: float) -> tuple[Floats, Floats]:
        """That of each choice, side by side."""
        choices = self._counted_from_zero(action)
        found = [part.gradient(choices[:, i], log_prob, entropy) for i, part in enumerate(self._parts)]
        return (found[0] if len(found) == 1 else np.concatenate(found, axis=1)), NONE

    def _counted_from_zero(self, action: NDArray[np.int64]) -> NDArray[np.int64]:
        return action.reshape(len(self.entropy), -1) - self._start


class Bits(Distribution):
    """Independent bits, each with its logit, (batch, num_bits)."""

    def __init__(self, logits: Floats) -> None:
        self._logits = logits
        self._probs = sigmoid(logits)
        self.entropy = (np.logaddexp(np.float32(0), logits) - logits * self._probs).sum(axis=1)

    def log_prob(self, action: Any) -> Floats:
        """The sum over the bits of log sigmoid(±logit)."""
        signs = 2.0 * self._bits(action) - 1.0
        result: Floats = -np.logaddexp(np.float32(0), -self._logits * signs).sum(axis=1)
        return result

    def gradient(self, action: Any, log_prob: Floats, entropy: float) -> tuple[Floats, Floats]:
        """With respect to the logits; see `Distribution.gradient`.

        d log p(b) / d logit = b - p
        d H / d logit        = -logit * p * (1 - p)
        """
        probs = self._probs
        gradient = log_prob[:, None] * (self._bits(action) - probs)
        gradient -= np.float32(entropy) * self._logits * probs * (1 - probs)
        return gradient, NONE

    def _bits(self, action: Any) -> Floats:
        bits: Floats = action.reshape(self._logits.shape).astype(np.float32)
        return bits


class Normal(Distribution):
    """Independent normal distributions.

    Args:
        mean: (batch, size).
        log_std: (size,), or (batch, size) where each row has its own.
    """

    def __init__(self, mean: Floats, log_std: Floats) -> None:
        self.mean = mean
        self.log_std = log_std
        self._inverse_std = np.exp(-log_std)
        total = (log_std + np.float32(0.5 * (1.0 + LOG_2PI))).sum(axis=-1)
        self.entropy = np.full(len(mean), total, dtype=np.float32)

    def log_prob(self, action: Any) -> Floats:
        """The sum over the numbers of -((a - mean) / std)^2 / 2 - log std - log(2 pi) / 2."""
        distance = self._distance(action)
        constant = self.log_std.sum(axis=-1) + np.float32(0.5 * LOG_2PI * self.mean.shape[1])
        result: Floats = np.float32(-0.5) * np.einsum("ba,ba->b", distance, distance) - constant
        return result

    def gradient(self, action: Any, log_prob: Floats, entropy: float) -> tuple[Floats, Floats]:
        """With respect to the means and the log standard deviations; see `Distribution.gradient`.

        d log p(a) / d mean    = (a - mean) / std^2
        d log p(a) / d log std = ((a - mean) / std)^2 - 1
        d H / d log std        = 1
        """
        distance = self._distance(action)
        to_mean = log_prob[:, None] * distance
        to_log_std = np.einsum("ba,ba->a", to_mean, distance) - log_prob.sum()
        to_mean *= self._inverse_std
        return to_mean, to_log_std + np.float32(entropy * len(distance))

    def _distance(self, action: Any) -> Floats:
        """How many standard deviations actions are away from the mean: (batch, size)."""
        distance: Floats = (action.reshape(self.mean.shape) - self.mean) * self._inverse_std
        return distance


class StateDependentNormal(Normal):
    """Independent normal distributions, of which a network gives the deviations too, between their limits."""

    def gradient(self, action: Any, log_prob: Floats, entropy: float) -> tuple[Floats, Floats]:
        """With respect to means and log standard deviations, side by side; row by row those of `Normal`."""
        distance = self._distance(action)
        to_mean = log_prob[:, None] * distance * self._inverse_std
        to_log_std = log_prob[:, None] * (distance * distance - 1) + np.float32(entropy)
        to_log_std *= (self.log_std > LOWEST_LOG_STD) & (self.log_std < HIGHEST_LOG_STD)
        return np.hstack([to_mean, to_log_std]), NONE


class Parts(Distribution):
    """Independent distributions by name, each over some columns of the outputs and of the deviations."""

    def __init__(self, parts: Mapping[str, Distribution]) -> None:
        self._parts = parts
        self.entropy = sum_of([part.entropy for part in parts.values()])

    def log_prob(self, action: Any) -> Floats:
        """The sum over the parts."""
        return sum_of([part.log_prob(action[name]) for name, part in self._parts.items()])

    def gradient(self, action: Any, log_prob: Floats, entropy: float) -> tuple[Floats, Floats]:
        """Those of the parts, side by side."""
        found = [part.gradient(action[name], log_prob, entropy) for name, part in self._parts.items()]
        outputs, deviations = zip(*found, strict=True)
        return np.concatenate(outputs, axis=1), np.concatenate(deviations)


def sum_of(parts: list[Floats]) -> Floats:
    """The sum of arrays; a single one as it is."""
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def sigmoid(logits: Floats) -> Floats:
    """1 / (1 + exp(-logit)), without overflow."""
    result: Floats = np.float32(0.5) * (np.tanh(np.float32(0.5) * logits) + np.float32(1))
    return result
