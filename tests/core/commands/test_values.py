"""Numbers and files as people type them."""

from __future__ import annotations

import click
import pytest

from csai_core.commands.values import COUNT, SEED, Number, OutputFile, Whole


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7),
        ("100_000", 100_000),
        ("1,000,000", 1_000_000),
        ("1e6", 10**6),
        (" 3 ", 3),
        ("2.0", 2),
        (5, 5),
    ],
)
def test_counts_are_taken_as_people_write_them(text, number):
    assert COUNT.convert(text, None, None) == number


@pytest.mark.parametrize("text", ["", "1.5", "1e-3", "nan", "inf", "1e999", "many", "0", "-1", "9" * 40, "²"])
def test_what_counts_nothing_is_refused_by_name(text):
    with pytest.raises(click.BadParameter) as raised:
        COUNT.convert(text, None, None)
    assert text in raised.value.message


def test_limits():
    assert SEED.convert(str(2**64 - 1), None, None) == 2**64 - 1
    with pytest.raises(click.BadParameter, match="at most"):
        SEED.convert(str(2**64), None, None)
    assert Whole().convert("-3", None, None) == -3


@pytest.mark.parametrize(
    ("text", "number"), [("0.5", 0.5), ("1e-3", 1e-3), ("-2", -2.0), ("1_0.5", 10.5), (3, 3.0)]
)
def test_numbers(text, number):
    assert Number().convert(text, None, None) == number


@pytest.mark.parametrize("text", ["", "nan", "inf", "-inf", "1e999", "much", "0", "-1"])
def test_what_is_no_number_or_too_small_is_refused_by_name(text):
    with pytest.raises(click.BadParameter) as raised:
        Number(above=0).convert(text, None, None)
    assert text in raised.value.message


def test_a_file_to_write_is_refused_before_the_work_is_done(tmp_path):
    assert OutputFile(".png").convert(str(tmp_path / "a.PNG"), None, None) == tmp_path / "a.PNG"
    for name, kind in (
        ("", OutputFile()),
        (str(tmp_path), OutputFile()),
        ("a.jpg", OutputFile(".png", ".svg")),
    ):
        with pytest.raises(click.BadParameter):
            kind.convert(name, None, None)


def test_a_file_where_nothing_can_be_written_is_refused_before_the_work(tmp_path, monkeypatch):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(click.BadParameter, match=r"nothing can be written to .*notes\.txt\."):
        OutputFile().convert(str(tmp_path / "notes.txt" / "a.png"), None, None)
    assert OutputFile().convert(str(tmp_path / "new" / "a.png"), None, None) == tmp_path / "new" / "a.png"
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(click.BadParameter, match="nothing can be written to"):
        OutputFile().convert(str(tmp_path / "a.png"), None, None)
