"""Docstrings in Google's style, as authors write them."""

from __future__ import annotations

import gymnasium
import pytest

from csai_core.docstrings import explained_arguments, plain, prose


class Base:
    """Has arguments of its own.

    Args:
        speed: how fast.
        color: red, or
            what :class:`Color` says.
    """


class Own(Base):
    """Does something.

    More of it, with ``code`` and :meth:`~a.method`.

    Args:
        env (Env): which.
        speed: how fast in here: at once.

    Raises:
        ValueError: never.

    Example:
        >>> Own()

    Change logs:
     * v1
    """

    def __init__(self, env, speed, height):
        """Make one.

        Args:
            env: of the constructor.
            height (int, optional): how
                high.

                Very.
            *rest: others.
        """


def test_the_constructor_says_most_and_what_it_derives_from_the_rest():
    assert explained_arguments(Own) == {
        "env": "of the constructor.",
        "height": "how high. Very.",
        "rest": "others.",
        "speed": "how fast in here: at once.",
        "color": "red, or what Color says.",
    }


@pytest.mark.parametrize("docstring", [None, "", "Args:", "Args:\n", "Args:\nx: y", "Says: nothing."])
def test_what_says_nothing_gives_nothing(docstring):
    def function():
        pass

    function.__doc__ = docstring
    assert explained_arguments(function) == {}


def test_prose_is_without_arguments_examples_and_history():
    assert prose(Own.__doc__) == (
        "Does something.\n\nMore of it, with code and a.method.\n\nRaises:\n    ValueError: never."
    )
    assert prose("") == ""


def test_marks_are_taken_off():
    assert plain("a :class:`gymnasium.Env` and ``x``") == "a gymnasium.Env and x"


def test_gymnasiums_wrappers_are_understood():
    explained = explained_arguments(gymnasium.wrappers.TimeLimit)
    assert explained["max_episode_steps"].startswith("the environment step after which")
