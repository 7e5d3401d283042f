"""A window that presses keys by itself: each frame takes one entry of a script, and the end closes it."""

from __future__ import annotations

import pytest

from csai_core.shell.window import Window


def post(kind, **what):
    pygame = pytest.importorskip("pygame")
    pygame.event.post(pygame.event.Event(getattr(pygame, kind), **what))


def perform(entry):
    """Post the events of an entry."""
    import pygame

    if isinstance(entry, tuple):
        post("MOUSEMOTION", pos=entry[:2])
        if len(entry) == 3:
            post("MOUSEBUTTONDOWN", pos=entry[:2], button=entry[2])
        return
    if entry and not (entry.startswith("-") and len(entry) > 1):
        post("KEYDOWN", key=pygame.key.key_code(entry.removeprefix("+") or "+"))
    if entry and not (entry.startswith("+") and len(entry) > 1):
        post("KEYUP", key=pygame.key.key_code(entry.removeprefix("-") or "-"))


class Script(list):
    def __init__(self):
        self.titles, self.frames, self.now = [], [], 0.0

    def clock(self):
        return self.now


@pytest.fixture
def script(monkeypatch):
    """A list of entries, one for each frame, which lasts 50 ms on a clock of its own.

    "left" taps a key, "+left" presses it, "-left" lets it go, "" does nothing, (x, y) moves the mouse there,
    (x, y, 1) clicks. `titles` and `frames` are what the window showed; `clock` is the clock.
    """
    pytest.importorskip("pygame")
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")

    class Script(list):
        titles, frames, now = [], [], 0.0

        def clock(self):
            return self.now

    script = Script()
    script.titles, script.frames = [], []

    class Scripted(Window):
        def show(self, frame):
            script.frames.append(frame)
            super().show(frame)

        def wait(self, fps, on_key=None, on_pointer=None):
            script.titles.append(self.title)
            if script:
                perform(script.pop(0))
            else:
                post("QUIT")
            script.now += 0.05
            self.poll(on_key, on_pointer)

    monkeypatch.setattr("csai_core.play.session.Window", Scripted)
    return script
