"""Text from elsewhere is shown and never obeyed."""

from __future__ import annotations

import pytest
from rich.text import Text

from csai_core.terminal import as_markup, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("a\rb\nc\td\x00\x7f", r"a\rb\nc\td\x00\x7f"),
        ("safe\u202egpj.exe", r"safe\u202egpj.exe"),
        ("\u2028\udc80\ue000\u200b", r"\u2028\udc80\ue000\u200b"),
        ("käse 日本 🐍 \xa0", "käse 日本 🐍 \xa0"),
        (3.5, "3.5"),
    ],
)
def test_what_a_terminal_would_obey_is_spelled_out(text, shown):
    assert printable(text) == shown


def test_what_may_stay_stays():
    assert printable("one\ntwo\x1b", keep="\n") == "one\ntwo\\x1b"


@pytest.mark.parametrize(
    "text", ["[bold]x[/bold]", "[/]", "\\[red]", "[link=file:///x]y[/link]", "x\\", "[@click=q]z"]
)
def test_brackets_are_no_styles(text):
    shown = Text.from_markup(f"[bold]{as_markup(text)}[/bold]")
    assert (shown.plain, [(span.start, span.end, span.style) for span in shown.spans]) == (
        text,
        [(0, len(text), "bold")],
    )
