"""`csai list` and `csai show`."""

from __future__ import annotations

import gymnasium
import pytest

SHOWN = '''
from __future__ import annotations
import dataclasses
from csai_core import Entry, hookimpl
from gymnasium.envs.registration import EnvSpec

@hookimpl
def csai_algorithms():
    return [Entry(name="guess_well", target="csai_shown_hooks:Guesser", config="csai_shown_hooks:GuessConfig",
                  summary="Guesses [at] random.", reference="Pascal 1654")]

@hookimpl
def csai_blocks():
    return [Entry(name="round", target="csai_shown_hooks:Round", summary="Rounds.")]

@hookimpl
def csai_environments():
    return [EnvSpec(id="Shown/Game-v0", entry_point="csai_shown_hooks:Game", max_episode_steps=7,
                    kwargs={"size": 3}),
            EnvSpec(id="Shown/Lost-v0", entry_point="no_such_module:Game")]

@dataclasses.dataclass(frozen=True)
class GuessConfig:
    luck: float = 0.5
    """How lucky. More [is] better."""

class Guesser: ...

class Round:
    """Rounds every number.

    Args:
        digits: how many [digits] stay.
    """
    def __init__(self, digits: int = 0) -> None: ...

class Game:
    """A game of its own."""
    def __init__(self, size: int = 2): ...
'''


@pytest.fixture
def shown(site):
    """A plugin with one of each; its ids are taken out of Gymnasium's registry afterwards."""
    site.install("shown", SHOWN)
    yield site
    for environment_id in ("Shown/Game-v0", "Shown/Lost-v0"):
        gymnasium.registry.pop(environment_id, None)


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
    assert result.exit_code == 2
    assert "'blocks'" in result.output


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
    ("asked", "meant"), [("guess_wel", "guess_well"), ("Shown/Gane-v0", "Shown/Game-v0"), ("roumd", "round")]
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
