"""Findings as people read them."""

from __future__ import annotations

import io

from rich.console import Console

from csai_train.commands.findings import print_findings
from csai_train.health import Finding


def test_a_strangers_words_are_not_taken_for_markup():
    screen = Console(file=io.StringIO(), width=200)
    odd = Finding("my:sticky_floor", 1200, "note", "It [bold]sticks[/bold].", "Glue.\x1b[31m", "--floor dry")
    print_findings(screen, [odd], say_when=True)
    shown = screen.file.getvalue()
    assert "Health: sticky floor (note, after 1,200 steps)" in shown
    assert "[bold]sticks[/bold]" in shown
    assert "\x1b" not in shown


def test_what_is_gone_takes_a_line_and_only_where_it_is_not_seen_again():
    screen = Console(file=io.StringIO(), width=200)
    flickers = Finding("flickers", 10, "warning", "a", "b", "c", gone_since=20)
    left = Finding("no_better_than_random", 10, "warning", "a", "b", "c", gone_since=4000)
    print_findings(screen, [flickers, left, Finding("flickers", 30, "warning", "d", "e", "f")])
    shown = screen.file.getvalue()
    assert "no better than random: not seen any more since step 4,000" in shown
    assert shown.count("flickers") == 1
    assert shown.count("Try first") == 1
