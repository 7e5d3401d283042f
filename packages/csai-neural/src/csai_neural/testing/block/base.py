"""What the checks of blocks share: how one is made, for which inputs, and how it is tried."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import torch
from gymnasium import spaces

from csai_core.errors import CsaiError
from csai_core.plugins import installed
from csai_core.testing.suite import Outcome, Suite, fail
from csai_neural.blocks.block import Block
from csai_neural.blocks.input import InputBlock
from csai_neural.blocks.linear import LinearBlock
from csai_neural.errors import ShapeError
from csai_neural.generators import seeded
from csai_neural.net import Net
from csai_neural.testing.trial import Trial, restore, shared_state

VECTOR = spaces.Box(-1, 1, (6,))
CANDIDATES: tuple[spaces.Space[Any], ...] = (
    VECTOR,
    spaces.Box(-1, 1, (2, 12, 13)),
    spaces.Box(-1, 1, (4, 8)),
    spaces.Discrete(5),
    spaces.MultiDiscrete([3, 4]),
)
"""Inputs that a block is tried with: a vector, an image, a sequence and categories."""
EXAMPLES: Mapping[str, Callable[[], Any]] = {
    "num_classes": lambda: 3,
    "num_actions": lambda: 3,
    "output_size": lambda: 3,
    "in_attribute": lambda: VECTOR,
    "in_attributes": lambda: {"a": VECTOR, "b": spaces.Discrete(3)},
    "modules": lambda: {"a": LinearBlock(), "b": LinearBlock()},
}
"""Values for arguments that a block needs; a block with others writes `make` in its suite."""
BATCH = 3
LARGE_BATCH = 33


class BlockChecks(Suite):
    """What a subclass names, and how the block is made and tried."""

    input_spaces: ClassVar[Sequence[spaces.Space[Any]]] = ()
    refused_spaces: ClassVar[Sequence[spaces.Space[Any]]] = ()
    looks_at_all: ClassVar[bool] = True

    def make(self) -> Block:
        """Make a block whose input size is left out."""
        if not self.entry_name:
            return super().make()  # type: ignore[no-any-return]
        block_class = installed().find("blocks", self.entry_name).load()
        if not (isinstance(block_class, type) and issubclass(block_class, Block)):
            fail(f"The entry {self.entry_name!r} is {block_class!r}, and no subclass of csai_neural.Block.")
        parameters = inspect.signature(block_class).parameters.values()
        needed = [each.name for each in parameters if each.name in EXAMPLES and _is_needed(each)]
        block: Block = block_class(**{name: EXAMPLES[name]() for name in needed})
        return block

    def make_net(self, space: spaces.Space[Any], seed: int = 0) -> Net:
        """A compiled net with the block behind an input of that space, with the same weights each time."""
        with seeded(seed):
            return self._net(space)

    def run(self) -> Iterator[Outcome]:
        """Run all checks; what one of them leaves changed in torch, no other sees."""
        state = shared_state()
        for outcome in super().run():
            restore(state)
            yield outcome

    def _net(self, space: spaces.Space[Any]) -> Net:
        return self._net_of(self.make(), space)

    @staticmethod
    def _net_of(block: Block, space: spaces.Space[Any]) -> Net:
        net = Net("suite")
        if not isinstance(block, InputBlock):
            net.add_block(InputBlock(space, as_indices=block.takes_indices))
        net.add_block(block)
        net.compile()
        return net

    @staticmethod
    def _is_registered(block: Block) -> bool:
        """Whether it is found by its kind."""
        try:
            return installed().find("blocks", block.kind).load() is type(block)
        except CsaiError:
            return False

    def _is_input(self) -> bool:
        return isinstance(self.make(), InputBlock)

    def _spaces(self) -> Sequence[spaces.Space[Any]]:
        """What it takes: what the suite says, or else what it does not refuse."""
        block = self.make()
        if isinstance(block, InputBlock):
            return (block.space,)
        return self.input_spaces or [space for space in CANDIDATES if self._takes(space)]

    def _takes(self, space: spaces.Space[Any]) -> bool:
        """Whether it takes a space; if not, it must say so, and who says it."""
        name = type(self.make()).__name__
        try:
            self.make_net(space)
        except ShapeError as error:
            if name not in str(error):
                fail(
                    f"Its error for an input of {space} does not name {name}: {error} Raise a ShapeError in "
                    "build, where the names of the blocks are put before it."
                )
            return False
        except CsaiError:
            raise
        except Exception as error:
            fail(
                f"For an input of {space} it raised {type(error).__name__}: {error}. Let build raise a "
                "ShapeError for shapes it cannot take."
            )
        return True

    def _trials(self) -> list[Trial]:
        """For each space that it takes, a net and a batch of inputs."""
        return [Trial(self.make_net(space), space, BATCH) for space in self._spaces()]

    def _trained(self) -> list[Trial]:
        """Trials in use, after a batch of training in which running statistics were counted."""
        trials = self._trials()
        for trial in trials:
            with torch.no_grad():
                trial.net.train()(trial.x)
            trial.net.eval()
        return trials


def _is_needed(parameter: inspect.Parameter) -> bool:
    """Whether a block cannot be made without it; a number of outputs cannot be found out."""
    is_count = parameter.name.startswith("num_") and parameter.default is None
    return is_count or parameter.default is inspect.Parameter.empty
