"""Trust: what a person has typed here is remembered with its place, and nothing else is imported."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from csai_core import trust
from csai_core.errors import CsaiError, UntrustedModuleError


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with modules that leave a mark when they are imported, and settings of its own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    monkeypatch.setattr(trust, "_TYPED", set())
    monkeypatch.setattr(sys, "path", list(sys.path))
    folder = tmp_path / "here"
    marking = "import pathlib; pathlib.Path(__file__).with_suffix('.mark').touch()\n"
    (folder / "lab_games").mkdir(parents=True)
    for name in ("hall_game.py", "lab_games/__init__.py", "lab_games/wipe.py"):
        (folder / name).write_text(marking)
    monkeypatch.chdir(folder)
    yield folder
    for name in ("hall_game", "lab_games", "lab_games.wipe"):
        sys.modules.pop(name, None)


def marks(folder):
    return sorted(path.stem for path in folder.rglob("*.mark"))


def test_what_was_typed_is_imported_in_this_folder_and_nothing_is_before(here):
    with pytest.raises(UntrustedModuleError, match="why") as caught:
        trust.import_trusted("hall_game", "why")
    assert (caught.value.module, caught.value.place) == ("hall_game", str(here.resolve() / "hall_game.py"))
    trust.remember("hall_game")
    assert marks(here) == []
    trust.import_trusted("hall_game", "why")
    assert marks(here) == ["hall_game"]


def test_it_is_remembered_in_a_file_with_its_place(here):
    trust.remember("hall_game")
    trust.remember("hall_game")
    content = json.loads(trust.trust_file().read_text())
    assert content == {"modules": {"hall_game": [str(here.resolve() / "hall_game.py")]}}


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("../evil", "'../evil' is no name of a module"),
        ("lab_games/hall", "is no name of a module"),
        (".wipe", "is no name of a module"),
        ("", "is no name of a module"),
        ("-e x", "is no name of a module"),
        ("os", "'os' is a part of Python itself"),
        ("os.path", "'os.path' is a part of Python itself"),
        ("__main__", "is a part of Python itself"),
        ("calendar", "is a part of Python itself"),
    ],
)
def test_what_can_be_no_module_of_environments_is_neither_asked_for_nor_advised(here, module, words):
    assert words in trust.complaint(module)
    assert trust.advice(module) == ""
    with pytest.raises(UntrustedModuleError) as caught:
        trust.import_trusted(module, "why")
    assert caught.value.place == ""


def test_what_may_be_one_is_advised_where_it_is_and_missed_where_it_is_not(here, monkeypatch):
    assert trust.advice("lab_games.wipe") == "If you trust that, import it first: --import lab_games.wipe"
    assert trust.advice("nowhere.at.all") == "No module nowhere is installed here."
    (here / "cmd.py").write_text("")  # of this folder, which has it before Python does
    monkeypatch.delitem(sys.modules, "cmd", raising=False)
    assert trust.complaint("cmd") == ""


def test_a_file_of_the_same_name_in_another_folder_is_another(here, tmp_path, monkeypatch):
    trust.remember("hall_game")
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "hall_game.py").write_text("raise AssertionError")
    monkeypatch.chdir(tmp_path / "there")
    assert not trust.is_trusted("hall_game")
    monkeypatch.chdir(here)
    assert trust.is_trusted("hall_game")


def test_a_file_here_goes_before_what_is_installed_and_is_not_trusted_for_it(here):
    trust.remember("click")
    sys.modules.pop("not_there", None)
    assert trust.is_trusted("click")
    trust.remember("pytest_timeout")
    if not trust.find("pytest_timeout"):
        pytest.skip("pytest-timeout is not installed")
    sys.modules.pop("pytest_timeout", None)
    (here / "pytest_timeout.py").write_text("raise AssertionError")
    assert not trust.is_trusted("pytest_timeout")


def test_a_module_is_trusted_and_not_those_below_it(here):
    trust.remember("lab_games")
    assert trust.is_trusted("lab_games")
    for name in ("lab_games.wipe", "lab_games.", ".lab_games", "lab_games:x", "", "lab games"):
        assert not trust.is_trusted(name)
        with pytest.raises(UntrustedModuleError):
            trust.import_trusted(name, "why")
    assert marks(here) == []


@pytest.mark.parametrize("name", ["os", "antigravity", "json", "sys", "__main__", "..os", "no_such_module"])
def test_parts_of_python_are_never_imported_or_asked_about(here, name):
    with pytest.raises(UntrustedModuleError) as caught:
        trust.import_trusted(name, "why")
    assert caught.value.place == ""


def test_modules_of_csai_and_gymnasium_need_no_trust(here):
    assert trust.is_trusted("csai_core.search")
    assert trust.is_trusted("gymnasium.wrappers")
    assert not trust.is_trusted("csai_core_games")


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"modules": 3}', '{"modules": {"a": "b"}}', "[" * 99_999]
)
def test_a_file_that_is_none_says_nothing_and_is_written_anew(here, content):
    trust.trust_file().parent.mkdir(parents=True)
    trust.trust_file().write_text(content)
    assert not trust.is_trusted("hall_game")
    trust.remember("hall_game")
    assert [*json.loads(trust.trust_file().read_text())["modules"]] == ["hall_game"]


def test_where_nothing_can_be_written_this_process_alone_knows(here, tmp_path, monkeypatch):
    (tmp_path / "settings").write_text("a file in the way")
    trust.remember("hall_game")
    assert trust.is_trusted("hall_game")
    monkeypatch.setattr(trust, "_TYPED", set())
    assert not trust.is_trusted("hall_game")


def test_the_file_lies_where_the_system_keeps_settings(monkeypatch, tmp_path):
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert trust.trust_file() == tmp_path / "Library/Application Support/csai/trusted.json"
    monkeypatch.setattr(sys, "platform", "linux")
    assert trust.trust_file() == tmp_path / ".config/csai/trusted.json"


def test_the_error_is_one_of_csais():
    assert issubclass(UntrustedModuleError, CsaiError)


def test_what_a_program_asks_for_it_has_asked_for_in_this_process_alone(here):
    trust.note("hall_game")
    trust.import_trusted("hall_game", "why")
    assert not trust.trust_file().exists()
    with pytest.raises(UntrustedModuleError):
        trust.import_trusted("lab_games", "why")
