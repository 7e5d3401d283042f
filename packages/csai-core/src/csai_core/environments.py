"""Making environments by id, from every installed plugin, through Gymnasium's own registry."""

from __future__ import annotations

import functools
import importlib
import inspect
import traceback
from collections.abc import Iterable, Mapping
from importlib.metadata import entry_points
from typing import Any

import gymnasium
from gymnasium.envs.registration import EnvSpec, load_env_creator

from csai_core import known_packages, trust
from csai_core.errors import CsaiError, DuplicateNameError, PluginError, UnknownNameError, said
from csai_core.plugins import installed
from csai_core.plugins.names import meant_otherwise

_REGISTRARS: dict[str, str] = {}
"""By ids that are there since a module was imported for them: that module."""


def register_envs() -> None:
    """Put the environments of every installed plugin into Gymnasium's registry; again is fine.

    One that Gymnasium refuses, or whose id means something else there, is its plugin's failure.
    """
    manager = installed()
    with manager.warning_at_the_end():
        for spec in manager.environments().values():
            plugin = str(manager.environment_plugin(spec.id))
            manager.attempt(plugin, f"register {spec.id}", functools.partial(_register_as_offered, spec))


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
    if why := meant_otherwise(spec):
        raise DuplicateNameError(why)


def make(environment_id: str, **kwargs: Any) -> gymnasium.Env[Any, Any]:
    """`gymnasium.make`, after registering the environments of every installed plugin; `plugin:id` works too.

    Raises:
        UnknownNameError: if there is no such environment, with the nearest id.
        DuplicateNameError: if several plugins offer it, with their full names.
    """
    return gymnasium.make(makeable(environment_id), **kwargs)


def make_vec(
    environment_id: str, num_envs: int = 1, **kwargs: Any
) -> gymnasium.vector.VectorEnv[Any, Any, Any]:
    """`gymnasium.make_vec`, after registering the environments of every installed plugin.

    Raises:
        UnknownNameError: if there is no such environment, with the nearest id.
        DuplicateNameError: if several plugins offer it, with their full names.
    """
    return gymnasium.make_vec(makeable(environment_id), num_envs, **kwargs)


def makeable(environment_id: str) -> str | EnvSpec:
    """What `gymnasium.make` makes an environment of, called `id`, `plugin:id` or `module:id`.

    Raises:
        UnknownNameError, DuplicateNameError, PluginError: as `find_spec`.
    """
    spec = find_spec(environment_id)
    return spec if ":" in spec.id else spec.id  # gymnasium would import what stands before a colon


def complaint(error: BaseException) -> str:
    """What was wrong where an environment could not be made, without what Gymnasium adds to it.

    An exception without a message, such as a bare assertion's, says where it comes from.
    """
    told = said(error).partition(" was raised from the environment creator")[0]
    if told == type(error).__name__ and (frames := traceback.extract_tb(error.__traceback__)):
        last = frames[-1]
        return f"{told} in {last.name} ({last.filename}, line {last.lineno}: {last.line})"
    is_plain = isinstance(error, (TypeError, CsaiError, gymnasium.error.Error))
    return told.removeprefix(f"{type(error).__name__}: ") if is_plain else told


def cannot_be_made(environment_id: str, options: Mapping[str, Any], error: BaseException) -> str:
    """A sentence for somebody who asked for an environment with these options."""
    how = f" with {dict(options)}" if options else ""
    why, cue = complaint(error), ""
    if options and isinstance(error, TypeError):
        known = options_of(find_spec(environment_id))
        unknown = [name for name in options if name not in known]
        if unknown:
            return str(UnknownNameError.of(f"option of {environment_id}", unknown[0], known))
        cue = f". Its options: csai show {environment_id}"
    if isinstance(error, KeyError):  # a text was looked up that is none of those there are
        for name, value in options.items():
            if isinstance(value, str) and value in error.args:
                why, cue = f"it knows no {name} {value!r}", f". Its options: csai show {environment_id}"
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
    """The specification of a registered environment, a plugin's or anyone's.

    `plugin:id` is that of the plugin; with any other word before the colon, that module is imported first.

    Raises:
        UnknownNameError: if there is no such environment, with the nearest id.
        DuplicateNameError: if several plugins offer it, with their full names.
        PluginError: if the module before the colon cannot be imported.
    """
    register_envs()
    if offered := installed().environment_id(environment_id):
        return gymnasium.spec(offered)
    asked_for = environment_id
    module, _, environment_id = environment_id.rpartition(":")
    try:
        if module:
            import_registering(module)
        spec = gymnasium.spec(environment_id)
        if module:
            _REGISTRARS[spec.id] = module
        return spec
    except ImportError as error:
        raise PluginError(
            f"The module {module!r}, which was to register {environment_id!r}, cannot be imported: {error}. "
            f"{known_packages.note_on(asked_for)}".rstrip()
        ) from error
    except (
        gymnasium.error.Error
    ) as error:  # not only UnregisteredEnv: "CartPole", without a version, is Error
        namespace = _namespace(environment_id)
        siblings = [name for name in gymnasium.registry if namespace and _namespace(name) == namespace]
        known = siblings or gymnasium.registry
        note = f"{known_packages.note_on(asked_for)} {installed().failure_note()}".strip()
        raise UnknownNameError.of("environment", environment_id, known, note) from error


def import_registering(module: str) -> None:
    """Import a module, and note which environments it registers.

    Raises:
        PluginError: if it cannot be one of environments, as a path and a part of Python cannot.
        ImportError: if it cannot be imported.
    """
    if why := trust.complaint(module):
        raise PluginError(why)
    before = set(gymnasium.registry)
    importlib.import_module(module)
    if gymnasium.registry.keys() == before and not registered_by(module):
        _register_by_entry_points(module)
    _REGISTRARS.update(dict.fromkeys(gymnasium.registry.keys() - before, module))


def _register_by_entry_points(module: str) -> None:
    """Call what a package offered to Gymnasium before its version 1.0, which called that by itself."""
    package = module.partition(".")[0]
    for offered in entry_points(group="gymnasium.envs"):
        if offered.module.partition(".")[0] == package:
            offered.load()()


def registered_by(module: str) -> set[str]:
    """The ids that are there since a module was imported for them."""
    return {name for name, registrar in _REGISTRARS.items() if registrar == module}


def registrar_of(spec: EnvSpec) -> str | None:
    """The module that must be imported before an environment is there; None if nothing or nobody knows.

    It is the one that was imported for it, or else the package of its class.
    """
    package = home_of(spec).partition(".")[0]
    if package in ("", "__main__", "gymnasium") or installed().environment_plugin(spec.id):
        return None
    return _REGISTRARS.get(spec.id, package)


def home_of(spec: EnvSpec) -> str:
    """The module that an environment's class is in; empty where that is not known."""
    entry: Any = spec.entry_point
    return entry.partition(":")[0] if isinstance(entry, str) else str(getattr(entry, "__module__", ""))


def _namespace(environment_id: str) -> str:
    return environment_id.rpartition("/")[0]
