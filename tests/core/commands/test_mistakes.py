"""What is said of exceptions: those of somebody's own file, and those of others."""

from __future__ import annotations

import importlib
import sys
import traceback

import gymnasium
import pytest

from csai_core import make
from csai_core.commands.mistakes import describe
from csai_core.errors import ConfigError, PluginError

GAME = """
import gymnasium
class Game(gymnasium.Env):
    observation_space = action_space = gymnasium.spaces.Discrete(2)
    def reset(self, *, seed=None, options=None):
        return 0, {}
    def step(self, action):
        return self.advance(größe=1)
    def advance(self, größe):
        return {"ä": größe}["apple"], 0.0, False, False, {}
gymnasium.register("Mistaken-v0", Game)
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Writes a module into a folder of one's own, and returns what importing and using it raises."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))

    def caught(source, use=lambda module: None):
        (tmp_path / "my_own_game.py").write_text(source)
        try:
            use(importlib.import_module("my_own_game"))
        except BaseException as error:
            return error
        finally:
            sys.modules.pop("my_own_game", None)
        raise AssertionError("nothing was raised")

    yield caught
    gymnasium.registry.pop("Mistaken-v0", None)


def play(module):
    env = make("Mistaken-v0")
    env.reset()
    env.step(0)


def test_a_mistake_in_ones_own_file_is_its_place_the_line_with_marks_and_a_sentence(own):
    assert describe(own(GAME, play)) == (
        "my_own_game.py, line 10, in advance:\n\n"
        '    return {"ä": größe}["apple"], 0.0, False, False, {}\n'
        f"           {'^' * 21}\n\n"
        "KeyError: 'apple'"
    )


def test_what_an_installed_package_raised_is_shown_where_ones_own_file_called_it(own):
    said = describe(own("import numpy as np\nboard = np.zeros(3).reshape(2, 2)\n"))
    assert said.startswith(
        "my_own_game.py, line 2:\n\n    board = np.zeros(3).reshape(2, 2)\n            ^^^^"
    )
    assert "ValueError: cannot reshape array of size 3" in said


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("x = (1,\ny = 2\n", "line 1:\n\n    x = (1,\n        ^\n\nSyntaxError: '(' was never closed"),
        ("if True:\nx = 1\n", "line 2:\n\n    x = 1\n    ^\n\nIndentationError: expected an indented"),
        ("import nump\n", "my_own_game.py, line 1:\n\n    import nump\n\nModuleNotFoundError: No module"),
        ("from math import sinn\n", "ImportError: cannot import name 'sinn' from 'math'"),
        ("raise SystemError('x')", "SystemError: x"),
    ],
)  # fmt: skip
def test_mistakes_in_a_file_that_is_imported(own, source, said):
    assert said in describe(own(source))


def test_a_mistake_below_an_error_of_csai_is_found_and_both_are_said(own):
    error = PluginError("Mistaken-v0 (seed 3) failed in step 1.")
    error.__cause__ = own(GAME, play)
    said = describe(error)
    assert "in advance:" in said
    assert said.endswith("KeyError: 'apple'\nMistaken-v0 (seed 3) failed in step 1.")


def test_a_mistake_in_another_process_is_found_in_what_it_told(own):
    error = PluginError("Environment 0 failed.")
    error.add_note("In the worker process:\n" + "".join(traceback.format_exception(own(GAME, play))))
    assert describe(error) == (
        "my_own_game.py, line 10, in advance:\n\n"
        '    return {"ä": größe}["apple"], 0.0, False, False, {}\n\n'
        "Environment 0 failed."
    )


def test_what_csai_refuses_is_shown_where_ones_own_file_asked_for_it(own):
    said = describe(own("from csai_core import BoxType\nBoxType(1, 0, (2,))\n"))
    assert said.startswith("my_own_game.py, line 2:")


def test_an_error_on_purpose_is_its_message():
    assert describe(ConfigError("Give more.")) == "Give more."
    assert describe(gymnasium.error.DependencyNotInstalled("pip install box2d")) == "pip install box2d"


def test_a_file_is_named():
    error = PermissionError(13, "Permission denied", "/ro/runs")
    assert describe(error) == "/ro/runs: Permission denied."


def test_a_fault_of_an_installed_package_is_said_to_be_its():
    with pytest.raises(AttributeError) as raised:
        gymnasium.envs.registration.load_env_creator("csai_core:NoSuchGame")
    error = raised.value.with_traceback(raised.tb.tb_next)  # without this file
    assert describe(error).startswith("gymnasium failed (gymnasium.envs.registration, line ")


def test_a_fault_of_csai_itself_is_said_to_be_one():
    with pytest.raises(TypeError) as raised:
        importlib.import_module("csai_core.options").describe(None, None)
    said = describe(raised.value.with_traceback(None))
    assert said.startswith("csai itself is at fault: TypeError: describe() takes 1 positional argument")
    assert said.endswith("Option --traceback shows the whole traceback.")
