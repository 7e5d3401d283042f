"""What an environment gives: observations in their space, finite rewards, True or False, plain infos."""

from __future__ import annotations

import contextlib
import functools
import math
import numbers
import pickle
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from csai_core.testing.compare import leaves
from csai_core.testing.environment.actions import SteadySource
from csai_core.testing.environment.making import Maker
from csai_core.testing.environment.rollout import Moment, play
from csai_core.testing.process.effects import nothing_printed
from csai_core.testing.suite import fail

_STEADY = 3
"""So many actions are each taken again and again."""
_RESERVED = {
    "episode": "RecordEpisodeStatistics writes the return and length of an episode there",
    "final_obs": "vector environments write there what an episode ended with",
    "final_info": "vector environments write there what an episode ended with",
}


def check_observations(make: Maker, num_steps: int, seeds: tuple[int, ...]) -> None:
    """Every observation lies in the space, also far into the play of the first seed, and of one action."""
    with nothing_printed(_IT), make.made() as env:
        for number, seed in enumerate(seeds):
            for moment in play(env, num_steps if number else 5 * num_steps, seed):
                check_in_space(moment.observation, env.observation_space, "observation", moment.when)
        for number in range(_STEADY):
            source = SteadySource(env.action_space, number)
            for moment in play(env, num_steps, seeds[0], source=source):
                check_in_space(moment.observation, env.observation_space, "observation", moment.when)


def check_rewards_and_ends(make: Maker, num_steps: int, seeds: tuple[int, ...]) -> None:
    """Rewards are finite numbers, ends are True or False, infos are dicts of what can be sent on."""
    with nothing_printed(_IT), make.made() as env:
        begun = _beginnings(env.unwrapped)
        for seed in seeds:
            for number, moment in enumerate(play(env, num_steps, seed)):
                _check_outcome(moment)
                if number < 20 or moment.is_over:
                    _check_info(moment.info, moment.when)
                if begun and moment.is_over:
                    fail(
                        f"At {moment.when}, the step that ends an episode calls {begun[0]} itself, so that "
                        "what is observed belongs to the next one. Show the state in which it ended: whoever "
                        "plays calls reset."
                    )
                begun.clear()
    with make.made() as env:
        for moment in play(env.unwrapped, 30, seeds[0]):  # without wrappers, which may write these names
            _check_names(moment.info, moment.when)


_IT = "In a long play, the environment"


def _beginnings(env: Any) -> list[str]:
    """A list that gets the name of each method that begins an episode, whenever one is called."""
    begun: list[str] = []

    def noting(name: str, method: Any) -> Any:
        @functools.wraps(method)
        def noted(*args: Any, **settings: Any) -> Any:
            begun.append(name)
            return method(*args, **settings)

        return noted

    for name in ("reset", "start_episode"):
        if hasattr(env, name):
            with contextlib.suppress(AttributeError):  # where objects take no variables
                setattr(env, name, noting(name, getattr(env, name)))
    return begun


def check_in_space(value: Any, space: spaces.Space[Any], what: str, when: object) -> None:
    """Refuse a value that does not lie in a space.

    Raises:
        ConformanceError: naming the part, and whether it is its kind, dtype, shape or range.
    """
    if isinstance(space, spaces.Dict) and isinstance(value, dict) and value.keys() == space.spaces.keys():
        for key, each in space.spaces.items():
            check_in_space(value[key], each, f"{what}[{key!r}]", when)
        return
    if isinstance(space, (spaces.Box, spaces.MultiDiscrete, spaces.MultiBinary)):
        _check_array(value, space, what, when)
    if isinstance(space, spaces.Discrete) and not isinstance(value, (int, np.integer)):
        fail(f"At {when}, {what} is {value!r}; make it a whole number, int(…), as {space} says.")
    if not space.contains(value):
        fail(f"At {when}, {what} is {value!r}, outside {space}. {_reason(value, space)}")


def _check_array(value: Any, space: spaces.Space[Any], what: str, when: object) -> None:
    if not isinstance(value, (np.ndarray, np.generic)):
        fail(f"At {when}, {what} is {value!r}; make it a numpy array of dtype {space.dtype}.")
    if value.dtype != space.dtype:
        fail(f"At {when}, {what} has dtype {value.dtype}; the space says {space.dtype}. Cast it.")
    if value.shape != space.shape:
        fail(f"At {when}, {what} has shape {value.shape}; the space says {space.shape}.")


def _reason(value: Any, space: spaces.Space[Any]) -> str:
    if isinstance(space, spaces.Dict) and isinstance(value, dict):
        missing, more = space.spaces.keys() - value.keys(), value.keys() - space.spaces.keys()
        return f"It lacks {sorted(missing)} and has {sorted(more)} besides; give what the space names."
    if isinstance(value, np.ndarray) and value.dtype.kind == "f" and np.isnan(value).any():
        return "NaN is no number: look for a division by zero, or a value that was never set."
    return "Clip it, or declare the space wider."


def _check_outcome(moment: Moment) -> None:
    reward = moment.reward
    if not isinstance(reward, (numbers.Real, np.bool_)):
        fail(f"At {moment.when}, the reward is {reward!r}, a {type(reward).__name__}; return a float.")
    if not math.isfinite(reward):
        fail(
            f"At {moment.when}, the reward is {reward!r}; return a finite number. Look for a division by "
            "zero or a logarithm of it."
        )
    for name, flag in (("terminated", moment.terminated), ("truncated", moment.truncated)):
        if not isinstance(flag, (bool, np.bool_)):
            fail(f"At {moment.when}, {name} is {flag!r}; return True or False.")
    if not isinstance(moment.info, dict):
        fail(f"At {moment.when}, info is {moment.info!r}; return a dict, empty if there is nothing to tell.")


def _check_info(info: dict[str, Any], when: object) -> None:
    for where, value in leaves(info, "info"):
        if (callable(value) and not isinstance(value, type)) or isinstance(value, gymnasium.Env):
            fail(
                f"At {when}, {where} is {value!r}, which looks at the world as it is later; put plain values "
                "into info: call it, and tell what it gives."
            )
        try:
            pickle.dumps(value)
        except Exception as error:
            fail(
                f"At {when}, {where} is a {type(value).__name__}, which cannot be pickled and so not be sent "
                f"to another process ({error}). Put plain values and arrays into info."
            )


def _check_names(info: dict[str, Any], when: object) -> None:
    for name in info:
        if name in _RESERVED:
            fail(f"At {when}, info has the key {name!r}, but {_RESERVED[name]}. Call it by another name.")
        if f"_{name}" in info:
            fail(
                f"At {when}, info has the keys {name!r} and '_{name}'; vector environments put under the "
                "second which environments told the first. Call it by another name."
            )
