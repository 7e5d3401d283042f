"""Which modules csai may import because a file asks for them: those that somebody has typed on this machine.

Importing a module runs its code, so a run from elsewhere must not choose one. What a person types, as
`csai train minigrid:MiniGrid-Empty-8x8-v0` or `--import minigrid`, is remembered in a small file of that
person, together with where the module was found: a file of the same name in another folder is another one.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys
from contextlib import suppress
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any

from csai_core import storage
from csai_core.errors import UntrustedModuleError
from csai_core.plugins.discovery import OURS
from csai_core.schema import an_object_of, are_texts

_HARMLESS = {*OURS, "gymnasium"}
"""Importing any of their modules does nothing but define things."""

_PYTHONS = {*sys.stdlib_module_names, "__main__"}
"""What registers no environments, whatever a file says."""
_TYPED: set[tuple[str, str]] = set()
"""The modules that were typed in this process, each with its place."""


def trust_file() -> Path:
    """The file that remembers, in `$XDG_CONFIG_HOME` or where the system keeps a person's settings."""
    home = Path.home()
    folder: str | Path | None = os.environ.get("XDG_CONFIG_HOME")
    if not folder and os.name == "nt":
        folder = os.environ.get("APPDATA")
    if not folder:
        folder = home / ("Library/Application Support" if sys.platform == "darwin" else ".config")
    return Path(folder) / "csai" / "trusted.json"


def is_name(module: str) -> bool:
    """Whether a text is the absolute name of a module, such as `minigrid` or `lab.games`."""
    return all(part.isidentifier() for part in module.split("."))


def complaint(module: str) -> str:
    """Why what was typed for a module cannot be one of environments, in words; empty if it may."""
    if not is_name(module):
        return f"{module!r} is no name of a module, as my_game or lab.games are."
    if module.partition(".")[0] in _PYTHONS and not _find(module)[1]:
        return f"{module!r} is a part of Python itself, which registers no environments."
    return ""


def advice(module: str) -> str:
    """What to say of a module that a file asks for; empty where importing it would be of no use.

    Args:
        module: its name, as the file has it.
    """
    if complaint(module):
        return ""
    if not find(module):
        return f"No module {module.partition('.')[0]} is installed here."
    return f"If you trust that, import it first: --import {module}"


def find(module: str) -> str:
    """Where the package of a module is found, of this folder or installed; nothing is imported.

    Returns:
        The absolute path of its file or folder; empty if there is none.
    """
    return _find(module)[0]


def _find(module: str) -> tuple[str, bool]:
    """Where a module's package is, and whether that is this folder, which may not be searched yet."""
    package = module.partition(".")[0]
    here = None if package in sys.modules else PathFinder.find_spec(package, [os.getcwd()])
    try:
        return _place(here or importlib.util.find_spec(package)), here is not None
    except (ValueError, ImportError):  # __main__, or what was put into sys.modules by hand
        return "", False


def is_trusted(module: str) -> bool:
    """Whether a module may be imported since a person has typed it, exactly it, where it is found now."""
    return is_name(module) and (module.partition(".")[0] in _HARMLESS or is_typed(module))


def is_typed(module: str) -> bool:
    """Whether a person has typed a module, exactly it, where it is found now."""
    place = find(module) if is_name(module) else ""
    return bool(place) and ((module, place) in _TYPED or place in _read().get(module, ()))


def remember(module: str) -> None:
    """Note that a person has asked for a module; where nothing can be written, this process alone knows."""
    place = find(module)
    if not place or is_trusted(module):
        return
    note(module)
    known = _read()
    known.setdefault(module, []).append(place)
    with suppress(OSError):
        storage.write(trust_file(), json.dumps({"modules": known}, indent=1) + "\n")


def note(module: str) -> None:
    """Note, for this process alone, that its program has asked for a module."""
    if place := find(module):
        _TYPED.add((module, place))


def import_trusted(module: str, why: str) -> None:
    """Import a module that a file asks for, if a person has typed it.

    Args:
        module: its name.
        why: what asks for it and how to allow that, for whoever is asked.

    Raises:
        UntrustedModuleError: if nobody has.
        ImportError: if it cannot be imported.
    """
    if not is_trusted(module):
        raise UntrustedModuleError(why, module=module, place="" if complaint(module) else find(module))
    if _find(module)[1] and os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    importlib.import_module(module)


def _read() -> dict[str, list[str]]:
    """What was typed, and where that was found; what is no such file says nothing."""
    try:
        content: Any = json.loads(trust_file().read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    known: Any = content.get("modules") if isinstance(content, dict) else None
    return known if an_object_of(are_texts)(known) else {}


def _place(found: ModuleSpec | None) -> str:
    """The file of a package, or its folder; empty for what has neither, as parts of Python."""
    if found is None:
        return ""
    folders = list(found.submodule_search_locations or ())
    place = found.origin if found.has_location else next(iter(folders), None)
    return os.path.realpath(place) if place else ""
