"""One thing that a plugin offers, described by data and imported only when it is used."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from typing import Any

from gymnasium import Space

from csai_core.errors import PluginError
from csai_core.spaces import kinds_of

_NAME = re.compile(r"[a-z0-9][a-z0-9_]*")
_TARGET = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Anything but an environment that a plugin offers, such as a block or a command, found by name.

    Raises:
        PluginError: if the name or a target is malformed.
    """

    name: str
    """What people type: lower case letters, digits and underscores; unique among its kind."""
    target: str
    """Where it is, as `"package.module:attribute"`."""
    config: str | None = None
    """Where its configuration dataclass is, in the same form."""
    summary: str = ""
    """One line for lists."""
    reference: str = ""
    """The paper or page it comes from."""
    aliases: tuple[str, ...] = ()
    """What people also type for it, such as `("dqn",)`; of the form of `name`."""
    group: str = ""
    """Of a command: the heading under which `csai --help` lists it."""
    observation_spaces: tuple[str, ...] = ()
    """Of an algorithm: which observations it takes, as `csai_core.spaces.kinds_of` has it; empty: any."""
    action_spaces: tuple[str, ...] = ()
    """Of an algorithm: which actions it takes, in the same words."""
    plugin: str = ""
    """Which plugin offers it; filled in by the plugin manager, never by authors."""

    def __post_init__(self) -> None:
        for name in (self.name, *self.aliases):
            if not _NAME.fullmatch(name):
                raise PluginError(
                    f"An entry is named {name!r}; a name is lower case letters, digits and "
                    "underscores, such as 'deep_q_learning'."
                )
        for field, path in (("target", self.target), ("config", self.config)):
            if path is not None and not _TARGET.fullmatch(path):
                raise PluginError(
                    f"The {field} of entry {self.name!r} is {path!r}; "
                    "it must look like 'package.module:attribute'."
                )

    def load(self) -> Any:
        """Import and return what `target` points to.

        Raises:
            PluginError: if that cannot be imported, naming the plugin and the reason.
        """
        return self._resolve(self.target)

    def load_config(self) -> Any:
        """Import and return the configuration class, or None when the entry has none."""
        return None if self.config is None else self._resolve(self.config)

    def takes(self, observation_space: Space[Any], action_space: Space[Any]) -> bool:
        """Whether an algorithm says that it takes such observations and actions."""
        asked = (
            (self.observation_spaces, kinds_of(observation_space)),
            (self.action_spaces, kinds_of(action_space)),
        )
        return all(not taken or kinds <= set(taken) for taken, kinds in asked)

    def _resolve(self, path: str) -> Any:
        module_name, _, attribute_path = path.partition(":")
        try:
            found: Any = importlib.import_module(module_name)
            for attribute in attribute_path.split("."):
                found = getattr(found, attribute)
        except (Exception, SystemExit) as error:  # whatever a stranger's module does at import
            raise PluginError(
                f"Plugin {self.plugin or '?'!r} offers {self.name!r} at {path!r}, "
                f"but that cannot be imported: {type(error).__name__}: {error}"
            ) from error
        return found


def as_typed(name: str) -> str:
    """A command's name as people type it, with dashes."""
    return name.replace("_", "-")
