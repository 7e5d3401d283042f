"""A network with a block that a plugin offers trains, goes on, is verified, evaluated and shown by name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HOOKS = """
from csai_core import Entry, hookimpl

@hookimpl
def csai_blocks():
    return [Entry(name="times", target="csai_times_block:TimesBlock")]

@hookimpl
def csai_networks():
    return [Entry(name="tripled", target="csai_times_block:tripled")]
"""
BLOCK = """
from csai_neural import Block, InputBlock, Net

class TimesBlock(Block):
    def __init__(self, factor: float):
        super().__init__()
        self.factor = factor

    def build(self, input_shape):
        return input_shape

    def forward(self, x):
        return x * self.factor

def tripled(observation_space):
    net = Net("tripled")
    net.add_block(InputBlock(observation_space))
    net.add_block(TimesBlock(3.0))
    return net
"""


@pytest.fixture(scope="module")
def plugin(tmp_path_factory):
    """A folder with an installed plugin."""
    site = tmp_path_factory.mktemp("site")
    (site / "csai_times_hooks.py").write_text(HOOKS)
    (site / "csai_times_block.py").write_text(BLOCK)
    info = site / "csai_times-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: csai-times\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[csai]\ntimes = csai_times_hooks\n")
    return site


def csai(folder, *arguments, site=None, status=0):
    paths = [str(site)] if site else []
    paths += [os.environ["PYTHONPATH"]] if "PYTHONPATH" in os.environ else []
    environ = {**os.environ, "COLUMNS": "150", "PYTHONPATH": os.pathsep.join(paths)}
    command = [str(Path(sys.executable).with_name("csai")), *map(str, arguments)]
    ran = subprocess.run(
        command, check=False, cwd=folder, capture_output=True, text=True, env=environ, timeout=200
    )
    assert ran.returncode == status, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


def test_a_strangers_block_trains_by_every_command(tmp_path, plugin):
    trained = ["--net", "tripled", "--total-steps", 600, "--episodes", 1, "--seed", 1, "--run-dir", "run"]
    said = csai(tmp_path, "train", "CartPole-v1", *trained, "--device", "cpu", site=plugin)
    assert "(backend torch, device cpu: " in said.partition("; the run is kept in")[0]
    again = ["--resume", "run", "--total-steps", 1200, "--episodes", 1]
    assert "Continuing run after" in csai(tmp_path, "train", *again, site=plugin)
    csai(tmp_path, "evaluate", "run", "--episodes", 1, "--device", "cpu", site=plugin)
    shown = csai(tmp_path, "show", "run", site=plugin)
    assert "TimesBlock" in shown
    assert "device cpu" in shown
    twin = ["--net", "tripled", "--total-steps", 600, "--episodes", 1, "--seed", 1, "--run-dir", "twin"]
    csai(tmp_path, "train", "CartPole-v1", *twin, site=plugin)
    assert "The same in everything" in csai(tmp_path, "verify", "twin", site=plugin)
    lost = csai(tmp_path, "evaluate", "run", "--episodes", 1, status=1)
    assert "the plugin 'times'" in lost
