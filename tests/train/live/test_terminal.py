"""A training in a terminal of any size and any letters: compared by what it says."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest
from rich.console import Console

from csai_core.explanation import Amount, Explanation, Options
from csai_core.thoughts import Mind
from csai_train.live.account import Account
from csai_train.live.facts import Facts
from csai_train.live.terminal import Page, Scene
from csai_train.runs.events_file import read_events


def mind_of(thought):
    """A mind that thinks so at the beginning of a game."""
    mind = Mind(SimpleNamespace(explain=lambda state, mask: thought, gamma=None, is_sampling=False))
    mind.begin(SimpleNamespace(observation=0, info={}, is_over=False, present=lambda agent: agent))
    return mind


CHOICE = Options("", ("left", "nothing", "right"), 2, None, (0.1, 0.2, 0.7), (True, False, True))
SCENE = Scene(
    "\n".join(". " * 16 for _ in range(16)) + "\nScore 0",
    ("game 1", "step 7", "score 2"),
    "after 2,048 steps",
    mind_of(Explanation(2, (CHOICE,), 1.5)),
)


class Terminal(io.StringIO):
    encoding = "utf-8"


def page(facts, account, width, height, scene=SCENE, encoding="utf-8"):
    file = Terminal()
    file.encoding = encoding
    console = Console(file=file, width=width, height=height, force_terminal=True, color_system=None)
    console.print(Page(facts, console).draw(account, scene, "Ctrl-C leaves."))
    return file.getvalue().rstrip("\n").split("\n")


@pytest.fixture
def account(finished):
    account = Account()
    account.include(read_events(finished.path))
    return account


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize(("width", "height"), [(60, 36), (80, 24), (120, 40)])
def test_everything_is_told_in_every_terminal(finished, account, width, height, encoding):
    account.include([{"event": "warning", "steps": 3000, "message": "The disk is full."}])
    lines = page(Facts(finished), account, width, height, encoding=encoding)
    assert len(lines) < height
    assert max(map(len, lines)) < width
    text = " ".join(" ".join(lines).split())
    for told in (
        "FrozenLake-v1 by q_learning", "complete", "3,000 of 3,000 steps", "goal 0.7", "random ",
        "2% of steps at random", "games", "after 2,048 steps", "70% takes", "forbidden", "value +1.5",
        "game 1", "The disk is full.", "Ctrl-C leaves.", ". . . . . . . . . . . . . . . .",
    ):  # fmt: skip
        assert told in text
    assert text.isascii() == (encoding == "ascii")


def test_a_wide_terminal_has_the_game_beside_the_curve_and_a_narrow_one_below(finished, account):
    facts = Facts(finished)
    wide, narrow = (page(facts, account, width, 40) for width in (120, 60))
    assert any(". . . ." in line and "│" in line for line in wide)
    assert not any(". . . ." in line and "│" in line for line in narrow)
    row = next(line for line in narrow if "takes" in line)
    assert row.startswith(". . .")


@pytest.mark.parametrize(("width", "height"), [(20, 5), (1, 1), (40, 12), (300, 100)])
def test_no_size_is_too_small_or_too_large(finished, account, width, height):
    lines = page(Facts(finished), account, width, height)
    assert len(lines) <= height


def test_it_can_be_drawn_before_anything_is_known(finished):
    text = "\n".join(page(Facts(finished), Account(), 80, 24, scene=None))
    assert "waiting" in text
    assert "not enough games have ended yet" in text


def test_texts_of_others_are_not_obeyed(finished, account):
    account.include([{"event": "warning", "steps": 9, "message": "x\x1b[2J[red]y"}])
    scene = SCENE._replace(text="\x1b[41mS\x1b[0mF\x07F\n" * 3)
    text = "\n".join(page(Facts(finished), account, 80, 30, scene))
    assert "\x1b[2J" not in text
    assert "\x07" not in text
    assert "[S]F\\x07F" in text
    assert "[red]y" in text


def test_a_long_finding_is_told_with_its_advice(finished):
    finding = {"event": "health", "steps": 9, "rule": "x", "level": "stop", "seen": "No number. " * 5,
               "means": "A step was too large.", "try_first": "A smaller learning rate."}  # fmt: skip
    account = Account()
    account.include([finding])
    for width in (60, 80, 120):
        lines = page(Facts(finished), account, width, 40, scene=None)
        assert "Try: A smaller learning rate." in " ".join(" ".join(lines).split())
        assert max(map(len, lines)) < width


def test_numbers_of_continuous_actions_are_told(finished, account):
    thought = Explanation([0.5], (Amount("", 0.5, -1.0, 1.0, 0.4, 0.2),), None)
    text = "\n".join(page(Facts(finished), account, 80, 30, SCENE._replace(mind=mind_of(thought))))
    (line,) = [line for line in text.split("\n") if " +0.5 takes " in line]
    assert "V" in line
    assert "==" in line


def test_of_many_choices_some_are_shown_and_the_chosen_one_is_among_them(finished, account):
    names = tuple(f"a{i}" for i in range(30))
    many = Options("", names, 25, tuple(map(float, range(30))), None, (True,) * 30)
    scene = SCENE._replace(mind=mind_of(Explanation(25, (many,), None)))
    text = "\n".join(page(Facts(finished), account, 80, 40, scene))
    (line,) = [line for line in text.split("\n") if "takes" in line]
    assert "a25" in line
    assert "and 22 more" in text
