"""Presets of several plugins: whose come first, by which names they are found, and whose are broken."""

from __future__ import annotations

import sys
import types
from importlib.metadata import EntryPoint

import pytest
from gymnasium.envs.registration import EnvSpec

from csai_core import Entry, hookimpl, presets
from csai_core.errors import ConfigError, CsaiError, UnknownNameError
from csai_core.plugins import PluginManager, PluginWarning

WALK = "acme/Walk-v0"
FILE = """
algorithm = "{algorithm}"

[{algorithm}]
total_steps = {total_steps}
"""


@pytest.fixture
def offer(monkeypatch, tmp_path):
    """Makes plugins that bring presets; the first offers the environment."""
    points = []
    manager = None

    def installed():
        nonlocal manager
        manager = manager or PluginManager(points, environ={})
        return manager

    monkeypatch.setattr("csai_core.presets.installed", installed)

    def make(plugin, *, has_environment=False, algorithms=(), **files):
        module = types.ModuleType(f"{plugin}_hooks")
        module.FOLDER = tmp_path / plugin
        module.FOLDER.mkdir()
        for name, text in files.items():
            (module.FOLDER / f"{name.replace('__', '--')}-v0.toml").write_text(text)

        @hookimpl
        def csai_presets():
            return [Entry(name=plugin, target=f"{plugin}_hooks:FOLDER")]

        @hookimpl
        def csai_environments():
            spec = EnvSpec(WALK, entry_point="csai_core.testing.toys:Walk")
            return [spec] if has_environment else []

        @hookimpl
        def csai_algorithms():
            return [Entry(name=each, target=f"{plugin}_hooks:FOLDER") for each in algorithms]

        for hook in (csai_presets, csai_environments, csai_algorithms):
            setattr(module, hook.__name__, hook)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        points.append(EntryPoint(plugin, module.__name__, "csai"))
        return installed

    return make


def file(algorithm="guess", total_steps=10):
    return FILE.format(algorithm=algorithm, total_steps=total_steps)


def test_the_environments_own_plugin_comes_first_then_csai_train_then_others_by_name(offer):
    offer("zoo", has_environment=True, algorithms=["guess", "other"], acme__Walk=file(total_steps=1))
    offer("csai_train", acme__Walk=file(total_steps=2))
    offer("bits", acme__Walk=file(total_steps=4))
    offer("atoms", acme__Walk=file("other", total_steps=3))
    found = presets.of_environment(WALK)
    assert [each.plugin for each in found] == ["zoo", "csai_train", "atoms", "bits"]
    assert presets.find(WALK).total_steps == 1
    assert presets.names(WALK) == ["guess", "csai_train:guess", "other", "bits:guess"]
    assert [presets.find(WALK, name).total_steps for name in presets.names(WALK)] == [1, 2, 3, 4]
    assert presets.find(WALK, "zoo:guess") == presets.find(WALK, "guess")
    assert presets.find(WALK, "zoo:other") is None


def test_others_bring_presets_where_its_own_plugin_brings_none(offer):
    offer("zoo", has_environment=True, algorithms=["guess", "other"], Elsewhere=file())
    offer("atoms", acme__Walk=file("other"))
    assert presets.find(WALK).full_name == "atoms:other"
    assert presets.find("Elsewhere-v0").plugin == "zoo"
    assert presets.find("Unheard-v0") is None
    assert presets.all_presets("zoo") == [("Elsewhere-v0", presets.find("Elsewhere-v0"))]


def test_a_broken_file_is_its_plugins_failure_and_no_other_environments(offer):
    installed = offer(
        "zoo",
        has_environment=True,
        algorithms=["guess", "other"],
        acme__Walk="algorithm = ",
        Elsewhere=file(),
    )
    offer("atoms", acme__Walk=file("other"))
    assert presets.find("Elsewhere-v0").plugin == "zoo"
    assert not installed().records[1].problem
    with pytest.warns(PluginWarning, match=r"zoo: presets for acme/Walk-v0: .*acme--Walk-v0.toml is no TOML"):
        assert presets.find(WALK).plugin == "atoms"
    assert presets.find("Elsewhere-v0").plugin == "zoo"
    with pytest.raises(
        UnknownNameError, match=r"No preset of acme/Walk-v0 named 'zoo:guess'.*Plugin 'zoo' failed"
    ):
        presets.choose(WALK, preset="zoo:guess")
    with pytest.raises(CsaiError, match="is no TOML"):
        presets.all_presets("zoo")


def test_where_the_usual_algorithm_is_not_installed_another_plugins_preset_is_taken(offer):
    offer("zoo", has_environment=True, acme__Walk=file("elsewhere"))
    assert presets.find(WALK) is None
    assert presets.find(WALK, "elsewhere").plugin == "zoo"


def test_what_is_no_folder_is_its_plugins_failure_too(offer):
    offer("zoo", has_environment=True)
    sys.modules["zoo_hooks"].FOLDER = "presets"
    with pytest.warns(PluginWarning, match="offered at 'presets', which is no folder"):
        assert presets.find(WALK) is None


def test_a_preset_is_of_the_algorithm_that_its_own_plugin_offers(offer):
    offer("zoo", has_environment=True, algorithms=["guess"], acme__Walk=file())
    offer("atoms", algorithms=["guess"], acme__Walk=file("guess", 7))
    assert presets.find(WALK).algorithm == "zoo:guess"
    assert presets.choose(WALK, algorithm="atoms:guess").total_steps == 7
    assert presets.choose(WALK, algorithm="zoo:guess").total_steps == 10
    assert presets.choose(WALK, algorithm="zoo:guess", preset="zoo:guess").total_steps == 10
    with pytest.raises(
        ConfigError, match="'zoo:guess' of acme/Walk-v0 is one for zoo:guess, not for atoms:guess"
    ):
        presets.choose(WALK, algorithm="atoms:guess", preset="zoo:guess")
    assert presets.choose(WALK, preset=None) is None


def test_a_file_of_ones_own_is_taken_in_place_of_a_name(offer, tmp_path):
    offer("zoo", has_environment=True, algorithms=["guess", "other"], acme__Walk=file(total_steps=1))
    mine = tmp_path / "mine.toml"
    mine.write_text(file("other", 7) + "[guess]\ntotal_steps = 8\n", encoding="utf-8-sig")
    assert presets.find(WALK, str(mine)).total_steps == 7
    assert presets.choose(WALK, preset=str(mine)).algorithm == "zoo:other"
    found = presets.choose(WALK, algorithm="guess", preset=str(mine))
    assert (found.total_steps, found.plugin, found.full_name) == (8, "", "")
    mine.write_text(file("other"))
    with pytest.raises(ConfigError, match=r"mine.toml' of .* is one for zoo:other, not for guess"):
        presets.choose(WALK, algorithm="guess", preset=str(mine))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, r"mine\.toml cannot be read: No such file"),
        (b"\xff", r"mine\.toml cannot be read: .*utf-8"),
        (b"x", r"mine\.toml is no TOML"),
        (b"#" * 1_000_001, r"mine\.toml cannot be read: it has 1,000,001 bytes"),
    ],
)
def test_a_file_of_ones_own_that_is_none_of_presets_is_refused(offer, tmp_path, content, told):
    offer("zoo", has_environment=True)
    mine = tmp_path / "mine.toml"
    if content is not None:
        mine.write_bytes(content)
    with pytest.raises(ConfigError, match=told):
        presets.find(WALK, str(mine))
