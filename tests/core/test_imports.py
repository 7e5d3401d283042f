"""What csai-core may import: looking around must stay cheap, whatever is installed."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"torch", "torchvision", "pygame", "matplotlib"}


def imported_by(statement):
    """The heavy modules that a fresh interpreter holds after running a statement."""
    code = f"{statement}\nimport sys\nprint('LOADED', *sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return HEAVY & set(ran.stdout.rpartition("LOADED")[2].split())


def command(*arguments):
    return f"from csai_core.commands import main; main({list(arguments)!r}, standalone_mode=False)"


@pytest.mark.parametrize(
    "statement",
    [
        "import csai_core",
        "import csai_core; csai_core.register_envs()",
        command("--help"),
        command("list"),
        command("plugins"),
    ],
)
def test_looking_around_imports_nothing_heavy(statement):
    assert imported_by(statement) == set()


def test_importing_csai_core_loads_no_plugin():
    code = "import csai_core, sys; assert 'csai_core.hooks' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_check_itself_sees_what_is_imported():
    assert imported_by("import types, sys; sys.modules['torch'] = types.ModuleType('torch')") == {"torch"}
