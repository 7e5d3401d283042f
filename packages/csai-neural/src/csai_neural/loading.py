"""Loading: the network that somebody named, wherever it stands."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gymnasium import spaces
from torch import nn

from csai_core import trust
from csai_core.errors import ConfigError, CsaiError, PluginError, UnknownNameError, said
from csai_core.plugins import installed
from csai_neural.bodies import as_body
from csai_neural.errors import NetFileError
from csai_neural.generators import seeded
from csai_neural.net import Net
from csai_neural.toml_file import read_toml

Source = nn.Module | Callable[[spaces.Space[Any]], nn.Module] | str | Path


def load_network(source: Source, observation_space: spaces.Space[Any], *, seed: int) -> Net:
    """A network for an observation space, compiled and ending in a vector.

    What there is to say about it, such as what is lost with a plain torch module, stands in its `notes`.

    Args:
        source: a Net or a plain torch module; a function or class that makes one for an observation space;
            the path of a file that `Net.save` wrote, or of a TOML file; "module:name", where a network or
            such a function stands; or the name of a registered network, as "mlp" or "csai_neural:mlp".
        observation_space: what it shall be given.
        seed: decides the weights of what is made; the global generator is left as it was.

    Raises:
        UnknownNameError: if nothing goes by that name.
        NetFileError: if there is no such file, or it holds no network.
        ConfigError: if what was found is no network, its function fails, or a setting in a file cannot work.
        ShapeError: if the network takes other observations.
    """
    with seeded(seed):
        return as_body(_find(source, observation_space), observation_space)


def _find(given: Source, observation_space: spaces.Space[Any]) -> nn.Module:
    source: Any = given
    if isinstance(source, (str, Path)):
        path = Path(source)
        if path.suffix == ".toml":
            return read_toml(path, observation_space)
        if path.is_file():
            return Net.load(path)
        if path.is_dir() and (isinstance(source, Path) or path.name != source):
            raise NetFileError(f"{str(path)!r} is a folder, not the file of a network.")
        if isinstance(source, Path) or path.suffix == ".safetensors":
            raise NetFileError(f"There is no network file {str(path)!r}.")
        source = _named(source)
    if isinstance(source, nn.Module):
        return source
    if not callable(source):
        raise ConfigError(
            f"{source!r} is no network. Give a Net, a torch module, a function that makes one for an "
            "observation space, a file, module:name, or the name of a registered network."
        )
    name = given if isinstance(given, str) else getattr(given, "__qualname__", repr(given))
    return _make(source, name, observation_space)


def _make(make: Any, name: str, observation_space: spaces.Space[Any]) -> nn.Module:
    """What a function gives; its errors, but for ours, say which network it was to make."""
    try:
        network: nn.Module = make(observation_space)
    except CsaiError:
        raise
    except (Exception, SystemExit) as error:  # whatever a stranger's function does
        raise ConfigError(
            f"The network {name!r} cannot be made: {getattr(make, '__name__', name)}(observation_space) "
            f"raised {said(error)}. It is called with the observation space alone, here "
            f"{observation_space}, and must return a network."
        ) from error
    return network


def _named(name: str) -> Any:
    """What goes by the name of a registered network, or stands at "module:name"."""
    try:
        return installed().find("networks", name).load()
    except UnknownNameError as error:
        module, colon, attribute = name.partition(":")
        if not colon:
            raise UnknownNameError(
                f"{error} A network can also be given as a file, or as module:name where it stands."
            ) from error
    if not trust.is_name(module):
        raise PluginError(f"The network {name!r} cannot be imported: {trust.complaint(module)}")
    try:
        return getattr(importlib.import_module(module), attribute)
    except (Exception, SystemExit) as error:  # whatever a stranger's module does at import
        raise PluginError(f"The network {name!r} cannot be imported: {said(error)}") from error
