"""Losses and their derivatives by hand, each registered where the loss stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

Loss = Callable[..., tuple[Any, Any]]
"""From networks, a batch and settings to the loss, a scalar tensor, and what was measured on the way."""


class Probe(NamedTuple):
    """On what a derivative by hand is compared with autograd's."""

    batch: Any
    settings: Mapping[str, Any]
    distance: float = 0.1
    """How far each weight is moved at random before, in standard deviations of 1."""


Probes = Callable[[Any, Mapping[str, Any]], Iterable[Probe]]
"""From a batch and settings to several; together they let every part of the loss take part."""

_LossT = TypeVar("_LossT", bound=Loss)


class Derivative(NamedTuple):
    """A derivative that was worked out by hand."""

    by_hand: Callable[..., tuple[float, Any]]
    """Takes the same networks in numpy and the same batch as arrays; writes the gradient where the parameters
    of the first network keep it, and gives the loss and what was measured."""
    probes: Probes
    """From a batch and the settings of a loss to what it is compared with autograd on."""


DERIVATIVES: dict[Loss, Derivative] = {}
"""By the very function they are the derivative of: a function put in its place has none."""


def differentiated_by(
    by_hand: Callable[..., tuple[float, Any]], probes: Probes
) -> Callable[[_LossT], _LossT]:
    """Register the derivative of the loss that this decorates.

    When a training starts it is compared with autograd's on the first minibatch, and left aside where they
    differ. So whoever edits a loss need not know of it.
    """

    def register(loss: _LossT) -> _LossT:
        DERIVATIVES[loss] = Derivative(by_hand, probes)
        return loss

    return register
