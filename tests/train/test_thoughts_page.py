"""docs/thoughts.md: its code runs, and its keys are the player's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from csai_core.play import controls

PAGE = (Path(__file__).parents[2] / "docs" / "thoughts.md").read_text()
SNIPPETS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
ROWS = re.findall(r"^\| ([^|]+) \| [^|]+ \|$", PAGE.partition("## Keys")[2].partition("\n\nA key")[0], re.M)


@pytest.mark.parametrize("number", range(len(SNIPPETS)))
def test_snippets_run(tmp_path, monkeypatch, number):
    pytest.importorskip("pygame")
    monkeypatch.chdir(tmp_path)
    exec(SNIPPETS[number], {})


def test_there_are_snippets_to_run():
    assert len(SNIPPETS) == 1


def test_every_key_of_the_player_is_told():
    told = re.findall(r"`[^`]+`|[^\s,`]+", " ".join(ROWS[1:]).lower())
    groups = (*controls.IN_GAME, *controls.WITH_AGENT)
    for control in (control for group in groups for control in group if control != controls.LEAVE):
        assert [key for key in control.keys if key not in told and f"`{key}`" not in told] == []


def test_stand_ins_are_those_of_the_player():
    stand_ins = [
        control.others[0] for control in (controls.HELP, controls.TAKE_OVER, controls.THINK, controls.OVERLAY)
    ]
    assert stand_ins == ["f1", "f2", "f3", "f4"]
    assert "F1 to F4 stand in for H, T, V and O" in PAGE
