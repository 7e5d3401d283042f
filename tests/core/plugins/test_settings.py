"""The environment variables with which users choose their plugins."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from csai_core.errors import DuplicateNameError, PluginError, UnknownNameError
from csai_core.plugins import PluginManager, PluginWarning
from csai_core.plugins.settings import ALWAYS_ON


def statuses(**environ):
    manager = PluginManager(environ=environ)
    return {record.name: record.status for record in manager.records}


@pytest.fixture
def two(site):
    """Two healthy plugins, alpha and zulu."""
    site.install_block("alpha", "first")
    site.install_block("zulu", "last")
    return site


def test_without_settings_all_are_loaded(two):
    found = statuses()
    assert found["alpha"] == found["zulu"] == "ok"


@pytest.mark.parametrize("value", ["alpha", " alpha , nobody", "csai-alpha"])
def test_csai_plugins_loads_only_those(two, value):
    found = statuses(CSAI_PLUGINS=value)
    assert found["alpha"] == "ok"
    assert found["zulu"] == "disabled"


@pytest.mark.parametrize("value", ["zulu", "zulu,nobody", "csai-zulu"])
def test_csai_disable_plugins_skips_some(two, value):
    found = statuses(CSAI_DISABLE_PLUGINS=value)
    assert found["alpha"] == "ok"
    assert found["zulu"] == "disabled"


@pytest.mark.parametrize(("variable", "value"), [("CSAI_PLUGINS", "zulu"), ("CSAI_DISABLE_PLUGINS", "alpha")])
def test_what_a_plugin_is_switched_off_by_is_said(two, variable, value):
    records = {record.name: record for record in PluginManager(environ={variable: value}).records}
    assert records["alpha"].problem == f"switched off by {variable}"


def test_a_disabled_plugin_is_not_imported(two):
    two.install("broken", "raise SystemExit")
    assert statuses(CSAI_DISABLE_PLUGINS="broken")["broken"] == "disabled"


def test_csai_core_cannot_be_switched_off():
    assert statuses(CSAI_PLUGINS="")[ALWAYS_ON] == "ok"
    assert statuses(CSAI_DISABLE_PLUGINS=ALWAYS_ON)[ALWAYS_ON] == "ok"


def test_an_unknown_name_tells_of_what_is_switched_off(two):
    manager = PluginManager(environ={"CSAI_PLUGINS": "alpha"})
    with pytest.raises(UnknownNameError, match=r"'zulu'.* switched off and may provide it"):
        manager.find("blocks", "last")


@pytest.mark.parametrize("switch", ["CSAI_PLUGINS", "CSAI_DISABLE_PLUGINS"])
def test_a_misspelt_switch_is_told_of(two, switch):
    manager = PluginManager(environ={switch: "alhpa,csai-zulu"})
    assert manager.unknown_settings() == ["alhpa"]
    with pytest.raises(UnknownNameError, match="'alhpa' is enabled or disabled, but not installed"):
        manager.find("blocks", "hologram")


def test_csai_strict_plugins_raises_what_the_plugin_raised(site):
    site.install("broken", "import no_such_module_anywhere")
    with pytest.raises(ModuleNotFoundError, match="no_such_module_anywhere"):
        statuses(CSAI_STRICT_PLUGINS="1")


def test_csai_strict_plugins_never_ends_the_program_silently(site):
    site.install("broken", "raise SystemExit(0)")
    with pytest.raises(PluginError, match="'broken' raised SystemExit"):
        statuses(CSAI_STRICT_PLUGINS="1")


def test_csai_strict_plugins_refuses_duplicates(site):
    site.install_block("alpha", "twice")
    site.install_block("zulu", "twice")
    manager = PluginManager(environ={"CSAI_STRICT_PLUGINS": "1"})
    with pytest.raises(DuplicateNameError, match="'twice' is offered by 'zulu' too"):
        manager.entries("blocks")


def test_zero_is_not_strict(site):
    site.install("broken", "raise SystemExit(0)")
    with pytest.warns(PluginWarning):
        assert statuses(CSAI_STRICT_PLUGINS="0")["broken"] == "failed"


def test_csai_trace_plugins_prints_loads_and_hook_calls(two, capsys):
    PluginManager(environ={"CSAI_TRACE_PLUGINS": "1"}).entries("blocks")
    lines = capsys.readouterr().err.splitlines()
    assert "csai plugins: alpha: load …" in lines
    assert "csai plugins: zulu: csai_blocks …" in lines


def test_csai_trace_plugins_prints_failures(site, capsys):
    site.install("broken", "raise OSError('gone')")
    with pytest.warns(PluginWarning):
        statuses(CSAI_TRACE_PLUGINS="1")
    assert "csai plugins: broken: load: OSError: gone" in capsys.readouterr().err.splitlines()


def test_the_installed_command_sees_plugins_and_settings(two):
    """The whole way: a fresh process, the real environment, distributions found on the path."""
    environ = {**os.environ, "PYTHONPATH": str(two.folder), "CSAI_PLUGINS": "alpha"}
    command = [sys.executable, "-c", "from csai_core.commands import main; main()", "plugins", "--json"]
    ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    found = {record["name"]: record for record in json.loads(ran.stdout)}
    assert found["alpha"]["offers"] == {"blocks": ["first"]}
    assert found["zulu"]["problem"] == "switched off by CSAI_PLUGINS"
