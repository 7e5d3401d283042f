"""Algorithms by their registered names: how one is configured, and how it is made."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from gymnasium import Space

from csai_core import options
from csai_core.algorithm import Algorithm
from csai_core.errors import ConfigError
from csai_core.plugins import installed


def configure(algorithm: str, config: Any) -> Any:
    """The algorithm's config: the one given, or one of the fields in a dict, or its defaults for None.

    Raises:
        UnknownNameError: if there is no such algorithm or field, with the nearest name.
        ConfigError: if it has no config class, or a value cannot work.
    """
    entry = installed().find("algorithms", algorithm)
    config_class = entry.load_config()
    if config_class is None:
        raise ConfigError(f"The algorithm {algorithm!r} of plugin {entry.plugin!r} has no config class.")
    return options.configure(config_class, config)


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
        ConfigError: if the algorithm knows no network, no device or no backend, and one is asked for.
    """
    make: Callable[..., Algorithm] = installed().find("algorithms", name).load()
    wishes: dict[str, Any] = {} if network is None else {"network": network}
    wishes |= {name: value for name, value in (("device", device), ("backend", backend)) if value != "auto"}
    for keyword in wishes:
        if not _takes(make, keyword):
            raise ConfigError(
                f"The algorithm {name!r} takes no {keyword}; leave out {keyword}={_shown(wishes[keyword])}."
            )
    return make(observation_space, action_space, config, total_steps=total_steps, seed=seed, **wishes)


def _takes(make: Callable[..., Any], keyword: str) -> bool:
    parameters = inspect.signature(make).parameters
    takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    return takes_any or keyword in parameters


def _shown(value: Any) -> str:
    """A value in a few words; a network prints as many lines as it has layers."""
    return repr(value) if isinstance(value, str) else f"a {type(value).__name__}"
