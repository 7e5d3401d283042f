"""The tutorial in docs/plugins.md works as it is written, and agrees with the code."""

from __future__ import annotations

import re
import tomllib
import typing
from pathlib import Path

import gymnasium
import pytest

from csai_core.plugins import PLUGIN_API, PLUGIN_API_OLDEST, installed
from csai_core.plugins.kind import BUILT_IN
from csai_core.plugins.record import Status

PAGE = (Path(__file__).parents[3] / "docs" / "plugins.md").read_text()
START, REST = PAGE.split("## Everything else")
PROJECT = tomllib.loads(re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)[0])["project"]


def files(text):
    """The files that a part of the page shows; what is added to one further down stands behind it."""
    found = {}
    block = re.compile(r"^```(?:python|toml)\n# (.+?)\n(.*?)^```", re.MULTILINE | re.DOTALL)
    for path, source in block.findall(text):
        found[path] = found.get(path, "") + source
    return found


def suites():
    """The test files of the page."""
    return [path for path in files(PAGE) if path.startswith("tests/")]


@pytest.fixture
def install_from(site):
    """Installs the package as a part of the page tells it."""

    def install(text):
        ((plugin, hooks),) = PROJECT["entry-points"]["csai"].items()
        info = site.install(plugin, "", distribution=PROJECT["name"], version=PROJECT["version"])
        (info / "entry_points.txt").write_text(f"[csai]\n{plugin} = {hooks}\n")
        for path, source in files(text).items():
            if path.startswith("light_switch/"):
                (site.folder / path).parent.mkdir(exist_ok=True)
                (site.folder / path).write_text(source)
                site.modules.append(path.removesuffix(".py").replace("/", "."))
        site.modules.append("light_switch")
        installed.cache_clear()

    yield install
    installed.cache_clear()
    gymnasium.registry.pop("LightSwitch/Lamp-v0", None)


@pytest.fixture
def light_switch(install_from):
    """The three files of its beginning, installed."""
    install_from(START)


def test_the_plugin_from_an_empty_folder_works(light_switch):
    exec(compile(files(PAGE)["try it"], "docs/plugins.md", "exec"), {})


def test_it_passes_its_check(light_switch, csai):
    result = csai("check", "light_switch")
    assert result.exit_code == 0
    assert "LightSwitch/Lamp-v0" in result.output


def test_csai_lists_and_explains_it(light_switch, csai):
    assert "LightSwitch/Lamp-v0" in csai("list", "environments").output
    assert "Keep the lamp lit" in csai("show", "LightSwitch/Lamp-v0").output
    assert "light-switch 0.1.0" in csai("plugins").output


@pytest.mark.parametrize("path", suites())
def test_what_each_section_tests_has_no_fault(install_from, path):
    if path == "tests/test_plugin.py":  # which imports all that the page's plugin offers
        pytest.importorskip("csai_train")
    install_from(PAGE)
    namespace = {}
    try:
        exec(compile(files(PAGE)[path], f"docs/plugins.md, {path}", "exec"), namespace)
    except ModuleNotFoundError as error:
        pytest.skip(f"{error.name} is not installed")
    (suite,) = [each for name, each in namespace.items() if name.startswith("Test")]
    assert [outcome for outcome in suite().run() if outcome.status == "failed"] == []


def test_the_page_has_a_section_for_each_kind(install_from):
    install_from(PAGE)
    manager = installed()
    manager.call_all()
    (record,) = [record for record in manager.records if record.name == "light_switch"]
    assert record.status == "ok", record.problem
    elsewhere = {"algorithms", "buffers"}  # the page points to another
    declared = {"health_rules"} & manager.kinds.keys()  # by csai-train
    assert {kind for kind, names in record.offers.items() if names} == {
        kind.name for kind in BUILT_IN
    } - elsewhere | declared


def test_what_each_section_offers_can_be_imported(install_from):
    pytest.importorskip("csai_train")
    install_from(PAGE)
    manager = installed()
    for kind in manager.kinds:
        for entry in manager.entries(kind).values() if kind != "environments" else ():
            if entry.plugin == "light_switch":
                assert callable(entry.load()) or kind == "presets"


def test_the_words_of_the_sections_work(install_from, csai, tmp_path, monkeypatch):
    pytest.importorskip("csai_train")
    install_from(PAGE)
    monkeypatch.chdir(tmp_path)
    assert len(csai("blink", "--seed", "1").output.strip()) == 20
    lamp = "LightSwitch/Lamp-v0"
    for words in (
        ("train", lamp, "--callback", "meter", "--total-steps", "200", "--seed", "1"),
        ("train-dataset", "lamps", "--net", "linear", "--learning-rate", "0.1", "--epochs", "1"),
    ):
        result = csai(*words)
        assert result.exit_code == 0, result.output
    (meter,) = tmp_path.rglob("meter.txt")
    assert float(meter.read_text()) > 0


def test_the_page_explains_every_status():
    table = re.findall(r"^\| (\w+) \|", PAGE, re.MULTILINE)
    assert set(typing.get_args(Status)) <= set(table)


def test_the_page_states_the_plugin_api():
    assert f"CSAI_PLUGIN_API = {PLUGIN_API}\n" in PAGE


def test_the_number_before_the_newest_is_offered_as_the_page_promises():
    assert max(1, PLUGIN_API - 1) >= PLUGIN_API_OLDEST
