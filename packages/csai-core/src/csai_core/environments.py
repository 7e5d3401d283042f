"""Making environments by id, from every installed plugin, through Gymnasium's own registry."""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Iterable, Mapping
from typing import Any

import gymnasium
from gymnasium.envs.registration import EnvSpec, load_env_creator

from csai_core.errors import CsaiError, DuplicateNameError, PluginError, UnknownNameError
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
    said = str(error).partition(" was raised from the environment creator")[0]
    is_plain = isinstance(error, (TypeError, CsaiError, gymnasium.error.Error))
    return said if is_plain else f"{type(error).__name__}: {said}"


def cannot_be_made(environment_id: str, options: Mapping[str, Any], error: Exception) -> str:
    """A sentence for somebody who asked for an environment with these options."""
    how = f" with {dict(options)}" if options else ""
    why, cue = complaint(error), ""
    if options and isinstance(error, TypeError):
        known = options_of(find_spec(environment_id))
        unknown = [name for name in options if name not in known]
        if unknown:
            return str(UnknownNameError.of(f"option of {environment_id}", unknown[0], known))
        cue = f". Its options: csai show {environment_id}"
    return f"{environment_id} cannot be made{how}: {why}{cue}"


def options_of(spec: EnvSpec) -> dict[str, Any]:
    """What an environment can be made with, by name, and its default; `inspect.Parameter.empty` for none."""
    entry: Any = spec.entry_point
    creator = load_env_creator(entry) if isinstance(entry, str) else entry
    options = {name: each.default for name, each in parameters_of(creator).items()}
    return {**options, **spec.kwargs, "max_episode_steps": spec.max_episode_steps}


def parameters_of(creator: Any) -> dict[str, inspect.Parameter]:
    """What can be given to a class or function by name; `**settings` of a class go on to its base."""
    makers = [creator]
    if inspect.isclass(creator):
        makers = [vars(each)["__init__"] for each in inspect.getmro(creator) if "__init__" in vars(each)]
    taken: dict[str, inspect.Parameter] = {}
    for make in makers:
        parameters = inspect.signature(make).parameters
        taken = {**parameters, **taken}
        if all(parameter.kind is not parameter.VAR_KEYWORD for parameter in parameters.values()):
            break
    by_name = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY
    return {name: each for name, each in taken.items() if each.kind in by_name and name != "self"}


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
