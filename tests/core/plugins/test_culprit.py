"""Which plugin an exception is said to come from."""

from __future__ import annotations

import importlib
import itertools
import sys
import traceback

import pytest

from csai_core.errors import EnvironmentFailedError, PluginError
from csai_core.plugins import PluginWarning, installed
from csai_core.plugins.culprit import blame, blamed, chain, find_culprit

HOOKS = """
from csai_core import hookimpl
from gymnasium.envs.registration import EnvSpec

@hookimpl
def csai_environments():
    return [EnvSpec("Lamp-v0", "lamps_hooks:Lamp")]

class Lamp:
    def light(self, act=lambda: 1 / 0):
        return act()
"""


@pytest.fixture
def lamps(site):
    """A plugin that is installed and loaded."""
    site.install("lamps", HOOKS, "csai-lamps", "1.2", module="lamps_hooks")
    installed.cache_clear()
    installed().call_all()
    yield importlib.import_module("lamps_hooks")
    installed.cache_clear()


def caught(act):
    try:
        act()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def test_the_innermost_plugin_whose_code_was_passed_is_named_with_distribution_and_place(lamps):
    found = find_culprit(caught(lamps.Lamp().light))
    assert str(found) == (
        f"It comes from plugin 'lamps' (csai-lamps 1.2): {lamps.__file__}, line 10, in <lambda>."
    )
    assert find_culprit(caught(lambda: lamps.Lamp().light(lambda: int("x")))).place.endswith("in light")


def test_what_led_to_an_error_counts_before_the_error(lamps):
    error = PluginError("It failed.")
    error.__cause__ = caught(lamps.Lamp().light)
    assert find_culprit(error).record.name == "lamps"


def test_nobody_is_blamed_for_what_passes_no_plugin_or_one_of_ours(lamps):
    assert find_culprit(caught(lambda: int("x"))) is None
    assert find_culprit(caught(lambda: installed().find("nothing", "x"))) is None


def test_a_traceback_that_another_process_tells_counts_too(lamps):
    error = PluginError("Environment 0 failed.")
    error.add_note("In the worker:\n" + "".join(traceback.format_exception(caught(lamps.Lamp().light))))
    assert find_culprit(error).place.endswith("in light")


def test_who_was_at_work_is_blamed_where_no_code_was_passed(lamps):
    error = caught(lambda: int("x"))
    assert (
        str(find_culprit(error, object(), lamps.Lamp())) == "It comes from plugin 'lamps' (csai-lamps 1.2)."
    )


@pytest.mark.parametrize("lack", [OSError(28, "No space left on device"), MemoryError()])
def test_nobody_at_work_is_blamed_for_what_the_machine_lacks(lamps, lack):
    assert find_culprit(lack, lamps.Lamp()) is None


def test_what_an_environment_gave_is_its_plugins_fault_and_nobody_elses(lamps):
    where = {"index": 0, "seed": 1, "step": 2, "action": 3}
    assert find_culprit(EnvironmentFailedError("no", environment="Lamp-v0", **where)).record.name == "lamps"
    ours = EnvironmentFailedError("no", environment="CSAI/Snake-v0", **where)
    assert find_culprit(ours, lamps.Lamp()) is None


def test_a_plugin_that_cannot_be_parsed_is_named(site):
    site.install("lamps", "from csai_core import hookimpl\n", "csai-lamps", "1.2", module="lamps_hooks")
    (site.folder / "lamps_game.py").write_text("x = (1,\n")
    info = site.folder / "csai_lamps-1.2.dist-info"
    (info / "RECORD").write_text("lamps_hooks.py,,\nlamps_game.py,,\nlogo.png,,\n")
    installed.cache_clear()
    assert installed().records
    place = find_culprit(caught(lambda: importlib.import_module("lamps_game"))).place
    assert place.endswith("lamps_game.py, line 1, in <module>")
    lineless = SyntaxError("bad", (str(site.folder / "lamps_game.py"), None, None, None))
    assert find_culprit(lineless).place.endswith("lamps_game.py, line 0, in <module>")
    installed.cache_clear()


def test_a_package_around_several_plugins_belongs_to_none_of_them(site):
    for plugin in ("lamps", "blinds"):
        folder = site.folder / "house" / plugin
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("")
        (folder / "hooks.py").write_text("")
        (folder / "game.py").write_text("1 / 0\n")
        info = site.folder / f"csai_{plugin}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: csai-{plugin}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[csai]\n{plugin} = house.{plugin}.hooks\n")
    installed.cache_clear()
    assert installed().records
    for plugin in ("lamps", "blinds"):
        error = caught(lambda plugin=plugin: importlib.import_module(f"house.{plugin}.game"))
        assert find_culprit(error).record.name == plugin
    installed.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] == "house"]:
        del sys.modules[name]


def test_what_only_lies_beside_a_plugins_file_is_not_its(site, lamps):
    (site.folder / "neighbor.py").write_text("1 / 0\n")
    assert find_culprit(caught(lambda: importlib.import_module("neighbor"))) is None


def test_a_plugin_whose_hooks_cannot_be_imported_is_named_for_its_other_files(site):
    info = site.install("lamps", "import nowhere_at_all", "csai-lamps", "1.2", module="lamps_hooks")
    (site.folder / "lamps_game.py").write_text("1 / 0\n")
    (info / "RECORD").write_text("lamps_hooks.py,,\nlamps_game.py,,\n")
    installed.cache_clear()
    with pytest.warns(PluginWarning):
        assert installed().records
    error = caught(lambda: importlib.import_module("lamps_game"))
    assert find_culprit(error).record.name == "lamps"
    installed.cache_clear()


def test_what_an_error_was_raised_for_or_amid_led_to_it_unless_it_says_otherwise():
    cause, amid = ValueError(), KeyError()
    error = TypeError()
    error.__context__ = amid
    assert [*chain(error)] == [error, amid]
    error.__cause__ = cause
    assert [*chain(error)] == [error, cause]
    error.__cause__ = None  # as `raise ... from None` leaves it
    assert [*chain(error)] == [error]


def test_errors_that_led_to_each_other_are_each_looked_at_once():
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    assert [*itertools.islice(chain(first), 5)] == [first, second]


def test_a_note_is_written_once_and_read_again(lamps):
    error = caught(lamps.Lamp().light)
    assert blamed(error) == ""
    blame(error)
    blame(error)
    assert error.__notes__ == [blamed(error)]
    assert "csai-lamps 1.2" in blamed(error)
    blame(other := caught(lambda: int("x")))
    assert not hasattr(other, "__notes__")
    blame(other, object(), lamps.Lamp())
    assert other.__notes__ == ["It comes from plugin 'lamps' (csai-lamps 1.2)."]


def test_records_that_are_not_loaded_are_not_loaded_to_tell_of_an_error(site):
    site.install("lamps", HOOKS, "csai-lamps", "1.2", module="lamps_hooks")
    installed.cache_clear()
    assert find_culprit(caught(lambda: int("x"))) is None
    assert installed().records_so_far == ()
    installed.cache_clear()
