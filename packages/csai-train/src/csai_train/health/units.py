"""The units of a network that learns: how many do nothing, and how many are at their ends."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from csai_core.algorithm import Algorithm

_IDLE = 0.025
"""Of what a layer's units give on average: one that gives no more does nothing (Sokar et al. 2023)."""
_END = 0.97
"""Of tanh, which reaches no further than 1: hardly any gradient comes through from there on."""


class Units:
    """The layers of ReLU and tanh of the network that an algorithm says it learns, if it says one."""

    def __init__(self, algorithm: Algorithm) -> None:
        self._algorithm = algorithm
        self._network: Any = None
        self._layers: list[Any] = []
        with suppress(Exception):  # a stranger's may have none, or something else
            self._network = algorithm.learned().network
            if self._network is not None:
                from torch import nn

                self._layers = [
                    each for each in self._network.modules() if isinstance(each, (nn.ReLU, nn.Tanh))
                ]

    def look(self, observation: Any) -> dict[str, float]:
        """How the units answer a batch of observations; nothing where that cannot be told.

        Returns:
            `idle_units`: the largest share of a layer's ReLUs that give next to nothing.
            `saturated_units`: the largest share of what a layer's tanh gives that is close to 1 or -1.
        """
        if not self._layers or self._network.training:
            return {}
        from torch import nn

        shares: dict[str, list[float]] = {"idle_units": [], "saturated_units": []}
        for layer, answer in self._answers(observation):
            if isinstance(layer, nn.ReLU):
                shares["idle_units"].append(_share_of_idle(answer))
            else:
                shares["saturated_units"].append(float((answer.abs() > _END).float().mean()))
        return {name: max(found) for name, found in shares.items() if found}

    def _answers(self, observation: Any) -> list[tuple[Any, Any]]:
        """What each layer gives, in the order in which they were asked."""
        import torch

        answers: list[tuple[Any, Any]] = []
        hooks = [
            layer.register_forward_hook(lambda layer, _, answer: answers.append((layer, answer.detach())))
            for layer in self._layers
        ]
        try:
            with suppress(Exception), torch.no_grad():
                scaler = getattr(self._algorithm, "scaler", None)
                self._network(observation if scaler is None else scaler.scale(observation))
        finally:
            for hook in hooks:
                hook.remove()
        return answers


def _share_of_idle(answer: Any) -> float:
    """Of the units of a layer, (batch, units, ...); all of them where none gives anything."""
    size = answer.abs().transpose(0, 1).flatten(1).mean(dim=1)
    return float((size <= _IDLE * size.mean()).float().mean())
