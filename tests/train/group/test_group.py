"""The group of one process gives back what it is given, and is all that a training imports of this."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import torch

import csai_train
from csai_train.group import Group


def test_one_process_is_alone():
    group = Group()
    gradient, values = torch.ones(3), np.arange(3.0)
    assert group.is_main
    assert not group.is_shared
    assert (group.share(7), group.first(7)) == (7, 0)
    assert group.mean_gradient(gradient, 3, 0.5) == 0.5
    assert group.mean(values) is values
    assert group.merge_stats(3, values, values) == (3, values, values)
    assert group.any(True)
    assert not group.any(False)
    assert group.gather_states({"a": 1}) == [{"a": 1}]
    assert group.scatter_states([{"a": 1}]) == {"a": 1}
    assert group.broadcast_state(values) is values
    assert group.gather_rows(values) is values


def test_shares_are_as_even_as_can_be():
    groups = [Group() for _ in range(3)]
    for rank, group in enumerate(groups):
        group.rank, group.size = rank, 3
    assert [group.share(8) for group in groups] == [3, 3, 2]
    assert [group.first(8) for group in groups] == [0, 3, 6]


def test_one_process_imports_nothing_for_several():
    code = (
        "import sys; from csai_train import train; train('ppo', 'CartPole-v1', total_steps=1024);"
        "print([name for name in sys.modules if name.startswith('csai_train.group')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "torch_group" not in done.stdout
    assert "launch" not in done.stdout


def test_nobody_else_speaks_to_torch_distributed():
    sources = Path(csai_train.__file__).parent
    speaking = [path for path in sources.rglob("*.py") if "torch.distributed" in path.read_text()]
    assert {path.parent for path in speaking} == {sources / "group"}
