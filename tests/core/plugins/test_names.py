"""Names: `plugin:name` always works, the name alone where it is unique, and ours cannot be taken."""

from __future__ import annotations

import json

import gymnasium
import pytest

import csai_core
from csai_core import Entry
from csai_core.errors import DuplicateNameError, UnknownNameError
from csai_core.plugins import PluginManager, PluginWarning
from csai_core.plugins.names import Offer, key, settle

HEAD = """
import click
from csai_core import Entry, hookimpl
from gymnasium.envs.registration import EnvSpec
"""


def offer(plugin, name, *aliases):
    return Offer(plugin, Entry(name=name, target="a:b", aliases=aliases, plugin=plugin))


def install(site, plugin, hook, *offers, **more):
    """Install a plugin with one hook and a command to point to."""
    module = f"{more.get('distribution', f'csai-{plugin}').replace('-', '_')}_hooks"
    listed = ", ".join(each.replace("HERE", module) for each in offers)
    hooks = f"{HEAD}\n@hookimpl\ndef {hook}(): return [{listed}]\n"
    hooks += f"@click.command()\ndef hello(): click.echo('Hello of {plugin}')\n"
    return site.install(plugin, hooks, module=module, **more)


@pytest.fixture
def arcade(monkeypatch):
    """Gymnasium's registry, as it was before."""
    monkeypatch.setattr(gymnasium.envs.registration, "registry", dict(gymnasium.registry))
    monkeypatch.setattr(gymnasium, "registry", gymnasium.envs.registration.registry)


def test_a_name_that_one_plugin_offers_is_its():
    names = settle("block", [offer("acme", "maxout"), offer("csai_neural", "linear")])
    assert {name: each.plugin for name, each in names.by_shortest().items()} == {
        "linear": "csai_neural",
        "maxout": "acme",
    }
    assert names.lost == ()
    assert names.alone("maxout").full_name == "acme:maxout"
    assert names.alone("nothing") is None


def test_a_name_of_ours_costs_whoever_takes_it():
    names = settle("block", [offer("acme", "linear"), offer("csai_neural", "linear")])
    assert names.alone("linear").plugin == "csai_neural"
    assert names.of(["acme"], "linear").plugin == "acme"
    ((plugin, sentence),) = names.lost
    assert plugin == "acme"
    assert sentence.startswith("the block 'linear' is that of csai_neural:linear")
    assert sentence.endswith("found as acme:linear")


@pytest.mark.parametrize("taken", ["dqn", "d_q_n", "deep_q_learning", "deepqlearning", "deep_q_learning_"])
def test_what_people_type_for_ours_is_ours(taken):
    names = settle("algorithm", [offer("acme", taken), offer("csai_train", "deep_q_learning", "dqn")])
    assert [plugin for plugin, _ in names.lost] == ["acme"]
    assert list(names.by_shortest()) == ["deep_q_learning", f"acme:{taken}"]


def test_an_alias_of_ours_is_not_somebody_elses():
    names = settle(
        "algorithm", [offer("acme", "mine", "dqn", "m"), offer("csai_train", "deep_q_learning", "dqn")]
    )
    assert (names.alone("mine").full_name, names.alone("mine").aliases) == ("acme:mine", ("m",))
    assert "alias 'dqn' is that of csai_train:deep_q_learning" in names.lost[0][1]


def test_of_two_strangers_none_has_the_name_alone():
    names = settle("block", [offer("zulu", "twice"), offer("alpha", "twice")])
    assert set(names.by_shortest()) == {"alpha:twice", "zulu:twice"}
    with pytest.raises(
        DuplicateNameError, match=r"The block 'twice' is offered by more than one plugin.*zulu:twice"
    ):
        names.alone("twice")
    assert names.lost == (
        ("zulu", "the block 'twice' is offered by 'alpha' too; that of this plugin is zulu:twice"),
        ("alpha", "the block 'twice' is offered by 'zulu' too; that of this plugin is alpha:twice"),
    )


def test_of_a_name_its_letters_and_digits_count():
    assert key("Deep-Q_Learning 2") == "deepqlearning2"


def test_a_plugin_whose_name_begins_like_ours_is_a_stranger():
    names = settle("block", [offer("csai_neural_extra", "linear"), offer("csai_neural", "linear")])
    assert names.alone("linear").plugin == "csai_neural"


def test_what_is_stored_is_qualified_but_for_ours():
    assert offer("acme", "maxout").record.full_name == "acme:maxout"
    assert offer("csai_neural", "linear").record.full_name == "linear"


def test_a_plugin_is_called_by_its_distribution_too(site):
    site.install_block("alpha", "first", distribution="first-blocks")
    manager = PluginManager(environ={})
    assert manager.find("blocks", "first-blocks:first").full_name == "alpha:first"
    with pytest.raises(UnknownNameError, match="No block named 'zulu:first'"):
        manager.find("blocks", "zulu:first")


def test_where_a_plugin_is_called_as_anothers_distribution_the_plugin_is_meant(site):
    site.install_block("alpha", "first", distribution="twin")
    site.install_block("twin", "first", distribution="beta")
    with pytest.warns(PluginWarning, match="'first' is offered by"):
        assert PluginManager(environ={}).find("blocks", "twin:first").plugin == "twin"


def test_an_entry_point_with_one_of_our_names_displaces_nothing(site):
    ours = {record.name: record for record in PluginManager(environ={}).records}
    install(
        site, "csai_core", "csai_commands", "Entry(name='hello', target='HERE:hello')", distribution="aaa"
    )
    manager = PluginManager(environ={})
    with pytest.warns(PluginWarning, match="aaa: its entry point is named 'csai_core', which is another's"):
        manager.call_all()
    records = {record.name: record for record in manager.records}
    assert records.keys() - ours.keys() == {"aaa"}
    assert records["csai_core"].distribution == "csai-core"
    assert records["csai_core"].status == "ok"
    assert manager.find("commands", "aaa:hello").plugin == "aaa"


def test_one_of_our_names_is_ours_where_we_are_not_installed(site):
    site.install_block("csai_classic", "first", distribution="aaa")
    manager = PluginManager(environ={"CSAI_DISABLE_PLUGINS": "csai-classic"})
    with pytest.warns(PluginWarning, match="aaa: its entry point is named 'csai_classic'"):
        assert manager.find("blocks", "first").plugin == "aaa"


def test_a_command_of_ours_stays_and_the_other_is_called_in_full(site, csai):
    install(site, "acme", "csai_commands", "Entry(name='list', target='HERE:hello', summary='Mine.')")
    assert "Hello" not in csai("list").output
    assert csai("acme:list").output.splitlines()[-1] == "Hello of acme"
    assert "acme:list" in csai("--help").output
    assert "acme:list" in csai("list", "commands").output


def test_json_holds_the_shortest_and_the_full_name(site, csai):
    site.install_block("alpha", "twice")
    site.install_block("zulu", "twice")
    site.install_block("mike", "once")
    listed = {each["name"]: each["full_name"] for each in json.loads(csai("list", "blocks", "--json").stdout)}
    assert listed["once"] == "mike:once"
    assert listed["alpha:twice"] == "alpha:twice"
    (shown,) = json.loads(csai("show", "zulu:twice", "--json").stdout)
    assert (shown["plugin"], shown["name"], shown["full_name"]) == ("zulu", "twice", "zulu:twice")


@pytest.mark.usefixtures("arcade")
def test_environments_of_two_plugins_with_one_id_are_made_by_their_full_names(site):
    for plugin, size in (("alpha", 3), ("zulu", 5)):
        spec = f"EnvSpec('Arcade/Walk-v0', 'csai_core.testing.toys:Walk', kwargs={{'size': {size}}})"
        install(site, plugin, "csai_environments", spec)
    csai_core.plugins.installed.cache_clear()
    with (
        pytest.warns(PluginWarning),
        pytest.raises(DuplicateNameError, match="alpha:Arcade/Walk-v0, zulu:Arcade"),
    ):
        csai_core.make("Arcade/Walk-v0")
    with pytest.raises(TypeError, match="size"):  # which is what this one is made with
        csai_core.make("zulu:Arcade/Walk-v0")
    csai_core.plugins.installed.cache_clear()


@pytest.mark.usefixtures("arcade")
def test_the_namespace_of_ours_is_ours(site, csai):
    spec = "EnvSpec('CSAI/Walk-v0', 'csai_core.testing.toys:Walk')"
    install(site, "acme", "csai_environments", spec)
    output = csai("list", "environments").output
    assert "ids that begin with CSAI/ are those of csai's own packages" in output
    assert "acme:CSAI/Walk-v0" in output
    assert csai_core.make("acme:CSAI/Walk-v0").reset(seed=1)
    assert csai("show", "acme:CSAI/Walk-v0").exit_code == 0
    assert "CSAI/Walk-v0" not in gymnasium.registry


@pytest.mark.usefixtures("arcade")
def test_an_environment_is_made_by_its_full_name_without_importing_a_module_of_that_name(site):
    install(site, "acme", "csai_environments", "EnvSpec('Acme/Walk-v0', 'csai_core.testing.toys:Walk')")
    csai_core.plugins.installed.cache_clear()
    assert csai_core.make("acme:Acme/Walk-v0").spec.id == "Acme/Walk-v0"
    csai_core.plugins.installed.cache_clear()
