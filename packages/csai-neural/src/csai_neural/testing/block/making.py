"""Checks of what a block is: made, registered, described by its settings, and alone in its process."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from csai_core.errors import CsaiError, UnknownNameError
from csai_core.plugins import installed
from csai_core.testing.suite import fail, skip
from csai_neural.blocks.block import Block
from csai_neural.generators import seeded
from csai_neural.net import Net
from csai_neural.testing.block.base import BATCH, CANDIDATES, LARGE_BATCH, BlockChecks
from csai_neural.testing.trial import Trial, others_left_alone
from csai_neural.toml_file import read_toml


class MakingChecks(BlockChecks):
    """What a block is."""

    def test_it_can_be_made(self) -> None:
        """It can be made without its input size, and takes some input."""
        block = self.make()
        if not isinstance(block, Block):
            fail(f"make returned {block!r}; it must return a csai_neural.Block.")
        if "links" not in vars(block):
            fail(
                f"{type(block).__name__}.__init__ does not call super().__init__(device). Let it begin with "
                "that."
            )
        if not self._spaces():
            fail("It takes neither a vector, an image, a sequence nor categories. Say what in input_spaces.")

    def test_its_kind_is_registered(self) -> None:
        """A saved network finds it by its kind."""
        block = self.make()
        try:
            entry = installed().find("blocks", self.entry_name or block.kind)
        except UnknownNameError as error:
            fail(
                f"No plugin that is installed offers a block of its kind {block.kind!r}, so that no saved "
                "network could find it: "
                f'return [Entry(name={block.kind!r}, target="my_plugin.blocks:{type(block).__name__}")] from '
                f"the hook csai_blocks. {error}"
            )
        if entry.load() is not type(block) or entry.name != block.kind:
            fail(
                f"Its kind is {block.kind!r}, but the entry {entry.name!r} points to {entry.target}. Set "
                f"{type(block).__name__}.kind to the name it is registered by."
            )

    def test_wrong_inputs_are_refused_with_its_name(self) -> None:
        """What it cannot take raises a ShapeError that names it, and none of torch's errors."""
        for space in self.refused_spaces:
            if self._takes(space):
                fail(f"It takes an input of {space}, which it should refuse with a ShapeError.")
        for space in () if self._is_input() else CANDIDATES:
            self._takes(space)

    def test_it_leaves_its_arguments_alone(self) -> None:
        """The lists that it is made with are as they were, for whoever else has them."""
        for space in self._spaces():
            block = self.make()
            lists = {
                name: (each, [*each])
                for name, each in block.settings().items()
                if isinstance(each, list) and _is_plain(each)
            }
            self._net_of(block, space)
            for name, (now, before) in lists.items():
                if now != before:
                    fail(
                        f"Building it changed its settings in place: {name} was {before} and is {now}. "
                        "Others may have the same list, such as every block whose default it is; build with "
                        f"a copy: list({name})."
                    )

    def test_its_settings_make_it_again(self) -> None:
        """Every argument is kept as it was given, and can be written down."""
        for trial in self._trials():
            settings = trial.block.settings()
            if type(trial.block)(**settings).settings().keys() != settings.keys():
                fail("A block made from its settings has other settings.")
            written = [trial.net.structure()]
            for _ in range(2):
                with seeded(0):
                    again = Net.from_structure(
                        json.loads(json.dumps(written[-1])), blocks=[type(trial.block)]
                    )
                written.append(again.structure())
            if written[1] != written[2]:
                changed = _changed_settings(written[1], written[2])
                fail(
                    f"A block made from its settings has others: {changed}. Keep every argument as it was "
                    "given, and what is made of it under another name."
                )

    def test_its_settings_can_be_written_by_hand(self) -> None:
        """A TOML file with the values of its settings makes the same block."""
        for trial in self._trials():
            block = trial.block
            if not self._is_registered(block) or "in_attribute" in block.settings() or block.links:
                skip("it is registered by no plugin, or an input")
            settings = {name: each for name, each in block.settings().items() if _is_plain(each)}
            tables = '[[block]]\nblock = "input"\nas_indices = true\n' if block.takes_indices else ""
            tables += f'[[block]]\nblock = "{block.kind}"\n'
            tables += "".join(f"{name} = {json.dumps(each)}\n" for name, each in settings.items())
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "net.toml"
                path.write_text(tables)
                try:
                    again = read_toml(path, trial.space).added_blocks[-1]
                except CsaiError as error:
                    fail(
                        f"A file of a network with its own settings is refused: {error} Annotate its "
                        "arguments so."
                    )
            for name, each in settings.items():
                if json.dumps(again.settings()[name]) != json.dumps(each):
                    fail(f"Written in a file as {each!r}, its setting {name} is {again.settings()[name]!r}.")

    def test_it_changes_nothing_of_others(self) -> None:
        """Neither building nor running it seeds, draws from, prints or switches what everybody shares."""
        for space in self._spaces():
            with others_left_alone("Building it"):
                net = self._net(space)
            trial = Trial(net, space, BATCH)
            for is_training in (True, False):
                net.train(is_training)
                with others_left_alone("Running it"):
                    if trial.given is None:
                        net(trial.x)
                    else:
                        trial.run(*trial.given)

    def test_its_output_has_the_shape_it_states(self) -> None:
        """For one input and for several, in use and in training, in the dtype of the net."""
        for space in self._spaces():
            net = self.make_net(space)
            stated = net.output_shape
            for size, is_training in ((BATCH, False), (1, False), (LARGE_BATCH, False), (LARGE_BATCH, True)):
                trial = Trial(net.train(is_training), space, size)
                output = net(trial.x) if trial.given is None else trial.run(*trial.given)
                if tuple(output.shape) != (size, *stated):
                    mode = "in training mode" if is_training else "in use"
                    fail(
                        f"build stated {stated}, and {mode} a batch of {size} gives {tuple(output.shape)}; "
                        f"it must give {(size, *stated)}."
                    )
                if output.dtype != net.nodes[0].block.dtype:
                    fail(f"In a net of {net.nodes[0].block.dtype} it gives {output.dtype}. Keep the dtype.")
            if (shape := tuple(net.eval()(space.sample()).shape)) != stated:
                fail(f"build stated {stated}, and one input gives {shape}.")

    def test_its_weights_follow_the_seed(self) -> None:
        """Its first weights are drawn by torch, so that the seed of a run decides them."""
        for space in self._spaces():
            one, two = (dict(self.make_net(space).named_parameters()) for _ in range(2))
            for name, weight in one.items():
                if name in two and weight.shape == two[name].shape and not torch.equal(weight, two[name]):
                    fail(
                        f"With the same seed of torch, it is made with other weights in {name}. Draw first "
                        "weights with torch's functions, such as torch.randn or nn.init, and no other "
                        "generator."
                    )

    def test_every_one_has_weights_of_its_own(self) -> None:
        """Two blocks share no weights, but for those of blocks that they are linked to."""
        for space in self._spaces():
            one, two = (_own_weights(self._net(space).added_blocks[-1]) for _ in range(2))
            memory = {weight.data_ptr() for weight in one.values() if weight.numel()}
            if shared := [name for name, weight in two.items() if weight.data_ptr() in memory]:
                fail(
                    f"Two blocks share the weights {shared[0]}, so that one learns, moves or is loaded with "
                    "the other. Make layers in build, and none as the default of an argument or in the class."
                )


def _own_weights(block: Block) -> dict[str, Any]:
    """Its parameters by name, without those of blocks that it is linked to."""
    others = {id(weight) for target, _ in block.links for weight in target.parameters()}
    return {name: each for name, each in block.named_parameters() if id(each) not in others}


def _is_plain(value: Any) -> bool:
    """Whether a person can write a value in TOML."""
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    return isinstance(value, (bool, int, str)) or (isinstance(value, float) and math.isfinite(value))


def _changed_settings(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Which settings differ between two structures of one net."""
    pairs = zip(before["blocks"], after["blocks"], strict=True)
    changes = [
        f"{name} was {value!r} and is {other['settings'].get(name)!r}"
        for one, other in pairs
        for name, value in one["settings"].items()
        if value != other["settings"].get(name)
    ]
    return "; ".join(changes) or "the structure differs"
