"""What an algorithm is: it acts, it is shown what followed, and it learns when it is time to.

The loop in `training/loop.py` drives every algorithm through this interface, ours and strangers' alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np
from gymnasium import Space
from numpy.typing import NDArray


class Step(NamedTuple):
    """What one step in `num_envs` environments brought; every field has leading axis num_envs.

    Observations and actions of Dict spaces are dicts of such arrays.
    """

    observation: Any
    action: Any
    reward: NDArray[np.float64]
    """(num_envs,)."""
    terminated: NDArray[np.bool_]
    """(num_envs,): the game itself ended; nothing follows, so nothing is bootstrapped."""
    truncated: NDArray[np.bool_]
    """(num_envs,): the episode was cut short; what would have followed still counts."""
    next_observation: Any
    """What the action led to; at an episode's end its last observation, never the next one's first."""
    next_action_mask: NDArray[np.int8] | None = None
    """(num_envs, number of actions): 1 where an action is allowed there; None where all always are."""
    is_reset: NDArray[np.bool_] | None = None
    """(num_envs,): where an environment only started its next episode, whatever the action was; such a row
    is no step, and nothing may be learned from it. None where there is none."""

    @property
    def num_taken(self) -> int:
        """In how many environments a step was really taken."""
        count = len(self.reward)
        return count if self.is_reset is None else count - int(np.count_nonzero(self.is_reset))


class Algorithm(Protocol):
    """Learns to act.

    Every config has a field `num_envs`: how many environments the algorithm is run in.
    """

    def act(self, observation: Any, *, explore: bool, action_mask: NDArray[np.int8] | None = None) -> Any:
        """Choose actions.

        Args:
            observation: a batch of observations, leading axis = number of environments.
            explore: whether to try things out, as in training, or to do what seems best.
            action_mask: (number of environments, number of actions), 1 where an action is allowed;
                None when all are.

        Returns:
            A batch of actions.
        """

    def observe(self, step: Step) -> Mapping[str, float]:
        """Take note of one step, and learn if it is time to.

        Returns:
            Measurements of the updates that were made, such as the loss; empty if none was.
        """

    def state_dict(self) -> dict[str, Any]:
        """Everything needed to go on exactly from here: nested dicts of arrays and plain values."""

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""


class MakeAlgorithm(Protocol):
    """What an algorithm's `Entry` points to: a class or function with this signature."""

    def __call__(
        self,
        observation_space: Space[Any],
        action_space: Space[Any],
        config: Any,
        *,
        total_steps: int,
        seed: int,
    ) -> Algorithm:
        """Make an untrained algorithm.

        Args:
            observation_space: of one environment.
            action_space: of one environment.
            config: an instance of the entry's config class.
            total_steps: how many steps, over all environments, the training will take; what decays
                over a training (exploration, learning rate) is planned by it.
            seed: decides everything random about the algorithm.
        """
