"""Policies in numpy: from a network's numbers to actions, one class for each kind of action space.

Actions of a training are always drawn here, whichever backend computes the network: so the same seed draws
the same ones.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from csai_core.algorithm import Spread
from csai_core.errors import SpaceError
from csai_neural.box_scale import BoxScale
from csai_neural.errors import ShapeError
from csai_neural.part_masks import masks_of_parts
from csai_neural.policies import HIGHEST_LOG_STD, LOWEST_LOG_STD, PLAIN, GaussianSettings
from csai_train.backends.numpy_distributions import (
    NONE,
    Bits,
    Categorical,
    Choices,
    Distribution,
    Floats,
    Normal,
    Parts,
    StateDependentNormal,
    sigmoid,
)

_LOWEST = np.finfo(np.float32).min


class Policy(ABC):
    """How the numbers that a network gives for a batch stand for actions of one space.

    Attributes:
        space: the action space.
        num_outputs: how many numbers the network gives for one observation.
        num_deviations: how many log standard deviations there are that do not depend on the observation.
    """

    space: spaces.Space[Any]
    num_outputs: int
    num_deviations: int = 0

    @property
    def num_choices(self) -> int:
        """How long a row of a mask is: a number for each choice, none for numbers of a Box."""
        return self.num_outputs

    @abstractmethod
    def draw(self, outputs: Floats, log_std: Floats, random: np.random.Generator) -> Any:
        """Draw an action for each row of outputs, (batch, num_outputs); it may lie outside the space."""

    @abstractmethod
    def mode(self, outputs: Floats) -> Any:
        """The likeliest actions."""

    @abstractmethod
    def masked(self, outputs: Floats, mask: Any) -> Floats:
        """`outputs` with forbidden actions made impossible.

        Raises:
            ShapeError: if the mask has the wrong shape, or forbids everything.
        """

    @abstractmethod
    def distribution(self, outputs: Floats, log_std: Floats) -> Distribution:
        """The distributions that outputs, masked already, stand for."""

    @abstractmethod
    def chances(self, outputs: Floats, log_std: Floats) -> Any:
        """How often each action is drawn, in the form of `csai_core.algorithm.Outlook.chances`.

        Args:
            outputs: (batch, num_outputs), masked already.
            log_std: (num_deviations,).
        """

    @abstractmethod
    def to_environment(self, action: Any) -> Any:
        """Drawn actions as the environment takes them: of the space's dtype and within its bounds."""


class CategoricalPolicy(Policy):
    """Discrete and MultiDiscrete: for each component, one logit per choice."""

    def __init__(self, space: spaces.Discrete[Any] | spaces.MultiDiscrete[Any]) -> None:
        self.space = space
        self.is_single = isinstance(space, spaces.Discrete)
        if isinstance(space, spaces.Discrete):
            sizes, start = [int(space.n)], [int(space.start)]
        else:
            sizes, start = space.nvec.ravel().tolist(), space.start.ravel().tolist()
        self.start = np.array(start, dtype=np.int64)
        self.num_outputs = sum(sizes)
        self._edges = np.cumsum(sizes)[:-1].tolist()

    def draw(self, outputs: Floats, log_std: Floats, random: np.random.Generator) -> NDArray[np.int64]:
        """Draw by the exponential race: with E from Exp(1), the largest logit - log E wins."""
        race = random.standard_exponential(outputs.shape, dtype=np.float32)
        np.maximum(race, np.finfo(np.float32).tiny, out=race)  # exactly 0 is drawn once in a great while
        np.log(race, out=race)
        np.subtract(outputs, race, out=race)
        return self.mode(race)

    def mode(self, outputs: Floats) -> NDArray[np.int64]:
        """The choices with the largest logits."""
        if self.is_single:
            best: NDArray[np.int64] = outputs.argmax(axis=1)
            return best + self.start[0] if self.start[0] else best
        chosen = np.stack([part.argmax(axis=1) for part in self._split(outputs)], axis=1) + self.start
        return chosen.reshape(len(outputs), *(self.space.shape or ()))

    def masked(self, outputs: Floats, mask: Any) -> Floats:
        """`outputs` with the logits of forbidden choices at the lowest number there is."""
        allowed = _checked(mask, outputs, self.space, "choice")
        if not all(part.any(axis=1).all() for part in self._split(allowed)):
            raise ShapeError(f"A mask for {self.space} forbids every choice; leave at least one True.")
        return np.where(allowed, outputs, _LOWEST)

    def distribution(self, outputs: Floats, log_std: Floats) -> Choices:
        """The softmax of each component's logits."""
        return Choices([Categorical.from_logits(part) for part in self._split(outputs)], self.start)

    def chances(self, outputs: Floats, log_std: Floats) -> Any:
        """The softmax of each component's logits: an array for Discrete, a tuple of them otherwise."""
        parts = tuple(Categorical.from_logits(part).probs.T for part in self._split(outputs))
        return parts[0] if self.is_single else parts

    def to_environment(self, action: NDArray[np.int64]) -> Any:
        """Integer arrays."""
        return action.astype(self.space.dtype, copy=False)

    def _split(self, outputs: Any) -> list[Any]:
        return np.split(outputs, self._edges, axis=1) if self._edges else [outputs]


class BernoulliPolicy(Policy):
    """MultiBinary: one logit per bit, each drawn on its own."""

    def __init__(self, space: spaces.MultiBinary) -> None:
        self.space = space
        self.num_outputs = math.prod(space.shape)

    def draw(self, outputs: Floats, log_std: Floats, random: np.random.Generator) -> NDArray[np.int64]:
        """Draw every bit."""
        return self._shaped(random.random(outputs.shape, dtype=np.float32) < sigmoid(outputs))

    def mode(self, outputs: Floats) -> NDArray[np.int64]:
        """The bits that are more likely one than zero."""
        return self._shaped(outputs > 0)

    def masked(self, outputs: Floats, mask: Any) -> Floats:
        """`outputs` with forbidden bits at zero; True marks bits that may be one."""
        # Large enough that sigmoid is exactly 0, small enough that logit * sigmoid is too.
        return np.where(_checked(mask, outputs, self.space, "bit"), outputs, np.float32(-1e4))

    def distribution(self, outputs: Floats, log_std: Floats) -> Bits:
        """The sigmoid of each logit."""
        return Bits(outputs)

    def chances(self, outputs: Floats, log_std: Floats) -> Floats:
        """The chance that each bit is one."""
        return sigmoid(outputs).reshape(len(outputs), *(self.space.shape or ()))

    def to_environment(self, action: NDArray[np.int64]) -> Any:
        """Arrays of zeros and ones."""
        return action.astype(self.space.dtype)

    def _shaped(self, bits: NDArray[np.bool_]) -> NDArray[np.int64]:
        return bits.astype(np.int64).reshape(len(bits), *(self.space.shape or ()))


class GaussianPolicy(Policy):
    """Box: a normal distribution for each number, as `csai_neural.policies.GaussianPolicy` has them."""

    def __init__(self, space: spaces.Box, gaussian: GaussianSettings = PLAIN) -> None:
        self.space: spaces.Box = space
        self._size = math.prod(space.shape)
        gives_std = gaussian.state_dependent_std
        self.num_outputs, self.num_deviations = self._size * (1 + gives_std), self._size * (not gives_std)
        self._gaussian = gaussian
        self._scale = BoxScale(space)

    @property
    def num_choices(self) -> int:
        """None."""
        return 0

    def draw(self, outputs: Floats, log_std: Floats, random: np.random.Generator) -> Floats:
        """Draw; numbers may lie outside -1 to 1, which `to_environment` mends."""
        mean, log_std = self._normal(outputs, log_std)
        noise = random.standard_normal(mean.shape, dtype=np.float32)
        noise *= np.exp(log_std)
        noise += mean
        return self.mode(noise)

    def mode(self, outputs: Floats) -> Floats:
        """The means."""
        return outputs[:, : self._size].reshape(len(outputs), *self.space.shape)

    def masked(self, outputs: Floats, mask: Any) -> Floats:
        """Refused: there is nothing to choose among.

        Raises:
            ShapeError: always.
        """
        raise ShapeError(f"Actions of {self.space} are numbers and take no mask.")

    def distribution(self, outputs: Floats, log_std: Floats) -> Normal:
        """Normal distributions."""
        make = StateDependentNormal if self._gaussian.state_dependent_std else Normal
        return make(*self._normal(outputs, log_std))

    def chances(self, outputs: Floats, log_std: Floats) -> Spread:
        """The normal distributions in the space's own units, before they are cut off at its bounds."""
        mean, log_std = self._normal(outputs, log_std)
        deviation = np.broadcast_to(np.exp(log_std), mean.shape)
        if self._gaussian.squash:
            mean = np.tanh(mean)
            deviation = deviation * (1 - mean * mean)  # the slope of tanh
        return Spread(*self._scale.spread(mean, deviation))

    def to_environment(self, action: Floats) -> Any:
        """Arrays in the space's own units, within its bounds; see `BoxScale`."""
        return self._scale.to_environment(np.tanh(action) if self._gaussian.squash else action)

    def _normal(self, outputs: Floats, log_std: Floats) -> tuple[Floats, Floats]:
        """Means, (batch, size), and log standard deviations, (size,) or (batch, size)."""
        if not self._gaussian.state_dependent_std:
            return outputs, log_std
        mean, difference = np.split(outputs, 2, axis=1)
        log_std = difference + np.float32(self._gaussian.log_std_init)
        return mean, log_std.clip(LOWEST_LOG_STD, HIGHEST_LOG_STD)


class DictPolicy(Policy):
    """Dict: a policy for each part, all independent. Actions and masks are dicts."""

    def __init__(self, space: spaces.Dict, gaussian: GaussianSettings = PLAIN) -> None:
        self.space = space
        self.parts = {name: make_policy(part, gaussian) for name, part in space.spaces.items()}
        self.num_outputs = sum(part.num_outputs for part in self.parts.values())
        self.num_deviations = sum(part.num_deviations for part in self.parts.values())
        self._edges = np.cumsum([part.num_outputs for part in self.parts.values()])[:-1]
        self._deviation_edges = np.cumsum([part.num_deviations for part in self.parts.values()])[:-1]

    @property
    def num_choices(self) -> int:
        """Those of all parts."""
        return sum(part.num_choices for part in self.parts.values())

    def draw(self, outputs: Floats, log_std: Floats, random: np.random.Generator) -> Any:
        """A dict of actions."""
        return {
            name: part.draw(each, deviation, random)
            for name, part, each, deviation in self._split(outputs, log_std)
        }

    def mode(self, outputs: Floats) -> Any:
        """A dict of actions."""
        return {name: part.mode(each) for name, part, each, _ in self._split(outputs, NONE)}

    def masked(self, outputs: Floats, mask: Any) -> Floats:
        """Each part with its own mask, from a dict or rows side by side; parts without one are left alone."""
        widths = {name: part.num_choices for name, part in self.parts.items()}
        mask = masks_of_parts(mask, widths, self.space)
        return np.concatenate(
            [
                part.masked(each, mask[name]) if mask.get(name) is not None else each
                for name, part, each, _ in self._split(outputs, NONE)
            ],
            axis=1,
        )

    def distribution(self, outputs: Floats, log_std: Floats) -> Parts:
        """Those of the parts."""
        return Parts(
            {
                name: part.distribution(each, deviation)
                for name, part, each, deviation in self._split(outputs, log_std)
            }
        )

    def chances(self, outputs: Floats, log_std: Floats) -> dict[str, Any]:
        """A dict of those of the parts."""
        return {
            name: part.chances(each, deviation)
            for name, part, each, deviation in self._split(outputs, log_std)
        }

    def to_environment(self, action: Any) -> Any:
        """A dict of arrays."""
        return {name: part.to_environment(action[name]) for name, part in self.parts.items()}

    def _split(self, outputs: Floats, log_std: Floats) -> list[tuple[str, Policy, Floats, Floats]]:
        columns = np.split(outputs, self._edges, axis=1)
        deviations = np.split(log_std, self._deviation_edges)
        return list(zip(self.parts, self.parts.values(), columns, deviations, strict=True))


def make_policy(space: spaces.Space[Any], gaussian: GaussianSettings = PLAIN) -> Policy:
    """The policy for an action space.

    Args:
        space: the action space.
        gaussian: how numbers of a Box are drawn.

    Raises:
        SpaceError: if the space is not a Discrete, MultiDiscrete, MultiBinary, Box or a Dict of these.
    """
    if isinstance(space, (spaces.Discrete, spaces.MultiDiscrete)):
        return CategoricalPolicy(space)
    if isinstance(space, spaces.MultiBinary):
        return BernoulliPolicy(space)
    if isinstance(space, spaces.Box) and np.issubdtype(space.dtype, np.floating):
        return GaussianPolicy(space, gaussian)
    if isinstance(space, spaces.Dict) and space.spaces:
        return DictPolicy(space, gaussian)
    raise SpaceError(
        f"There is no policy for actions of {space!r}; "
        "there is for Discrete, MultiDiscrete, MultiBinary, Box of floats, and Dict of these."
    )


def _checked(mask: Any, outputs: Floats, space: spaces.Space[Any], what: str) -> NDArray[np.bool_]:
    allowed = np.asarray(mask, dtype=np.bool_)
    if allowed.ndim == 1:
        allowed = np.broadcast_to(allowed, outputs.shape) if len(allowed) == outputs.shape[1] else allowed
    if allowed.shape != outputs.shape:
        raise ShapeError(
            f"A mask for {space} must say True or False for each {what}: shape {outputs.shape}, and was "
            f"given shape {allowed.shape}."
        )
    return allowed
