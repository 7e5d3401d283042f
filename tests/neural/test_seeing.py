"""Seeing a network: traces, summaries and diagrams."""

import sys

import numpy as np
import pytest
import torch
from gymnasium import spaces
from torch import nn

from csai_core.errors import ConfigError, MissingExtraError
from csai_neural import (
    AttentionBlock,
    Block,
    ConvBlock,
    DuelingBlock,
    EmbeddingBlock,
    FlattenBlock,
    InputBlock,
    JoinBlock,
    LinearBlock,
    Net,
    NormBlock,
    OutputBlock,
    RecurrentBlock,
    ResidualBlock,
)
from csai_neural.drawing.layout import lay_out
from csai_neural.errors import NotCompiledError

IMAGE = spaces.Box(0, 1, (1, 8, 8))


def make_net(space, *blocks, **settings):
    net = Net("a <small> net")
    net.add_block(InputBlock(space, **settings))
    for block in blocks:
        net.add_block(block)
    net.compile()
    return net


def branched():
    inputs = InputBlock({"board": IMAGE, "heading": spaces.Discrete(4)}, True)
    inputs.join_block(ConvBlock(desired_output_size=4), "board")
    inputs.join_block(LinearBlock(output_size=4), "heading")
    net = Net("branched")
    for block in (inputs, JoinBlock(method="sum"), DuelingBlock(num_actions=2)):
        net.add_block(block)
    net.compile()
    return net


# --- trace


def test_a_trace_holds_every_step():
    net = make_net(IMAGE, ConvBlock(depth=1), LinearBlock(hidden_size=[3]), OutputBlock(num_classes=2))
    x = torch.rand(5, 1, 8, 8)
    steps = net.trace(x)
    assert {name: tuple(step.shape) for name, step in steps.items()} == {
        "input": (5, 1, 8, 8),
        "conv": (5, 512),
        "linear": (5, 3),
        "output": (5, 2),
    }
    assert torch.equal(steps["output"], net(x))
    assert torch.equal(steps["linear"], net.blocks["linear"](steps["conv"]))
    assert net.trace(x[0])["conv"].shape == (512,)


def test_a_trace_of_parts():
    steps = branched().trace({"board": np.zeros((1, 8, 8), np.float32), "heading": 2})
    assert list(steps) == ["input[board]", "input[heading]", "conv", "linear", "join", "dueling"]


# --- summary


def test_a_summary_by_hand():
    summary = make_net(IMAGE, ConvBlock(depth=1), OutputBlock(num_classes=2)).summary()
    rows = {row.name: (row.kind, row.output_shape, row.parameters, row.multiply_adds) for row in summary.rows}
    assert rows == {
        "input": ("InputBlock", (1, 8, 8), 0, 0),
        # 8 filters of 3 x 3 and a bias; each filter at 8 x 8 places.
        "conv": ("ConvBlock", (512,), 8 * 9 + 8, 8 * 9 * 64),
        "output": ("OutputBlock", (2,), 512 * 2 + 2, 512 * 2),
    }
    assert summary.parameters == 80 + 1026
    assert summary.multiply_adds == 4608 + 1024


@pytest.mark.parametrize(
    ("space", "block", "cost"),
    [
        # Gates x hidden x (input + hidden), for 4 steps.
        (spaces.Box(0, 1, (4, 5)), RecurrentBlock(hidden_size=7), 4 * 3 * 7 * (5 + 7)),
        (spaces.Box(0, 1, (4, 5)), RecurrentBlock(hidden_size=7, cell="lstm"), 4 * 4 * 7 * (5 + 7)),
        (spaces.Box(0, 1, (5,)), RecurrentBlock(hidden_size=7, num_layers=2), 3 * 7 * (5 + 7) + 3 * 7 * 14),
        # Queries, keys, values, mix and two linear layers for 4 elements; 4 x 4 pairs, twice.
        (spaces.Box(0, 1, (4, 8)), AttentionBlock(), 4 * (3 * 64 + 64 + 2 * 8 * 32) + 2 * 16 * 8),
        (spaces.Box(0, 1, (5,)), DuelingBlock(num_actions=3, hidden_size=7), 2 * 5 * 7 + 7 * (1 + 3)),
        (spaces.Box(0, 1, (2, 4, 4)), ResidualBlock(hidden_size=3), 2 * (2 * 3 * 9 * 16)),
        (spaces.Box(0, 1, (5,)), NormBlock(), 0),
    ],
)
def test_multiply_adds_by_hand(space, block, cost):
    assert make_net(space, block).summary().multiply_adds == cost


def test_what_a_block_learns_may_be_handed_to_its_layers():
    class Begins(Block):
        def build(self, input_shape):
            self.cell = nn.GRUCell(*input_shape, 7)
            self.start = nn.Parameter(torch.zeros(7))
            return (7,)

        def forward(self, x):
            return self.cell(x, self.start.expand(len(x), -1))

    assert make_net(spaces.Box(0, 1, (5,)), Begins()).summary().multiply_adds == 3 * 7 * (5 + 7)


def test_counting_changes_nothing():
    net = make_net(IMAGE, NormBlock("batch"), FlattenBlock())
    before = {name: value.clone() for name, value in net.state_dict().items()}
    net.summary()
    assert net.training
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


def test_a_summary_prints_as_a_table():
    text = str(make_net(IMAGE, ConvBlock(depth=1), OutputBlock(num_classes=2)).summary())
    for word in ("block", "multiply-adds", "conv", "512", "1,026", "1,106"):
        assert word in text


def test_a_notebook_shows_picture_and_table():
    pytest.importorskip("matplotlib", reason="the extra `diagram` is not installed")
    page = make_net(IMAGE, FlattenBlock())._repr_html_()
    assert page.count("<img") == page.count("<table") == 1
    assert "<small>" not in page
    assert Net()._repr_html_().startswith("<pre>")


def test_what_is_not_compiled_cannot_be_seen():
    for look in (Net().summary, Net().diagram, lambda: Net().trace(np.zeros(3))):
        with pytest.raises(NotCompiledError):
            look()


# --- diagram

NETS = {
    "row": lambda: make_net(IMAGE, ConvBlock(), LinearBlock(), OutputBlock(num_classes=2)),
    "branches": branched,
    "words": lambda: make_net(
        spaces.Box(0, 9, (5,), np.int64),
        EmbeddingBlock(),
        AttentionBlock(),
        RecurrentBlock(),
        ResidualBlock(),
        NormBlock(),
        as_indices=True,
    ),
    "small": lambda: make_net(spaces.Box(0, 1, (2, 3)), FlattenBlock(), OutputBlock(num_classes=1)),
}


@pytest.mark.parametrize("make", NETS.values(), ids=NETS.keys())
def test_diagrams_are_drawn_in_every_format(make, tmp_path):
    pytest.importorskip("matplotlib", reason="the extra `diagram` is not installed")
    diagram = make().diagram()
    starts = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}
    for kind, start in starts.items():
        path = diagram.save(tmp_path / "pictures" / f"net.{kind}")
        assert path.read_bytes().startswith(start)
    assert diagram._repr_png_().startswith(starts["png"])


def test_the_same_net_gives_the_same_picture():
    pytest.importorskip("matplotlib", reason="the extra `diagram` is not installed")
    assert NETS["row"]().diagram().draw("svg") == NETS["row"]().diagram().draw("svg")


def test_cards_do_not_overlap_and_arrows_point_right():
    for make in NETS.values():
        layout = lay_out(make().nodes)
        places = list(layout.places.values())
        for i, (x, y) in enumerate(places):
            assert all(abs(x - other_x) > 2 or abs(y - other_y) > 2 for other_x, other_y in places[:i])
        for arrow in layout.arrows:
            assert layout.places[arrow.source][0] < layout.places[arrow.target][0]


def test_branches_stand_one_above_the_other_and_meet_in_the_middle():
    net = branched()
    places = lay_out(net.nodes).places
    heights = {name: places[block][1] for name, block in net.blocks.items()}
    assert heights["conv"] > heights["join"] > heights["linear"]
    assert heights["input"] == heights["join"] == heights["dueling"]


def test_a_diagram_of_another_format(tmp_path):
    with pytest.raises(ConfigError, match=r"\.svg, \.png or \.pdf"):
        branched().diagram().save(tmp_path / "net.bmp")


def test_without_matplotlib_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match=r"csai-neural\[diagram\]"):
        branched().diagram().save(tmp_path / "net.svg")
    assert "<table" in branched()._repr_html_()
