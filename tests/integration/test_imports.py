"""Importing a package, or its hooks, is cheap and drags no other world in."""

from __future__ import annotations

import subprocess
import sys

import pytest

CHEAP = (
    "csai_core",
    "csai_envs",
    "csai_envs.hooks",
    "csai_neural",
    "csai_neural.hooks",
    "csai_train.hooks",
    "CoderSchoolAI.hooks",
)


@pytest.mark.parametrize("module", CHEAP)
def test_importing_loads_neither_torch_nor_pygame(module):
    code = f"import {module}, sys; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(ran.stdout.split()) & {"torch", "torchvision", "pygame", "matplotlib"} == set()


def test_importing_envs_leaves_the_plugins_of_others_alone():
    code = "import csai_envs, sys; print(*(m for m in sys.modules if m.endswith('.hooks')))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(ran.stdout.split()) <= {"csai_envs.hooks"}
