"""docs/commands.md and llms.txt are what the commands say of themselves."""

import runpy
from pathlib import Path

import pytest

from csai_core.plugins import installed
from csai_core.plugins.discovery import OURS
from csai_core.plugins.entry import as_typed

ROOT = Path(__file__).parents[2]
MAKE = ROOT / "docs" / "make_commands_page.py"


@pytest.mark.parametrize(("function", "path"), [("page", "docs/commands.md"), ("llms", "llms.txt")])
def test_the_page_is_what_the_commands_say(function, path):
    lines = runpy.run_path(str(MAKE))[function]()
    text = (ROOT / path).read_text("utf-8")
    assert text == "\n".join(lines).rstrip("\n") + "\n", "It is made by: python docs/make_commands_page.py"


def test_every_command_of_ours_is_there():
    text = (ROOT / "docs" / "commands.md").read_text("utf-8")
    for name, entry in installed().entries("commands").items():
        if entry.plugin in OURS and not entry.is_inner:
            assert f"### csai {as_typed(name)}\n" in text
