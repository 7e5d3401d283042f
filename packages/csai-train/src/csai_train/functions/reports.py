"""What is reported of the episodes of `deep_q_learning(...)` and `PPO(...)`, and the pace of a window."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping

import numpy as np

from csai_train.algorithms.deep_q_learning import DeepQLearning
from csai_train.events import Callback, Episode
from csai_train.training.loop import Training


class MeanReturns(Callback):
    """Logs the mean return every so many episodes, and tells whoever wants to hear it.

    Args:
        num_episodes: how many count; others may end in the same step as the last.
        every: how many lie between two reports.
        logging_callback: is called with the episodes played, their mean return and what was measured.
    """

    def __init__(
        self,
        num_episodes: int,
        every: int,
        logging_callback: Callable[[int, float, Mapping[str, float]], None] | None,
    ) -> None:
        self._num_episodes = num_episodes
        self._every = every
        self._logging_callback = logging_callback
        self._returns: list[float] = []

    def episode(self, training: Training, episode: Episode) -> None:
        """Count it, and report every so often."""
        self._returns.append(episode.total_reward)
        count = len(self._returns)
        if count % self._every or count > self._num_episodes:
            return
        mean_return = float(np.mean(self._returns[-self._every :]))
        logging.getLogger("csai").info("PPO: %d episodes, mean return %.2f", count, mean_return)
        if self._logging_callback is not None:
            self._logging_callback(count, mean_return, training.metrics)


class Returns(Callback):
    """Reports every episode, and of the share of random actions that it was played with.

    Args:
        algorithm: knows that share.
        num_episodes: how many count; others may end in the same step as the last.
        logging_callback: is called with the episode's number, its return and the share.
    """

    def __init__(
        self,
        algorithm: DeepQLearning,
        num_episodes: int,
        logging_callback: Callable[[int, float, float], None],
    ) -> None:
        self._algorithm = algorithm
        self._num_episodes = num_episodes
        self._logging_callback = logging_callback
        self._epsilon = algorithm.epsilon
        self._count = 0

    def episode(self, training: Training, episode: Episode) -> None:
        """Tell of it."""
        if self._count < self._num_episodes:
            self._logging_callback(self._count, episode.total_reward, self._epsilon)
        self._count += 1

    def step(self, training: Training) -> None:
        """Note what the next step is played with."""
        self._epsilon = self._algorithm.epsilon


class Pace(Callback):
    """Waits for the next frame after every step.

    Args:
        fps: steps a second.
    """

    def __init__(self, fps: float) -> None:
        self.fps = fps

    def step(self, training: Training) -> None:
        """Wait."""
        time.sleep(1 / self.fps)
