"""What is looked at in a training besides its episodes and metrics, now and then, at next to no cost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from csai_core import trees
from csai_core.algorithm import Algorithm, Step
from csai_train.health.units import Units
from csai_train.health.weights import Weights

_MOST_ROWS = 32
"""Observations of so many environments are looked at."""
_MOST_NUMBERS = 1024
"""Of an observation; where there are more, they are an image, whose pixels say little one by one."""
_UNITS_EVERY = 5
"""Checks; units change slowly, and cost more to look at than all the rest."""


class Vitals:
    """Looks at steps now and then, and at the algorithm at checks.

    What it gives at a check, as far as there is any, by name:

    - `reward_lowest`, `reward_highest`: of the rewards that were looked at, since the start; `reward_share`:
      how many of them are not 0, from 0 to 1
    - `observation_largest`, `observation_spread`: the largest number among those observed, without its sign,
      and the largest standard deviation of one of them, since the start; uint8 and whole observations of
      categories are left out, as networks scale them themselves
    - `observation_constant`, `observation_parts`: how many numbers of an observation have never changed, of
      how many; `observation_seen`: how many observations that is known from
    - `starts_alike`: 1 where all environments began with the same observation
    - `value`, `value_largest`: of the states seen now, the mean of the values of the likeliest or best
      actions, and the largest without its sign
    - `start_value`: the mean value of the observations that the training began with
    - `answers_differ`: how much values and chances differ between observations that do, as a share of their
      size
    - `indecision`: how undecided the policy is, from 0 for one sure action to 1 for all alike
    - `idle_units`, `saturated_units`: see `Units`; at every fifth check
    - `saturated_at_start`: the same of the weights that the training began with; at the first check
    - `weights_moved`: how far the weights moved since the last check, as a share of their length

    Args:
        algorithm: what is trained.
        observation_space: of one environment.
    """

    def __init__(self, algorithm: Algorithm, observation_space: spaces.Space[Any]) -> None:
        self._algorithm = algorithm
        self._weights = Weights.of(algorithm)
        self._units = Units(algorithm)
        self._of_start: dict[str, float] = {}
        self._num_checks = 0
        self._is_number = _numbers(observation_space)
        self._is_looked_at = 0 < _width(observation_space) <= _MOST_NUMBERS
        self._rewards = (math.inf, -math.inf)
        self._paid = [0, 0]
        self._new: list[tuple[NDArray[Any], list[NDArray[Any]]]] = []
        """Rewards, and numbers that were observed, which are not summed up yet."""
        self._count = 0
        self._sums: Any = None
        self._start: Any = None
        self._start_alike: bool | None = None

    def glance(self, step: Step) -> None:
        """Look at a step."""
        if self._start is None:
            self._start = _first_rows(step.observation)
            self._start_alike = _are_alike(step.observation)
            saturated = self._units.look(self._start).get("saturated_units")
            self._of_start = {} if saturated is None else {"saturated_at_start": saturated}
        self._new.append((step.reward.copy(), self._numbers_of(step.next_observation)))

    def at_check(
        self, observation: Any, action_mask: NDArray[np.int8] | None, memory: Any = None
    ) -> dict[str, float]:
        """All of it, as it is known now.

        Args:
            observation: what is seen now, of all environments.
            action_mask: what is allowed now.
            memory: what the algorithm remembers of the episodes under way; None where it remembers nothing.
        """
        self._sum_up()
        return {
            **self._of_rewards(),
            **self._of_observations(),
            **self._of_outlook(observation, action_mask, memory),
            **self._weights.moved(),
            **self._of_units(observation),
        }

    # --- observations

    def _numbers_of(self, observation: Any) -> list[NDArray[Any]]:
        """Copies of what of the observations a network takes as it is; none where that is too much."""
        if not self._is_looked_at:
            return []
        pairs = zip(_leaves(observation), self._is_number, strict=False)
        return [leaf[:_MOST_ROWS].copy() for leaf, counts in pairs if counts]

    def _sum_up(self) -> None:
        """Add what is new to what was seen before."""
        new, self._new = self._new, []
        if not new:
            return
        rewards = np.concatenate([reward for reward, _ in new])
        low, high = self._rewards
        self._rewards = min(low, float(rewards.min())), max(high, float(rewards.max()))
        self._paid[0] += int(np.count_nonzero(rewards))
        self._paid[1] += len(rewards)
        if self._is_looked_at:
            leaves = [np.concatenate(each) for each in zip(*(numbers for _, numbers in new), strict=True)]
            self._include(
                np.concatenate(
                    [np.asarray(each, np.float64).reshape(len(each), -1) for each in leaves], axis=1
                )
            )

    def _include(self, numbers: NDArray[np.float64]) -> None:
        if self._sums is None:
            width = numbers.shape[1]
            self._shift = numbers[0].copy()
            self._sums = np.zeros((2, width))
            self._bounds = np.stack([np.full(width, np.inf), np.full(width, -np.inf)])
        moved = numbers - self._shift
        self._count += len(numbers)
        self._sums[0] += moved.sum(axis=0)
        self._sums[1] += np.einsum("ij,ij->j", moved, moved)
        np.minimum(self._bounds[0], numbers.min(axis=0), out=self._bounds[0])
        np.maximum(self._bounds[1], numbers.max(axis=0), out=self._bounds[1])

    def _of_observations(self) -> dict[str, float]:
        found: dict[str, float] = {}
        if self._start_alike is not None:
            found["starts_alike"] = float(self._start_alike)
        if self._sums is None:
            return found
        mean, square = self._sums / self._count
        spread = np.sqrt(np.maximum(square - mean * mean, 0.0))
        low, high = self._bounds
        return found | {
            "observation_largest": float(np.abs(self._bounds).max()),
            "observation_spread": float(spread.max()),
            "observation_constant": float(np.count_nonzero(low == high)),
            "observation_parts": float(len(low)),
            "observation_seen": float(self._count),
        }

    # --- the rest

    def _of_units(self, observation: Any) -> dict[str, float]:
        found, self._of_start = self._of_start, {}
        self._num_checks += 1
        is_due = self._num_checks % _UNITS_EVERY == 0
        return found | self._units.look(_first_rows(observation)) if is_due else found

    def _of_rewards(self) -> dict[str, float]:
        low, high = self._rewards
        if low > high:
            return {}
        share = self._paid[0] / self._paid[1]
        return {"reward_lowest": low, "reward_highest": high, "reward_share": share}

    def _of_outlook(
        self, observation: Any, action_mask: NDArray[np.int8] | None, memory: Any
    ) -> dict[str, float]:
        """What the algorithm thinks of what is seen now; a stranger's that cannot say it is let be."""
        found: dict[str, float] = {}
        with suppress(Exception):
            mask = None if action_mask is None else action_mask[:_MOST_ROWS]
            rows = _first_rows(observation)
            now = trees.length(rows)
            remembered = None if memory is None else _first_rows(memory)
            if mask is None and self._start is not None:  # whose masks are forgotten
                rows = trees.join(rows, self._start)
                if remembered is not None:
                    fresh = self._algorithm.initial_memory(trees.length(self._start))
                    remembered = trees.join(remembered, fresh)
            outlook = self._algorithm.explain(
                rows, mask, **({} if remembered is None else {"memory": remembered})
            )
            values = _values(outlook)
            if values is not None:
                found["value"] = float(values[:now].mean())
                found["value_largest"] = float(np.abs(values[:now]).max())
                if len(values) > now:
                    found["start_value"] = float(values[now:].mean())
            indecision = _indecision(outlook.chances, mask)
            if indecision is not None:
                found["indecision"] = indecision
            if not _are_alike(rows):
                found |= _difference(outlook)
        return {name: value for name, value in found.items() if math.isfinite(value)}


def _values(outlook: Any) -> NDArray[np.floating[Any]] | None:
    """(batch,): of the states, that of the best action where the state's own is not known."""
    if outlook.state_value is not None:
        return np.asarray(outlook.state_value)
    return None if outlook.action_values is None else np.asarray(outlook.action_values).max(axis=1)


def _difference(outlook: Any) -> dict[str, float]:
    answers = [each for each in outlook if isinstance(each, np.ndarray) and each.ndim in (1, 2)]
    differ = [float((each.std(axis=0) / (np.abs(each).mean(axis=0) + 1e-12)).max()) for each in answers]
    return {"answers_differ": max(differ)} if differ else {}


def _indecision(chances: Any, mask: NDArray[np.int8] | None) -> float | None:
    """The mean entropy of a policy as a share of the largest; None where it has no such chances."""
    if isinstance(chances, Mapping):
        return None
    columns = chances if isinstance(chances, tuple) and not hasattr(chances, "_fields") else (chances,)
    mask = mask if len(columns) == 1 else None
    found = [_relative_entropy(each, mask) for each in columns if np.ndim(each) == 2]
    return sum(found) / len(found) if found and len(found) == len(columns) else None


def _relative_entropy(chances: NDArray[np.floating[Any]], mask: NDArray[np.int8] | None) -> float:
    """Of the rows in which there is a choice; 0 where there is none in any."""
    allowed = np.full(len(chances), chances.shape[1]) if mask is None else np.count_nonzero(mask, axis=1)
    several = allowed > 1
    if not several.any():
        return 0.0
    entropy = -(chances * np.log(np.maximum(chances, 1e-12))).sum(axis=1)
    return float((entropy[several] / np.log(allowed[several])).mean())


def _first_rows(observation: Any) -> Any:
    return trees.apply(lambda array: array[:_MOST_ROWS].copy(), observation)


def _are_alike(observation: Any) -> bool:
    return trees.length(observation) > 1 and all(
        bool((leaf == leaf[:1]).all()) for leaf in _leaves(observation)
    )


def _leaves(observation: Any) -> list[Any]:
    if isinstance(observation, Mapping):
        return [leaf for each in observation.values() for leaf in _leaves(each)]
    if isinstance(observation, tuple):
        return [leaf for each in observation for leaf in _leaves(each)]
    return [observation]


def _width(space: spaces.Space[Any]) -> int:
    """How many numbers of an observation networks take as they are."""
    if isinstance(space, spaces.Dict):
        return sum(map(_width, space.spaces.values()))
    if isinstance(space, spaces.Tuple):
        return sum(map(_width, space.spaces))
    return int(np.prod(space.shape)) if isinstance(space, spaces.Box) and space.dtype != np.uint8 else 0


def _numbers(space: spaces.Space[Any]) -> list[bool]:
    """Of each array of an observation, whether it holds numbers that networks take as they are."""
    if isinstance(space, spaces.Dict):
        return [each for part in space.spaces.values() for each in _numbers(part)]
    if isinstance(space, spaces.Tuple):
        return [each for part in space.spaces for each in _numbers(part)]
    return [isinstance(space, spaces.Box) and space.dtype != np.uint8]
