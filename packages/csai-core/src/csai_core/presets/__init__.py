"""Presets: settings known to work in an environment, which plugins bring as folders of TOML files.

A file is named after the environment's id, with "/" as "--"; `presets.file` says what it holds. Where several
plugins have presets for an environment, those of the environment's own plugin come first, then those of
csai-train, then those of others by name. A file that cannot be read is its plugin's failure, and the others'
are taken. A person can give a file of their own in place of a name.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from csai_core.decoding import in_words, read_bytes
from csai_core.errors import ConfigError, CsaiError, PluginError, UnknownNameError
from csai_core.plugins import Entry, installed
from csai_core.presets.file import Preset, PresetFile

__all__ = [
    "Preset",
    "all_presets",
    "choose",
    "environment_ids",
    "find",
    "names",
    "of_environment",
    "read",
    "resolved",
]

_SUFFIX = ".toml"
_LARGEST = 1_000_000
"""Bytes of a file that a person gives."""
_GENERAL = "csai_train"
"""The plugin whose presets come before those of others."""


def choose(
    environment_id: str, *, algorithm: str | None = None, preset: str | None = "auto"
) -> Preset | None:
    """The preset that is wished for; None where there is none, or none is wanted.

    Args:
        environment_id: the environment.
        algorithm: what shall learn; None leaves that to the preset.
        preset: "auto": the algorithm's, or the one that the environment's presets name themselves; a preset's
            `name` or `plugin:name`; a file of presets that ends in .toml, from which the algorithm's is taken
            in the same way; or None for none.

    Raises:
        UnknownNameError: if the environment has no preset of that name, with the nearest.
        ConfigError: if that preset is for another algorithm, or the file cannot be read.
    """
    if preset is None:
        return None
    if preset == "auto":
        return find(environment_id) if algorithm is None else _of_algorithm(environment_id, algorithm)
    found = find(environment_id, preset) if algorithm is None else _found(environment_id, preset, algorithm)
    if found is None:
        note = installed().failure_note()
        raise UnknownNameError.of(f"preset of {environment_id}", preset, names(environment_id), note)
    if algorithm is not None and _full_name(algorithm) != found.algorithm:
        raise ConfigError(
            f"The preset {preset!r} of {environment_id} is one for {found.algorithm}, not for {algorithm}."
        )
    return found


def find(environment_id: str, name: str | None = None) -> Preset | None:
    """A preset for an environment.

    Args:
        environment_id: the environment.
        name: `name` or `plugin:name` of the preset, whose name is its algorithm's unless it has one of its
            own; None takes the one that a file names itself, the first whose algorithm is installed. Or a
            file that ends in .toml, from which the one is taken that it names itself.

    Returns:
        The preset; None where the environment has none of that name.

    Raises:
        ConfigError: if that file cannot be read.
    """
    if name is None:
        usual = (file.presets[file.usual] for file in _files(environment_id))
        return next((each for each in usual if _is_installed(each.algorithm)), None)
    if name.endswith(_SUFFIX):
        file = _read_given(name)
        return file.presets[file.usual]
    plugin, _, bare_name = name.rpartition(":")
    found = (each for each in of_environment(environment_id) if plugin in ("", each.plugin))
    return next((each for each in found if each.name == bare_name), None)


def _found(environment_id: str, name: str, algorithm: str) -> Preset | None:
    """A preset by its name; of a file, the one that is the algorithm's, where it has one."""
    if not name.endswith(_SUFFIX):
        return find(environment_id, name)
    file = _read_given(name)
    wanted = _full_name(algorithm)
    own = (each for each in file.presets.values() if each.algorithm == wanted)
    return next(own, file.presets[file.usual])


def _read_given(path: str) -> PresetFile:
    """The presets in a file that a person gives.

    Raises:
        ConfigError: if it cannot be read, or is none of presets.
    """
    try:
        text = read_bytes(path, at_most=_LARGEST).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The presets in {path} cannot be read: {in_words(error)}.") from error
    return resolved(PresetFile.parse(path, text))


def names(environment_id: str) -> list[str]:
    """The shortest names that an environment's presets are found by: `name`, or else `plugin:name`."""
    found: dict[str, None] = {}
    for preset in of_environment(environment_id):
        found[preset.full_name if preset.name in found else preset.name] = None
    return list(found)


def of_environment(environment_id: str) -> list[Preset]:
    """The presets for an environment, of all plugins, the first to take first."""
    return [preset for file in _files(environment_id) for preset in file.presets.values()]


def all_presets(plugin: str) -> list[tuple[str, Preset]]:
    """Every preset that a plugin brings, with the id of its environment.

    Raises:
        CsaiError: if one of its files cannot be read.
    """
    found = []
    for entry in installed().entries("presets").values():
        for environment_id in environment_ids(entry.load()) if entry.plugin == plugin else ():
            file = read(entry.load(), environment_id, plugin)
            presets = {} if file is None else resolved(file).presets
            found += [(environment_id, preset) for preset in presets.values()]
    return found


def environment_ids(folder: Any) -> list[str]:
    """The ids of the environments that a folder has presets for."""
    files = sorted(file.name for file in _folder(folder).iterdir() if file.name.endswith(_SUFFIX))
    return [name.removesuffix(_SUFFIX).replace("--", "/") for name in files]


def read(folder: Any, environment_id: str, plugin: str = "") -> PresetFile | None:
    """The presets for an environment in one folder; None where it has none.

    Raises:
        CsaiError: if the file is none of presets.
    """
    file = _folder(folder) / f"{environment_id.replace('/', '--')}{_SUFFIX}"
    if not file.is_file():
        return None
    try:
        return PresetFile.parse(file.name, file.read_text(encoding="utf-8"), plugin)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file.name} is not written in UTF-8, as TOML is: {error}.") from error


def _files(environment_id: str) -> Iterator[PresetFile]:
    """The files for an environment, the first to take first; one that cannot be read is passed over."""
    manager = installed()
    owner = manager.environment_plugin(environment_id)
    bare_id = environment_id.rpartition(":")[2]
    entries = [*manager.entries("presets").values()]
    if bare_id != environment_id:  # another plugin's files mean the environment that has the id alone
        entries = [entry for entry in entries if entry.plugin == owner]
    found = []
    for entry in sorted(entries, key=lambda entry: _rank(entry, owner)):
        action = functools.partial(_read_entry, entry, bare_id)
        file = manager.attempt(entry.plugin, f"presets for {bare_id}", action)
        if file is not None:
            found.append(file)
    manager.warn_of_trouble()
    yield from map(resolved, found)


def _rank(entry: Entry, owner: str | None) -> tuple[bool, bool, str, str]:
    return entry.plugin != owner, entry.plugin != _GENERAL, entry.plugin, entry.name


def _read_entry(entry: Entry, environment_id: str) -> PresetFile | None:
    return read(entry.load(), environment_id, entry.plugin)


def _folder(folder: Any) -> Any:
    if not (hasattr(folder, "is_dir") and folder.is_dir()):
        raise PluginError(
            f"Presets are offered at {folder!r}, which is no folder; give a pathlib.Path of one, or "
            'importlib.resources.files("my_plugin") / "presets".'
        )
    return folder


def resolved(file: PresetFile) -> PresetFile:
    """A file whose presets name algorithms as runs do; one that its own plugin offers goes before others'."""
    presets = {
        name: replace(preset, algorithm=_full_name(preset.algorithm, preset.plugin))
        for name, preset in file.presets.items()
    }
    return PresetFile(file.usual, presets)


def _full_name(algorithm: str, plugin: str = "") -> str:
    """What runs call an algorithm; what is not installed stays as it is called."""
    for name in (f"{plugin}:{algorithm}", algorithm):
        try:
            return installed().find("algorithms", name).full_name
        except CsaiError:
            continue
    return algorithm


def _is_installed(algorithm: str) -> bool:
    try:
        installed().find("algorithms", algorithm)
    except CsaiError:
        return False
    return True


def _of_algorithm(environment_id: str, algorithm: str) -> Preset | None:
    """The preset that is named after an algorithm, of the first plugin that has one."""
    wanted = _full_name(algorithm)
    own = wanted.rpartition(":")[2]
    found = (each for each in of_environment(environment_id) if each.name == own)
    return next((each for each in found if each.algorithm == wanted), None)
