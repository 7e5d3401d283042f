"""What all plugins share is put back where one changes it, and named."""

from __future__ import annotations

import builtins
import os
import random
import sys

import gymnasium
import numpy as np
import pytest

import csai_core
from csai_core.plugins.guard import guarded


def change_the_folder():
    os.chdir("/")


def replace_a_stream():
    sys.stdout = None


def shared():
    functions = (gymnasium.Env.step, csai_core.make, gymnasium.make, gymnasium.make_vec, len)
    return functions, sys.stdout, dict(gymnasium.registry)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda: setattr(gymnasium, "make", print), "gymnasium.make"),
        (lambda: setattr(builtins, "len", print), "builtins.len"),
        (lambda: setattr(gymnasium.Env, "step", None), "gymnasium.Env.step"),
        (lambda: setattr(csai_core, "make", None), "csai_core.make"),
        (lambda: delattr(gymnasium, "make_vec"), "gymnasium.make_vec"),
        (lambda: gymnasium.registry.pop("CartPole-v1"), "the environment CartPole-v1"),
        (lambda: gymnasium.register("CSAI/Mine-v0", "mine:Env"), "the environment CSAI/Mine-v0"),
        (replace_a_stream, "sys.stdout"),
        (change_the_folder, "the current folder"),
        (lambda: os.environ.update(CSAI_TEST="1"), "the environment variable CSAI_TEST"),
        (lambda: os.environ.update(CSAI_KEPT="2"), "the environment variable CSAI_KEPT"),
        (lambda: os.environ.pop("CSAI_KEPT"), "the environment variable CSAI_KEPT"),
        (
            lambda: os.environ.update(CSAI_KEPT="2", CSAI_TEST="1", SDL_HINT="x"),
            "the environment variables CSAI_KEPT, CSAI_TEST",
        ),
    ],
)
def test_each_change_is_undone_and_told(change, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CSAI_KEPT", "1")
    monkeypatch.delenv("SDL_HINT", raising=False)
    variables = dict(os.environ)
    before = (
        gymnasium.Env.step,
        csai_core.make,
        gymnasium.make,
        gymnasium.make_vec,
        len,
        sys.stdout,
        dict(gymnasium.registry),
    )
    told = []
    with guarded(told.append):
        change()
    assert told == [name]
    assert (
        gymnasium.Env.step,
        csai_core.make,
        gymnasium.make,
        gymnasium.make_vec,
        len,
        sys.stdout,
        dict(gymnasium.registry),
    ) == before
    assert os.getcwd() == str(tmp_path)
    assert dict(os.environ) == variables


def test_what_pygame_sets_for_itself_is_put_back_without_a_word(monkeypatch):
    monkeypatch.delenv("SDL_HINT", raising=False)
    told = []
    with guarded(told.append):
        os.environ["SDL_HINT"] = "1"
    assert (told, os.environ.get("SDL_HINT")) == ([], None)


def test_it_is_undone_after_an_error_too():
    def fail():
        gymnasium.make = print
        raise ZeroDivisionError

    make = gymnasium.make
    with pytest.raises(ZeroDivisionError), guarded(str):
        fail()
    assert gymnasium.make is make


def test_generators_are_put_back_without_a_word():
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    told = []
    with guarded(told.append):
        random.seed(2)
        np.random.seed(2)  # noqa: NPY002
    assert (random.random(), told) == (random.Random(1).random(), [])
    assert np.random.random() == np.random.RandomState(1).random()  # noqa: NPY002


@pytest.mark.parametrize(
    ("environment", "place"), [("Mine-v0", "mine:Env"), ("CSAI/Ours-v0", "csai_envs.snake.env:SnakeEnv")]
)
def test_what_is_allowed_stays(environment, place):
    told = []
    with guarded(told.append):
        gymnasium.register(environment, place)
    assert gymnasium.registry.pop(environment).entry_point == place
    assert told == []


@pytest.mark.parametrize("change", [change_the_folder, str])
def test_a_folder_that_is_gone_is_not_put_back(change, tmp_path, monkeypatch):
    here, told = tmp_path / "here", []
    here.mkdir()
    monkeypatch.chdir(here)
    here.rmdir()
    with guarded(told.append):
        change()
    assert told == []
