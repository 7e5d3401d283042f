"""`csai new-plugin`: what it writes where, and what it refuses."""

from __future__ import annotations

import tomllib

import pytest

from csai_core import __version__
from csai_core.commands import plugin_template


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_it_writes_a_complete_package(csai, tmp_path):
    result = csai("new-plugin", "moon-walk", "--into", str(tmp_path))
    assert result.exit_code == 0
    assert f"cd {tmp_path / 'moon-walk'}" in result.output
    written = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {
        f"moon-walk/{name}"
        for name in (
            ".github/workflows/next.yml",
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
            "tests/test_batch.py",
            "tests/test_block.py",
            "tests/test_env.py",
            "tests/test_plugin.py",
        )
    }


def test_names_are_filled_in(csai, tmp_path):
    csai("new-plugin", "Moon_Walk", "--into", str(tmp_path))
    project = tomllib.loads((tmp_path / "moon-walk" / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["csai"] == {"moon_walk": "moon_walk.hooks"}
    assert f"csai-core>={__version__}" in project["dependencies"]


@pytest.mark.parametrize(
    "options",
    [
        ("--kind", "environment,algorithm"),
        ("--kind", "algorithm", "--kind", "environment"),
        ("--kind", "envs, Algo"),
        ("--kind", "games,environments,learners"),
    ],
)
def test_kinds_are_given_as_people_type_them(csai, tmp_path, options):
    assert csai("new-plugin", "moon-walk", *options, "--into", str(tmp_path)).exit_code == 0
    written = {path.name for path in (tmp_path / "moon-walk" / "src" / "moon_walk").iterdir()}
    assert written == {"__init__.py", "algorithm.py", "env.py", "hooks.py", "py.typed"}


@pytest.mark.parametrize("typed", ["all", "ALL", "block, all"])
def test_all_means_every_kind_there_is(csai, tmp_path, typed):
    every = plugin_template.kinds()
    for folder, kinds in (("by_all", typed), ("by_name", ",".join(every))):
        result = csai("new-plugin", "moon-walk", "--kind", kinds, "--into", str(tmp_path / folder))
        assert result.exit_code == 0
    by_all, by_name = (
        {str(path.relative_to(tmp_path / folder)): path.read_text() for path in files(tmp_path / folder)}
        for folder in ("by_all", "by_name")
    )
    assert by_all == by_name
    for kind in every.values():
        assert {f"moon-walk/src/moon_walk/{path}" for path in kind.files} <= by_all.keys()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("enviroment", "No kind of plugin named 'enviroment'. Did you mean 'environment'?"),
        ("environment,teapot", "No kind of plugin named 'teapot'. Known: environment, batched, "),
        (",", "--kind names nothing. Known: environment, "),
    ],
)
def test_kinds_that_there_are_not(csai, tmp_path, kind, words):
    result = csai("new-plugin", "moon-walk", "--kind", kind, "--into", str(tmp_path))
    assert result.exit_code == 1
    assert words in result.output
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["", "9lives", "my plugin", "a--b", "ä", "../up", "class", "a.b", "-x"])
def test_names_that_no_package_can_have(csai, tmp_path, name):
    result = csai("new-plugin", "--into", str(tmp_path), "--", name)
    assert result.exit_code == 1
    assert "a name is words of letters and digits with dashes between them" in result.output
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("csai", "that is a name of csai itself"),
        ("csai_envs", "that is a name of csai itself"),
        ("CSAI-train", "that is a name of csai itself"),
        ("CoderSchoolAI", "that is a name of csai itself"),
        ("json", "json is a module of Python's standard library"),
        ("winreg", "winreg is a module of Python's standard library"),
        ("numpy", "there is a Python module 'numpy' already"),
        ("typing-extensions", "there is a Python module 'typing_extensions' already"),
        ("csai-shown", "a package of that name is installed already"),
        ("shown", "a plugin of that name is installed already"),
        ("doctor", "it is the name of one of the commands that are installed"),
        ("guess-well", "it is the name of one of the algorithms that are installed"),
    ],
)
def test_names_that_are_taken(csai, shown, tmp_path, name, owner):
    result = csai("new-plugin", name, "--into", str(tmp_path))
    assert result.exit_code == 1
    assert f"A plugin cannot be named {name.lower().replace('_', '-')!r}: {owner}." in result.output
    assert not list(tmp_path.iterdir())


def test_a_stranger_may_begin_with_csai(csai, tmp_path):
    assert csai("new-plugin", "csai-moon", "--into", str(tmp_path)).exit_code == 0


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
