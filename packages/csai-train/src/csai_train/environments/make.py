"""Opening environments: from an id, a Gymnasium environment, a list of them, or a vector environment."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import gymnasium
from gymnasium.envs.registration import EnvSpec, VectorizeMode, WrapperSpec, load_env_creator
from gymnasium.vector import AutoresetMode, SyncVectorEnv, VectorEnv

from csai_core import ClassicView, as_gymnasium
from csai_core.arguments import check_int, check_type
from csai_core.environments import cannot_be_made, find_spec, makeable, parameters_of, register_envs
from csai_core.errors import ConfigError, said
from csai_core.gate.environment import name_of
from csai_core.wrapping import with_wrappers
from csai_train.environments.serial import SerialVectorEnv
from csai_train.environments.workers import WorkerVectorEnv
from csai_train.errors import RunError, TrainingWarning

Environment: TypeAlias = (
    str | EnvSpec | gymnasium.Env[Any, Any] | list[gymnasium.Env[Any, Any]] | VectorEnv[Any, Any, Any]
)

FEWEST_BATCHED = 8
"""From so many environments on, a batched class costs less than as many single ones."""


def check_environment(owner: str, environment: object) -> None:
    """Refuse what is no environment, and what would be one twice.

    Args:
        owner: who was given it.
        environment: an id, a specification, an environment, a list of them, or a vector environment.

    Raises:
        ConfigError: saying what it must be.
    """
    if hasattr(environment, "possible_agents") and not isinstance(environment, gymnasium.Env):
        raise ConfigError(
            f"{owner} was given {type(environment).__name__}, a game of several agents; csai trains one. To "
            "have one of them learn while the others act at random, give "
            "csai_core.pettingzoo.OneAgentView(game), where the game is in the form of PettingZoo's AECEnv."
        )
    given = environment if isinstance(environment, list) else [environment]
    kinds = _SINGLE if isinstance(environment, list) else (*_SINGLE, str, EnvSpec, VectorEnv)
    if not given or not all(isinstance(each, kinds) for each in given):
        raise ConfigError(
            f"{owner} was given environment={environment!r}; it must be an id such as 'CartPole-v1', what "
            "gymnasium.make gives, a list of such, or a vector environment."
        )
    if len({id(getattr(each, "unwrapped", each)) for each in given}) < len(given):
        raise ConfigError(
            f"{owner} was given a list that holds one and the same environment more than once; each must be "
            "made by itself: [gymnasium.make(name) for _ in range(4)]."
        )


_SINGLE = (gymnasium.Env, ClassicView)


def specify(
    environment_id: str,
    options: Mapping[str, Any] | None = None,
    wrappers: Sequence[str | WrapperSpec] = (),
) -> EnvSpec:
    """The specification of an environment with some of its options given; it can be made from anywhere.

    Args:
        environment_id: such as "CSAI/Snake-v0".
        options: keyword arguments of `gymnasium.make`, such as `{"attributes": "senses"}`.
        wrappers: what it is wrapped in, from the inside out; see `csai_core.wrapping.specify_wrapper`.

    Raises:
        UnknownNameError: if there is no such environment or wrapper, with the nearest.
        RunError: if the environment cannot be made, with such options and wrappers or at all.
        CsaiError: if a wrapper cannot be used.
    """
    find_spec(environment_id)
    env = _make(environment_id, dict(options or {}))
    close(env)
    if env.spec is None:
        raise RunError(f"{environment_id} has no specification, so it cannot be made again.")
    spec = with_wrappers(env.spec, wrappers)
    if len(spec.additional_wrappers) > len(env.spec.additional_wrappers):
        close(_make(spec, {}))
    return spec


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


def close(env: gymnasium.Env[Any, Any] | VectorEnv[Any, Any, Any]) -> None:
    """Close an environment that was made here. What it raises is told, as its work is done and counts."""
    try:
        env.close()
    except (Exception, SystemExit) as error:
        told = f"{name_of(env)} could not be closed: {said(error)}"
        warnings.warn(told, TrainingWarning, stacklevel=2)


def open_environments(
    environment: Environment, num_envs: int, workers: int | None = None
) -> VectorEnv[Any, Any, Any]:
    """Environments to train in.

    Args:
        environment: an id or specification, of which `num_envs` are made, by its batched class where
            `has_batched_class` allows that; a single environment, used as it is (and made again from its
            specification if more than one is wanted); a list of environments; or a vector environment.
            Environments may be written for the classic loop.
            Gymnasium's SyncVectorEnv is taken apart, since its parts can be saved.
        num_envs: how many are wanted, where that is not given by the environment itself.
        workers: into how many processes they are put, for environments that are slow; None puts all into
            this one.

    Raises:
        RunError: if more than one is wanted of an environment that cannot be made again.
        ConfigError: if workers are asked for where they cannot be had, or gain nothing.
    """
    if workers is not None:
        return _open_in_workers(environment, num_envs, workers)
    if isinstance(environment, SyncVectorEnv):
        environment = list(environment.envs)
    if isinstance(environment, VectorEnv):
        return environment
    if isinstance(environment, list):
        return SerialVectorEnv([as_gymnasium(each) for each in environment])
    if isinstance(environment, str):
        environment = specify(environment)
    if isinstance(environment, EnvSpec):
        if num_envs >= FEWEST_BATCHED and has_batched_class(environment):
            return _make_batched(environment, num_envs)
        envs = SerialVectorEnv([make_single(environment) for _ in range(num_envs)])
        envs.spec = environment  # which knows the arguments of wrappers that record none
        return envs
    env: gymnasium.Env[Any, Any] = as_gymnasium(environment)
    if num_envs == 1:
        return SerialVectorEnv([env])
    if env.spec is None:
        raise RunError(
            f"{num_envs} environments are wanted, but {env} is not registered and cannot be made "
            "again. Give a list of environments, or set num_envs to 1."
        )
    return SerialVectorEnv([env, *(make_single(env.spec) for _ in range(num_envs - 1))])


def one_of(envs: VectorEnv[Any, Any, Any]) -> gymnasium.Env[Any, Any]:
    """One of several environments, to ask it something, such as what another goal would have paid.

    It is not to be stepped: it is one of those that are played, where they are in this process. Otherwise
    it is made like them.

    Raises:
        RunError: if it is neither here nor can be made.
        ConfigError: if they are no vector environment.
    """
    check_type("one_of", "envs", envs, VectorEnv, "a vector environment, as a training has")
    single: Sequence[gymnasium.Env[Any, Any]] = getattr(envs, "envs", ())
    if single:
        return single[0]
    if not isinstance(envs.spec, EnvSpec):
        raise RunError(f"One of {envs} cannot be made, as they have no specification. Give their id.")
    return make_single(envs.spec)


def _open_in_workers(environment: Environment, num_envs: int, workers: int) -> WorkerVectorEnv:
    if isinstance(environment, str):
        environment = specify(environment)
    if not isinstance(environment, EnvSpec):
        raise ConfigError(
            f"workers={workers} was given with environments that are made already. Give the environment's "
            "id, so that each worker can make its own."
        )
    check_int("train", "workers", workers, least=1)
    if num_envs >= FEWEST_BATCHED and has_batched_class(environment):
        raise ConfigError(
            f"workers={workers} was given for {environment.id}, whose {num_envs} games are computed all at "
            "once by its batched class, faster than workers could. Leave workers out."
        )
    if workers > num_envs:
        raise ConfigError(
            f"workers={workers} was given for num_envs={num_envs}, and each worker needs an environment. Set "
            f"num_envs to {workers} or more, which is another training, or workers to {num_envs} or less."
        )
    return WorkerVectorEnv(functools.partial(make_single, environment), environment, num_envs, workers)


def has_batched_class(spec: EnvSpec) -> bool:
    """Whether an environment's registered batched class trains exactly as single environments do.

    It must take `autoreset_mode`, so that it can reset in the step that ends an episode, and every
    other option of the specification; and it must have `state_dict` and `load_state_dict`, so that a
    training can be resumed. Gymnasium's own CartPole, for one, has neither. Wrappers need single ones.
    """
    if spec.vector_entry_point is None or spec.additional_wrappers:
        return False
    entry = spec.vector_entry_point
    creator: Any = load_env_creator(entry) if isinstance(entry, str) else entry
    wanted = {"autoreset_mode", *spec.kwargs} - {"render_mode"}
    wanted |= set() if spec.max_episode_steps is None else {"max_episode_steps"}
    can_be_saved = hasattr(creator, "state_dict") and hasattr(creator, "load_state_dict")
    return can_be_saved and wanted <= parameters_of(creator).keys()


def _make_batched(spec: EnvSpec, num_envs: int) -> VectorEnv[Any, Any, Any]:
    kwargs = {name: value for name, value in spec.kwargs.items() if name != "render_mode"}
    envs: VectorEnv[Any, Any, Any] = gymnasium.make_vec(
        replace(spec, kwargs=kwargs),
        num_envs,
        vectorization_mode=VectorizeMode.VECTOR_ENTRY_POINT,
        autoreset_mode=AutoresetMode.SAME_STEP,
    )
    envs.spec = spec  # what a run is made with: one environment of it, not so many
    return envs


def render_modes(spec: EnvSpec) -> Sequence[str]:
    """How an environment can be drawn; empty if it cannot."""
    creator: Any = (
        load_env_creator(spec.entry_point) if isinstance(spec.entry_point, str) else spec.entry_point
    )
    modes: Sequence[str] = getattr(creator, "metadata", {}).get("render_modes", [])
    return modes


def _require_render_mode(spec: EnvSpec, render_mode: str) -> None:
    modes = render_modes(spec)
    can_be_wrapped = render_mode == "human" and "rgb_array" in modes
    if render_mode not in modes and not can_be_wrapped:
        raise RunError(
            f"{spec.id} cannot be rendered as {render_mode}; it offers: {', '.join(modes) or 'nothing'}."
        )


def _make(environment: str | EnvSpec, options: dict[str, Any]) -> gymnasium.Env[Any, Any]:
    try:
        given = makeable(environment) if isinstance(environment, str) else environment
        made = gymnasium.make(given, **options)
        if not isinstance(made, gymnasium.Env):
            raise ConfigError(f"what it is wrapped in gave {made!r}, which is no environment")
        return made
    except (Exception, SystemExit) as error:
        name = environment if isinstance(environment, str) else environment.id
        raise RunError(cannot_be_made(name, options, error)) from error
