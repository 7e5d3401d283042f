"""Policies: from a network's numbers to actions, their log-probabilities and entropies.

Pure arithmetic, without `torch.distributions`, whose objects cost more than small networks do. One class
for each kind of action space; all share the methods of `Policy`.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import torch
from gymnasium import spaces
from torch import Tensor

from csai_core.errors import SpaceError
from csai_core.spaces import FEWER_ACTIONS, require_countable
from csai_neural.box_scale import BoxScale
from csai_neural.errors import ShapeError
from csai_neural.part_masks import masks_of_parts

LOG_2PI = math.log(2.0 * math.pi)
LOWEST_LOG_STD, HIGHEST_LOG_STD = -20.0, 2.0
"""Between these stay deviations that a network gives."""


class GaussianSettings(NamedTuple):
    """How numbers of a Box are drawn."""

    squash: bool = False
    """Whether tanh brings what is drawn into the bounds, rather than that it is cut off there.

    Cut off, all that is drawn beyond a bound does the same, which nothing is learned from, and the bound is
    easily reached. Squashed, every number drawn does something else, and bounds are never quite reached; the
    policy can no longer tell how sure it is near them, since probabilities and entropies are of what is drawn
    before tanh.
    """
    state_dependent_std: bool = False
    """Whether the network gives the deviations, for each observation others, rather than the same everywhere.

    So it can be careful in one place and try much in another; but it may grow sure too early, and takes
    longer to learn. Most tasks need no more than one deviation for each number.
    """
    log_std_init: float = 0.0
    """The log of the deviations to begin with."""


PLAIN = GaussianSettings()
"""Cut off at the bounds, with deviations that are the same everywhere."""


class Policy:
    """How the numbers that a network gives for a batch stand for actions of one space.

    Attributes:
        space: the action space.
        num_outputs: how many numbers the network gives for one observation.
        num_deviations: how many log standard deviations there are that do not depend on the observation.
    """

    def __init__(self, space: spaces.Space[Any], num_outputs: int, num_deviations: int = 0) -> None:
        self.space = space
        self.num_outputs = num_outputs
        self.num_deviations = num_deviations

    @property
    def num_choices(self) -> int:
        """How long a row of a mask is: a number for each choice, none for numbers of a Box."""
        return self.num_outputs

    def sample(self, outputs: Tensor, log_std: Tensor, generator: torch.Generator | None) -> Any:
        """Draw actions.

        Args:
            outputs: (batch, num_outputs), masked already.
            log_std: (num_deviations,).
            generator: where randomness comes from; None is torch's global one.
        """
        raise NotImplementedError

    def mode(self, outputs: Tensor) -> Any:
        """The likeliest actions."""
        raise NotImplementedError

    def log_prob(self, outputs: Tensor, log_std: Tensor, action: Any) -> Tensor:
        """The log-probability, or log-density, of actions: (batch,)."""
        raise NotImplementedError

    def log_probs(self, outputs: Tensor, log_std: Tensor, action: Any) -> list[Tensor]:
        """The same for each component that is drawn by itself, each (batch,); their sum is `log_prob`."""
        return [self.log_prob(outputs, log_std, action)]

    def entropy(self, outputs: Tensor, log_std: Tensor) -> Tensor:
        """The entropy in nats: (batch,)."""
        raise NotImplementedError

    def masked(self, outputs: Tensor, mask: Any) -> Tensor:
        """`outputs` with forbidden actions made impossible.

        Raises:
            ShapeError: if the mask has the wrong shape, or forbids everything.
        """
        raise NotImplementedError

    def to_environment(self, action: Any) -> Any:
        """Drawn actions as the environment takes them: numpy, of the space's dtype and within its bounds."""
        raise NotImplementedError


class CategoricalPolicy(Policy):
    """Discrete and MultiDiscrete: for each component, one logit per choice."""

    def __init__(self, space: spaces.Discrete[Any] | spaces.MultiDiscrete[Any]) -> None:
        require_countable(space, FEWER_ACTIONS)
        self.is_single = isinstance(space, spaces.Discrete)
        if isinstance(space, spaces.Discrete):
            self.sizes, start = [int(space.n)], [int(space.start)]
        else:
            self.sizes, start = space.nvec.ravel().tolist(), space.start.ravel().tolist()
        self.start = torch.tensor(start)
        super().__init__(space, sum(self.sizes))

    def sample(self, outputs: Tensor, log_std: Tensor, generator: torch.Generator | None) -> Tensor:
        """Draw by the exponential race: the smallest E / p wins, with E from Exp(1)."""
        race = torch.empty_like(outputs).exponential_(generator=generator)
        return self._indices(outputs - race.log())

    def mode(self, outputs: Tensor) -> Tensor:
        """The choices with the largest logits."""
        return self._indices(outputs)

    def log_prob(self, outputs: Tensor, log_std: Tensor, action: Tensor) -> Tensor:
        """The sum over the components of log softmax(logits)[action]."""
        return _sum(self.log_probs(outputs, log_std, action))

    def log_probs(self, outputs: Tensor, log_std: Tensor, action: Tensor) -> list[Tensor]:
        """Log softmax(logits)[action] for each component."""
        chosen = action.reshape(outputs.shape[0], len(self.sizes)) - self.start.to(outputs.device)
        return [
            logits.log_softmax(-1).gather(-1, chosen[:, i, None]).squeeze(-1)
            for i, logits in enumerate(self._split(outputs))
        ]

    def entropy(self, outputs: Tensor, log_std: Tensor) -> Tensor:
        """The sum over the components of -sum p log p."""
        logs = [logits.log_softmax(-1) for logits in self._split(outputs)]
        return _sum([-(log.exp() * log).sum(-1) for log in logs])

    def masked(self, outputs: Tensor, mask: Any) -> Tensor:
        """`outputs` with the logits of forbidden choices at the lowest number there is."""
        allowed = _mask(mask, outputs, "choice")
        for part in torch.split(allowed, self.sizes, dim=-1):
            if not torch.compiler.is_compiling() and not bool(part.any(-1).all()):
                raise ShapeError(f"A mask for {self.space} forbids every choice; leave at least one True.")
        return outputs.masked_fill(~allowed, torch.finfo(outputs.dtype).min)

    def to_environment(self, action: Tensor) -> Any:
        """Integer arrays."""
        return action.cpu().numpy().astype(self.space.dtype)

    def _split(self, outputs: Tensor) -> tuple[Tensor, ...]:
        return (outputs,) if len(self.sizes) == 1 else torch.split(outputs, self.sizes, dim=-1)

    def _indices(self, scores: Tensor) -> Tensor:
        best = [part.argmax(-1) for part in self._split(scores)]
        found = torch.stack(best, dim=-1) + self.start.to(scores.device)
        return found[:, 0] if self.is_single else found.reshape(scores.shape[0], *(self.space.shape or ()))


class BernoulliPolicy(Policy):
    """MultiBinary: one logit per bit, each drawn on its own."""

    def __init__(self, space: spaces.MultiBinary) -> None:
        super().__init__(space, math.prod(space.shape))

    def sample(self, outputs: Tensor, log_std: Tensor, generator: torch.Generator | None) -> Tensor:
        """Draw every bit."""
        draw = torch.empty_like(outputs).uniform_(generator=generator)
        return self._shaped(draw < outputs.sigmoid())

    def mode(self, outputs: Tensor) -> Tensor:
        """The bits that are more likely one than zero."""
        return self._shaped(outputs > 0)

    def log_prob(self, outputs: Tensor, log_std: Tensor, action: Tensor) -> Tensor:
        """The sum over the bits of log sigmoid(±logit)."""
        bits = action.reshape(outputs.shape).to(outputs.dtype)
        return torch.nn.functional.logsigmoid(outputs * (2.0 * bits - 1.0)).sum(-1)

    def entropy(self, outputs: Tensor, log_std: Tensor) -> Tensor:
        """The sum over the bits of softplus(logit) - logit * sigmoid(logit)."""
        return (torch.nn.functional.softplus(outputs) - outputs * outputs.sigmoid()).sum(-1)

    def masked(self, outputs: Tensor, mask: Any) -> Tensor:
        """`outputs` with forbidden bits at zero; True marks bits that may be one."""
        allowed = _mask(mask, outputs, "bit")
        # Large enough that sigmoid is exactly 0, small enough that logit * sigmoid is too.
        return outputs.masked_fill(~allowed, -1e4)

    def to_environment(self, action: Tensor) -> Any:
        """Arrays of zeros and ones."""
        return action.cpu().numpy().astype(self.space.dtype)

    def _shaped(self, bits: Tensor) -> Tensor:
        return bits.to(torch.int64).reshape(bits.shape[0], *(self.space.shape or ()))


class GaussianPolicy(Policy):
    """Box: a normal distribution for each number, with deviations that are learned.

    It is one over drawn numbers, of which -1 and 1 are the space's bounds (`BoxScale`). So are probabilities
    and entropies: those of the actions themselves differ by the sum of log(scale), which is the same for all
    actions and cancels in ratios and gradients. So does what tanh adds to them, where it squashes.

    With `state_dependent_std`, the outputs are the means and then, added to the first ones, the log standard
    deviations; otherwise the means alone.
    """

    def __init__(self, space: spaces.Box, gaussian: GaussianSettings = PLAIN) -> None:
        self._size = math.prod(space.shape)
        gives_std = gaussian.state_dependent_std
        super().__init__(space, self._size * (1 + gives_std), num_deviations=0 if gives_std else self._size)
        self._gaussian = gaussian
        self._scale = BoxScale(space)

    @property
    def is_squashed(self) -> bool:
        """Whether tanh brings what is drawn into the bounds."""
        return self._gaussian.squash

    @property
    def num_choices(self) -> int:
        """None."""
        return 0

    def sample(self, outputs: Tensor, log_std: Tensor, generator: torch.Generator | None) -> Tensor:
        """Draw; numbers may lie outside -1 to 1, which `to_environment` mends."""
        mean, log_std = self._normal(outputs, log_std)
        noise = torch.empty_like(mean).normal_(generator=generator)
        return self.mode(mean + log_std.exp() * noise)

    def mode(self, outputs: Tensor) -> Tensor:
        """The means."""
        return outputs[:, : self._size].reshape(outputs.shape[0], *(self.space.shape or ()))

    def log_prob(self, outputs: Tensor, log_std: Tensor, action: Tensor) -> Tensor:
        """The sum over the numbers of -((a - mean) / std)^2 / 2 - log std - log(2 pi) / 2."""
        mean, log_std = self._normal(outputs, log_std)
        distance = (action.reshape(mean.shape) - mean) * (-log_std).exp()
        return (-0.5 * (distance * distance + LOG_2PI) - log_std).sum(-1)

    def entropy(self, outputs: Tensor, log_std: Tensor) -> Tensor:
        """The sum over the numbers of log std + (1 + log(2 pi)) / 2."""
        _, log_std = self._normal(outputs, log_std)
        return (log_std + 0.5 * (1.0 + LOG_2PI)).sum(-1).expand(len(outputs))

    def masked(self, outputs: Tensor, mask: Any) -> Tensor:
        """Refused: there is nothing to choose among.

        Raises:
            ShapeError: always.
        """
        raise ShapeError(f"Actions of {self.space} are numbers and take no mask.")

    def to_environment(self, action: Tensor) -> Any:
        """Arrays in the space's own units, within its bounds; see `BoxScale`."""
        drawn = action.cpu().numpy()
        return self._scale.to_environment(np.tanh(drawn) if self._gaussian.squash else drawn)

    def _normal(self, outputs: Tensor, log_std: Tensor) -> tuple[Tensor, Tensor]:
        """Means, (batch, size), and log standard deviations, (size,) or (batch, size)."""
        if not self._gaussian.state_dependent_std:
            return outputs, log_std
        mean, difference = outputs.chunk(2, dim=-1)
        return mean, (difference + self._gaussian.log_std_init).clamp(LOWEST_LOG_STD, HIGHEST_LOG_STD)


class DictPolicy(Policy):
    """Dict: a policy for each part, all independent. Actions and masks are dicts."""

    def __init__(self, space: spaces.Dict, gaussian: GaussianSettings = PLAIN) -> None:
        self.parts = {name: make_policy(part, gaussian) for name, part in space.spaces.items()}
        self._outputs = [part.num_outputs for part in self.parts.values()]
        self._deviations = [part.num_deviations for part in self.parts.values()]
        super().__init__(space, sum(self._outputs), sum(self._deviations))

    @property
    def num_choices(self) -> int:
        """Those of all parts."""
        return sum(part.num_choices for part in self.parts.values())

    def sample(self, outputs: Tensor, log_std: Tensor, generator: torch.Generator | None) -> Any:
        """A dict of actions."""
        return {
            name: part.sample(output, deviation, generator)
            for name, part, output, deviation in self._split(outputs, log_std)
        }

    def mode(self, outputs: Tensor) -> Any:
        """A dict of actions."""
        split = torch.split(outputs, self._outputs, dim=-1)
        return {name: part.mode(each) for (name, part), each in zip(self.parts.items(), split, strict=True)}

    def log_prob(self, outputs: Tensor, log_std: Tensor, action: Any) -> Tensor:
        """The sum over the parts."""
        return _sum(
            [
                part.log_prob(output, std, action[name])
                for name, part, output, std in self._split(outputs, log_std)
            ]
        )

    def log_probs(self, outputs: Tensor, log_std: Tensor, action: Any) -> list[Tensor]:
        """Those of all parts, one after the other."""
        return [
            each
            for name, part, output, std in self._split(outputs, log_std)
            for each in part.log_probs(output, std, action[name])
        ]

    def entropy(self, outputs: Tensor, log_std: Tensor) -> Tensor:
        """The sum over the parts."""
        return _sum([part.entropy(output, std) for _, part, output, std in self._split(outputs, log_std)])

    def masked(self, outputs: Tensor, mask: Any) -> Tensor:
        """Each part with its own mask, from a dict or rows side by side; parts without one are left alone."""
        widths = {name: part.num_choices for name, part in self.parts.items()}
        mask = masks_of_parts(mask, widths, self.space)
        split = torch.split(outputs, self._outputs, dim=-1)
        return torch.cat(
            [
                part.masked(each, mask[name]) if mask.get(name) is not None else each
                for (name, part), each in zip(self.parts.items(), split, strict=True)
            ],
            dim=-1,
        )

    def to_environment(self, action: Any) -> Any:
        """A dict of arrays."""
        return {name: part.to_environment(action[name]) for name, part in self.parts.items()}

    def _split(self, outputs: Tensor, log_std: Tensor) -> list[tuple[str, Policy, Tensor, Tensor]]:
        return [
            (name, part, output, deviation)
            for (name, part), output, deviation in zip(
                self.parts.items(),
                torch.split(outputs, self._outputs, dim=-1),
                torch.split(log_std, self._deviations, dim=-1),
                strict=True,
            )
        ]


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


def _mask(mask: Any, outputs: Tensor, what: str) -> Tensor:
    allowed = torch.as_tensor(mask, dtype=torch.bool, device=outputs.device)
    if allowed.ndim == 1:
        allowed = allowed.expand_as(outputs) if len(allowed) == outputs.shape[-1] else allowed
    if allowed.shape != outputs.shape:
        raise ShapeError(
            f"A mask must say True or False for each {what}: shape {tuple(outputs.shape)}, "
            f"and was given shape {tuple(allowed.shape)}."
        )
    return allowed


def _sum(parts: list[Tensor]) -> Tensor:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total
