"""Checks of a block that remembers: what it keeps of one step for the next."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import torch
from torch import Tensor

from csai_core.testing.suite import fail, skip
from csai_neural.blocks.block import Block
from csai_neural.generators import seeded
from csai_neural.testing.block.base import BATCH, BlockChecks
from csai_neural.testing.trial import Trial, backpropagate

LENGTHS = (5, 3, 3, 1)
"""How many steps the sequences have that a block goes through at once, the longest first."""
_NEAR = 1e-4
"""How large the numbers are that are added to what it saw."""


class RememberingChecks(BlockChecks):
    """What a block keeps of one step for the next."""

    def test_it_remembers(self) -> None:
        """Its memory has the shape that it states, changes, counts for what comes out, and learns."""
        for trial in self._remembering(BATCH):
            (x,) = trial.given or ()
            zeros, first = _step(trial, x, None)
            with seeded(3):
                state = torch.randn(zeros.shape)
            given = state.clone().requires_grad_()
            new, output = _step(trial, x, given)
            if not torch.equal(given, state):
                fail("It changed the state that it was given in place, which others keep; give a new one.")
            if torch.equal(new, state) or torch.equal(zeros, torch.zeros_like(zeros)):
                fail("The state that it gives is the one that it was given; give what it remembers by now.")
            again = _step(trial, x, torch.zeros_like(state))
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
            _check_memory_learns(trial)

    def test_it_unrolls_as_it_steps(self) -> None:
        """Of sequences of several lengths, `unroll` gives and learns what going step by step does."""
        for trial in self._remembering(sum(LENGTHS)):
            (x,) = trial.given or ()
            with seeded(3):
                state = torch.randn(len(LENGTHS), *trial.block.state_shape)
            results = []
            for unroll in (trial.block.unroll, functools.partial(Block.unroll, trial.block)):
                given = state.clone().requires_grad_()
                sizes = torch.tensor([sum(length > step for length in LENGTHS) for step in range(LENGTHS[0])])
                output = unroll(x.clone(), given, sizes)
                backpropagate(output)
                results.append((output.detach(), given.grad))
            (output, gradient), (stepped, wanted) = results
            if output.shape != stepped.shape:
                fail(f"unroll gives {tuple(output.shape)} for {len(x)} steps; give {tuple(stepped.shape)}.")
            if not torch.allclose(output, stepped, atol=1e-5):
                fail(f"{_first_apart(output, stepped)} {_UNROLL}")
            if wanted is not None and (gradient is None or not torch.allclose(gradient, wanted, atol=1e-4)):
                fail(
                    "Other gradients go back through unroll to the state before the first steps than through "
                    "forward, step by step. Detach nothing there; trainings cut where they must."
                )

    def _remembering(self, size: int) -> Iterator[Trial]:
        """For each space that it takes, a net in use and a batch of inputs, if it remembers anything."""
        for space in self._spaces():
            trial = Trial(self.make_net(space).eval(), space, size)
            if not trial.block.is_recurrent or trial.given is None:
                skip("it remembers nothing")
            yield trial


_UNROLL = (
    "Begin with the state that is given, a row for each sequence; take the rows of x step after step, the "
    "longest sequence first; and go on with the first rows of the state, state[:size], where others have "
    "ended. Without a method unroll of its own, it does so."
)


def _first_apart(output: Tensor, stepped: Tensor) -> str:
    """Where what `unroll` gives is first another than what comes step by step."""
    row = 0
    for step in range(LENGTHS[0]):
        for sequence in (i for i, length in enumerate(LENGTHS) if length > step):
            if not torch.allclose(output[row], stepped[row], atol=1e-5):
                return (
                    f"Of {len(LENGTHS)} sequences of {', '.join(map(str, LENGTHS))} steps, unroll gives for "
                    f"step {step} of sequence {sequence} something else than forward does, step by step."
                )
            row += 1
    return ""


def _step(trial: Trial, x: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
    """What it remembers after a step, and what comes out."""
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


def _check_memory_learns(trial: Trial) -> None:
    """Refuse memory that decides what comes out a step later, and lets no gradient back to what it saw."""
    if trial.numbers is None:
        return
    (x,) = trial.numbers
    seen = x.clone().requires_grad_()
    later = trial.block(x, _step(trial, seen, None)[0])[0]
    if later.requires_grad:
        backpropagate(later)
    if seen.grad is not None and seen.grad.any():
        return
    with seeded(5), torch.no_grad():
        noise = _NEAR * torch.randn_like(x)
        moved = [trial.block(x, _step(trial, x + each, None)[0])[0] for each in (noise, -noise)]
    if not any(torch.equal(each, later) for each in moved):
        fail(
            "What it saw a step before decides what comes out, and no gradient goes back there, so that it "
            "cannot learn what to remember. Give the new state as it was computed, not new.detach(); "
            "trainings cut where they must."
        )
