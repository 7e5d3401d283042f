"""What `csai new-plugin` writes, each kind alone, all together and in between.

Their own tests, which run the suites, and their style and types are judged by nox, which installs them.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from importlib.util import find_spec

import gymnasium
import pytest

from csai_core.commands.plugin_template import kinds, plugin_files
from csai_core.plugins import installed

KINDS = kinds()
DECLARED_BY = {"health_rule": "csai_train"}
"""Kinds that are there only with a package of ours."""
WORDS = {"name": "moon-walk", "package": "moon_walk", "title": "MoonWalk", "version": "0.1.0", "api": "1"}
BASE = {
    ".github/workflows/next.yml",
    ".github/workflows/test.yml",
    ".gitignore",
    "README.md",
    "pyproject.toml",
    "src/moon_walk/__init__.py",
    "src/moon_walk/hooks.py",
    "src/moon_walk/py.typed",
    "tests/test_plugin.py",
}
SUBSETS = (
    ("batched", "environment"),
    ("environment", "algorithm"),
    ("block", "algorithm"),
    ("command", "agent"),
    ("wrapper", "network", "batched"),
    tuple(KINDS),
)


@pytest.fixture
def moon_walk(csai, tmp_path, monkeypatch):
    """Writes a plugin of some kinds and installs it, as pip would leave it; returns its folder."""

    def write(*chosen):
        listed = ",".join(chosen)
        assert csai("new-plugin", "moon-walk", "--kind", listed, "--into", str(tmp_path)).exit_code == 0
        source = tmp_path / "moon-walk" / "src"
        info = source / "moon_walk-0.1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: moon-walk\nVersion: 0.1.0\n")
        (info / "entry_points.txt").write_text("[csai]\nmoon_walk = moon_walk.hooks\n")
        monkeypatch.syspath_prepend(str(source))
        installed.cache_clear()
        return tmp_path / "moon-walk"

    yield write
    for name in [name for name in sys.modules if name.partition(".")[0] == "moon_walk"]:
        del sys.modules[name]
    gymnasium.registry.pop("MoonWalk/Walk-v0", None)


@pytest.mark.parametrize("chosen", [*((kind,) for kind in KINDS), *SUBSETS], ids="-".join)
def test_whatever_is_chosen_makes_a_healthy_plugin(moon_walk, chosen):
    folder = moon_walk(*chosen)
    for path in folder.rglob("*.py"):
        ast.parse(path.read_text())
    manager = installed()
    manager.call_all()
    (record,) = [record for record in manager.records if record.name == "moon_walk"]
    assert record.status == "ok", record.problem
    declared = {kind for kind in chosen if find_spec(DECLARED_BY.get(kind, "csai_core"))}
    assert len(record.hooks) == len({KINDS[kind].on or kind for kind in declared})
    assert all(record.offers[hook.removeprefix("csai_")] for hook in record.hooks)


@pytest.mark.parametrize("chosen", [*((kind,) for kind in KINDS), *SUBSETS], ids="-".join)
def test_each_kind_brings_its_modules_and_a_test_and_nothing_else_does(chosen):
    files = plugin_files(chosen, WORDS)
    taken = {each for kind in chosen for each in (kind, KINDS[kind].on) if each}
    modules = {f"src/moon_walk/{file}" for kind in taken for file in KINDS[kind].files}
    tests = {f"tests/test_{file}" for kind in taken for file in KINDS[kind].files if file.endswith(".py")}
    assert set(files) == BASE | modules | tests
    assert "$" not in "".join(files.values()).replace("${{ matrix.python-version }}", "")


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_is_needed_is_required(kind):
    requirements = tomllib.loads(plugin_files([kind], WORDS)["pyproject.toml"])["project"]["dependencies"]
    assert requirements == ["csai-core>=0.1.0", *(f"{need}>=0.1.0" for need in KINDS[kind].needs)]


def test_a_kind_that_needs_no_torch_has_no_word_of_it():
    for kind in ("environment", "batched", "algorithm", "agent", "wrapper", "command"):
        assert "torch" not in "".join(plugin_files([kind], WORDS).values())
        assert KINDS[kind].needs == ()


def test_what_is_offered_is_said():
    files = plugin_files(["algorithm", "batched"], WORDS)
    assert "an environment, its batched version and an algorithm." in files["README.md"]
    assert files["src/moon_walk/__init__.py"].startswith(
        '"""moon-walk: an environment, its batched version and an algorithm for csai."""'
    )
    assert "an environment." in plugin_files(["environment"], WORDS)["README.md"]


def test_an_environment_without_a_batch_names_none():
    assert "batch" not in plugin_files(["environment"], WORDS)["src/moon_walk/hooks.py"]
    assert "moon_walk.batch:" in plugin_files(["batched"], WORDS)["src/moon_walk/hooks.py"]


def test_its_tests_mean_its_own_things_whatever_else_is_installed():
    files = plugin_files(list(KINDS), WORDS)
    tests = {
        path: text for path, text in files.items() if path.startswith("tests/") and "_plugin" not in path
    }
    named = [line.strip() for text in tests.values() for line in text.splitlines() if "entry_name" in line]
    assert len(named) >= 6
    assert set(named) == {'entry_name = "moon_walk:moon_walk"'}
