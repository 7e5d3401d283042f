"""Importing CoderSchoolAI is cheap and silent; its environments load no torch."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module",
    [
        "CoderSchoolAI",
        "CoderSchoolAI.hooks",
        "CoderSchoolAI.Environments.CoderSchoolEnvironments.SnakeEnvironment",
        "CoderSchoolAI.Environments.Shell",
    ],
)
def test_importing_is_silent_and_loads_neither_torch_nor_pygame(module):
    code = f"import {module}, sys; assert not {{'torch', 'pygame'}} & {{*sys.modules}}"
    command = [sys.executable, "-W", "error", "-c", code]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr) == ("", "")
