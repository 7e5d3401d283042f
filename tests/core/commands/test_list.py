"""`csai list`."""

from __future__ import annotations


def test_list_shows_every_kind_that_there_is(shown, csai):
    output = csai("list").output
    for text in ("Shown/Game-v0", "guess_well", "Guesses [at] random.", "round", "shown", "commands"):
        assert text in output


def test_environments_are_listed_with_the_first_line_of_their_docstring(shown, csai):
    output = csai("list", "environments").output
    assert "A game of its own." in output
    assert "no_such_module:Game" in output


def test_list_of_one_kind(shown, csai):
    output = csai("list", "blocks").output
    assert "round" in output
    assert "guess_well" not in output


def test_list_of_nothing_says_so(csai, monkeypatch):
    monkeypatch.setenv("CSAI_PLUGINS", "")
    assert csai("list", "datasets").output == "There are no datasets: no installed plugin offers any.\n"


def test_list_of_an_unknown_kind_names_the_known_ones(csai):
    result = csai("list", "blokcs")
    assert result.exit_code == 1
    assert "No kind named 'blokcs'. Did you mean 'blocks'? Known: environments, blocks," in result.output
