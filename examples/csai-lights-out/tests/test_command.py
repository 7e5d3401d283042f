"""The command, as people type it."""

import pytest
from click.testing import CliRunner
from csai_core.commands import main
from csai_core.testing import CommandSuite


class TestCommand(CommandSuite):
    """Everything a command should pass."""

    entry_name = "lights_out"
    words = ("**.", "*..", "...")


def csai(*arguments):
    """What `csai` prints, and whether it succeeds."""
    result = CliRunner().invoke(main, arguments)
    return result.output, result.exit_code == 0


def test_it_tells_which_lamps_to_press():
    assert csai("lights-out", "**.", "*..", "...") == ("Press 1 lamp, in any order:\nx..\n...\n...\n", True)
    assert csai("lights-out", ".*", "*.")[0] == "Press 2 lamps, in any order:\n.x\nx.\n"


def test_it_says_what_cannot_be_solved():
    output, is_fine = csai("lights-out", "*....", *["....."] * 4)
    assert not is_fine
    assert "cannot be solved" in output


@pytest.mark.parametrize("rows", [("*",), ("**", "*"), ("*?", "..")])
def test_it_says_what_is_no_board(rows):
    output, is_fine = csai("lights-out", *rows)
    assert not is_fine
    assert "is no board" in output
