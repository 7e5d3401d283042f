"""`csai show`."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("name", ["guess_well", "guess-well"])
def test_show_explains_an_algorithm_with_its_options(shown, csai, name):
    output = csai("show", name).output
    for text in (
        "guess_well  algorithm",
        "Guesses [at] random.",
        "Pascal 1654",
        "from plugin shown",
        "luck",
        "0.5",
        "How lucky. More [is] better.",
    ):
        assert text in output


def test_show_explains_an_entry_without_config_by_its_signature_and_docstring(shown, csai):
    output = csai("show", "round").output
    assert "Round(digits=0)" in output
    assert "digits: how many [digits] stay." in output


def test_show_explains_an_environment(shown, csai):
    output = csai("show", "Shown/Game-v0").output
    for text in (
        "from plugin shown",
        "size=3",
        "truncated after 7 steps",
        "Game(size=2)",
        "A game of its own.",
    ):
        assert text in output


def test_show_explains_gymnasiums_own_environments(csai):
    assert "FrozenLakeEnv" in csai("show", "FrozenLake-v1").output


def test_show_explains_a_command_by_its_help(csai):
    assert "Usage: csai list" in csai("show", "list").output


def test_show_of_an_environment_that_cannot_be_imported(shown, csai):
    result = csai("show", "Shown/Lost-v0")
    assert result.exit_code == 1
    assert "'no_such_module:Game', but that cannot be imported: ModuleNotFoundError" in result.output


@pytest.mark.parametrize(
    ("asked", "meant"), [("gues_wll", "guess_well"), ("Shown/Gane-v0", "Shown/Game-v0"), ("roumd", "round")]
)
def test_show_of_an_unknown_name_gives_the_nearest(shown, csai, asked, meant):
    result = csai("show", asked)
    assert result.exit_code == 1
    assert f"Did you mean '{meant}'?" in result.output


def test_show_of_a_name_that_two_plugins_offer_names_both(site, csai):
    site.install_block("alpha", "twice")
    site.install_block("zulu", "twice")
    result = csai("show", "twice")
    assert result.exit_code == 1
    assert "alpha, zulu" in result.output
