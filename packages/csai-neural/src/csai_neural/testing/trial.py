"""Trials: a block in a net, with inputs; what a check runs and looks at."""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from gymnasium.vector.utils import batch_space, create_empty_array
from torch import Tensor, nn

from csai_core.errors import CsaiError
from csai_core.testing.process.effects import generators_left_alone, nothing_printed
from csai_core.testing.suite import fail
from csai_neural.blocks.block import Block
from csai_neural.flow import TORCH_ERRORS
from csai_neural.generators import seeded
from csai_neural.net import Net


class Trial:
    """A compiled net whose last block is under test, and a batch of inputs.

    Args:
        net: the net.
        space: what it takes.
        size: how many inputs there are.

    Attributes:
        x: the inputs, as the net takes them.
        given: what the block is given for them: float tensors, or indices; None for an InputBlock.
    """

    def __init__(self, net: Net, space: spaces.Space[Any], size: int) -> None:
        self.net, self.space = net, space
        self.block: Block = net.added_blocks[-1]
        self.x = batch_of(space, size)
        self.given = self._given()

    def _given(self) -> tuple[Tensor, ...] | None:
        sources = next(node.sources for node in self.net.nodes if node.block is self.block)
        if len(sources) != 1:
            return None
        before = self.net.nodes[0].block
        return (before(self.x).detach(),)

    @property
    def numbers(self) -> tuple[Tensor, ...] | None:
        """What the block is given, where that is no index."""
        if self.given is None or not all(each.is_floating_point() for each in self.given):
            return None
        return self.given

    def run(self, *given: Tensor) -> Tensor:
        """What the block gives by itself; of one that remembers, without its memory.

        Raises:
            ConformanceError: if that is no tensor, or the block fails on what it was built for.
        """
        try:
            output: Any = self.block(*given)
        except CsaiError:
            raise
        except TORCH_ERRORS as error:
            if not _takes(self.block.forward, len(given)):
                fail(
                    f"forward cannot be called with its input alone: {error}. Take one tensor, (batch, "
                    "*input_shape); if it remembers, forward(x, state=None) begins with zeros."
                )
            if len(given[0]) == 1:
                raise
            fail(
                f"build took inputs of {self.block.input_shape}, and forward fails on {len(given[0])} of "
                f"them: {type(error).__name__}: {error}.{self._cure(given, error)}"
            )
        if self.block.is_recurrent and isinstance(output, tuple):
            output = output[0]
        if not isinstance(output, Tensor):
            fail(f"forward gives a {type(output).__name__}; it must give one tensor.")
        return output

    def _cure(self, given: tuple[Tensor, ...], error: Exception) -> str:
        """What to do where forward fails on several inputs, by what else it takes; a sentence, or nothing."""
        if "in-place" in str(error):
            return " It changes its input in place: write y = x.clamp(-5, 5), and not x.clamp_(-5, 5)."
        if any(each.is_meta for each in given):
            return ""
        fewer = tuple(each.detach()[:2] for each in given)
        try:
            with torch.no_grad():
                self.block(*fewer)
        except Exception:
            return " Let build raise a ShapeError for shapes it cannot take."
        return " It takes 2 of them: let nothing in build or forward depend on how many inputs a batch has."


def _takes(function: Callable[..., Any], count: int) -> bool:
    """Whether a function can be called with so many arguments."""
    try:
        inspect.signature(function).bind(*range(count))
    except TypeError:
        return False
    return True


def batch_of(space: spaces.Space[Any], size: int, seed: int = 0) -> Any:
    """A batch of values of a space, decided by a seed."""
    if size == 0:
        return create_empty_array(space, n=0, fn=np.empty)
    several = batch_space(space, size)
    several.seed(seed)
    return several.sample()


def backpropagate(output: Tensor) -> None:
    """Send gradients back from outputs, each weighted: a plain sum may be constant, like that of a norm."""
    with seeded(7):
        weights = torch.randn(output.shape)
    torch.autograd.backward((output * weights.to(output)).sum())


def held(value: Any) -> int:
    """How many things an object holds, in attributes, lists and dicts; layers are left out."""
    if isinstance(value, nn.Module):
        return sum(held(each) for name, each in vars(value).items() if name not in _TORCHS)
    if isinstance(value, Mapping):
        return len(value) + sum(map(held, value.values()))
    if isinstance(value, (list, tuple, set, deque)):
        return len(value) + sum(map(held, value))
    return 1


_TORCHS = {"links", "_parameters", "_buffers", *vars(nn.Module())} - {"_modules"}


def unregistered(block: Block) -> Iterator[tuple[str, str]]:
    """Layers and weights that torch does not find in a block: where they are, and what to write instead."""
    known = {id(each) for each in (*block.parameters(), *block.buffers())}
    own = {name: each for name, each in vars(block).items() if name not in _TORCHS and name != "_modules"}
    for name, each in own.items():
        for found in _within(each):
            if isinstance(found, nn.Module) and any(id(weight) not in known for weight in found.parameters()):
                yield (
                    f"The layers in {name}, a plain {type(each).__name__}, are",
                    "Keep them in nn.ModuleList or nn.ModuleDict",
                )
            elif (
                isinstance(found, Tensor) and found.requires_grad and id(found) not in known and found.is_leaf
            ):
                yield f"The tensor {name} is", f"Write self.{name} = nn.Parameter(...)"
    for cls in type(block).__mro__:
        for name, each in vars(cls).items() if issubclass(cls, Block) and cls is not Block else ():
            if isinstance(each, (nn.Module, Tensor)):
                yield (
                    f"{name}, which stands in the class so that all blocks share it, is",
                    f"Write self.{name} = ... in build",
                )


def _within(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple, set, deque)):
        for each in value:
            yield from _within(each)
    else:
        yield value


@contextmanager
def torch_left_alone(what: str) -> Iterator[None]:
    """Refuse what torch keeps for everybody and was changed meanwhile; it is put back.

    Raises:
        ConformanceError: if something was, naming it.
    """
    before = shared_state()
    try:
        yield
        after = shared_state()
    finally:
        restore(before)
    for name, value in before.items():
        if after[name] != value:
            fail(f"{what} changed {name} for everybody, from {value} to {after[name]}. Leave it as it is.")


@contextmanager
def others_left_alone(what: str) -> Iterator[None]:
    """Refuse whatever is printed, drawn from global generators, or switched in torch meanwhile.

    Raises:
        ConformanceError: if something was, naming it.
    """
    with torch_left_alone(what), nothing_printed(what), generators_left_alone(what), seeded(0):
        yield


def shared_state() -> dict[str, Any]:
    """What torch keeps for everybody, for `restore`."""
    return {name: read() for name, (read, _) in _OF_ALL.items()}


def restore(state: Mapping[str, Any]) -> None:
    """Put back what torch keeps for everybody."""
    for name, (read, write) in _OF_ALL.items():
        if read() != state[name]:
            write(state[name])


_OF_ALL: dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]] = {
    "whether gradients are kept (torch.set_grad_enabled)": (torch.is_grad_enabled, torch.set_grad_enabled),
    "the default dtype (torch.set_default_dtype)": (torch.get_default_dtype, torch.set_default_dtype),
    "the number of threads (torch.set_num_threads)": (torch.get_num_threads, torch.set_num_threads),
    "whether algorithms must be deterministic": (
        torch.are_deterministic_algorithms_enabled,
        torch.use_deterministic_algorithms,
    ),
}
