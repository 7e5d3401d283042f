"""Every registered block passes the block suite, and the suite catches blocks that don't."""

import numpy as np
import pytest
import torch
from gymnasium.spaces import Box, Discrete, MultiDiscrete
from torch import nn

from csai_core.plugins import installed
from csai_core.testing import ConformanceError
from csai_neural import (
    AttentionBlock,
    Block,
    ConvBlock,
    EmbeddingBlock,
    InputBlock,
    JoinBlock,
    LinearBlock,
    NormBlock,
    OutputBlock,
    RecurrentBlock,
)
from csai_neural.errors import ShapeError
from csai_neural.testing import BlockSuite

VECTOR = Box(-1, 1, (6,))
IMAGE = Box(-1, 1, (2, 9, 10))
BYTES = Box(0, 255, (12, 8, 3), np.uint8)
SEQUENCE = Box(-1, 1, (4, 8))


class TestLinear(BlockSuite):
    input_spaces = (VECTOR, Discrete(4))
    refused_spaces = (IMAGE, SEQUENCE)

    def make(self):
        slope = nn.LeakyReLU(0.2)
        return LinearBlock(output_size=5, hidden_size=[7, 8], activation=slope, use_layer_norm=True)


class TestLinearWithoutSizes(TestLinear):
    def make(self):
        return LinearBlock(activation="prelu")


class TestConv(BlockSuite):
    input_spaces = (IMAGE, BYTES)
    refused_spaces = (VECTOR, SEQUENCE, Box(-1, 1, (1, 1, 3)))

    def make(self):
        return ConvBlock(activation="tanh", desired_output_size=11)


class TestOutput(BlockSuite):
    input_spaces = (VECTOR, Discrete(3))
    refused_spaces = (IMAGE, SEQUENCE)

    def make(self):
        return OutputBlock(num_classes=4, activation=torch.softmax)


class TestJoin(BlockSuite):
    def make(self):
        return JoinBlock(activation=torch.tanh)


class TestRecurrent(BlockSuite):
    input_spaces = (VECTOR, SEQUENCE)
    refused_spaces = (IMAGE,)

    def make(self):
        return RecurrentBlock(hidden_size=5, num_layers=2)


class TestLstm(BlockSuite):
    input_spaces = (SEQUENCE,)
    refused_spaces = (IMAGE, VECTOR)

    def make(self):
        return RecurrentBlock(hidden_size=5, num_layers=2, cell="lstm", return_sequence=True)


class TestAttention(BlockSuite):
    input_spaces = (SEQUENCE,)
    refused_spaces = (VECTOR, IMAGE, Box(-1, 1, (4, 7)))

    def make(self):
        return AttentionBlock(num_heads=2, learn_positions=True, pool="mean")


class TestBatchNorm(BlockSuite):
    input_spaces = (VECTOR, IMAGE)
    refused_spaces = (SEQUENCE,)

    def make(self):
        return NormBlock("batch")


class TestEmbedding(BlockSuite):
    input_spaces = (Discrete(5, start=2), MultiDiscrete([3, 4]), Box(0, 9, (6,), np.int64))
    refused_spaces = (VECTOR,)

    def make(self):
        return EmbeddingBlock(embedding_size=3)


@pytest.mark.parametrize("space", [IMAGE, BYTES, Discrete(3), MultiDiscrete([2, 3])], ids=str)
def test_inputs_of_other_spaces(space):
    class Suite(BlockSuite):
        def make(self):
            return InputBlock(space)

    assert_passes(Suite())


@pytest.mark.parametrize(
    "name", [name for name, entry in installed().entries("blocks").items() if entry.plugin == "csai_neural"]
)
def test_every_registered_block_as_it_comes(name):
    assert_passes(BlockSuite.of(name))


def assert_passes(suite):
    outcomes = list(suite.run())
    assert len(outcomes) > 10
    assert [outcome for outcome in outcomes if outcome.status == "failed"] == []


class Sloppy(Block):
    """A block with a fault, chosen by the test."""

    def __init__(self, fault, device=None):
        super().__init__(device)
        if fault != "forgets its settings":
            self.fault = fault
        self.has = fault.__eq__

    def build(self, input_shape):
        if len(input_shape) != 1 and not self.has("takes everything"):
            raise ShapeError("it takes vectors")
        self.layer = nn.Linear(input_shape[-1], 2)
        if self.has("has idle weights"):
            self.idle = nn.Linear(1, 1)
        return (3,) if self.has("states a wrong shape") else (2,)

    def forward(self, x):
        y = self.layer(x)
        if self.has("mixes inputs"):
            return y - y.mean(dim=0)
        if self.has("makes weights late"):
            self.late = nn.Linear(2, 2)
        return y.float() if self.has("ignores the dtype") else y


def test_a_block_that_no_plugin_offers_is_told_how_to_offer_it():
    class Suite(BlockSuite):
        def make(self):
            return Sloppy("no fault")

    found = next(each for each in Suite().run() if each.check == "its kind is registered")
    assert "from the hook csai_blocks" in found.message
    assert "Entry(name=" in found.message


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ("forgets its settings", "its settings make it again"),
        ("has idle weights", "gradients reach every weight"),
        ("ignores the dtype", "it follows the dtype of its net"),
        ("makes weights late", "all weights exist before the first batch"),
        ("mixes inputs", "inputs do not touch each other"),
        ("states a wrong shape", "its output has the shape it states"),
        ("takes everything", "wrong inputs are refused with its name"),
        ("no fault", "its kind is registered"),  # as Sloppy is not
    ],
)
def test_the_suite_catches(fault, check):
    class Suite(BlockSuite):
        input_spaces = (VECTOR,)
        refused_spaces = (IMAGE,)

        def make(self):
            return Sloppy(fault)

    failed = {outcome.check for outcome in Suite().run() if outcome.status == "failed"}
    assert check in failed
    if fault == "no fault":
        assert failed == {check}


def test_settings_that_nobody_can_write_in_a_file_are_named(monkeypatch):
    class Mislabeled(Sloppy):
        def __init__(self, fault: int = "none", device=None):
            super().__init__(fault, device)

    class Suite(BlockSuite):
        input_spaces = (VECTOR,)

        def make(self):
            return Mislabeled()

    monkeypatch.setattr(Suite, "_is_registered", staticmethod(lambda block: True))
    monkeypatch.setattr("csai_neural.toml_file.find_block_class", lambda name: Mislabeled)
    with pytest.raises(
        ConformanceError, match=r"fault was given 'none'; it must be .*Annotate its arguments"
    ):
        Suite().test_its_settings_can_be_written_by_hand()


def test_weights_that_get_other_names_when_they_are_made_again_are_refused():
    class Renaming(Block):
        def build(self, input_shape):
            for name in [*self._modules]:
                delattr(self, name)
            self.count = getattr(self, "count", 0) + 1
            setattr(self, f"layer_{self.count}", nn.Linear(*input_shape, 3))
            return (3,)

        def forward(self, x):
            return getattr(self, f"layer_{self.count}")(x)

    class Suite(BlockSuite):
        input_spaces = (VECTOR,)

        def make(self):
            return Renaming()

    with pytest.raises(ConformanceError, match="changes the names"):
        Suite().test_it_can_be_rebuilt()
