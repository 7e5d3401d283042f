"""`--live` of the commands that train: a window where there is a game, else a drawing in the terminal."""

from __future__ import annotations

import io

import pytest
from click.testing import CliRunner
from rich.console import Console

from csai_core.commands import main, output
from csai_train import ProgressBar, train
from csai_train.commands import live_training
from csai_train.commands.live_training import LiveTraining, progress_of


@pytest.fixture
def terminal(monkeypatch):
    """A terminal without a display, in which commands write."""
    console = Console(file=io.StringIO(), force_terminal=True, width=100, height=30, color_system=None)
    monkeypatch.setattr(output, "console", lambda **given: console)
    monkeypatch.setattr(live_training, "has_screen", lambda: False)
    return console


@pytest.mark.parametrize(
    ("is_live", "is_terminal", "has_screen", "has_game", "is_drawn"),
    [
        (False, True, True, True, False),
        (True, True, False, True, True),
        (True, False, True, True, True),
        (True, False, True, False, False),
        (True, True, True, False, True),
        (True, False, False, True, False),
    ],
)
def test_what_shows_a_training(monkeypatch, is_live, is_terminal, has_screen, has_game, is_drawn):
    monkeypatch.setattr(live_training, "has_screen", lambda: has_screen)
    console = Console(file=io.StringIO(), force_terminal=is_terminal)
    shown = progress_of(console, lambda: None, is_live=is_live, has_game=has_game)
    assert type(shown) is (LiveTraining if is_drawn else ProgressBar)


def test_a_fork_is_drawn_while_it_learns(terminal, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    train("q_learning", "FrozenLake-v1", total_steps=2000, seed=1, run_dir="old", preset=None)
    words = ["fork", "old", "--at", "newest", "--total-steps", "3000", "--run-dir", "new", "--episodes", "1"]
    result = CliRunner().invoke(main, [*words, "--live"])
    assert result.exit_code == 0, (result.output, result.exception)
    drawn = terminal.file.getvalue()
    assert "FrozenLake-v1 by q_learning" in drawn
    assert "The game too: csai live new" in drawn
    assert "3,000 of 3,000 steps" in drawn
