"""What every block should do; for pytest, and for `csai check`.

from csai_neural.testing import BlockSuite

class TestMaxout(BlockSuite):
entry_name = "maxout"
"""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from gymnasium import spaces
from gymnasium.vector.utils import batch_space, create_empty_array, iterate

from csai_core.errors import CsaiError
from csai_core.plugins import installed
from csai_core.testing.suite import Suite, fail, skip
from csai_neural.blocks.block import Block
from csai_neural.blocks.input import InputBlock
from csai_neural.blocks.linear import LinearBlock
from csai_neural.errors import ShapeError
from csai_neural.net import Net

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


class BlockSuite(Suite):
    """Checks one block; a subclass names the entry, or writes `make`.

    class TestMaxout(BlockSuite):
        entry_name = "maxout"

    class TestWideMaxout(BlockSuite):
        input_spaces = (Box(-1, 1, (100,)),)

        def make(self):
            return MaxoutBlock(pieces=9)

    Attributes:
        input_spaces: what it must take; without any, those of `CANDIDATES` that it does not refuse.
        refused_spaces: what it must refuse, with a ShapeError.
    """

    input_spaces: ClassVar[Sequence[spaces.Space[Any]]] = ()
    refused_spaces: ClassVar[Sequence[spaces.Space[Any]]] = ()

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

    def make_net(self, space: spaces.Space[Any]) -> Net:
        """A compiled net with the block right behind an input of that space."""
        block = self.make()
        net = Net("suite")
        if not isinstance(block, InputBlock):
            net.add_block(InputBlock(space, as_indices=block.takes_indices))
        net.add_block(block)
        net.compile()
        return net

    def test_it_can_be_made(self) -> None:
        """It can be made without its input size, and takes some input."""
        if not isinstance(self.make(), Block):
            fail(f"make returned {self.make()!r}; it must return a csai_neural.Block.")
        if not self._spaces():
            fail("It takes neither a vector, an image, a sequence nor categories. Say what in input_spaces.")

    def test_its_kind_is_registered(self) -> None:
        """A saved network finds it by its kind."""
        block = self.make()
        entry = installed().find("blocks", block.kind)
        if entry.load() is not type(block):
            fail(
                f"Its kind is {block.kind!r}, but the entry of that name points to {entry.target}. "
                f"Set {type(block).__name__}.kind to the name it is registered by."
            )

    def test_wrong_inputs_are_refused_with_its_name(self) -> None:
        """What it cannot take raises a ShapeError that names it, and none of torch's errors."""
        for space in (*self.refused_spaces, *([] if self._is_input() else CANDIDATES)):
            name = type(self.make()).__name__
            try:
                self.make_net(space)
            except ShapeError as error:
                if name not in str(error):
                    fail(f"Its error for an input of {space} does not name {name}: {error}")
            except CsaiError:
                raise
            except Exception as error:
                fail(
                    f"For an input of {space} it raised {type(error).__name__}: {error}. Let build raise a "
                    "ShapeError for shapes it cannot take."
                )
            else:
                if space in self.refused_spaces:
                    fail(f"It takes an input of {space}, which it should refuse with a ShapeError.")

    def test_its_settings_make_it_again(self) -> None:
        """Every argument is kept as an attribute of the same name."""
        for net in self._nets():
            block = _last(net)
            again = type(block)(**block.settings())
            if again.settings().keys() != block.settings().keys():
                fail("A block made from its settings has other settings.")

    def test_all_weights_exist_before_the_first_batch(self) -> None:
        """Compiling makes them; running adds none."""
        for net, x in self._trials():
            before = set(net.state_dict())
            net(x)
            if late := sorted(set(net.state_dict()) - before):
                fail(f"Running it adds the weights {late}. Make them in build.")

    def test_its_output_has_the_shape_it_states(self) -> None:
        """For one input, and for batches of none, one and several."""
        for space in self._spaces():
            net = self.make_net(space).eval()
            stated = net.output_shape
            for size in (0, 1, BATCH):
                given = tuple(net(_batch(space, size)).shape)
                if given != (size, *stated):
                    fail(f"build stated {stated}, and {size} inputs give {given}; not {(size, *stated)}.")
            if (given := tuple(net(space.sample()).shape)) != stated:
                fail(f"build stated {stated}, and one input gives {given}.")

    def test_inputs_do_not_touch_each_other(self) -> None:
        """In use, each input gives what it gives alone."""
        for space in self._spaces():
            net, x = self.make_net(space).eval(), _batch(space, BATCH)
            alone = torch.stack([net(row) for row in iterate(batch_space(space, BATCH), x)])
            if not torch.allclose(net(x), alone, atol=1e-5):
                fail("What it gives for an input depends on the rest of the batch.")

    def test_gradients_reach_every_weight(self) -> None:
        """One step of training changes all of them."""
        for net, x in self._trials():
            if not list(net.parameters()):
                skip("it has no weights")
            output = net.train()(x)
            # Random weights on the outputs: a plain sum may be constant, like that of a norm.
            (output * torch.randn_like(output)).sum().backward()
            for name, weight in net.named_parameters():
                if weight.grad is None:
                    fail(f"No gradient reaches {name}. Use it in forward, or do not make it.")
                if not weight.grad.isfinite().all():
                    fail(f"The gradient of {name} is not finite.")

    def test_a_copy_is_exact_and_independent(self) -> None:
        """The same outputs, and no memory shared."""
        for net, x in self._trials():
            twin = net.eval().copy()
            if not torch.equal(twin(x), net(x)):
                fail("A copy gives other outputs.")
            memory = {weight.data_ptr() for weight in net.parameters()}
            if shared := [name for name, weight in twin.named_parameters() if weight.data_ptr() in memory]:
                fail(f"A copy shares the weights {shared} with the original.")

    def test_it_comes_back_from_a_file(self) -> None:
        """Saved and loaded, it gives the same outputs."""
        for net, x in self._trials():
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "net.safetensors"
                net.save(path)
                loaded = Net.load(path, blocks=[type(_last(net))])
            if not torch.equal(loaded.eval()(x), net.eval()(x)):
                fail("Loaded from a file, it gives other outputs.")

    def test_it_can_be_rebuilt(self) -> None:
        """`regenerate_network` makes new weights of the same shapes."""
        for net, x in self._trials():
            before = {name: weight.shape for name, weight in net.named_parameters()}
            _last(net).regenerate_network()
            net.compile()
            if {name: weight.shape for name, weight in net.named_parameters()} != before:
                fail("regenerate_network changes the shapes of its weights.")
            net(x)

    def test_it_follows_the_dtype_of_its_net(self) -> None:
        """`net.to(torch.float64)` gives outputs of that dtype."""
        for net, x in self._trials():
            if (given := net.to(torch.float64)(x).dtype) != torch.float64:
                fail(f"In a net of dtype float64 it gives {given}.")

    def test_its_cost_can_be_counted(self) -> None:
        """`summary` counts its weights and multiply-adds."""
        for net in self._nets():
            net.summary()

    def _is_input(self) -> bool:
        return isinstance(self.make(), InputBlock)

    def _spaces(self) -> Sequence[spaces.Space[Any]]:
        """What it takes: what the suite says, or else what it does not refuse."""
        block = self.make()
        if isinstance(block, InputBlock):
            return (block.space,)
        return self.input_spaces or [space for space in CANDIDATES if self._takes(space)]

    def _takes(self, space: spaces.Space[Any]) -> bool:
        try:
            self.make_net(space)
        except ShapeError:
            return False
        return True

    def _nets(self) -> list[Net]:
        return [self.make_net(space) for space in self._spaces()]

    def _trials(self) -> list[tuple[Net, Any]]:
        """A net for each space, with a batch of inputs."""
        return [(self.make_net(space), _batch(space, BATCH)) for space in self._spaces()]


def _is_needed(parameter: inspect.Parameter) -> bool:
    """Whether a block cannot be made without it; a number of outputs cannot be found out."""
    is_count = parameter.name.startswith("num_") and parameter.default is None
    return is_count or parameter.default is inspect.Parameter.empty


def _last(net: Net) -> Block:
    """The block under test: the last that was added."""
    return net.added_blocks[-1]


def _batch(space: spaces.Space[Any], size: int) -> Any:
    """A batch of random values."""
    if size == 0:
        return create_empty_array(space, n=0, fn=np.empty)
    return batch_space(space, size).sample()
