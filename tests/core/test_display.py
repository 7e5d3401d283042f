"""Whether there is a display, and that SDL is told when there is none."""

import os
import sys

import pytest

from csai_core.display import draw_without_display, has_display


@pytest.fixture(autouse=True)
def linux_without_display(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(name, raising=False)
    # Set and taken away again, so that whatever the test leaves is undone.
    monkeypatch.setenv("SDL_VIDEODRIVER", "")
    monkeypatch.delenv("SDL_VIDEODRIVER")


def test_linux_without_display():
    assert not has_display()
    draw_without_display()
    assert os.environ["SDL_VIDEODRIVER"] == "dummy"


@pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_linux_with_display(monkeypatch, name):
    monkeypatch.setenv(name, ":0")
    assert has_display()
    draw_without_display()
    assert "SDL_VIDEODRIVER" not in os.environ


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_elsewhere_there_is_always_one(monkeypatch, platform):
    monkeypatch.setattr(sys, "platform", platform)
    assert has_display()


def test_a_driver_chosen_already_is_kept(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "x11")
    draw_without_display()
    assert os.environ["SDL_VIDEODRIVER"] == "x11"
