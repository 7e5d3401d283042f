"""Making environments by id, from every installed plugin, through Gymnasium's own registry."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Iterable, Mapping
from typing import Any

import gymnasium
from gymnasium.envs.registration import EnvSpec

from csai_core.errors import DuplicateNameError, PluginError, UnknownNameError
from csai_core.plugins import installed


def register_envs() -> None:
    """Put the environments of every installed plugin into Gymnasium's registry; again is fine.

    One that Gymnasium refuses, or whose id means something else there, is its plugin's failure.
    """
    manager = installed()
    for spec in manager.environments().values():
        plugin = manager.environment_plugin(spec.id) or ""
        manager.attempt(plugin, f"register {spec.id}", functools.partial(_register_as_offered, spec))
    manager.warn_of_trouble()


def register_specs(specs: Iterable[EnvSpec]) -> None:
    """Put environments into Gymnasium's registry, leaving ids alone that are there already."""
    for spec in specs:
        if spec.id not in gymnasium.registry:
            gymnasium.register(
                id=spec.id,
                entry_point=spec.entry_point,
                reward_threshold=spec.reward_threshold,
                nondeterministic=spec.nondeterministic,
                max_episode_steps=spec.max_episode_steps,
                order_enforce=spec.order_enforce,
                disable_env_checker=spec.disable_env_checker,
                additional_wrappers=spec.additional_wrappers,
                vector_entry_point=spec.vector_entry_point,
                kwargs=dict(spec.kwargs),
            )


def _register_as_offered(spec: EnvSpec) -> None:
    register_specs([spec])
    registered = gymnasium.registry[spec.id]
    if (registered.entry_point, registered.vector_entry_point) != (spec.entry_point, spec.vector_entry_point):
        raise DuplicateNameError(
            f"Gymnasium already knows {spec.id!r} as {registered.entry_point}, not {spec.entry_point}"
        )


def make(environment_id: str, **kwargs: Any) -> gymnasium.Env[Any, Any]:
    """`gymnasium.make`, after registering the environments of every installed plugin.

    Raises:
        UnknownNameError: if there is no such environment, with the nearest id.
        DuplicateNameError: if two plugins offer it.
    """
    find_spec(environment_id)
    return gymnasium.make(environment_id, **kwargs)


def make_vec(
    environment_id: str, num_envs: int = 1, **kwargs: Any
) -> gymnasium.vector.VectorEnv[Any, Any, Any]:
    """`gymnasium.make_vec`, after registering the environments of every installed plugin.

    Raises:
        UnknownNameError: if there is no such environment, with the nearest id.
        DuplicateNameError: if two plugins offer it.
    """
    find_spec(environment_id)
    return gymnasium.make_vec(environment_id, num_envs, **kwargs)


def complaint(error: Exception) -> str:
    """What was wrong where an environment could not be made, without what Gymnasium adds to it."""
    return str(error).partition(" was raised from the environment creator")[0]


def cannot_be_made(environment_id: str, options: Mapping[str, Any], error: Exception) -> str:
    """A sentence for somebody who asked for an environment with these options."""
    how = f" with {dict(options)}" if options else ""
    cue = f". Its options: csai show {environment_id}" if options and isinstance(error, TypeError) else ""
    return f"{environment_id} cannot be made{how}: {complaint(error)}{cue}"


def find_spec(environment_id: str) -> EnvSpec:
    """The specification of a registered environment, a plugin's or anyone's; `module:id` imports first.

    Raises:
        UnknownNameError: if there is no such environment, with the nearest id.
        DuplicateNameError: if two plugins offer it.
        PluginError: if the module before the colon cannot be imported.
    """
    register_envs()
    module, _, environment_id = environment_id.rpartition(":")
    installed().environment_plugin(environment_id)
    try:
        if module:
            importlib.import_module(module)
        return gymnasium.spec(environment_id)
    except ImportError as error:
        message = (
            f"The module {module!r}, which was to register {environment_id!r}, cannot be imported: {error}"
        )
        raise PluginError(message) from error
    except (
        gymnasium.error.Error
    ) as error:  # not only UnregisteredEnv: "CartPole", without a version, is Error
        namespace = _namespace(environment_id)
        siblings = [name for name in gymnasium.registry if namespace and _namespace(name) == namespace]
        known, note = siblings or gymnasium.registry, installed().failure_note()
        raise UnknownNameError.of("environment", environment_id, known, note) from error


def _namespace(environment_id: str) -> str:
    return environment_id.rpartition("/")[0]
