"""Output in any encoding and at any width, and JSON."""

from __future__ import annotations

import io
import json
import os
import re
import signal
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner
from rich.console import Console
from rich.text import Text

from csai_core.commands import PluginGroup, main
from csai_core.commands.output import console, print_json, print_rows
from csai_core.errors import CsaiError

ROWS = [("CSAI/Snake-v0", "Eat the apples, and do not bite yourself or the wall.", "1,234"), ("b", "", "7")]


@pytest.mark.parametrize("width", [20, 30, 40, 60, 200])
def test_no_name_is_cut_at_any_width(width):
    console = Console(file=io.StringIO(), width=width)
    print_rows(console, ("name", "what it is", "count"), ROWS, wraps="what it is", title="games")
    words = console.file.getvalue().split()
    assert {"CSAI/Snake-v0", "1,234", "7", "apples,"} <= set(words)
    assert "…" not in console.file.getvalue()


def test_wide_enough_it_is_a_table_with_numbers_to_the_right():
    console = Console(file=io.StringIO(), width=200)
    print_rows(console, ("name", "what it is", "count"), ROWS, wraps="what it is")
    heading, first, second = console.file.getvalue().splitlines()
    assert heading.split() == ["name", "what", "it", "is", "count"]
    assert first.index("1,234") + 5 == second.index("7") + 1


def test_what_is_no_number_in_json_is_null(capsys):
    print_json({"a": float("nan"), "b": np.array([1.0, np.inf]), "c": (np.int64(3), None, True), "d": object})
    assert json.loads(capsys.readouterr().out) == {
        "a": None,
        "b": [1.0, None],
        "c": [3, None, True],
        "d": "<class 'object'>",
    }


@pytest.mark.parametrize("colors", [None, "standard"])
def test_no_text_is_obeyed_wherever_it_comes_from(colors):
    out = io.StringIO()
    on = console(file=out, force_terminal=colors is not None, color_system=colors, width=60)
    evil = "\x1b]0;title\x9b31m\u202e"
    on.print(evil)
    on.print(f"[bold]{evil}[/bold]", Text(evil, "red"))
    print_rows(on, ["name"], [[evil]])
    text = re.sub(r"\x1b\[[0-9;]*m", "", out.getvalue())
    assert text.count(r"\x1b]0;title\x9b31m\u202e") == 4
    assert not set(text) & set("\x1b\x9b\u202e")


@pytest.mark.parametrize("error", [CsaiError, click.ClickException, RuntimeError])
def test_errors_spell_out_what_a_terminal_would_obey(monkeypatch, error):
    @click.command("odd")
    def command():
        raise error("\x1b[31mred\x07\nsecond line")

    monkeypatch.setattr(PluginGroup, "get_command", lambda self, ctx, name: command)
    result = CliRunner().invoke(main, ["odd"])
    assert result.exit_code == 1
    assert not set(result.output) & set("\x1b\x07")
    assert r"\x1b[31mred\x07" in result.output


COMMANDS = sorted((Path(__file__).parents[3] / "packages").glob("*/src/*/commands/*.py"))


@pytest.mark.parametrize("source", COMMANDS, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_every_command_prints_on_such_a_console(source):
    made = re.findall(r"(?<![\w.])Console\(", source.read_text())
    assert len(made) == 0 or source.name == "output.py"


def test_ctrl_c_in_the_middle_of_a_print_prints_nothing_twice(capsys):
    class Interrupting:
        def __rich_console__(self, console, options):
            yield Text("above")
            os.kill(os.getpid(), signal.SIGINT)
            yield Text("below")

    screen = console()
    with pytest.raises(KeyboardInterrupt):
        screen.print(Interrupting())
    screen.print("last words")
    assert capsys.readouterr().out.split() == ["above", "below", "last", "words"]
