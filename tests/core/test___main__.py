"""The command as a script is started."""

from __future__ import annotations

import sys
import types

import pytest

from csai_core.__main__ import run


def test_ctrl_c_while_commands_are_imported_ends_without_a_traceback(monkeypatch, capsys):
    class Interrupted(types.ModuleType):
        def __getattr__(self, name):
            raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "csai_core.commands", Interrupted("csai_core.commands"))
    with pytest.raises(SystemExit) as ended:
        run()
    assert ended.value.code == 130
    assert capsys.readouterr().err == "\n"


def test_it_is_the_command(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["csai", "--version"])
    with pytest.raises(SystemExit) as ended:
        run()
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("csai, version ")
