"""Algorithms by their registered names: how one is configured, and how it is made."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from gymnasium import Space

from csai_core import Entry, options
from csai_core.algorithm import Algorithm
from csai_core.errors import ConfigError, SpaceError
from csai_core.plugins import installed
from csai_train.environments.texts import without_texts

_TRIED_FIRST = ("q_learning", "deep_q_learning", "ppo")


def full_name_of(algorithm: str) -> str:
    """What a run calls an algorithm; see `Entry.full_name`.

    Raises:
        UnknownNameError: if there is no such algorithm, with the nearest name.
    """
    return installed().find("algorithms", algorithm).full_name


def configure(algorithm: str, config: Any, find: Callable[[str, str], Entry] | None = None) -> Any:
    """The algorithm's config: the one given, or one of the fields in a dict, or its defaults for None.

    A field with the metadata `{"kind": "buffers"}` names a buffer, in full in what is returned.

    Args:
        algorithm: its name.
        config: what is given.
        find: finds the entry of a kind and name; None looks among all that is installed.

    Raises:
        UnknownNameError: if there is no such algorithm or field, with the nearest name.
        ConfigError: if it has no config class, or a value cannot work.
    """
    entry = installed().find("algorithms", algorithm)
    config_class = entry.load_config()
    if config_class is None:
        raise ConfigError(f"The algorithm {algorithm!r} of plugin {entry.plugin!r} has no config class.")
    made = options.configure(config_class, config)
    named = {
        each.name: (find or installed().find)(each.metadata["kind"], value).full_name
        for each in fields(made)
        if "kind" in each.metadata and (value := getattr(made, each.name)) is not None
    }
    return replace(made, **named) if named else made


def suitable(observation_space: Space[Any], action_space: Space[Any]) -> list[str]:
    """The names of the algorithms that take such spaces, best first; those that do not say come last."""
    entries = installed().entries("algorithms")
    seen = observation_space, without_texts(observation_space)
    taking = ([name for name in entries if entries[name].takes(each, action_space)] for each in seen)
    names: list[str] = next(filter(None, taking), [])
    return sorted(names, key=lambda name: (not _says(entries[name]), _rank(name), name))


def _rank(name: str) -> int:
    return _TRIED_FIRST.index(name) if name in _TRIED_FIRST else len(_TRIED_FIRST)


def _says(entry: Entry) -> bool:
    """Whether an algorithm says both what observations and what actions it takes."""
    return bool(entry.observation_spaces and entry.action_spaces)


def _require_spaces(entry: Entry, observation_space: Space[Any], action_space: Space[Any]) -> None:
    """Refuse spaces that an algorithm says it does not take, and name those that do.

    Raises:
        SpaceError: naming what it takes, and who takes these.
    """
    if entry.takes(observation_space, action_space):
        return
    others = ", ".join(suitable(observation_space, action_space))
    raise SpaceError(
        f"The algorithm {entry.full_name!r} takes observations of {_listed(entry.observation_spaces)} and "
        f"actions of {_listed(entry.action_spaces)}; here observations are in {observation_space}, and "
        f"actions in {action_space}. "
        + (f"These take them: {others}." if others else "No installed algorithm takes them.")
    )


def _listed(kinds: tuple[str, ...]) -> str:
    return ", ".join(kinds) or "any kind"


def make_algorithm(
    name: str,
    observation_space: Space[Any],
    action_space: Space[Any],
    config: Any,
    *,
    total_steps: int,
    seed: int,
    network: Any = None,
    device: str = "auto",
    backend: str = "auto",
) -> Algorithm:
    """An untrained algorithm by its registered name.

    Args:
        name: such as "ppo".
        observation_space: of one environment.
        action_space: of one environment.
        config: an instance of the algorithm's config class.
        total_steps: how many steps, over all environments, the training will take.
        seed: decides everything random about the algorithm.
        network: what to use in place of the algorithm's own; None leaves that to it.
        device: where to compute; "auto" leaves that to the algorithm.
        backend: who computes; "auto" leaves that to the algorithm.

    Raises:
        UnknownNameError: if there is no such algorithm, with the nearest name.
        SpaceError: if it does not take such spaces, with those that do.
        ConfigError: if the algorithm knows no network, no device or no backend, and one is asked for.
    """
    entry = installed().find("algorithms", name)
    _require_spaces(entry, observation_space, action_space)
    make: Callable[..., Algorithm] = entry.load()
    wishes: dict[str, Any] = {} if network is None else {"network": network}
    wishes |= {name: value for name, value in (("device", device), ("backend", backend)) if value != "auto"}
    for keyword in wishes:
        if not _takes(make, keyword):
            raise ConfigError(
                f"The algorithm {name!r} takes no {keyword}; leave out {keyword}={_shown(wishes[keyword])}."
            )
    made: Algorithm = entry.make(
        observation_space, action_space, config, total_steps=total_steps, seed=seed, **wishes
    )
    return made


def _takes(make: Callable[..., Any], keyword: str) -> bool:
    parameters = inspect.signature(make).parameters
    takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    return takes_any or keyword in parameters


def _shown(value: Any) -> str:
    """A value in a few words; a network prints as many lines as it has layers."""
    return repr(value) if isinstance(value, str) else f"a {type(value).__name__}"
