"""The window: it answers the system, reports keys, closes by a flag, and leaves the process killable."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from csai_core.errors import MissingExtraError
from csai_core.shell.window import _DISPLAY, Window

pygame = pytest.importorskip("pygame")

FRAME = np.full((10, 20, 3), (255, 0, 0), np.uint8)


@pytest.fixture
def window():
    window = Window("test", (100, 100))
    yield window
    window.close()


def run(code):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )


def post_key(key, down=True):
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN if down else pygame.KEYUP, key=key))


def test_it_opens_with_the_first_frame_and_centers_it_undistorted(window):
    assert not window.is_open
    window.show(FRAME)
    assert window.is_open
    screen = pygame.surfarray.array3d(_DISPLAY.find(window).get_surface()).swapaxes(0, 1)
    assert screen.shape == (100, 100, 3)
    assert screen[50, 50].tolist() == [255, 0, 0]
    assert screen[20, 50].tolist() == [0, 0, 0]
    assert screen[:, 50, 0].tolist().count(255) == 50
    assert _DISPLAY.find(window).title == "test"
    window.retitle("other")
    assert _DISPLAY.find(window).title == "other"


def test_it_tells_of_keys(window):
    window.show(FRAME)
    seen = []
    post_key(pygame.K_LEFT)
    post_key(pygame.K_LEFT, down=False)
    post_key(pygame.K_w)
    window.poll(lambda key, is_down: seen.append((key, is_down)))
    assert seen == [("left", True), ("left", False), ("w", True)]


def test_it_tells_where_the_mouse_is_and_of_clicks(window):
    window.show(FRAME)
    seen = []
    pygame.event.post(pygame.event.Event(pygame.MOUSEMOTION, pos=(10, 20)))
    pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=(10, 20), button=1))
    pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=(11, 20), button=3))
    pygame.event.post(pygame.event.Event(pygame.WINDOWLEAVE))
    window.poll(None, lambda position, is_clicked: seen.append((position, is_clicked)))
    assert seen == [((10, 20), False), ((10, 20), True), ((11, 20), False), (None, False)]


def test_closing_sets_a_flag_and_nothing_else(window):
    window.show(FRAME)
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    window.wait(1)
    assert window.is_closed
    assert not window.is_open
    window.show(FRAME)
    window.wait(0.1)
    window.poll()
    window.close()
    assert not pygame.display.get_init()


def test_it_keeps_time_and_answers_while_it_waits(window):
    window.show(FRAME)
    window.wait(1000)
    started = time.monotonic()
    for _ in range(5):
        window.wait(100)
    assert time.monotonic() - started > 0.04
    assert window.frame_seconds > 0.005


def test_a_window_that_is_not_open_waits_for_nothing():
    window = Window("test", (10, 10))
    started = time.monotonic()
    window.wait(0.05)
    assert time.monotonic() - started < 10


def test_no_sound_is_opened_and_nothing_is_printed():
    done = run(
        "import numpy as np\n"
        "from csai_core.shell.window import Window\n"
        "Window('t', (9, 9)).show(np.zeros((3, 3, 3), np.uint8))\n"
        "import pygame; assert pygame.display.get_init(); assert pygame.mixer.get_init() is None"
    )
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_still_end_the_process(number):
    code = (
        "import numpy as np, sys, time\n"
        "from csai_core.shell.window import Window\n"
        "w = Window('t', (9, 9)); w.show(np.zeros((3, 3, 3), np.uint8)); w.poll()\n"
        "print('open', flush=True)\n"
        "while True: w.wait(50)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "open\n"
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)
    if number == signal.SIGTERM:
        assert process.returncode == -signal.SIGTERM
    else:
        assert "KeyboardInterrupt" in errors


def test_without_pygame_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pygame", None)
    with pytest.raises(MissingExtraError, match=r'pip install "csai-core\[render\]"'):
        Window("test", (10, 10)).show(FRAME)


def test_importing_csai_core_and_stepping_imports_no_pygame():
    run(
        "import sys, csai_core\n"
        "from csai_core.testing.toys import Walk\n"
        "env = Walk(); env.reset(); env.step(1); env.close()\n"
        "env = Walk(render_mode='rgb_array'); env.reset(); env.step(1); env.render(); env.close()\n"
        "assert 'pygame' not in sys.modules and 'torch' not in sys.modules"
    )
