"""What a plugin prints while it is loaded is passed on in a line."""

from __future__ import annotations

import logging
import sys

import pytest

from csai_core.plugins.overheard import overheard


def test_a_short_line_is_passed_on_as_it_is(capsys):
    with overheard("mine"):
        print("hello")
    assert capsys.readouterr() == ("", "hello\n")


@pytest.mark.parametrize(("length", "is_whole"), [(200, True), (201, False)])
def test_how_long_a_short_line_is(length, is_whole, capsys):
    with overheard("mine"):
        print("x" * length)
    assert (capsys.readouterr().err == "x" * length + "\n") == is_whole


def test_of_much_only_the_beginning_is(capsys):
    with overheard("mine"):
        print("one\ntwo")
    assert capsys.readouterr().err == "Plugin 'mine' printed 8 characters while it was loaded: one two…\n"


def test_it_is_passed_on_where_the_code_fails(capsys):
    with pytest.raises(KeyError), overheard("mine"):
        raise KeyError(print("hello"))
    assert capsys.readouterr().err == "hello\n"


def test_a_handler_of_logs_that_was_made_meanwhile_goes_on(capsys):
    with overheard("mine"):
        handler = logging.StreamHandler()
    handler.emit(logging.makeLogRecord({"msg": "later"}))
    assert capsys.readouterr().err == "later\n"


def test_a_stream_that_was_replaced_is_left_to_others(monkeypatch):
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    with overheard("mine"):
        sys.stdout = None
    assert sys.stdout is None
