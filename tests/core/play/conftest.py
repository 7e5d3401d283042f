"""A window that presses keys by itself: each frame takes one entry of a script, and the end closes it."""

from __future__ import annotations

import pytest

from csai_core.shell.window import Window


@pytest.fixture
def script(monkeypatch):
    """A list of keys, one for each frame: "left" taps, "+left" presses, "-left" lets go, "" nothing."""
    pygame = pytest.importorskip("pygame")
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    keys, titles, speeds = [], [], []

    def post(kind, key):
        pygame.event.post(pygame.event.Event(kind, key=pygame.key.key_code(key)))

    class Scripted(Window):
        def wait(self, fps, on_key=None):
            titles.append(self.title)
            speeds.append(fps)
            if not keys:
                pygame.event.post(pygame.event.Event(pygame.QUIT))
            else:
                key = keys.pop(0)
                if key and not (key.startswith("-") and len(key) > 1):
                    post(pygame.KEYDOWN, key.removeprefix("+") or "+")
                if key and not (key.startswith("+") and len(key) > 1):
                    post(pygame.KEYUP, key.removeprefix("-") or "-")
            super().wait(10_000, on_key)

    monkeypatch.setattr("csai_core.play.session.Window", Scripted)
    keys_and_more = type("Script", (list,), {"titles": titles, "speeds": speeds})()
    keys = keys_and_more
    return keys_and_more
