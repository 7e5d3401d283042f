"""When plugins are loaded: late, once, and in the order of their names."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from csai_core import Entry
from csai_core.errors import PluginError
from csai_core.plugins import PluginManager, PluginWarning, hookspecs, loading

COUNTING = """
import time
from csai_core import Entry, hookimpl

calls = []
time.sleep(0.05)

@hookimpl
def csai_blocks():
    calls.append("csai_blocks")
    return (Entry(name=name, target="a:b") for name in ("one", "two"))

@hookimpl
def csai_buffers():
    calls.append("csai_buffers")
    return []
"""


@pytest.fixture
def pages_2_to_4(monkeypatch):
    """A csai-core with a longer past."""
    monkeypatch.setattr(hookspecs, "PLUGIN_API", 4)
    monkeypatch.setattr(hookspecs, "PLUGIN_API_OLDEST", 2)


def test_nothing_is_loaded_before_the_first_lookup(site):
    site.install("counting", COUNTING)
    manager = PluginManager(environ={})
    assert "csai_counting_hooks" not in sys.modules
    manager.entries("blocks")
    assert sys.modules["csai_counting_hooks"].calls == ["csai_blocks"]


def test_every_hook_is_called_once_and_only_when_asked_for(site):
    site.install("counting", COUNTING)
    manager = PluginManager(environ={})
    for _ in range(3):
        manager.entries("blocks")
        manager.find("blocks", "one")
    assert sys.modules["csai_counting_hooks"].calls == ["csai_blocks"]
    manager.call_all()
    assert sys.modules["csai_counting_hooks"].calls == ["csai_blocks", "csai_buffers"]


def test_threads_that_look_up_at_once_load_once(site):
    site.install("counting", COUNTING)
    manager = PluginManager(environ={})
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: sorted(manager.entries("blocks")), range(8)))
    assert all({"one", "two"} <= set(names) for names in found)
    assert sys.modules["csai_counting_hooks"].calls == ["csai_blocks"]


def test_records_are_in_the_order_of_names_and_know_where_they_come_from(site):
    for plugin in ("zulu", "alpha", "mike"):
        site.install_block(plugin, f"block_of_{plugin}", version="2.5")
    manager = PluginManager(environ={})
    names = [record.name for record in manager.records]
    assert names == sorted(names)
    record = next(record for record in manager.records if record.name == "mike")
    assert (record.origin, record.hooks, record.is_troubled) == ("csai-mike 2.5", ("csai_blocks",), False)
    assert 0 < record.load_seconds < 60


def test_an_entry_point_may_name_what_holds_the_hooks_in_its_module(site):
    info = site.install("counting", COUNTING + "\nimport sys\nhooks = sys.modules[__name__]\n")
    (info / "entry_points.txt").write_text("[csai]\ncounting = csai_counting_hooks : hooks\n")
    manager = PluginManager(environ={})
    assert manager.find("blocks", "one").plugin == "counting"
    (record,) = [record for record in manager.records if record.name == "counting"]
    assert record.module == "csai_counting_hooks"


def test_a_plugin_may_offer_through_a_generator_and_several_hooks(site):
    site.install("counting", COUNTING)
    manager = PluginManager(environ={})
    manager.call_all()
    record = next(record for record in manager.records if record.name == "counting")
    assert record.offers == {"blocks": ("one", "two"), "buffers": ()}
    assert manager.find("blocks", "two").plugin == "counting"


def test_a_hook_may_offer_as_much_as_it_may_and_no_more(monkeypatch):
    monkeypatch.setattr(loading, "_MOST_OFFERS", 2)
    one, two, three = (Entry(name=name, target="a:b") for name in ("one", "two", "three"))
    assert [*loading.call_hook("csai_blocks", lambda: [one, two], "counting")] == ["one", "two"]
    with pytest.raises(PluginError, match="csai_blocks returns more than 2 Entry objects"):
        loading.call_hook("csai_blocks", lambda: [one, two, three], "counting")


@pytest.mark.parametrize(
    ("stated", "problem"),
    [
        (1, "made for plugin API 1, this csai-core offers 2 to 4; install a newer version of the plugin"),
        (5, "made for plugin API 5, this csai-core offers 2 to 4; install a newer csai-core"),
        ("4.0", "its CSAI_PLUGIN_API is 4.0; it must be a number, such as 4"),
        ("True", "its CSAI_PLUGIN_API is True; it must be a number, such as 4"),
    ],
)
def test_a_plugin_for_another_page_of_hooks_is_refused(site, pages_2_to_4, stated, problem):
    site.install("other", f"CSAI_PLUGIN_API = {stated}")
    manager = PluginManager(environ={})
    with pytest.warns(PluginWarning, match="other"):
        (record,) = [record for record in manager.records if record.name == "other"]
    assert record.status == "incompatible"
    assert problem in record.problem


def test_a_plugin_for_an_older_page_works_and_is_warned_of(site, pages_2_to_4):
    site.install("older", f"CSAI_PLUGIN_API = 2\n{COUNTING}")
    manager = PluginManager(environ={})
    with pytest.warns(DeprecationWarning, match="made for plugin API 2; the newest is 4"):
        assert "one" in manager.entries("blocks")
    assert [record.status for record in manager.records if record.name == "older"] == ["ok"]


def test_a_plugin_for_the_newest_page_is_not_warned_of(site, pages_2_to_4):
    site.install("newest", f"CSAI_PLUGIN_API = 4\n{COUNTING}")
    manager = PluginManager(environ={})
    assert "one" in manager.entries("blocks")
