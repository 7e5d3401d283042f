"""Joining steps: from n steps, one transition that leads n steps ahead."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core import trees
from csai_core.algorithm import Step
from csai_core.errors import ConfigError


class NStepAccumulator:
    """Joins the latest `num_steps` steps of each environment into one.

    Its reward is r_1 + gamma * r_2 + … + gamma^(n-1) * r_n, and it leads to where the last of them led.
    Steps at an episode's end are joined with as many as are left.

    Args:
        num_steps: how many steps to join.
        gamma: discount.

    Reference: Sutton and Barto 2018, section 7.1.
    """

    def __init__(self, num_steps: int, gamma: float) -> None:
        self.num_steps = num_steps
        self.gamma = gamma
        self._steps: deque[Step] = deque(maxlen=num_steps)
        self._age: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        """How many of these steps belong to each environment's present episode: (num_envs,)."""

    def join(self, step: Step) -> Iterator[tuple[Step, int]]:
        """Take one more step of all environments; rows that are no steps are joined with none.

        Yields:
            What that completes: joined steps of some environments, and how many steps were joined.
        """
        if not self._steps:
            self._age = np.zeros(len(step.reward), dtype=np.int64)
        self._steps.append(step)
        self._age = np.minimum(self._age + 1, self.num_steps)
        if step.is_reset is not None:
            self._age[step.is_reset] = 0
        ended = step.terminated | step.truncated
        for count in range(len(self._steps), 0, -1):
            chosen = (self._age >= count) & (ended | (count == self.num_steps))
            if chosen.any():
                yield self._joined(count, chosen), count
        self._age[ended] = 0

    def cut(self) -> Iterator[tuple[Step, int]]:
        """Join what is left of the episodes under way, which were cut; yields as `join` does."""
        for count in range(len(self._steps), 0, -1):
            chosen = self._age >= count
            if chosen.any():
                joined = self._joined(count, chosen)
                yield joined._replace(truncated=~joined.terminated), count
        self._steps.clear()

    def _joined(self, count: int, chosen: NDArray[np.bool_]) -> Step:
        steps = list(self._steps)[-count:]
        first, last = steps[0], steps[-1]
        reward = sum(self.gamma**i * step.reward[chosen] for i, step in enumerate(steps))
        return Step(
            trees.take(first.observation, chosen),
            trees.take(first.action, chosen),
            np.asarray(reward),
            last.terminated[chosen],
            last.truncated[chosen],
            trees.take(last.next_observation, chosen),
            next_action_mask=None if last.next_action_mask is None else last.next_action_mask[chosen],
        )

    def state_dict(self) -> dict[str, Any]:
        """The steps that may still be joined."""
        steps = [step._asdict() for step in self._steps]
        return {"steps": steps, "age": self._age, "num_steps": self.num_steps}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave.

        Raises:
            ConfigError: if it is of one that joins another number of steps.
        """
        if state["num_steps"] != self.num_steps:
            raise ConfigError(
                f"What was joined {state['num_steps']} steps at a time cannot go on with {self.num_steps}."
            )
        self._steps = deque((Step(**step) for step in state["steps"]), maxlen=self.num_steps)
        self._age = np.array(state["age"])
