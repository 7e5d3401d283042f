"""Thoughts as text: within the width, in plain ASCII, with bars as long as their numbers."""

import numpy as np
import pytest

from csai_core.explanation import Amount, Explanation, Options
from csai_core.thoughts import History, Scale, thought_lines

WIDTHS = [40, 60, 80, 120]


def options(values=None, chances=None, chosen=0, allowed=None, name="", names=None):
    count = len(values or chances or names)
    names = tuple(names or (f"action {i}" for i in range(count)))
    return Options(name, names, chosen, values, chances, allowed or (True,) * count)


def lines(*parts, width=80, steps=0, value=0.5, **what):
    thought = Explanation([part.chosen for part in parts], parts, value)
    history = History(thought, gamma=0.9)
    for step in range(steps):
        history.note([0], float(step % 2), terminated=False, explanation=thought, **what)
    scale = Scale()
    scale.include(history)
    return thought_lines(history, scale, width)


def bars(shown, letter="#"):
    return [line.count(letter) for line in shown]


HARD = {
    "values": [options(values=(1.0, 0.5, -0.25), allowed=(True, True, False))],
    "chances": [options(chances=(0.2, 0.8), chosen=1)],
    "names of elsewhere": [options(values=(1.0, 0.5), names=("左", "\x1b[31mred\n" + "x" * 90))],
    "not finite": [options(values=(float("nan"), float("inf"), 1.0))],
    "many": [options(values=tuple(map(float, range(18))))],
    "many parts": [options(chances=(0.3, 0.7), name=f"part {i}") for i in range(22)],
    "numbers": [Amount("gas", 0.3, 0.0, 1.0, 0.2, 0.1), Amount("steer", -1e9, None, None, None, None)],
    "nothing told": [options(names=("a", "b"))],
}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
@pytest.mark.parametrize("name", HARD)
def test_every_line_fits_and_can_be_printed_anywhere(name, encoding, width):
    parts = {"a part with \x1b[2J in it": 1.0, "日本": -0.5}
    shown = lines(*HARD[name], width=width, steps=70, reward_parts=parts)
    assert all(len(line) <= width for line in shown)
    assert all(line.isprintable() and line == line.rstrip() for line in shown)
    assert [line.encode(encoding).decode(encoding) for line in shown] == shown
    assert all(line.isascii() for line in shown)


@pytest.mark.parametrize("width", WIDTHS)
def test_bars_are_as_long_as_their_numbers(width):
    full, half, nothing = bars(lines(options(values=(1.0, 0.5, 0.0)), width=width)[1:4])
    assert full >= 5
    assert half == pytest.approx(full / 2, abs=1)
    assert nothing == 0


def test_numbers_below_zero_go_the_other_way_with_another_letter():
    _, above, below, *_ = lines(options(values=(1.0, -1.0)), width=80)
    assert bars([above, below]) == [above.count("#"), 0]
    assert below.count("-", below.index("+") if "+" in below else 25) == pytest.approx(
        above.count("#"), abs=1
    )
    assert above.index("|") == pytest.approx(below.index("|"), abs=1)


def test_what_is_taken_tied_and_forbidden_is_said_in_words():
    shown = lines(options(values=(1.0, 1.0, 0.5, 9.0), allowed=(True, True, True, False)))
    assert shown[0] == "Return expected after each action (0 to +1)"
    assert [word for line in shown[1:5] for word in ("takes", "ties", "forbidden") if word in line] == [
        "takes",
        "ties",
        "forbidden",
    ]
    assert bars(shown)[4] == 0


def test_a_number_of_a_box_stands_on_its_line():
    line = lines(Amount("gas", 1.0, -1.0, 3.0, 1.0, 1.0), width=80)[1]
    drawn = line[line.index("|") : line.rindex("|") + 1]
    assert drawn.index("V") == pytest.approx((len(drawn) - 1) / 2, abs=1)
    assert drawn.count("=") + 1 == pytest.approx((len(drawn) - 1) / 2, abs=2)


def test_the_last_step_is_told_with_its_parts_and_its_surprise():
    *_, told, shades = lines(options(values=(1.0, 0.5)), steps=2, reward_parts={"food": 2.0, "step": 0.0})
    assert told == "value +0.5; reward +1 (food +2); surprise +0.95: better"
    assert shades.startswith("values . to @: ")
    assert len(shades) == len("values . to @: ") + 3


def test_in_few_columns_the_last_step_is_told_in_two_lines():
    *_, told, surprise, _ = lines(
        options(values=(1.0, 0.5)), width=44, steps=2, reward_parts={"food": 2.0, "step": 0.0}
    )
    assert (told, surprise) == ("value +0.5; reward +1 (food +2)", "surprise +0.95: better")


def test_an_agent_that_says_nothing_says_so_and_rewards_are_told():
    history = History(None)
    history.note(0, -1.0, terminated=False)
    assert thought_lines(history, Scale(), 60) == ["This agent does not say what it thinks.", "reward -1"]


def test_the_last_thought_stays_after_the_end():
    history = History(Explanation(0, (options(values=(1.0, 0.5)),), 1.0), gamma=1.0)
    history.note(0, 1.0, terminated=True, is_over=True)
    shown = thought_lines(history, Scale(), 60)
    assert "takes" in shown[1]
    assert shown[3] == "value 0; reward +1; as expected"


def test_values_are_darker_the_higher_they_are():
    history = History(Explanation(0, (options(values=(1.0, 0.5)),), 0.0), gamma=1.0)
    for value in np.linspace(0, 1, 9):
        thought = Explanation(0, (options(values=(1.0, 0.5)),), float(value))
        history.note(0, 0.0, terminated=False, explanation=thought)
    scale = Scale()
    scale.include(history)
    shades = thought_lines(history, scale, 80)[-1].removeprefix("values . to @: ")
    levels = [" .:-=+*#%@".index(letter) for letter in shades]
    assert levels == sorted(levels)
    assert (levels[0], levels[-1]) == (1, 9)


def test_in_few_columns_numbers_and_words_stand_closer_so_that_all_are_told():
    history = History(Explanation(1, (Options("", ("up", "down"), 1, None, (0.2, 0.8), (True, True)),), None))
    scale = Scale()
    scale.include(history)
    assert thought_lines(history, scale, 24)[1:3] == [" up   20%       ##", " down 80% takes ######"]
    assert thought_lines(history, scale, 60)[1].startswith(" up        20%           ##")
