"""Explanations in rows: at most ten, the best among many, parts one by one or in short."""

import pytest

from csai_core.explanation import Amount, Explanation, Options
from csai_core.thoughts.rows import Choice, Heading, number_words, percent, rows_of


def options(count, chosen=0, values=None, chances=None, allowed=None, name=""):
    names = tuple(f"a{i}" for i in range(count))
    return Options(name, names, chosen, values, chances, allowed or (True,) * count)


def shown(*parts, **settings):
    return rows_of(Explanation(None, parts, None), **settings)


def test_values_have_signs_and_what_is_taken_tied_and_forbidden_has_a_word():
    rows = shown(options(4, 1, values=(-0.5, 2.0, 2.0, 9.0), allowed=(True, True, True, False)))
    assert rows.title == "Return expected after each action"
    assert [row.words for row in rows.rows] == ["-0.50", "+2.00", "+2.00", "+9.00"]
    assert [row.mark for row in rows.rows] == ["", "takes", "ties", "forbidden"]
    assert not any(row.is_chance for row in rows.rows)


def test_chances_are_percentages():
    rows = shown(options(3, 2, chances=(0.001, 0.099, 0.9)))
    assert rows.title == "How likely each action is"
    assert [row.words for row in rows.rows] == ["<1%", "10%", "90%"]
    assert all(row.is_chance for row in rows.rows)


def test_an_agent_that_tells_no_numbers_tells_what_it_does():
    rows = shown(options(2, 1))
    assert rows.title == "What it does"
    assert rows.rows == (Choice("a0", None, "", "", False), Choice("a1", None, "", "takes", False))


@pytest.mark.parametrize("count", [11, 18, 300])
def test_of_many_choices_the_best_ten_are_seen_in_their_order_and_the_taken_one(count):
    values = tuple(float(i % 13) for i in range(count))
    rows = shown(options(count, 0, values=values))
    names = [int(row.name[1:]) for row in rows.rows]
    assert len(names) == 10
    assert names == sorted(names)
    assert 0 in names  # the worst, but taken
    assert set(names) - {0} <= set(sorted(range(count), key=lambda i: -values[i])[: 9 + count // 13])
    assert rows.more == f"and {count - 10} more"


def test_ten_choices_are_all_shown():
    rows = shown(options(10, 0, values=tuple(map(float, range(10)))))
    assert (len(rows.rows), rows.more) == (10, "")


def test_forbidden_choices_are_left_out_first():
    allowed = (False,) * 5 + (True,) * 10
    rows = shown(options(15, 6, values=(9.0,) * 5 + (1.0,) * 10, allowed=allowed))
    assert [row.name for row in rows.rows] == [f"a{i}" for i in range(5, 15)]


def test_parts_that_fit_are_shown_whole_under_their_names():
    amount = Amount("push", 0.5, -1.0, 1.0, 0.4, 0.1)
    rows = shown(options(3, chances=(0.5, 0.3, 0.2), name="turn"), options(2, name="jump"), amount)
    assert [row.name for row in rows.rows] == ["turn", "a0", "a1", "a2", "jump", "a0", "a1", "push"]
    assert isinstance(rows.rows[0], Heading)
    assert rows.rows[-1] is amount


def test_parts_that_do_not_fit_are_one_row_each_with_what_is_taken_in_them():
    parts = [options(4, i % 4, chances=(0.1, 0.2, 0.3, 0.4), name=str(i)) for i in range(22)]
    rows = shown(*parts)
    assert [row.name for row in rows.rows] == [f"{i}: a{i % 4}" for i in range(10)]
    assert [row.words for row in rows.rows[:4]] == ["10%", "20%", "30%", "40%"]
    assert rows.more == "and 12 more"


def test_many_numbers_are_cut_as_well():
    parts = [Amount(str(i), 0.0, -1.0, 1.0, None, None) for i in range(22)]
    rows = shown(*parts)
    assert rows.title == "How much of each"
    assert (len(rows.rows), rows.more) == (10, "and 12 more")


def test_fewer_rows_are_shown_where_there_is_less_room():
    rows = shown(options(4, 0, values=(1.0, 4.0, 3.0, 2.0)), most=2)
    assert [row.name for row in rows.rows] == ["a0", "a1"]
    assert rows.more == "and 2 more"


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((63.51, 60.4), ["+63.5", "+60.4"]),
        ((63.511, 63.509), ["+63.5110", "+63.5090"]),
        ((0.0, 0.0), ["+0", "+0"]),
        ((1234.0, -5.0), ["+1234", "-5"]),
        ((0.001, -0.0002), ["+0.00100", "-0.00020"]),
        ((float("nan"), 1.0), ["?", "+1.00"]),
        ((float("-inf"), 1.0), ["?", "+1.00"]),
        ((), []),
    ],
)
def test_numbers_have_as_many_decimals_as_tell_the_best_two_apart(numbers, words):
    assert number_words(numbers) == words


@pytest.mark.parametrize(
    ("chance", "words"),
    [(0.0, "0%"), (1e-9, "<1%"), (0.5, "50%"), (0.9999, ">99%"), (1.0, "100%"), (float("nan"), "?")],
)
def test_only_what_is_certain_looks_so(chance, words):
    assert percent(chance) == words
