"""`csai new-plugin`: what it writes, and what it refuses. That the result works is tested by nox."""

from __future__ import annotations

import ast
import tomllib

import pytest

from csai_core import __version__


def test_it_writes_a_complete_package(csai, tmp_path):
    result = csai("new-plugin", "moon-walk", "--into", str(tmp_path))
    assert result.exit_code == 0
    assert f"cd {tmp_path / 'moon-walk'}" in result.output
    written = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {
        f"moon-walk/{name}"
        for name in (
            ".github/workflows/test.yml",
            ".gitignore",
            "README.md",
            "pyproject.toml",
            "src/moon_walk/__init__.py",
            "src/moon_walk/algorithm.py",
            "src/moon_walk/batch.py",
            "src/moon_walk/block.py",
            "src/moon_walk/env.py",
            "src/moon_walk/hooks.py",
            "src/moon_walk/py.typed",
            "tests/test_algorithm.py",
            "tests/test_block.py",
            "tests/test_env.py",
            "tests/test_plugin.py",
        )
    }


def test_names_are_filled_in_everywhere(csai, tmp_path):
    csai("new-plugin", "Moon_Walk", "--into", str(tmp_path))
    for path in (tmp_path / "moon-walk").rglob("*.*"):
        if path.is_file():
            assert "$" not in path.read_text()
        if path.suffix == ".py":
            ast.parse(path.read_text())
    project = tomllib.loads((tmp_path / "moon-walk" / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["csai"] == {"moon_walk": "moon_walk.hooks"}
    assert f"csai-core>={__version__}" in project["dependencies"]


def test_its_hooks_are_a_healthy_plugin(csai, site, tmp_path):
    csai("new-plugin", "moon-walk", "--into", str(tmp_path))
    hooks = (tmp_path / "moon-walk" / "src" / "moon_walk" / "hooks.py").read_text()
    site.install("moon_walk", hooks)
    output = csai("list").output
    assert "MoonWalk/Walk-v0" in output
    assert output.count("moon_walk ") >= 2


@pytest.mark.parametrize("name", ["", "9lives", "my plugin", "a--b", "ä", "../up", "class", "a.b", "-x"])
def test_names_that_no_package_can_have(csai, tmp_path, name):
    result = csai("new-plugin", "--into", str(tmp_path), "--", name)
    assert result.exit_code == 1
    assert "a name is words of letters and digits with dashes between them" in result.output
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["json", "csai-core", "numpy"])
def test_names_that_would_hide_a_module(csai, tmp_path, name):
    result = csai("new-plugin", name, "--into", str(tmp_path))
    assert result.exit_code == 1
    assert "There is a Python module" in result.output


def test_a_folder_in_use_is_left_alone(csai, tmp_path):
    (tmp_path / "moon-walk").mkdir()
    (tmp_path / "moon-walk" / "diary.txt").write_text("mine")
    result = csai("new-plugin", "moon-walk", "--into", str(tmp_path))
    assert result.exit_code == 1
    assert "exists and is not empty" in result.output
    assert [path.name for path in (tmp_path / "moon-walk").iterdir()] == ["diary.txt"]


def test_an_empty_folder_is_fine(csai, tmp_path):
    (tmp_path / "moon-walk").mkdir()
    assert csai("new-plugin", "moon-walk", "--into", str(tmp_path)).exit_code == 0
