"""The tutorial in docs/plugins.md works as it is written, and agrees with the code."""

from __future__ import annotations

import re
import tomllib
import typing
from pathlib import Path

import gymnasium
import pytest

from csai_core.plugins import PLUGIN_API, installed
from csai_core.plugins.record import Status

PAGE = (Path(__file__).parents[3] / "docs" / "plugins.md").read_text()
FILES = dict(re.findall(r"^```python\n# (.+?)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
PROJECT = tomllib.loads(re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)[0])["project"]


@pytest.fixture
def light_switch(site):
    """The tutorial's three files, installed."""
    ((plugin, hooks),) = PROJECT["entry-points"]["csai"].items()
    info = site.install(plugin, "", distribution=PROJECT["name"], version=PROJECT["version"])
    (info / "entry_points.txt").write_text(f"[csai]\n{plugin} = {hooks}\n")
    (site.folder / "light_switch").mkdir()
    for path, source in FILES.items():
        if path.startswith("light_switch/"):
            (site.folder / path).write_text(source)
            site.modules.append(path.removesuffix(".py").replace("/", "."))
    site.modules.append("light_switch")
    installed.cache_clear()
    yield
    installed.cache_clear()
    gymnasium.registry.pop("LightSwitch/Lamp-v0", None)


def test_the_plugin_from_an_empty_folder_works(light_switch):
    exec(compile(FILES["try it"], "docs/plugins.md", "exec"), {})


def test_it_passes_its_check(light_switch, csai):
    result = csai("check", "light_switch")
    assert result.exit_code == 0
    assert "LightSwitch/Lamp-v0" in result.output


def test_csai_lists_and_explains_it(light_switch, csai):
    assert "LightSwitch/Lamp-v0" in csai("list", "environments").output
    assert "Keep the lamp lit" in csai("show", "LightSwitch/Lamp-v0").output
    assert "light-switch 0.1.0" in csai("plugins").output


def test_the_page_explains_every_status():
    table = re.findall(r"^\| (\w+) \|", PAGE, re.MULTILINE)
    assert set(typing.get_args(Status)) <= set(table)


def test_the_page_states_the_plugin_api():
    assert f"CSAI_PLUGIN_API = {PLUGIN_API}\n" in PAGE
