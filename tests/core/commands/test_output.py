"""Output in any encoding and at any width, and JSON."""

from __future__ import annotations

import io
import json
import sys

import numpy as np
import pytest
from rich.console import Console

from csai_core.commands.output import in_any_encoding, print_json, print_rows

ROWS = [("CSAI/Snake-v0", "Eat the apples, and do not bite yourself or the wall.", "1,234"), ("b", "", "7")]


@pytest.mark.parametrize(
    ("encoding", "printed"),
    [("ascii", "+ a...b u ?"), ("cp1252", "+ a…b ü ?"), ("utf-8", "✓ a…b ü 蛇")],
)
def test_every_encoding_takes_every_text(monkeypatch, encoding, printed):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    with in_any_encoding():
        print("✓ a…b ü 蛇", end="", flush=True)
    assert stream.buffer.getvalue().decode(encoding) == printed
    assert stream.errors == "strict"


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
