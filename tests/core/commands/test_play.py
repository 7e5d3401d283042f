"""`csai play`: by keyboard or agent, in a window or as text, recorded or not."""

from __future__ import annotations

import io
import os
import signal
import sys

import gymnasium
import pytest
from click.testing import CliRunner
from rich.console import Console

from csai_core import RandomAgent
from csai_core.commands import main
from csai_core.commands.games import show_as_text
from csai_core.play import load_demonstration
from csai_core.testing.toys import Walk


class Steered(Walk):
    keys_to_action = {"left": 0, "right": 1}  # noqa: RUF012

    def get_info(self):
        return {"score": self.position * 10}


class Blind(Walk):
    metadata = {"render_modes": [], "render_fps": 4}  # noqa: RUF012


@pytest.fixture
def run():
    for name, entry_point in (("Steered", Steered), ("Blind", Blind)):
        gymnasium.register(f"toys/{name}-v0", entry_point, max_episode_steps=30)
    yield lambda *args: CliRunner().invoke(main, ["play", *args])
    for name in ("Steered", "Blind"):
        del gymnasium.registry[f"toys/{name}-v0"]


@pytest.fixture
def keys(monkeypatch):
    """Press these keys, one each frame, then close the window."""
    pygame = pytest.importorskip("pygame")
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    waiting = []

    def wait(self, fps, on_key=None, on_pointer=None):
        if waiting:
            for kind in (pygame.KEYDOWN, pygame.KEYUP):
                pygame.event.post(pygame.event.Event(kind, key=pygame.key.key_code(waiting[0])))
            waiting.pop(0)
        else:
            pygame.event.post(pygame.event.Event(pygame.QUIT))
        self.poll(on_key, on_pointer)

    monkeypatch.setattr("csai_core.shell.window.Window.wait", wait)
    return waiting


@pytest.fixture
def no_display(monkeypatch):
    for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")


def test_a_person_plays_sees_the_score_and_is_recorded(run, keys, tmp_path):
    keys.extend(["right", "d", "left", "right", "right", "right", "r", "right"])
    result = run("toys/Steered-v0", "--seed", "3", "--record", str(tmp_path / "mine"))
    assert result.exit_code == 0, result.output
    assert "Game 1: score 40, return 0.50 in 6 steps\n" in result.output
    assert "Game 2: score 10, return -0.10 in 1 steps (not finished)" in result.output
    assert "Recorded 7 steps in" in result.output
    demonstration = load_demonstration(tmp_path / "mine.npz")
    assert demonstration.action.tolist() == [1, 1, 0, 1, 1, 1, 1]
    assert demonstration.terminated.tolist() == [False] * 5 + [True, False]
    assert demonstration.truncated.tolist() == [False] * 6 + [True]
    assert (demonstration.environment, demonstration.player) == ("toys/Steered-v0", "keyboard")


def test_an_agent_plays_in_a_window(run, keys):
    keys.extend(["x"] * 5)
    result = run("toys/Steered-v0", "--agent", "random", "--fps", "100")
    assert result.exit_code == 0, result.output
    assert "Game 1: score" in result.output


@pytest.mark.parametrize("where", ["keys", "no_display"])
def test_options_reach_the_environment_and_the_recording(run, where, request, tmp_path):
    pytest.importorskip("pygame")
    request.getfixturevalue(where)
    if where == "keys":
        request.getfixturevalue(where).extend(["x"] * 3)
    file = tmp_path / "long.npz"
    result = run("toys/Steered-v0", "--env", "length=9", "--agent", "random", "--record", str(file))
    assert result.exit_code == 0, result.output
    if where == "no_display":
        assert result.output.startswith("@.......G\n\n")
    demonstration = load_demonstration(file)
    assert demonstration.options == {"length": 9}
    env = gymnasium.make(demonstration.environment, **demonstration.options)
    assert env.observation_space.n == 9


def test_nothing_played_is_nothing_recorded(run, keys, tmp_path):
    result = run("toys/Steered-v0", "--record", str(tmp_path / "none.npz"))
    assert "Nothing was played, so nothing was recorded." in result.output
    assert list(tmp_path.iterdir()) == []


def test_without_a_display_the_keyboard_is_refused_with_what_works(run, no_display):
    pytest.importorskip("pygame")
    result = run("toys/Steered-v0")
    assert result.exit_code == 1
    assert "There is no display" in result.output
    assert "csai play toys/Steered-v0 --agent random" in result.output


def test_without_a_display_an_agents_game_is_shown_as_text(run, no_display, tmp_path):
    args = ("toys/Steered-v0", "--agent", "random", "--seed", "1")
    result = run(*args, "--record", str(tmp_path / "game.npz"))
    assert result.exit_code == 0, result.output
    assert result.output.startswith("@...G\n\n")
    assert "Game 1: score" in result.output
    assert load_demonstration(tmp_path / "game.npz").player == "random"
    assert run(*args).output == run(*args).output
    assert run(*args[:-1], "2").output != run(*args).output


@pytest.mark.parametrize("env_id", ["FrozenLake-v1", "Taxi-v4"])
def test_in_a_pipe_it_is_seen_where_the_player_is(run, no_display, env_id):
    result = run(env_id, "--agent", "random", "--episodes", "1", "--seed", "3")
    boards = [
        text for text in result.output.split("\n\n") if "HFFG" in text.replace(" ", "") or "+--" in text
    ]
    assert "\x1b" not in result.output
    assert "[" in result.output
    assert all("[" in board for board in boards)


@pytest.mark.parametrize(("no_color", "in_color"), [("", True), ("1", False)])
def test_a_terminal_is_given_colors_unless_it_wants_none(monkeypatch, no_color, in_color):
    monkeypatch.setenv("NO_COLOR", no_color)
    terminal = Console(file=io.StringIO(), force_terminal=True, color_system="standard")
    monkeypatch.setattr("csai_core.commands.output.console", lambda: terminal)
    texts, env = [], gymnasium.make("FrozenLake-v1", render_mode="ansi")
    monkeypatch.setattr("click.echo", texts.append)
    show_as_text(env, RandomAgent(env.action_space), fps=None, seed=1, episodes=1)
    assert ("\x1b" in texts[0], "[S]" in texts[0]) == (in_color, not in_color)


def test_without_text_the_game_is_only_counted(run, no_display):
    result = run("toys/Blind-v0", "--agent", "random")
    assert "has no text to show either, so the game is only counted" in result.output
    assert "Game 1: return" in result.output


def test_without_pygame_it_says_how_to_install_it(run, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = run("toys/Steered-v0")
    assert result.exit_code == 1
    assert 'pip install "csai-core[render]"' in result.output


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("toys/Stered-v0",), "Did you mean 'toys/Steered-v0'?"),
        (("toys/Steered-v0", "--agent", "randon"), "No agent named 'randon'. Did you mean 'random'?"),
        (("toys/Steered-v0", "--record", "no/such/folder/x.npz"), "there is no folder no/such/folder"),
        (("toys/Blind-v0", "--agent", "random"), "can show neither a picture nor a text"),
        (("toys/Steered-v0", "--fps", "0"), "Invalid value for '--fps'"),
        (("toys/Steered-v0", "--env", "length"), "--env was given 'length'; it must look like width=8."),
        (
            ("toys/Steered-v0", "--env", "lenght=3"),
            "No option of toys/Steered-v0 named 'lenght'. Did you mean 'length'? Known: attributes",
        ),
    ],
)
def test_mistakes_are_named(run, keys, args, message):
    result = run(*args)
    assert result.exit_code != 0
    assert message in result.output


def interrupt():
    raise KeyboardInterrupt


def terminate():
    os.kill(os.getpid(), signal.SIGTERM)


def fail():
    raise ZeroDivisionError


@pytest.mark.parametrize(("end", "code"), [(interrupt, 0), (terminate, 0), (fail, 1)])
def test_a_recording_survives_every_way_to_end(run, keys, monkeypatch, tmp_path, end, code):
    keys.extend(["right", "right", "right"])
    original = Steered.advance

    def advance(self, action, d_t):
        if self.position == 1:
            end()
        original(self, action, d_t)

    monkeypatch.setattr(Steered, "advance", advance)
    result = run("toys/Steered-v0", "--record", str(tmp_path / "cut.npz"))
    assert result.exit_code == code, result.output
    assert "Recorded 1 steps" in result.output
    demonstration = load_demonstration(tmp_path / "cut.npz")
    assert demonstration.action.tolist() == [1]
    assert demonstration.truncated.tolist() == [True]


@pytest.mark.parametrize("keys_pressed", [["right"], ["right", "escape", "escape", "right"]])
def test_a_recording_survives_leaving(run, keys, tmp_path, keys_pressed):
    keys.extend(keys_pressed)
    run("toys/Steered-v0", "--record", str(tmp_path / "left.npz"))
    assert load_demonstration(tmp_path / "left.npz").action.tolist() == [1]


def test_episodes_are_counted_as_text_and_game_i_has_seed_plus_i(run, no_display):
    result = run("toys/Steered-v0", "--agent", "random", "--episodes", "3", "--seed", "1")
    assert [line[:7] for line in result.output.splitlines() if "Game" in line] == [
        "Game 1:",
        "Game 2:",
        "Game 3:",
    ]


def test_episodes_end_a_persons_session_in_a_window(run, keys):
    keys.extend(["right"] * 4 + ["return"] + ["right"] * 4 + ["return", "right"])
    result = run("toys/Steered-v0", "--episodes", "2", "--no-glide")
    assert result.output.count("Game ") == 2
    assert keys == ["right"]
