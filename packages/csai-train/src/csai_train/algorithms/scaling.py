"""Bringing observations to mean 0 and deviation 1, and rewards to a size that networks cope with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from csai_core import trees
from csai_core.errors import ConfigError
from csai_neural.input_scaling import InputScale
from csai_train.group import Group

_LARGEST = 10.0
"""Scaled observations are cut off here, so that a first surprise does no damage."""


class RunningMoments:
    """Mean and variance of everything seen so far.

    Args:
        shape: of one thing.
        variance: to begin with.
        count: as how many things that counts.

    Reference: Chan, Golub and LeVeque 1979, for joining means and variances of batches.
    """

    def __init__(self, shape: tuple[int, ...], variance: float = 1.0, count: int = 0) -> None:
        self.mean = np.zeros(shape)
        self.variance = np.full(shape, variance)
        self.count = count
        self._agreed: RunningMoments | None = None
        self._own: RunningMoments | None = None
        """Of several processes: what all of them knew when they last merged, and what this one saw since."""

    def include(self, batch: NDArray[Any]) -> None:
        """Take note of some more, (batch, *shape)."""
        self._join(len(batch), batch.mean(axis=0), batch.var(axis=0))
        if self._own is not None:
            self._own.include(batch)

    def _join(self, count: int, mean: NDArray[Any], variance: NDArray[Any]) -> None:
        total = self.count + count
        change = mean - self.mean
        squares = self.variance * self.count + variance * count
        self.variance = np.asarray((squares + change**2 * self.count * count / total) / total)
        self.mean = np.asarray(self.mean + change * count / total)
        self.count = total

    def share(self) -> None:
        """Begin to remember what this process has seen by itself, for the next `merge`."""
        self._agreed = RunningMoments(self.mean.shape)
        self._agreed.load_state_dict(self.state_dict())
        self._own = RunningMoments(self.mean.shape)

    def merge(self, group: Group) -> None:
        """Take in what the other processes have seen since they last did this; all know the same then."""
        if self._agreed is None or self._own is None:
            return
        own = self._own
        count, mean, squares = group.merge_stats(own.count, own.mean, own.variance * own.count)
        self.load_state_dict(self._agreed.state_dict())
        if count:
            self._join(count, mean, squares / count)
        self.share()

    def state_dict(self) -> dict[str, Any]:
        """Mean, variance and how many things they come from."""
        state = {"mean": self.mean, "variance": self.variance, "count": self.count}
        if self._agreed is not None and self._own is not None:
            state |= {"agreed": self._agreed.state_dict(), "own": self._own.state_dict()}
        return state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        self.mean, self.variance = np.array(state["mean"]), np.array(state["variance"])
        self.count = state["count"]
        if self._agreed is None or self._own is None:
            return
        self.share()
        if "own" in state:
            self._agreed.load_state_dict(state["agreed"])
            self._own.load_state_dict(state["own"])


class ObservationScaler:
    """Scales the numbers in observations by the mean and deviation of all that it has seen.

    These are Boxes, each one in a Dict or Tuple by itself. Everything else stays as it is: choices, such as a
    Discrete, which networks take in as ones and zeros, and bytes (uint8), such as pictures, which they bring
    to 0 to 1.

    Args:
        space: of one observation.
        is_on: whether it scales anything at all; otherwise observations stay as they are.
    """

    def __init__(self, space: spaces.Space[Any], *, is_on: bool = True) -> None:
        found: list[bool] = []
        seen = _moments(space)
        trees.apply(lambda part: found.append(part is not None), seen)
        self._seen = seen if is_on and any(found) else None

    def include(self, observation: Any) -> None:
        """Let a batch of observations count in the mean and deviation from now on."""
        trees.apply(_include, self._seen, observation)

    def scale(self, observation: Any) -> Any:
        """A batch of observations as the network takes them; what is scaled is float32, from -10 to 10."""
        return observation if self._seen is None else trees.apply(_scaled, self._seen, observation)

    def share(self) -> None:
        """Begin to remember what this process sees by itself; see `RunningMoments.share`."""
        trees.apply(lambda seen: seen and seen.share(), self._seen)

    def merge(self, group: Group) -> None:
        """Take in what other processes have seen; see `RunningMoments.merge`."""
        trees.apply(lambda seen: seen and seen.merge(group), self._seen)

    def scales(self) -> Any:
        """How each Box is scaled now; see `csai_neural.input_scaling`."""
        return trees.apply(
            lambda seen: seen and InputScale(seen.mean, _deviation(seen), _LARGEST), self._seen
        )

    def state_dict(self) -> Any:
        """Mean, variance and how many observations they come from, of each Box; None if nothing is scaled."""
        return trees.apply(lambda seen: seen and seen.state_dict(), self._seen)

    def load_state_dict(self, state: Any) -> None:
        """Go on from a state that `state_dict` gave.

        Raises:
            ConfigError: if observations were scaled then and are not now, or the other way round.
        """
        if (self._seen is None) != (state is None):
            was, here = ("as they are", "scaled") if state is None else ("scaled", "as they are")
            raise ConfigError(
                f"Its network was trained on observations {was}, and here they would be {here}: train with "
                f"normalize_observation={state is not None}."
            )
        trees.apply(lambda seen, its_state: seen and seen.load_state_dict(its_state), self._seen, state)


def _moments(space: spaces.Space[Any]) -> Any:
    """The moments of each Box in a space, in dicts and tuples; None where there is nothing to scale."""
    if isinstance(space, spaces.Dict):
        return {name: _moments(part) for name, part in space.spaces.items()}
    if isinstance(space, spaces.Tuple):
        return tuple(map(_moments, space.spaces))
    is_scaled = isinstance(space, spaces.Box) and space.dtype != np.uint8
    return RunningMoments(space.shape or ()) if is_scaled else None


def _deviation(seen: RunningMoments) -> NDArray[np.float64]:
    deviation: NDArray[np.float64] = np.sqrt(seen.variance + 1e-8)
    return deviation


def _include(seen: RunningMoments | None, batch: Any) -> None:
    if seen is not None:
        seen.include(batch)


def _scaled(seen: RunningMoments | None, batch: Any) -> Any:
    if seen is None:
        return batch
    scaled = (batch - seen.mean) / _deviation(seen)
    return np.clip(scaled, -_LARGEST, _LARGEST).astype(np.float32)


class RewardScaler:
    """Divides rewards by the deviation of their discounted sums, so that returns are of size 1 or so.

    Nothing is subtracted: that would change which behavior is best.

    Args:
        num_envs: how many environments give rewards.
        gamma: discount.
        std: the deviation to begin with; it counts as much as one reward.
        epsilon: added to the deviation, against division by zero.

    Reference: Engstrom et al. 2020, arXiv:2005.12729, section 3, "reward scaling".
    """

    def __init__(self, num_envs: int, gamma: float, *, std: float = 1.0, epsilon: float = 1e-8) -> None:
        self.gamma = gamma
        self.epsilon = epsilon
        self._sums = np.zeros(num_envs)
        self._seen = RunningMoments((), variance=std**2, count=1)

    def scale(self, reward: NDArray[np.float64], ended: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Scaled rewards.

        Args:
            reward: (num_envs,).
            ended: (num_envs,), whether the episode ended with this reward, in either way.
        """
        self._sums = self.gamma * self._sums + reward
        self._seen.include(self._sums)
        self._sums[ended] = 0.0
        scaled: NDArray[np.float64] = reward / self.unit
        return scaled

    @property
    def unit(self) -> float:
        """How large a reward is that is scaled to 1 now."""
        return float(np.sqrt(self._seen.variance)) + self.epsilon

    def share(self) -> None:
        """Begin to remember what this process sees by itself; see `RunningMoments.share`."""
        self._seen.share()

    def merge(self, group: Group) -> None:
        """Take in what other processes have seen; see `RunningMoments.merge`."""
        self._seen.merge(group)

    def cut(self) -> None:
        """Hear that the episodes under way were cut: their sums are over."""
        self._sums[:] = 0.0

    def state_dict(self) -> dict[str, Any]:
        """The sums under way and the deviation."""
        return {"sums": self._sums, "seen": self._seen.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        if len(state["sums"]) == len(self._sums):  # otherwise those of other environments
            self._sums = np.array(state["sums"])
        self._seen.load_state_dict(state["seen"])
