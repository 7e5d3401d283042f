"""Opening environments: from an id, a Gymnasium environment, a list of them, or a vector environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeAlias

import gymnasium
from gymnasium.envs.registration import EnvSpec, load_env_creator
from gymnasium.vector import SyncVectorEnv, VectorEnv

from csai_core.environments import find_spec, register_envs
from csai_train.errors import RunError
from csai_train.serial import SerialVectorEnv

Environment: TypeAlias = (
    str | EnvSpec | gymnasium.Env[Any, Any] | list[gymnasium.Env[Any, Any]] | VectorEnv[Any, Any, Any]
)


def specify(environment_id: str, options: Mapping[str, Any] | None = None) -> EnvSpec:
    """The specification of an environment with some of its options given; it can be made from anywhere.

    Args:
        environment_id: such as "CSAI/Snake-v0".
        options: keyword arguments of `gymnasium.make`, such as `{"attributes": "senses"}`.

    Raises:
        UnknownNameError: if there is no such environment, with the nearest id.
        RunError: if the environment cannot be made, with such options or at all.
    """
    find_spec(environment_id)
    env = _make(environment_id, dict(options or {}))
    env.close()
    if env.spec is None:
        raise RunError(f"{environment_id} has no specification, so it cannot be made again.")
    return env.spec


def make_single(spec: EnvSpec, render_mode: str | None = None) -> gymnasium.Env[Any, Any]:
    """Make one environment from its specification, with this render mode whatever it was specified with.

    Raises:
        RunError: if it cannot be made, or not shown in this way.
    """
    register_envs()
    if render_mode is not None:
        _require_render_mode(spec, render_mode)
    kwargs = {name: value for name, value in spec.kwargs.items() if name != "render_mode"}
    return _make(replace(spec, kwargs=kwargs), {"render_mode": render_mode} if render_mode else {})


def open_environments(environment: Environment, num_envs: int) -> VectorEnv[Any, Any, Any]:
    """Environments to train in.

    Args:
        environment: an id or specification, of which `num_envs` are made; a single environment, used as
            it is (and made again from its specification if more than one is wanted); a list of
            environments; or a vector environment. Gymnasium's SyncVectorEnv is taken apart, so its
            autoreset mode does not matter.
        num_envs: how many are wanted, where that is not given by the environment itself.

    Raises:
        RunError: if more than one is wanted of an environment that cannot be made again.
    """
    if isinstance(environment, SyncVectorEnv):
        return SerialVectorEnv(environment.envs)
    if isinstance(environment, VectorEnv):
        return environment
    if isinstance(environment, list):
        return SerialVectorEnv(environment)
    if isinstance(environment, str):
        environment = specify(environment)
    if isinstance(environment, EnvSpec):
        return SerialVectorEnv([make_single(environment) for _ in range(num_envs)])
    if num_envs == 1:
        return SerialVectorEnv([environment])
    if environment.spec is None:
        raise RunError(
            f"{num_envs} environments are wanted, but {environment} is not registered and cannot be made "
            "again. Give a list of environments, or set num_envs to 1."
        )
    return SerialVectorEnv([environment, *(make_single(environment.spec) for _ in range(num_envs - 1))])


def _require_render_mode(spec: EnvSpec, render_mode: str) -> None:
    creator = load_env_creator(spec.entry_point) if isinstance(spec.entry_point, str) else spec.entry_point
    modes = getattr(creator, "metadata", {}).get("render_modes", [])
    can_be_wrapped = render_mode == "human" and "rgb_array" in modes
    if render_mode not in modes and not can_be_wrapped:
        raise RunError(
            f"{spec.id} cannot be rendered as {render_mode}; it offers: {', '.join(modes) or 'nothing'}."
        )


def _make(environment: str | EnvSpec, options: dict[str, Any]) -> gymnasium.Env[Any, Any]:
    try:
        return gymnasium.make(environment, **options)
    except (TypeError, gymnasium.error.Error) as error:
        name = environment if isinstance(environment, str) else environment.id
        how = f" with {options}" if options else ""
        raise RunError(f"{name} cannot be made{how}: {error}") from error
