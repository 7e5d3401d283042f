"""Several windows in one process: none takes another's frames, keys or end, whoever shuts the display."""

from __future__ import annotations

import gc
import os
import subprocess
import sys

import gymnasium
import numpy as np
import pytest

from csai_core.shell.shared_display import font
from csai_core.shell.window import _DISPLAY, Window

pygame = pytest.importorskip("pygame")

RED, BLUE = (np.full((10, 20, 3), color, np.uint8) for color in ((255, 0, 0), (0, 0, 255)))


@pytest.fixture
def windows():
    windows = [Window(title, (40, 40)) for title in ("one", "two", "three")]
    for window in windows:
        window.show(RED)
    yield windows
    for window in windows:
        window.close()
    pygame.quit()


@pytest.mark.skipif(sys.platform != "linux", reason="displays have other names elsewhere")
def test_a_display_that_does_not_answer_is_an_error_and_no_window_that_nobody_sees():
    program = (
        "import numpy as np\n"
        "from csai_core.errors import DisplayError\n"
        "from csai_core.shell.window import Window\n"
        "try:\n"
        "    Window('x', (9, 9)).show(np.zeros((9, 9, 3), np.uint8))\n"
        "except DisplayError as error:\n"
        "    print(error)\n"
    )
    settings = {name: value for name, value in os.environ.items() if "DISPLAY" not in name}
    settings = {**settings, "DISPLAY": ":7777", "SDL_VIDEODRIVER": ""}
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env=settings,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ran.stdout.startswith("No window can be opened here (DISPLAY=:7777): ")


def shown(window):
    return _DISPLAY.find(window).get_surface().get_at((20, 20))[:3]


def post(kind, window, **more):
    pygame.event.post(pygame.event.Event(kind, window=_DISPLAY.find(window), **more))


def test_each_shows_its_own_frames(windows):
    windows[1].show(BLUE)
    assert [shown(window) for window in windows] == [(255, 0, 0), (0, 0, 255), (255, 0, 0)]


@pytest.mark.parametrize("first", range(3))
def test_closing_one_leaves_the_others_open(windows, first):
    closed = windows.pop(first)
    closed.close()
    for window in windows:
        window.show(BLUE)
        window.wait(1000)
        assert shown(window) == (0, 0, 255)
    assert closed.is_closed
    assert not closed.is_open
    windows.append(closed)


def test_the_button_of_one_closes_that_one_whoever_asks_first(windows):
    one, two, three = windows
    post(pygame.WINDOWCLOSE, two)
    one.poll()
    three.poll()
    two.poll()
    assert [window.is_closed for window in windows] == [False, True, False]


def test_keys_go_to_the_window_they_were_pressed_in(windows):
    one, two, _ = windows
    post(pygame.KEYDOWN, two, key=pygame.K_a)
    post(pygame.KEYDOWN, one, key=pygame.K_b)
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_c, window=None))
    seen = []
    one.poll(lambda key, _: seen.append(("one", key)))
    two.poll(lambda key, _: seen.append(("two", key)))
    one.poll(lambda key, _: seen.append(("one", key)))
    assert seen == [("one", "b"), ("two", "a")]


def test_the_end_of_the_session_closes_all(windows):
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    for window in windows:
        window.poll()
    assert all(window.is_closed for window in windows)


@pytest.mark.parametrize("shut", [pygame.display.quit, pygame.quit])
def test_a_window_opens_again_where_another_library_shut_the_display(windows, shut):
    windows[0].close()
    shut()
    assert not any(window.is_open for window in windows)
    for window in windows:
        window.poll()
        window.show(BLUE)
    assert not windows[0].is_open
    assert [shown(window) for window in windows[1:]] == [(0, 0, 255)] * 2
    assert windows[1].size == (40, 40)


def test_a_window_opens_again_where_the_display_was_shut_and_opened_meanwhile(windows):
    pygame.quit()
    screen = pygame.display.set_mode((30, 30))
    windows[0].show(BLUE)
    assert shown(windows[0]) == (0, 0, 255)
    assert screen.get_at((15, 15))[:3] == (0, 0, 0)
    for window in windows:
        window.close()
    assert pygame.display.get_surface() is screen


def test_gymnasiums_windows_and_ours_stand_side_by_side(windows):
    env = gymnasium.make("CartPole-v1", render_mode="human")
    env.reset(seed=0)
    for window in windows:
        env.step(0)
        window.show(BLUE)
    windows[0].close()
    env.step(0)
    env.close()
    windows[1].show(BLUE)
    assert shown(windows[1]) == (0, 0, 255)


def test_the_display_is_shut_with_the_last_window():
    first, second = Window("one", (9, 9)), Window("two", (9, 9))
    for window in (first, second):
        window.show(RED)
    first.close()
    assert pygame.display.get_init()
    second.close()
    assert not pygame.display.get_init()


def test_a_window_goes_with_its_owner():
    window = Window("gone", (9, 9))
    window.show(RED)
    count = len(_DISPLAY._opened)
    del window
    gc.collect()
    assert len(_DISPLAY._opened) == count - 1


def test_events_that_nobody_asks_for_do_not_pile_up(windows):
    one, two, _ = windows
    for _ in range(3):
        for _ in range(1000):
            post(pygame.KEYDOWN, two, key=pygame.K_a)
        one.poll()
    assert len(_DISPLAY._opened[two].events) <= 1024


def test_the_window_of_somebodys_display_is_adopted_to_hear_its_keys(windows):
    one, *_ = windows
    theirs = Window("theirs", (60, 40))
    pygame.display.set_mode((60, 40))
    theirs.adopt(open_new=True)
    assert theirs.is_open
    assert theirs.size == (60, 40)
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_a, window=None))
    post(pygame.KEYDOWN, one, key=pygame.K_b)
    heard = []
    theirs.poll(lambda key, _: heard.append(key))
    assert heard == ["a"]
    theirs.close()
    assert theirs.is_closed
    assert one.is_open
    assert pygame.display.get_surface() is not None


def test_the_last_window_of_all_shuts_somebodys_display():
    pygame.display.init()
    pygame.display.set_mode((60, 40))
    theirs = Window("theirs", (60, 40))
    theirs.adopt(open_new=False)
    theirs.close()
    assert not pygame.display.get_init()
    nobodys = Window("nobody's", (60, 40))
    nobodys.adopt(open_new=False)
    assert not nobodys.is_open


def test_letters_can_be_asked_for_again_after_pygame_was_shut():
    width = font(20).size("apple")[0]
    assert font(20) is font(20)
    pygame.quit()
    assert font(20).size("apple")[0] == width
