"""What all tests of networks share."""

import sys

import pytest
import torch

from csai_core.plugins import installed

HOOKS = """
from csai_core import Entry, hookimpl

@hookimpl
def csai_blocks():
    return [Entry(name="times", target="stranger_blocks:TimesBlock")]

@hookimpl
def csai_networks():
    return [Entry(name="tripled", target="stranger_blocks:tripled")]
"""
BLOCKS = """
from csai_neural import Block, InputBlock, Net

class TimesBlock(Block):
    def __init__(self, factor: float, rounds=1, device=None):
        super().__init__(device)
        self.factor, self.rounds = factor, rounds

    def build(self, input_shape):
        return input_shape

    def forward(self, x):
        return x * self.factor ** self.rounds

def tripled(observation_space):
    net = Net("tripled")
    net.add_block(InputBlock(observation_space))
    net.add_block(TimesBlock(3.0))
    return net
"""


@pytest.fixture(autouse=True)
def _same_weights_every_time():
    torch.manual_seed(0)


@pytest.fixture
def _stranger(tmp_path_factory, monkeypatch):
    """An installed plugin `stranger` with the block `times` and the network `tripled`."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "stranger_hooks.py").write_text(HOOKS)
    (folder / "stranger_blocks.py").write_text(BLOCKS)
    info = folder / "stranger-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[csai]\nstranger = stranger_hooks\n")
    monkeypatch.syspath_prepend(str(folder))
    installed.cache_clear()
    yield
    installed.cache_clear()
    for module in ("stranger_hooks", "stranger_blocks"):
        sys.modules.pop(module, None)
