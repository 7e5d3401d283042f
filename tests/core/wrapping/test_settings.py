"""Settings of wrappers: what can be typed, what is needed, and what is refused."""

from __future__ import annotations

from collections.abc import Callable

import gymnasium
import pytest

from csai_core.errors import ConfigError, UnknownNameError
from csai_core.wrapping.settings import NEEDED, check_settings, example_of, settings_of, takes_env


class Odd(gymnasium.Wrapper):
    """An odd one.

    Args:
        env: which.
        size: how large.
        rule: what to do.
    """

    def __init__(self, env, size: int, rule: "Callable[[int], int] | None" = None):  # noqa: UP037
        super().__init__(env)


def by_function(env, schedule: Callable[[float], float]):
    return env


def by_number(env, schedule: float | Callable[[float], float] = 0.5):
    return env


def test_they_are_told_with_defaults_and_what_is_said_of_them():
    size, rule = settings_of(Odd)
    assert (size.name, size.default, size.explanation) == ("size", NEEDED, "how large.")
    assert (rule.name, rule.default, rule.explanation) == ("rule", None, "what to do.")


def test_how_one_is_typed_says_what_it_needs():
    assert example_of("odd", Odd) == "odd:size=…"
    assert example_of("by_number", by_number) == "by_number"
    assert example_of("by_function", by_function) == ""
    assert example_of("TransformReward", gymnasium.wrappers.TransformReward) == ""
    assert example_of("ClipReward", gymnasium.wrappers.ClipReward) == "ClipReward"


@pytest.mark.parametrize("settings", [{"size": 3}, {"size": 3, "rule": None}, {"size": 3, "rule": abs}])
def test_what_fits_passes(settings):
    check_settings(Odd, "odd", "odd", settings)
    check_settings(by_number, "by_number", "by_number", {"schedule": 0.5})


@pytest.mark.parametrize(
    ("wrapper", "settings", "error", "words"),
    [
        (Odd, {}, ConfigError, "The wrapper odd needs size: mine:size=…"),
        (
            Odd,
            {"size": 3, "rules": 2},
            UnknownNameError,
            "Did you mean 'rule'",
        ),
        (Odd, {"size": 3, "rule": "abs"}, ConfigError, "needs a function for rule"),
        (Odd, {"size": 3, "rule": 4}, ConfigError, "needs a function for rule"),
        (by_function, {}, ConfigError, "needs a function for schedule"),
        (by_function, {"schedule": None}, ConfigError, "needs a function for schedule"),
        (gymnasium.wrappers.TransformReward, {"func": "abs"}, ConfigError, "needs a function for func"),
        (lambda x: x, {}, ConfigError, "has no parameter 'env'"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_made(wrapper, settings, error, words):
    with pytest.raises(error, match=words):
        check_settings(wrapper, "odd", "mine", settings)


def test_what_takes_an_environment():
    assert [takes_env(each) for each in (Odd, by_number, abs, 3, print, lambda x: x)] == [
        True,
        True,
        *[False] * 4,
    ]
