"""`csai show`."""

from __future__ import annotations

import json

import pytest
from gymnasium import wrappers

from csai_core import wrapping
from csai_core.wrapping.settings import settings_of


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


def test_show_says_what_may_change_over_a_training(shown, csai):
    output = csai("show", "guess_well").output
    assert "How daring. May change." in output
    assert "What may change over a training takes a schedule too, in quotes: 'linear:3e-4->0'" in output
    (told,) = json.loads(csai("show", "guess_well", "--json").output)
    assert {each["name"]: each["may_change"] for each in told["options"]} == {"luck": False, "pluck": True}
    assert "May change" not in csai("show", "TimeLimit").output


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


@pytest.mark.filterwarnings("ignore::csai_core.plugins.PluginWarning")
def test_show_calls_a_command_as_it_is_typed(site, csai):
    site.install(
        "acme",
        "import click\nfrom csai_core import Entry, hookimpl\n\nhello = click.Command('list')\n\n@hookimpl\n"
        "def csai_commands():\n    return [Entry(name='list', target='csai_acme_hooks:hello')]\n",
    )
    told = csai("show", "acme:list").output
    assert "Usage: csai acme:list" in told
    assert "-h, --help" in told


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
    assert "alpha:twice, zulu:twice" in result.output


@pytest.mark.parametrize("typed", ["TimeLimit", "time-limit", "timelim"])
def test_show_explains_gymnasiums_wrappers_by_their_settings(csai, typed):
    output = csai("show", typed).output
    for text in (
        "TimeLimit  wrapper",
        "gymnasium.wrappers:TimeLimit, from Gymnasium",
        "typed as --wrap TimeLimit:max_episode_steps=…",
        "max_episode_steps  (needed)  the environment step after which",
        "Limits the number of steps",
    ):
        assert text in output
    assert ">>>" not in output


def test_show_explains_every_wrapper_of_gymnasium(csai):
    for name in wrapping.gymnasiums():
        result = csai("show", name, "--json")
        assert result.exit_code == 0, (name, result.output)
        (told,) = json.loads(result.stdout)
        assert (told["kind"], told["name"], told["plugin"]) == ("wrapper", name, None)
        assert told["explanation"]
        assert "env" not in [option["name"] for option in told["options"]]
        assert ("Callable" in str([each.type for each in settings_of(getattr(wrappers, name))])) != bool(
            told["typed"]
        )


def test_show_says_of_a_wrapper_that_needs_a_function_that_it_cannot_be_typed(csai):
    output = csai("show", "TransformReward").output
    assert "needs a function, which cannot be typed" in output
    assert "--wrap" not in output


def test_show_says_what_does_the_work_of_a_wrapper_that_is_left_to_csai(csai):
    result = csai("show", "RecordVideo")
    assert result.exit_code == 1
    assert "csai watch --gif FILE records games" in result.output


@pytest.mark.filterwarnings("ignore::csai_core.plugins.PluginWarning")
def test_show_explains_a_wrapper_of_a_plugin_by_the_shortest_name_that_it_has(site, csai):
    for plugin in ("alpha", "zulu"):
        site.install(
            plugin,
            "import gymnasium\nfrom csai_core import Entry, hookimpl\n\n@hookimpl\ndef csai_wrappers():\n"
            f"    return [Entry(name='same', target='csai_{plugin}_hooks:W', summary='Sums [up].'),\n"
            f"        Entry(name='{plugin}s', target='csai_{plugin}_hooks:W')]\n"
            "class W(gymnasium.Wrapper):\n    def __init__(self, env, price=0.5, *, name): ...\n",
        )
    told = csai("show", "zulu:same").output
    assert "typed as --wrap zulu:same:name=…" in told
    assert "Sums [up]." in told
    assert "price   0.5" in told
    assert "Wraps a" not in told  # which is what Gymnasium says of its base
    assert "typed as --wrap zulus:name=…" in csai("show", "zulus").output
