"""Entry points of what is installed."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

import csai_core
from csai_core import diagnostics, trust
from csai_core.commands import mistakes, new_plugin
from csai_core.plugins.discovery import DISTRIBUTIONS, OURS, find_entry_points, plugin_name


def installed_into(folder, plugin, distribution, version="1.0"):
    info = folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text(f"[csai]\n{plugin} = {plugin}_hooks\n")


def test_of_a_distribution_that_is_there_twice_the_first_on_the_path_counts(tmp_path, monkeypatch):
    installed_into(tmp_path / "second", "lamps", "csai-lamps", "1.0")
    installed_into(tmp_path / "first", "lamps", "csai_lamps", "2.0")
    installed_into(tmp_path / "second", "blinds", "csai-blinds")
    monkeypatch.syspath_prepend(str(tmp_path / "second"))
    monkeypatch.syspath_prepend(str(tmp_path / "first"))
    found = [(each.name, each.dist.version) for each in find_entry_points()]
    assert found.count(("lamps", "2.0")) == found.count(("blinds", "1.0")) == 1
    assert ("lamps", "1.0") not in found


@pytest.mark.parametrize(
    ("name", "distribution", "taken", "called"),
    [
        ("lamps", "csai-lights", [], "lamps"),
        ("my lamps", "csai-lights", [], "my_lamps"),
        ("lamps", "csai-lights", ["lamps"], "csai_lights"),
        ("lamps", "csai-lights", ["lamps", "csai_lights"], "csai_lights_lamps"),
        ("lamps", "csai-lights", ["lamps", "csai_lights", "csai_lights_lamps"], ""),
        ("lamps", None, [], "lamps"),
        ("lamps", None, ["lamps"], ""),
        ("csai_core", "csai-lights", [], "csai_lights"),
        ("csai_core", "csai-core", [], "csai_core"),
        ("csai_core", None, [], "csai_core"),
    ],
)
def test_a_plugin_goes_by_its_name_or_else_by_that_of_its_distribution(name, distribution, taken, called):
    dist = distribution and SimpleNamespace(metadata={"Name": distribution, "Version": "1.0"})
    assert plugin_name(SimpleNamespace(name=name, dist=dist), taken) == called


PACKAGES = Path(csai_core.__file__).parents[3]


@pytest.mark.skipif(not (PACKAGES / "csai-core").is_dir(), reason="csai-core is not a checkout's")
def test_our_own_are_the_packages_of_this_project():
    assert sorted(path.name for path in PACKAGES.iterdir() if path.is_dir()) == sorted(DISTRIBUTIONS)
    assert [name.replace("-", "_") for name in DISTRIBUTIONS] == list(OURS)


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_whoever_knows_our_own_knows_all_of_them(distribution, monkeypatch):
    module = distribution.replace("-", "_")
    assert trust.is_trusted(f"{module}.anything")
    assert new_plugin._owner(distribution, module) == "that is a name of csai itself"
    assert mistakes._is_family(f"{module}.anything")
    monkeypatch.setattr(diagnostics, "version", lambda name: f"version of {name}")
    family = next(each.text for each in diagnostics._versions() if each.topic == "csai")
    assert f"{distribution} version of {distribution}" in re.split(", |: ", family)
