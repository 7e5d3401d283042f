"""Sequences in a replay memory: steps are joined before they are stored, and laid out flat when drawn."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core import trees
from csai_core.algorithm import Step
from csai_core.errors import ConfigError
from csai_neural.sequences import Layout, Sequences
from csai_train.buffers.replay import Transitions

_LARGEST_ERROR = 0.9
"""How much the largest error in a sequence counts in its priority, beside the mean."""


class SequenceJoiner:
    """Joins the steps of each environment to sequences, which never reach over an episode's end.

    A sequence holds steps to learn from, at the end of an episode fewer, and before them others of the same
    episode, the burn-in: what was remembered before its first step comes from older weights, and is brought
    up to date by going through these. Every step is learned from in one sequence.

    Args:
        length: how many steps of a sequence are learned from.
        burn_in: how many come before them.

    Reference: Kapturowski et al. 2019, "Recurrent experience replay in distributed reinforcement learning"
    (R2D2), section 3.
    """

    def __init__(self, length: int, burn_in: int) -> None:
        self.length = length
        self.burn_in = burn_in
        self._steps: deque[Step] = deque(maxlen=length + burn_in)
        """The newest, of all environments; their observations are in a tuple with what was remembered."""
        self._age: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        """How many of these belong to each environment's present episode: (num_envs,)."""
        self._new: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        """How many of those are in no sequence yet."""

    def join(self, step: Step) -> Iterator[tuple[Step, int]]:
        """Take one more step of all environments, whose memo is what was remembered before it.

        Yields:
            The sequences that it completes, one row each, and 1. The fields of a step have one more axis, of
            `length + burn_in` slots, the last of which is the last step; `next_observation` is what that led
            to. `observation` is a dict: what was "seen", what was "remembered" before the first step, how
            many steps there are ("count"), and how many of these are the "burn_in".
        """
        count = len(step.reward)
        if not self._steps:
            self._age, self._new = np.zeros((2, count), dtype=np.int64)
        seen = trees.copy((step.observation, step.memo))
        self._steps.append(_owned(step)._replace(observation=seen, memo=None))
        self._age = np.minimum(self._age + 1, self.length + self.burn_in)
        self._new = self._new + 1
        if step.is_reset is not None:
            self._age[step.is_reset] = self._new[step.is_reset] = 0
        ended = step.terminated | step.truncated
        yield from self._joined((self._new == self.length) | (ended & (self._new > 0)))
        self._age[ended] = 0

    def cut(self) -> Iterator[tuple[Step, int]]:
        """Join what is left of the episodes under way, which were cut; yields as `join` does."""
        if self._steps:
            yield from self._joined(self._new > 0)
        self._steps.clear()

    def _joined(self, chosen: NDArray[np.bool_]) -> Iterator[tuple[Step, int]]:
        """Sequences of the chosen environments that end with the newest step."""
        if not chosen.any():
            return
        new = self._new[chosen]
        count = np.minimum(self._age[chosen], new + self.burn_in)
        room = self.length + self.burn_in

        def over_time(*parts: NDArray[Any]) -> NDArray[Any]:
            whole = np.zeros((len(new), room, *parts[0].shape[1:]), dtype=parts[0].dtype)
            for i, part in enumerate(parts, start=room - len(parts)):
                whole[:, i] = part[chosen]
            return whole

        steps, last = list(self._steps), self._steps[-1]
        seen, remembered = trees.apply(over_time, *(step.observation for step in steps))
        first = np.arange(len(new)), room - count
        observation = {
            "seen": seen,
            "remembered": trees.take(remembered, first),
            "count": count,
            "burn_in": count - new,
        }
        masks = [step.next_action_mask for step in steps]
        yield (
            Step(
                observation,
                trees.apply(over_time, *(step.action for step in steps)),
                over_time(*(step.reward for step in steps)),
                over_time(*(step.terminated for step in steps)),
                over_time(*(step.truncated for step in steps)),
                trees.take(last.next_observation, chosen),
                next_action_mask=None if masks[-1] is None else trees.apply(over_time, *masks),
            ),
            1,
        )
        self._new[chosen] = 0

    def state_dict(self) -> dict[str, Any]:
        """The steps that may still be joined."""
        steps = [step._asdict() for step in self._steps]
        return {"steps": steps, "age": self._age, "new": self._new, "form": [self.length, self.burn_in]}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave.

        Raises:
            ConfigError: if it is of one that joins other sequences.
        """
        if list(state["form"]) != [self.length, self.burn_in]:
            raise ConfigError(
                f"Sequences of {state['form'][0]} steps with a burn-in of {state['form'][1]} cannot go on as "
                f"ones of {self.length} and {self.burn_in}."
            )
        self._steps.clear()
        self._steps.extend(Step(**step) for step in state["steps"])
        self._age, self._new = np.array(state["age"]), np.array(state["new"])


def laid_out(batch: Transitions) -> Transitions:
    """The steps to learn from of sequences that `SequenceJoiner` joined, one row each.

    Observations, and those that they led to, are `Sequences` from the same memory on, which give what they
    make of those steps alone.
    """
    seen, count = batch.observation["seen"], batch.observation["count"]
    burn_in, first_state = batch.observation["burn_in"], batch.observation["remembered"]
    room = batch.reward.shape[1]
    time = np.arange(room) - (room - count)[:, None]  # of each slot in its sequence; below 0 it is empty
    learned = np.nonzero(time >= burn_in[:, None])

    def sequences(of: Any, times: NDArray[np.int64], skipped: NDArray[np.int64]) -> Sequences:
        rows = np.nonzero(times >= 0)
        kept = np.flatnonzero(times[rows] >= skipped[rows[0]])
        layout = Layout(rows[0], times[rows], kept=kept)
        return Sequences(trees.apply(lambda each: each[rows], of), first_state, layout)

    following = trees.apply(lambda each: each[:, None], batch.next_observation)
    longer = trees.apply(lambda *parts: np.concatenate(parts, axis=1), seen, following)
    times = np.concatenate([time, count[:, None]], axis=1)
    mask = batch.next_action_mask
    return batch._replace(
        observation=sequences(seen, time, burn_in),
        next_observation=sequences(longer, times, burn_in + 1),
        action=batch.action[learned],
        reward=batch.reward[learned],
        terminated=batch.terminated[learned],
        truncated=batch.truncated[learned],
        weight=None if batch.weight is None else batch.weight[learned[0]],
        position=None if batch.position is None else batch.position[learned[0]],
        next_action_mask=None if mask is None else mask[learned],
    )


def errors_by_sequence(
    position: NDArray[np.int64], error: NDArray[np.floating[Any]]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Where sequences lie, and how wrong their values were, from what is known of their steps.

    Reference: Kapturowski et al. 2019, section 2.3: a mixture of the largest and the mean error.
    """
    places, of = np.unique(position, return_inverse=True)
    size = np.abs(np.asarray(error, dtype=np.float64))
    largest = np.zeros(len(places))
    np.maximum.at(largest, of, size)
    mean = np.bincount(of, weights=size) / np.bincount(of)
    return places, _LARGEST_ERROR * largest + (1 - _LARGEST_ERROR) * mean


def _owned(step: Step) -> Step:
    """The fields of a step that are kept, in arrays of its own."""
    mask = step.next_action_mask
    return step._replace(
        action=trees.copy(step.action),
        reward=step.reward.copy(),
        terminated=step.terminated.copy(),
        truncated=step.truncated.copy(),
        next_observation=trees.copy(step.next_observation),
        action_mask=None,
        next_action_mask=None if mask is None else mask.copy(),
        is_reset=None,
    )
