"""Text from elsewhere is shown and never obeyed."""

from __future__ import annotations

import os
import shutil
import subprocess

import gymnasium
import pytest
from rich.text import Text

from csai_core.terminal import as_markup, as_typed, marked, printable, without_colors


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


@pytest.mark.parametrize("name", ["runs/snake", "käse-日本.1"])
def test_a_plain_name_is_typed_as_it_is(name):
    assert as_typed(name).strip("'") == name


@pytest.mark.skipif(os.name == "nt" or not shutil.which("bash"), reason="needs bash")
@pytest.mark.parametrize(
    "name",
    [
        "runs/a",
        "my run",
        "it's",
        "$(touch x)",
        "a;b&c",
        "<script>",
        "*",
        "back\\slash",
        "e\x1b[31m",
        "\x1b\\'\n$HOME x",
    ],
)
def test_a_shell_takes_what_is_typed_as_one_word(name):
    line = f"printf %s {as_typed(name)}"
    assert printable(line) == line
    said = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
    assert said.stdout == name


def test_colors_are_left_out_and_nothing_else():
    assert without_colors("\x1b[41mS\x1b[0mFF\nH[0m") == "SFF\nH[0m"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("  (Down)\nS\x1b[41mF\x1b[0mFF\nFHFH", "  (Down)\nS[F]FF\nF H FH"),
        (
            "+---+\n|\x1b[35mR\x1b[0m: |\n|\x1b[34;1m\x1b[43mB\x1b[0m\x1b[0m: |",
            "+-------+\n| (R) : |\n|<[B]>: |",
        ),
        ("\x1b[48;5;1mab\x1b[0m cdefghij", "[a][b] cdefghij"),
        ("\x1b[1;38;5;45ma\x1b[0mbcd", "<a>bcd"),
        ("\x1b[32ma\x1b[31mb\x1b[0m", "ab"),
        ("plain\n\ntext", "plain\n\ntext"),
        ("", ""),
    ],
    ids=["a background", "several", "a row of places", "of 256 colors", "decoration", "none", "nothing"],
)
def test_what_colors_say_of_places_characters_say_without_them(text, told):
    assert marked(text) == told


@pytest.mark.parametrize("env_id", ["FrozenLake-v1", "Taxi-v4"])
def test_the_player_is_marked_in_games_of_gymnasium(env_id):
    env = gymnasium.make(env_id, render_mode="ansi")
    env.reset(seed=1)
    for action in (1, 2, 1):
        text = marked(str(env.render()))
        assert text.count("[") == text.count("]") == 1
        assert "\x1b" not in text
        env.step(action)
    env.close()
