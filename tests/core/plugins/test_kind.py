"""Kinds of things that plugins offer: those of the page, and those that plugins declare."""

from __future__ import annotations

import pytest

from csai_core import Kind
from csai_core.errors import ConfigError, PluginError
from csai_core.plugins import PluginManager, PluginWarning
from csai_core.plugins.kind import BUILT_IN
from csai_core.testing import BufferSuite

DECLARES = """
from csai_core import Kind, hookimpl

@hookimpl
def csai_kinds():
    return [Kind(name="{kind}", hook="{hook}")]
"""
OFFERS = """
from csai_core import Entry, hookimpl

@hookimpl({options})
def csai_riddles():
    return [Entry(name="{name}", target="a:b")]
"""


def riddles(site, plugin="zulu", hook="csai_riddles"):
    site.install(plugin, DECLARES.format(kind="riddles", hook=hook))


def all_called():
    """A manager that has called every hook, and its records by name."""
    manager = PluginManager(environ={})
    manager.call_all()
    return manager, {record.name: record for record in manager.records}


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "Riddles"), ("hook", "riddles"), ("hook", "csai_"), ("suite", "a.b"), ("name", 3)],
)
def test_a_malformed_kind_is_refused(field, value):
    with pytest.raises(PluginError, match=f"The {field} of a kind is {value!r}; it must look like"):
        Kind(**{"name": "riddles", "hook": "csai_riddles", field: value})


def test_a_suite_is_imported_when_it_is_asked_for():
    kinds = {kind.name: kind for kind in BUILT_IN}
    assert kinds["buffers"].load_suite() is BufferSuite
    assert kinds["buffers"].noun == "buffer"
    assert Kind(name="riddles", hook="csai_riddles").load_suite() is None


def test_a_suite_that_is_not_installed_names_its_package():
    with pytest.raises(ConfigError, match="Riddles are checked by no-such-games: pip install no-such-games"):
        Kind(name="riddles", hook="csai_riddles", suite="no_such_games:Suite").load_suite()


def test_every_suite_of_ours_loads():
    pytest.importorskip("csai_train")
    assert all(kind.suite is None or kind.load_suite() for kind in BUILT_IN)


@pytest.mark.parametrize("declares", ["alpha", "zulu"])
def test_the_order_of_loading_does_not_matter(site, declares):
    riddles(site, declares)
    site.install("mike", OFFERS.format(options="", name="mine"))
    manager, records = all_called()
    assert manager.find("riddles", "mine").plugin == "mike"
    assert manager.kinds["riddles"].plugin == declares
    assert (records["mike"].hooks, records["mike"].status) == (("csai_riddles",), "ok")
    assert records[declares].hooks == ("csai_kinds",)


def test_without_the_plugin_that_declares_it_a_hook_is_unknown(site):
    site.install("mike", OFFERS.format(options="", name="mine"))
    with pytest.warns(PluginWarning):
        _, records = all_called()
    assert "No hook named 'csai_riddles'." in records["mike"].problem
    assert "csai_environments" in records["mike"].problem
    assert "@hookimpl(optionalhook=True)" in records["mike"].problem


def test_an_optional_hook_is_passed_over_where_nobody_declares_it(site):
    site.install("mike", OFFERS.format(options="optionalhook=True", name="mine"))
    _, records = all_called()
    assert (records["mike"].status, records["mike"].hooks) == ("ok", ())


def test_an_optional_hook_is_called_where_it_is_declared(site):
    riddles(site)
    site.install("mike", OFFERS.format(options="optionalhook=True", name="mine"))
    manager, _ = all_called()
    assert manager.find("riddles", "mine").plugin == "mike"


@pytest.mark.parametrize(("kind", "hook"), [("blocks", "csai_mine"), ("mine", "csai_blocks")])
def test_a_kind_of_the_page_cannot_be_taken(site, kind, hook):
    site.install("taker", DECLARES.format(kind=kind, hook=hook))
    site.install_block("mike", "first")
    with pytest.warns(PluginWarning, match="taker"):
        manager, records = all_called()
    assert records["taker"].status == "conflict"
    assert manager.find("blocks", "first").plugin == "mike"
    assert "mine" not in manager.kinds


def test_a_hook_for_kinds_that_is_not_marked_declares_none(site):
    site.install("plain", DECLARES.format(kind="riddles", hook="csai_riddles").replace("@hookimpl", ""))
    with pytest.warns(PluginWarning, match="plain: .* write @hookimpl above it"):
        manager, _ = all_called()
    assert "riddles" not in manager.kinds


@pytest.mark.parametrize("taker", ["acme", "zulu"])
def test_a_kind_that_ours_declare_cannot_be_taken_either(site, taker):
    pytest.importorskip("csai_envs")
    site.install(taker, DECLARES.format(kind="opponents", hook="csai_rivals"))
    with pytest.warns(PluginWarning, match="the kind 'opponents' .* is that of plugin 'csai_envs'"):
        manager, records = all_called()
    assert (records[taker].status, manager.kinds["opponents"].plugin) == ("conflict", "csai_envs")


@pytest.mark.parametrize("declared", ["[Kind]", "None", "['riddles']", "[Kind(name='A', hook='b')]"])
def test_a_plugin_that_declares_nonsense_fails_alone(site, declared):
    site.install(
        "wrong",
        f"from csai_core import Kind, hookimpl\n@hookimpl\ndef csai_kinds(): return {declared}\n",
    )
    site.install_block("mike", "first")
    with pytest.warns(PluginWarning, match="wrong"):
        manager, records = all_called()
    assert records["wrong"].status == "failed"
    assert records["wrong"].problem.startswith("csai_kinds: ")
    assert "first" in manager.entries("blocks")


def test_a_declared_kind_is_listed(site, csai):
    riddles(site)
    site.install("mike", OFFERS.format(options="", name="mine"))
    assert "mine" in csai("list", "riddles").output
    assert "mike" in csai("list").output
