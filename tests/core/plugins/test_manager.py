"""A broken plugin is reported by name, and stops nothing."""

from __future__ import annotations

import signal
import warnings
from importlib.metadata import EntryPoint

import pytest

from csai_core.errors import DuplicateNameError, PluginError, UnknownNameError
from csai_core.plugins import PluginManager, PluginWarning
from csai_core.plugins.settings import ALWAYS_ON
from csai_core.signals import handled_by

HEAD = "from csai_core import Entry, hookimpl\n"
BROKEN = {
    "import error": ("import no_such_module_anywhere", "failed", "no_such_module_anywhere"),
    "syntax error": ("def csai_blocks(:", "failed", "SyntaxError"),
    "SystemExit": ("raise SystemExit(3)", "failed", "SystemExit: 3"),
    "wrong signature": (
        HEAD + "@hookimpl\ndef csai_blocks(net): return []",
        "failed",
        "can not be found in the hookspec",
    ),
    "misspelt hook": (
        HEAD + "@hookimpl\ndef csai_blokcs(): return []",
        "failed",
        "No hook named 'csai_blokcs'. Did you mean 'csai_blocks'?",
    ),
    "unmarked hook": ("def csai_blocks(): return []", "failed", "write @hookimpl above it"),
    "hook that raises": (
        HEAD + "@hookimpl\ndef csai_blocks(): return 1 / 0",
        "failed",
        "csai_blocks: ZeroDivisionError",
    ),
    "hook that raises midway": (
        HEAD + "@hookimpl\ndef csai_blocks():\n    yield Entry(name='half', target='a:b')\n    raise OSError",
        "failed",
        "csai_blocks: OSError",
    ),
    "hook that exits": (
        HEAD + "@hookimpl\ndef csai_blocks(): raise SystemExit",
        "failed",
        "csai_blocks: SystemExit",
    ),
    "hook without return": (
        HEAD + "@hookimpl\ndef csai_blocks(): pass",
        "failed",
        "returned None; it must return a list of Entry objects",
    ),
    "hook that returns classes": (
        HEAD + "@hookimpl\ndef csai_blocks(): return [Entry]",
        "failed",
        "must return Entry objects",
    ),
    "malformed entry": (
        HEAD + "@hookimpl\ndef csai_blocks(): return [Entry(name='My Block', target='a:b')]",
        "failed",
        "'My Block'",
    ),
    "one name twice": (
        HEAD + "@hookimpl\ndef csai_blocks(): return [Entry(name='a', target='a:b')] * 2",
        "failed",
        "offers 'a' twice",
    ),
    "newer plugin API": (
        "CSAI_PLUGIN_API = 2",
        "incompatible",
        "made for plugin API 2, this csai-core offers 1; install a newer csai-core",
    ),
    "plugin that looks things up": (
        "import csai_core\ncsai_core.register_envs()",
        "failed",
        "a hook returns data and looks nothing up",
    ),
}


def everything(**environ):
    """A manager that has called every hook, and its records by name."""
    manager = PluginManager(environ=environ)
    manager.call_all()
    return manager, {record.name: record for record in manager.records}


def test_entry_points_that_are_given_are_all_there_are():
    manager = PluginManager([EntryPoint("core", "csai_core.hooks", "csai")], environ={})
    assert [record.name for record in manager.records] == ["core"]
    assert manager.find("commands", "list").plugin == "core"


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_plugin_stops_nothing(site, monkeypatch, case):
    source, status, problem = BROKEN[case]
    site.install("broken", source, version="0.3")
    site.install_block("alpha", "first")
    site.install_block("zulu", "last")
    manager = PluginManager(environ={})
    monkeypatch.setattr("csai_core.environments.installed", lambda: manager)
    with pytest.warns(PluginWarning, match=r"(?s)broken: .*'csai plugins' tells more"):
        manager.call_all()
    record = {record.name: record for record in manager.records}["broken"]
    assert (record.status, record.origin) == (status, "csai-broken 0.3")
    assert problem in record.problem
    assert "Traceback" in record.details
    assert {"first", "last"} <= manager.entries("blocks").keys()
    assert manager.find("blocks", "last").load().__name__ == "Block"


def test_the_whole_traceback_is_kept(site):
    site.install("broken", "raise OSError('gone')")
    with pytest.warns(PluginWarning):
        _, records = everything()
    first, *lines = records["broken"].details.splitlines()
    assert first == "Traceback (most recent call last):"
    assert all(line.startswith(" ") for line in lines[:-1])
    assert lines[-1] == "OSError: gone"


def test_an_unknown_name_names_the_plugin_that_failed(site):
    site.install("broken", "import no_such_module_anywhere")
    manager = PluginManager(environ={"CSAI_PLUGINS": "broken"})
    with pytest.warns(PluginWarning):
        manager.call_all()
    with pytest.raises(UnknownNameError, match="Plugin 'broken' failed to load and may provide it"):
        manager.find("blocks", "hologram")


def test_an_unknown_name_is_answered_by_the_nearest_as_it_is_typed(site):
    site.install_block("alpha", "one_block")
    manager, _ = everything()
    with pytest.raises(UnknownNameError, match=r"No block named 'one_blok'\. Did you mean 'one_block'\?"):
        manager.find("blocks", "one_blok")
    with pytest.raises(UnknownNameError, match=r"named 'new-plugim'\. Did you mean 'new-plugin'\?"):
        manager.find("commands", "new-plugim")


def test_other_hooks_of_a_plugin_with_one_broken_hook_work(site):
    site.install(
        "half",
        HEAD
        + "@hookimpl\ndef csai_blocks(): return 1 / 0\n"
        + "@hookimpl\ndef csai_buffers(): return [Entry(name='pile', target='a:b')]",
    )
    with pytest.warns(PluginWarning):
        manager, records = everything()
    assert manager.entries("buffers")["pile"].plugin == "half"
    assert records["half"].status == "failed"


def test_a_plugin_whose_hooks_are_refused_offers_nothing(site):
    marked = "@hookimpl\ndef csai_blocks(): return [Entry(name='pile', target='a:b')]\n"
    site.install("half", HEAD + marked + "def csai_buffers(): return []\n")
    with pytest.warns(PluginWarning, match="half: load: .*csai_buffers is a hook, but not marked as one"):
        manager, _ = everything()
    assert "pile" not in manager.entries("blocks")


def test_a_second_problem_does_not_hide_the_first(site):
    site.install(
        "worse",
        HEAD
        + "@hookimpl\ndef csai_blocks(): return 1 / 0\n"
        + "@hookimpl\ndef csai_buffers(): raise OSError('disk')",
    )
    with pytest.warns(PluginWarning):
        _, records = everything()
    assert "ZeroDivisionError" in records["worse"].problem
    assert "OSError: disk" in records["worse"].problem


def test_a_plugin_is_warned_of_once(site):
    site.install("broken", "import no_such_module_anywhere")
    with pytest.warns(PluginWarning):
        manager, _ = everything()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        manager.call_all()
        manager.warn_of_trouble()


def test_a_name_that_two_plugins_offer_is_refused_and_names_both(site):
    site.install_block("alpha", "twice")
    site.install_block("zulu", "twice")
    with pytest.warns(
        PluginWarning, match="block 'twice' is offered by 'zulu' too; that of this plugin is alpha:twice"
    ):
        manager, records = everything()
    assert {"alpha:twice", "zulu:twice"} <= manager.entries("blocks").keys()
    assert "twice" not in manager.entries("blocks")
    assert records["alpha"].status == records["zulu"].status == "conflict"
    with pytest.raises(
        DuplicateNameError, match=r"more than one plugin\. Type which of these: alpha:twice, zulu:twice"
    ):
        manager.find("blocks", "twice")
    assert manager.find("blocks", "zulu:twice").plugin == "zulu"


def test_a_name_with_its_plugin_means_that_of_no_other(site):
    site.install_block("alpha", "one_block")
    manager, _ = everything()
    assert manager.find("blocks", "alpha:one-block").plugin == "alpha"
    with pytest.raises(UnknownNameError, match="No block named 'zulu:one_block'"):
        manager.find("blocks", "zulu:one_block")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("csai_core", "its entry point is named 'csai_core', which is another's"),
        ("csa\u0456_core", r"is named 'csa\u0456_core', which is no name of English letters and digits"),
    ],
)
def test_a_plugin_that_cannot_have_its_name_is_told_why(site, name, why):
    site.install(name, "", distribution="lookalike")
    with pytest.warns(PluginWarning):
        manager, _ = everything()
    (record,) = [record for record in manager.records if record.distribution == "lookalike"]
    assert record.status == "conflict"
    assert why in record.problem


def test_switching_one_of_two_off_settles_the_name(site):
    site.install_block("alpha", "twice")
    site.install_block("zulu", "twice")
    manager, _ = everything(CSAI_DISABLE_PLUGINS="alpha")
    assert manager.find("blocks", "twice").plugin == "zulu"


def test_two_distributions_with_one_plugin_name(site):
    site.install_block("same", "from_b", distribution="b-dist", version="2.0")
    site.install_block("same", "from_a", distribution="a-dist", version="1.0")
    with pytest.warns(PluginWarning, match="named 'same', which is another's; here it is .* 'b_dist'"):
        manager, records = everything()
    assert (records["same"].status, records["b_dist"].status) == ("ok", "conflict")
    assert manager.find("blocks", "same:from_a").plugin == "same"
    assert manager.find("blocks", "b-dist:from_b").plugin == "b_dist"
    assert manager.find("blocks", "from_b").full_name == "b_dist:from_b"


def test_the_distribution_of_the_same_name_keeps_the_plugin_name(site):
    site.install_block("same", "from_stranger", distribution="a-stranger")
    site.install_block("same", "from_owner", distribution="same")
    with pytest.warns(PluginWarning):
        manager, _ = everything()
    assert manager.find("blocks", "from_owner").plugin == "same"
    assert manager.find("blocks", "from_stranger").plugin == "a_stranger"


def test_nobody_can_take_the_commands_that_show_and_mend(site):
    site.install(
        "grabber", HEAD + "@hookimpl\ndef csai_commands(): return [Entry(name='plugins', target='a:b')]"
    )
    site.install_block(ALWAYS_ON, "nothing", distribution="a-stranger")
    with pytest.warns(PluginWarning):
        manager, records = everything()
    assert manager.find("commands", "plugins").plugin == ALWAYS_ON
    assert manager.find("commands", "grabber:plugins").plugin == "grabber"
    assert records["grabber"].status == records["a_stranger"].status == "conflict"
    assert (records[ALWAYS_ON].distribution, records[ALWAYS_ON].status) == ("csai-core", "ok")


def test_one_module_under_two_names(site):
    info = site.install_block("alpha", "first")
    (info / "entry_points.txt").write_text("[csai]\nalpha = csai_alpha_hooks\nbeta = csai_alpha_hooks\n")
    with pytest.warns(PluginWarning, match="already in use as plugin 'alpha'"):
        manager, records = everything()
    assert records["alpha"].status == "ok"
    assert "first" in manager.entries("blocks")


def test_damaged_metadata_of_another_distribution_stops_nothing(site):
    site.install_block("alpha", "first")
    damaged = site.install_block("damaged", "second")
    (damaged / "entry_points.txt").write_text("[csai]\nno equals sign here\n")
    nameless = site.install_block("nameless", "third")
    (nameless / "METADATA").unlink()
    manager, _ = everything()
    assert "first" in manager.entries("blocks")


def test_control_c_is_not_a_plugins_failure(site):
    site.install("slow", "import signal\nsignal.raise_signal(signal.SIGINT)")
    with pytest.raises(KeyboardInterrupt):
        everything()


def test_who_only_notes_control_c_still_gets_the_plugin(site):
    site.install_block("slow", "first")
    hooks, received = site.folder / "csai_slow_hooks.py", []
    hooks.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n" + hooks.read_text())

    def note(number, frame):
        received.append(number)
        hooks.write_text(hooks.read_text().replace("os.kill", "max"))

    with handled_by(note):
        manager, records = everything()
    assert (received, records["slow"].status) == ([signal.SIGINT], "ok")
    assert "first" in manager.entries("blocks")


def test_a_plugin_that_raises_what_control_c_does_has_failed(site):
    site.install("liar", "raise KeyboardInterrupt")
    with pytest.warns(PluginWarning, match="liar: load: KeyboardInterrupt"):
        _, records = everything()
    assert records["liar"].status == "failed"


def test_where_warnings_are_errors_a_broken_plugin_is_one_line_and_fails_nothing(site, capsys):
    site.install("broken", "import no_such_module_anywhere")
    site.install_block("alpha", "first")
    manager = PluginManager(environ={})
    assert "first" in manager.entries("blocks")
    manager.call_all()
    (line,) = capsys.readouterr().err.splitlines()
    assert "broken: load: ModuleNotFoundError" in line


@pytest.mark.parametrize(
    "body", ["raise SystemExit", "raise RuntimeError('no')", "import nowhere_to_be_found"]
)
def test_what_an_entry_points_to_may_fail_too(site, body):
    site.install(
        "lazy", HEAD + "@hookimpl\ndef csai_blocks(): return [Entry(name='late', target='late_target:Block')]"
    )
    (site.folder / "late_target.py").write_text(body)
    manager, records = everything()
    assert records["lazy"].status == "ok"
    with pytest.raises(PluginError, match="Plugin 'lazy' offers 'late' at 'late_target:Block'"):
        manager.find("blocks", "late").load()
