"""When plugins are loaded: late, once, and in the order of their names."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

from csai_core.plugins import PluginManager

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
    assert record.load_seconds > 0


def test_a_plugin_may_offer_through_a_generator_and_several_hooks(site):
    site.install("counting", COUNTING)
    manager = PluginManager(environ={})
    manager.call_all()
    record = next(record for record in manager.records if record.name == "counting")
    assert record.offers == {"blocks": ("one", "two"), "buffers": ()}
    assert manager.find("blocks", "two").plugin == "counting"
