"""A training watched from a notebook, and by a program."""

from __future__ import annotations

import base64
import re

import pytest

pytest.importorskip("pygame")

from csai_core import notebooks
from csai_core.errors import ConfigError
from csai_train.live import notebook
from csai_train.runs.run import Run


@pytest.fixture
def page(monkeypatch):
    """A notebook; what is shown in it, one after the other."""
    shown = []
    monkeypatch.setattr(notebooks, "is_notebook", lambda: True)
    monkeypatch.setattr(notebooks.Display, "show", lambda self, content, text: shown.append((content, text)))
    monkeypatch.setattr(notebook, "_SECONDS_BETWEEN", 0.01)
    return shown


def test_the_curve_grows_and_the_agent_plays(finished, page):
    finished.live(speed=2.0, seed=1)
    first, last = page[0][0], page[-1][0]
    assert page[-1][1] == "FrozenLake-v1 by q_learning: complete, 3,000 of 3,000 steps"
    assert "<svg" in last
    assert "goal 0.7" in last
    assert "at random" in last
    assert "the agent after 3,000 steps" in last
    pictures = [re.search(r"png;base64,([^\"]+)", each).group(1) for each in (first, last)]
    assert all(base64.b64decode(each).startswith(b"\x89PNG") for each in pictures)
    assert pictures[0] != pictures[1]


def test_no_game_is_played_where_none_is_wanted(finished, page):
    finished.live(speed=1000.0, plays=False)
    assert "<img" not in page[-1][0]
    assert "<svg" in page[-1][0]


def test_what_cannot_be_played_is_said_and_the_curve_is_shown(finished, page, monkeypatch):
    def refuse(self, which):
        raise ConfigError("it is not here")

    monkeypatch.setattr(Run, "make_algorithm", refuse)
    finished.live(speed=1000.0)
    assert "No game can be shown: it is not here" in page[-1][0]
    assert "<svg" in page[-1][0]


def test_a_stopped_cell_ends_quietly(finished, page, monkeypatch):
    def stop(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(notebook.Spectator, "look", stop)
    finished.live()
    assert page == []


def test_a_program_is_told_in_lines(finished, capsys):
    finished.live()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "FrozenLake-v1 by q_learning"
    assert lines[-1] == "complete after 3,000 steps"


@pytest.mark.parametrize("given", [{"speed": 0}, {"speed": "fast"}, {"seed": -1}, {"plays": 2}])
def test_arguments_are_checked(finished, given):
    with pytest.raises(ConfigError, match=next(iter(given))):
        finished.live(**given)
