"""Checks of what a block looks at: all of its input, by value and by gradient, and every argument."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from gymnasium import spaces
from torch import Tensor

from csai_core.errors import CsaiError
from csai_core.testing.suite import fail, skip
from csai_neural.blocks.block import Block
from csai_neural.generators import seeded
from csai_neural.testing.block.base import BATCH, BlockChecks
from csai_neural.testing.trial import Trial, backpropagate

_PLACES = {1: ("number",), 2: ("step", "number of each step"), 3: ("channel", "row", "column")}
"""What the axes of an input go through, by how many there are."""
_ENDS = {"step": (-1,), "row": (0, -1), "column": (0, -1)}
"""Where an axis has an order, which ends must count; in between, a stride may leave something out."""
_LARGEST_STRIDE = 8
"""What is cut off at an end as a stride does not fit is seen in one of so many sizes."""
_FAR, _NEAR = 3.0, 1e-4
"""How large the numbers are that are put in place of some of the input, or added to them."""


class LookingChecks(BlockChecks):
    """What a block looks at."""

    def test_it_looks_at_all_of_its_input(self) -> None:
        """Whatever number, step, channel or edge of its input is changed, something of its output is."""
        for trial, axis, place in self._axes():
            (given,) = trial.numbers or ()
            length = given.shape[axis]
            unseen = [i for i in range(length) if not _is_seen(trial, axis, i)]
            if not unseen or len(unseen) == length:
                continue  # what starts as nothing may look at all later
            if place in _ENDS:
                ends = [end for end in _ENDS[place] if end % length in unseen]
                unseen = [end % length for end in ends if self._is_blind(trial.space, axis, end)]
                if length - 1 == len(unseen) or not unseen:
                    continue
            fail(
                f"Of an input of {tuple(given.shape[1:])}, {place} {unseen[0]} changes nothing of what "
                f"comes out, so that nobody can learn from it ({place}s are counted from 0). Is a bound off "
                "by one? Look at all of it; if leaving some out is what it is for, say "
                "`looks_at_all = False` in a BlockSuite of your own."
            )

    def test_gradients_reach_all_that_it_looks_at(self) -> None:
        """Where a number of its input decides something, the blocks before it learn of it."""
        for trial, axis, place in self._axes():
            (given,) = trial.numbers or ()
            x = given.clone().requires_grad_()
            output = trial.run(x)
            if not output.requires_grad:
                continue  # as another check says
            backpropagate(output)
            for i in range(given.shape[axis]):
                if x.grad is None or x.grad.select(axis, i).any():
                    continue
                noise = _noise(given, axis, i, _NEAR)
                if all(not torch.equal(trial.run(given + step), output.detach()) for step in (noise, -noise)):
                    fail(
                        f"Of an input of {tuple(given.shape[1:])}, {place} {i} decides what comes out, and "
                        "no gradient reaches it, so that the blocks before it cannot learn of it. Leave out "
                        "detach and no_grad."
                    )

    def test_its_other_settings_work(self) -> None:
        """With other values of its arguments it gives the shape that it states; every argument counts."""
        if self._is_input():
            skip("it is an input itself")
        for space in self._spaces()[:1]:
            block = self.make()
            settings = {name: each for name, each in block.settings().items() if _others(each)}
            before = self._traces(self.make(), space) if settings else None
            unread = settings.keys() - self._read(space)
            for name, value in settings.items():
                changed = []
                for other in _others(value):
                    try:
                        again = type(block)(**{**self.make().settings(), name: other})
                        traces = self._traces(again, space, f"With {name}={other}, ")
                    except CsaiError as error:
                        if "build stated" in str(error):
                            raise
                        continue
                    except Exception:
                        continue  # it is refused
                    changed.append(traces != before)
                if name in unread and changed and not any(changed):
                    fail(
                        f"Its argument {name} decides nothing: with {_others(value)[0]} in place of {value} "
                        f"it has the same weights and gives the same. Use self.{name} in build or forward, "
                        "or leave it out."
                    )

    # --- inner workings

    def _axes(self) -> Iterator[tuple[Trial, int, str]]:
        """In use, each axis of the numbers that it takes, with what it goes through."""
        if not self.looks_at_all:
            skip("it leaves out some of its input, as looks_at_all says")
        trials = [each for each in self._trials() if each.numbers is not None]
        if not trials:
            skip("it takes no numbers")
        for trial in trials:
            trial.net.eval()
            (given,) = trial.numbers or ()
            places = _PLACES.get(given.ndim - 1, ())
            for axis, place in enumerate(places, 1):
                yield trial, axis, place

    def _is_blind(self, space: spaces.Space[Any], axis: int, end: int) -> bool:
        """Whether an end is not looked at, however long the axis is, as far as it can be made longer."""
        if not isinstance(space, spaces.Box) or space.dtype.kind != "f":
            return False
        for more in range(1, _LARGEST_STRIDE + 1):
            shape = [size + more * (place == axis) for place, size in enumerate(space.shape, 1)]
            larger = spaces.Box(-1, 1, shape)
            try:
                trial = Trial(self.make_net(larger).eval(), larger, BATCH)
            except Exception:
                return False
            if trial.block.input_shape != larger.shape or _is_seen(trial, axis, end):
                return False
        return True

    def _traces(self, block: Block, space: spaces.Space[Any], what: str = "") -> Any:
        """What can be seen of a block: its weights, and what it gives in use and in training."""
        with seeded(0):
            trial = Trial(self._net_of(block, space), space, BATCH)
        found: list[Any] = [trial.net.output_shape, _sizes(trial.net.state_dict())]
        for is_training in (False, True):
            trial.net.train(is_training)
            with seeded(0):
                output = trial.net(trial.x)
            stated = (BATCH, *(trial.net.output_shape or ()))
            if tuple(output.shape) != stated:
                fail(
                    f"{what}build stated {stated[1:]} for an input of {block.input_shape}, and it gives "
                    f"{tuple(output.shape)[1:]}. State what comes out for every value, or refuse those that "
                    "do not work with a ConfigError."
                )
            found.append(output.tolist())
        found += [each.tolist() for each in trial.net.state_dict().values()]
        return repr(found)

    def _read(self, space: spaces.Space[Any]) -> set[str]:
        """The attributes of a block that somebody reads as it is built and run."""
        block, read = self.make(), set[str]()
        kind = type(block)

        def noting(self: Any, name: str) -> Any:
            read.add(name)
            return kind.__getattribute__(self, name)

        block.__class__ = type(kind.__name__, (kind,), {"kind": kind.kind, "__getattribute__": noting})
        net = self._net_of(block, space)
        trial = Trial(net, space, BATCH)
        for is_training in (True, False):
            net.train(is_training)(trial.x)
        return read


def _is_seen(trial: Trial, axis: int, index: int) -> bool:
    """Whether other numbers at a place of an axis change what comes out."""
    (given,) = trial.numbers or ()
    with torch.no_grad():
        output = trial.run(given)
        for sign in (1.0, -1.0):
            changed = given.clone()
            changed.select(axis, index).copy_(_noise(given, axis, index, sign * _FAR).select(axis, index))
            if not torch.equal(trial.run(changed), output):
                return True
    return False


def _noise(like: Tensor, axis: int, index: int, size: float) -> Tensor:
    """Random numbers at a place of an axis, and zeros elsewhere."""
    noise = torch.zeros_like(like)
    with seeded(5):
        noise.select(axis, index).copy_(size * torch.randn(like.select(axis, index).shape))
    return noise


def _sizes(state: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(each.shape) for name, each in state.items()}


def _others(value: Any) -> list[Any]:
    """Other values that an argument may take, by the one that it has; none where nobody can tell."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, 2 * value + 2, *([value - 1] if value > 1 else [])]
    if isinstance(value, float):
        return [value / 2 if value else 0.25]
    return []
