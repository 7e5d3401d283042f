"""Making the batched version of an environment, in each autoreset mode that it knows."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from gymnasium.envs.registration import EnvSpec, load_env_creator
from gymnasium.vector import AutoresetMode, VectorEnv

from csai_core.environments import complaint, make_vec, parameters_of
from csai_core.errors import said
from csai_core.testing.environment.making import Maker
from csai_core.testing.environment.rollout import play
from csai_core.testing.suite import fail, skip

Envs = VectorEnv[Any, Any, Any]


def batch_spec(make: Maker) -> EnvSpec:
    """The registration with a batched version; a check of that is skipped where there is none to judge."""
    spec = make.spec
    if spec is None or spec.vector_entry_point is None or make.is_wrapped:
        skip("it has no batched version (vector_entry_point)")
    if str(spec.vector_entry_point).startswith("gymnasium."):
        skip("its batched version is Gymnasium's, which draws from one generator for all games")
    return spec


def modes_of(make: Maker) -> list[AutoresetMode | None]:
    """The autoreset modes that it can be made with; None alone where it knows no choice."""
    if "autoreset_mode" not in settings_of_batch(make):
        return [None]
    found: list[AutoresetMode | None] = []
    for mode in AutoresetMode:
        try:
            envs = _make(make, mode, 1)
        except (ValueError, NotImplementedError):
            continue  # it says that it does not know this one
        except Exception as error:
            _fail_to_make(error)
        close_batch(envs)
        found.append(mode)
    return found or [None]


def settings_of_batch(make: Maker) -> dict[str, inspect.Parameter]:
    """What the batched version can be made with, by name."""
    entry: Any = batch_spec(make).vector_entry_point
    return parameters_of(load_env_creator(entry) if isinstance(entry, str) else entry)


def _make(make: Maker, mode: AutoresetMode | None, count: int, **settings: Any) -> Envs:
    settings = {**make.options, **_told_on_request(make), **settings}
    if mode is not None:
        settings["autoreset_mode"] = mode
    return make_vec(batch_spec(make).id, count, vectorization_mode="vector_entry_point", **settings)


def _told_on_request(make: Maker) -> dict[str, bool]:
    """What the single environment tells in its infos, and the batch where an option of that name is on."""
    with make.made() as env:
        told = {name for moment in play(env, 3, 0) for name in moment.info}
    options = settings_of_batch(make)
    return {name: True for name in told if name in options and options[name].default is False}


@contextmanager
def made_batch(make: Maker, mode: AutoresetMode | None, count: int, **settings: Any) -> Iterator[Envs]:
    """A batch of games, closed afterwards.

    Raises:
        ConformanceError: if it cannot be made, and why.
    """
    try:
        envs = _make(make, mode, count, **settings)
    except Exception as error:
        _fail_to_make(error)
    try:
        yield envs
    except BaseException:
        envs.closed = True
        raise
    close_batch(envs)


def _fail_to_make(error: Exception) -> NoReturn:
    fail(
        f"Its batched version cannot be made: {complaint(error)}. It takes num_envs, the options that the "
        "environment is registered with, and max_episode_steps where its registration has a time limit."
    )


def close_batch(envs: Envs) -> None:
    """Close it, and refuse one that cannot be."""
    try:
        envs.close()
    except Exception as error:
        fail(f"Its batched version cannot be closed: {said(error)}.")


def limited(make: Maker, max_episode_steps: int | None) -> dict[str, Any]:
    """The settings for a shorter time limit, where the registration has one."""
    limit = batch_spec(make).max_episode_steps
    return {"max_episode_steps": min(limit, max_episode_steps)} if limit and max_episode_steps else {}
