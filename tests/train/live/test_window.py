"""The training below its agent's game, in one window."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("pygame")

from csai_core.palette import ORANGE
from csai_core.play import Session
from csai_core.shell.window import Window
from csai_train.live.account import Account
from csai_train.live.facts import Facts
from csai_train.live.spectator import Spectator
from csai_train.live.strip import HEIGHT, draw_strip
from csai_train.live.window import WindowWithStrip, show_in_window
from csai_train.runs.events_file import read_events


@pytest.fixture
def spectator(finished):
    spectator = Spectator(finished, is_patient=False)
    spectator.let_play()
    return spectator


def test_games_are_played_with_the_strip_below_until_the_window_is_closed(spectator, monkeypatch):
    shown, show = [], Window.show

    def note(window, frame):
        show(window, frame)
        shown.append((window.whole_size, frame))
        if len(shown) == 5:
            window.close()

    monkeypatch.setattr(Window, "show", note)
    show_in_window(spectator, fps=30.0, seed=1)
    (width, height), frame = shown[-1]
    assert frame.shape == (height, width, 3)
    assert len(np.unique(frame[-HEIGHT:].reshape(-1, 3), axis=0)) > 10
    assert spectator.account.state == "complete"


def test_o_paints_what_the_agent_thinks_on_the_board(spectator, monkeypatch):
    pygame, sessions, show = pytest.importorskip("pygame"), [], Window.show

    class Noted(Session):
        def __init__(self, *args, **settings):
            super().__init__(*args, **settings)
            sessions.append(self)

    def note(window, frame):
        show(window, frame)
        kind = pygame.QUIT if sessions[0].beside.overlay else pygame.KEYDOWN
        pygame.event.post(pygame.event.Event(kind, key=pygame.K_o))

    monkeypatch.setattr("csai_train.live.window.Session", Noted)
    monkeypatch.setattr(Window, "show", note)
    show_in_window(spectator, fps=30.0, seed=1)
    assert sessions[0].beside.overlay.name == "action-values"


def test_what_is_given_has_the_room_above_the_strip(spectator):
    window = WindowWithStrip("it", (500, 300), spectator, spectator.facts)
    assert window.size == (500, 300)
    assert window.whole_size == (500, 300 + HEIGHT)
    window.resize((600, 400))
    assert window.size == (600, 400)
    assert window.whole_size == (600, 400 + HEIGHT)
    window.close()


def columns_of(frame, color):
    return np.flatnonzero((frame == color).all(axis=2).any(axis=0))


@pytest.mark.parametrize("width", [480, 820, 1600])
def test_the_curve_grows_to_the_right(finished, width):
    from csai_core.palette import BLUE

    events = read_events(finished.path)
    half, whole = Account(), Account()
    half.include([event for event in events if event["steps"] <= 1500])
    whole.include(events)
    facts = Facts(finished)
    first, last = (draw_strip(width, facts, each, "untrained") for each in (half, whole))
    assert first.shape == (HEIGHT, width, 3)
    assert columns_of(last, BLUE).max() > columns_of(first, BLUE).max()
    assert not np.array_equal(draw_strip(width, facts, Account(), ""), last)


def test_remarks_of_others_are_not_obeyed_and_long_ones_fit(finished):
    account = Account()
    account.include([{"event": "warning", "steps": 1, "message": "x\x00\x1b[2J" * 200}])
    assert draw_strip(500, Facts(finished), account, "").shape == (HEIGHT, 500, 3)


def test_a_long_remark_is_told_in_as_many_lines_as_there_is_room_for(finished):
    short, long, facts = Account(), Account(), Facts(finished)
    for account, words in ((short, "The reward"), (long, "The reward never changes " * 4)):
        account.include([{"event": "warning", "steps": 1, "message": words}])
    inked = [np.flatnonzero((draw_strip(700, facts, each, "") == ORANGE).all(axis=2).any(axis=1))
             for each in (short, long)]  # fmt: skip
    assert len(inked[1]) > 2 * len(inked[0]) > 0
