"""Checks of how a block learns: gradients reach all of it, and go through it."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from csai_core.testing.suite import fail, skip
from csai_neural.testing.block.base import LARGE_BATCH, BlockChecks
from csai_neural.testing.trial import backpropagate, batch_of

_NUM_TRIES = 4
"""After so many batches in as many nets, every weight has had a gradient, also such as few inputs use."""


class LearningChecks(BlockChecks):
    """How a block learns."""

    def test_gradients_reach_every_weight(self) -> None:
        """Some batches of training change all of them."""
        for space in self._spaces():
            reached: set[str] = set()
            weights: dict[str, torch.Tensor] = {}
            for seed in range(_NUM_TRIES):
                net = self.make_net(space, seed).train()
                weights = {name: weight for name, weight in net.named_parameters() if weight.requires_grad}
                if not weights:
                    skip("it has no weights that learn")
                for output in [net(batch_of(space, LARGE_BATCH, each)) for each in range(_NUM_TRIES)]:
                    if output.requires_grad:
                        backpropagate(output)
                reached |= self._reached(weights)
            if not reached:
                fail(
                    "No gradient comes out of it, so that nothing learns. Compute with torch alone, without "
                    "torch.no_grad, .detach() and numpy."
                )
            if idle := sorted(weights.keys() - reached):
                fail(f"No gradient reaches {idle[0]}. Use it in forward, or do not make it.")

    def test_gradients_reach_its_input(self) -> None:
        """The blocks before it can learn."""
        for trial in self._trials():
            if trial.numbers is None:
                skip("it takes no numbers")
            given = tuple(each.clone().requires_grad_() for each in trial.numbers)
            output = trial.run(*given)
            if not output.requires_grad:
                fail("No gradient reaches its input, so that the blocks before it cannot learn.")
            backpropagate(output)
            for each in given:
                if each.grad is None:
                    fail(
                        "No gradient reaches its input, so that the blocks before it cannot learn. Leave "
                        "out detach and no_grad."
                    )
                if not any(True for _ in trial.block.parameters()) and not each.grad.any():
                    fail(
                        "The gradient of its input is zero everywhere, so that the blocks before it cannot "
                        "learn."
                    )

    @staticmethod
    def _reached(weights: Mapping[str, torch.Tensor]) -> set[str]:
        """The weights that have a gradient, which must be finite, and not zero for all of them."""
        gradients = {name: weight.grad for name, weight in weights.items() if weight.grad is not None}
        for name, gradient in gradients.items():
            if not gradient.isfinite().all():
                fail(f"The gradient of {name} is not finite.")
        if gradients and not any(gradient.any() for gradient in gradients.values()):
            fail(
                "The gradients of all its weights are zero, so that it cannot learn. Rounding, comparing "
                "and argmax let none through."
            )
        return set(gradients)
