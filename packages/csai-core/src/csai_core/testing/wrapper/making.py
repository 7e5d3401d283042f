"""Checks of what a wrapper is: made, called as environments are, and quiet."""

from __future__ import annotations

import functools
import inspect
from typing import Any

import gymnasium
from gymnasium import spaces

from csai_core.testing.probe import Probe
from csai_core.testing.process.effects import nothing_printed
from csai_core.testing.suite import called, fail, skip
from csai_core.testing.unread_settings import check_settings
from csai_core.testing.wrapper.base import SEED, WrapperChecks

_RESETS = 20
"""In so many resets one that takes steps itself has met an end."""


class MakingChecks(WrapperChecks):
    """What a wrapper is."""

    def test_it_can_be_made(self) -> None:
        """It wraps one environment at least, and is a wrapper."""
        self._require_settings()
        refusals = []
        for env in self.environments():
            try:
                wrapper = self.make(env)
            except Exception as error:
                refusals.append(f"{env.observation_space}: {type(error).__name__}: {error}")
                continue
            _check_kind(wrapper, env)
            return
        fail(f"It wraps none of the environments that were tried. {' '.join(refusals)}")

    def test_its_settings_decide_something(self) -> None:
        """What its constructor takes, something reads."""
        for wrapper, _ in self._wrapped():
            check_settings(type(wrapper), "Its")
            return

    def test_it_hands_seeds_and_options_on(self) -> None:
        """What `reset` is given reaches the environment, and nothing that it is not given."""
        for wrapper, env in self._wrapped():
            asked: dict[str, Any] = {"seed": SEED, "options": {"level": 2}}
            env.resets.clear()
            called(functools.partial(wrapper.reset, **asked), "reset(seed=3, options=…)")
            if not env.resets or env.resets[0][0] != SEED:
                fail(
                    "reset(seed=3) did not hand the seed on to the environment; write "
                    "self.env.reset(seed=seed, options=options) in it."
                )
            if env.resets[0][1] != asked["options"]:
                fail(
                    "reset(options=…) did not hand the options on to the environment; write "
                    "self.env.reset(seed=seed, options=options) in it."
                )
            for _ in range(_RESETS):
                count = len(env.resets)
                called(functools.partial(wrapper.reset, options=asked["options"]), "reset(options=…)")
                if env.resets[count:] and env.resets[-1][1] != asked["options"]:
                    fail(
                        f"reset(options=…) reset the environment {len(env.resets) - count} times, the last "
                        "time without the options, so that the episode that is given is another than the "
                        "one asked for; hand them on each time: self.env.reset(options=options)."
                    )
            seeds = []
            for _ in range(3):
                count = len(env.resets)
                called(wrapper.reset, "reset()")
                seeds.append(env.resets[count][0] if len(env.resets) > count else None)
            if seeds[0] is not None and len(set(seeds)) == 1:
                fail(
                    f"reset() without a seed resets the environment with seed={seeds[0]} each time, so that "
                    "all episodes are the same; hand on the seed that it was given, None too."
                )

    def test_it_gives_what_reset_and_step_give(self) -> None:
        """Two items and five, rewards that are numbers, ends that are True or False, infos that are dicts."""
        for wrapper, _ in self._wrapped():
            for _ in self._play(wrapper):
                pass

    def test_it_prints_nothing(self) -> None:
        """It makes no noise."""
        for env in self._accepted():
            with nothing_printed("The wrapper"):
                for _ in self._play(self.make(env)):
                    pass

    # --- inner workings

    def _require_settings(self) -> None:
        """Skip a registered wrapper with settings that nobody has said."""
        if not self.entry_name or type(self).make is not WrapperChecks.make:
            return
        parameters = dict(inspect.signature(self._target()).parameters)
        if parameters.pop("env", None) is None:
            fail("It takes no argument named env; csai and Gymnasium give the environment by that name.")
        lacking = [
            name
            for name, each in parameters.items()
            if each.default is each.empty
            and each.kind not in (each.VAR_KEYWORD, each.VAR_POSITIONAL)
            and name not in self.settings
        ]
        if lacking:
            skip(f"it needs {' and '.join(lacking)}: say it in `settings`, in a WrapperSuite of your own")


def _check_kind(wrapper: Any, env: Probe) -> None:
    if not isinstance(wrapper, gymnasium.Wrapper):
        fail(f"What was made is a {type(wrapper).__name__}; derive its class from gymnasium.Wrapper.")
    if "env" not in vars(wrapper):
        fail(f"{type(wrapper).__name__}.__init__ does not call super().__init__(env); do so at its start.")
    if wrapper.unwrapped is not env.unwrapped:
        fail(
            "Its `unwrapped` is not the environment that it was given; leave unwrapped to gymnasium.Wrapper."
        )
    for name in ("observation_space", "action_space"):
        if not isinstance(getattr(wrapper, name, None), spaces.Space):
            fail(f"Its {name} is no space; set it in __init__, or leave it to gymnasium.Wrapper.")
