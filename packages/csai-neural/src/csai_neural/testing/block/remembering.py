"""Checks of a block that remembers: what it keeps of one step for the next."""

from __future__ import annotations

import torch
from torch import Tensor

from csai_core.testing.suite import fail, skip
from csai_neural.generators import seeded
from csai_neural.testing.block.base import BlockChecks
from csai_neural.testing.trial import Trial, backpropagate


class RememberingChecks(BlockChecks):
    """What a block keeps of one step for the next."""

    def test_it_remembers(self) -> None:
        """Its memory has the shape that it states, changes, counts for what comes out, and learns."""
        for trial in self._trials():
            if not trial.block.is_recurrent or trial.given is None:
                skip("it remembers nothing")
            trial.net.eval()
            zeros, first = _step(trial, None)
            with seeded(3):
                state = torch.randn(zeros.shape)
            given = state.clone().requires_grad_()
            new, output = _step(trial, given)
            if not torch.equal(given, state):
                fail("It changed the state that it was given in place, which others keep; give a new one.")
            if torch.equal(new, state) or torch.equal(zeros, torch.zeros_like(zeros)):
                fail("The state that it gives is the one that it was given; give what it remembers by now.")
            again = _step(trial, torch.zeros_like(state))
            if not all(map(torch.allclose, (zeros, first), again)):
                fail("Without a state it does other than with one of zeros, which is how every game begins.")
            if torch.equal(output, again[1]):
                fail("What it remembers changes nothing of what comes out; use the state in forward.")
            _check_rows(trial, state, new)
            backpropagate(output)
            if given.grad is None or not given.grad.any():
                fail(
                    "No gradient goes back through its state, so that it cannot learn what to remember. "
                    "Leave out state.detach(); trainings cut where they must."
                )


def _step(trial: Trial, state: Tensor | None) -> tuple[Tensor, Tensor]:
    """What it remembers after a step, and what comes out."""
    (x,) = trial.given or ()
    result = trial.block(x, state)
    if not (isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], Tensor)):
        fail("forward(x, state) must give two tensors, the output and the new state, as it is recurrent.")
    output, new = result
    wanted = (len(x), *trial.block.state_shape)
    if tuple(new.shape) != wanted:
        fail(f"Its state has the shape {tuple(new.shape)}; by its state_shape it must be {wanted}.")
    return new, output


def _check_rows(trial: Trial, state: Tensor, new: Tensor) -> None:
    """Refuse memory in which one game has a part of another's."""
    (x,) = trial.given or ()
    with torch.no_grad():
        alone = trial.block(x[:1], state[:1])[1]
    if not torch.allclose(alone[0], new[0], atol=1e-5):
        fail("What it remembers of one game depends on the others in the batch. Let each row be a game.")
