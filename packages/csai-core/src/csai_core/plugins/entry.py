"""One thing that a plugin offers, described by data and imported only when it is used."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from gymnasium import Space

from csai_core.errors import CsaiError, PluginError, said
from csai_core.plugins.discovery import OURS
from csai_core.spaces import kinds_of

NAME = re.compile(r"[a-z0-9][a-z0-9_]*")
"""How the names of what plugins offer look."""
TARGET = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")
"""How the place of something to import is written."""


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
    is_inner: bool = False
    """Of a command: whether another one hands on to it, so that `csai --help` does not list it."""
    observation_spaces: tuple[str, ...] = ()
    """Of an algorithm: which observations it takes, by the names of Gymnasium's spaces, such as
    `("Box", "Discrete", "Dict")`; parts of a Dict or Tuple count too, and a Box of whole numbers is an
    "IntegerBox". Empty where it does not say: it is then tried last."""
    action_spaces: tuple[str, ...] = ()
    """Of an algorithm: which actions it takes, in the same words."""
    checks: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """What `csai check` is to know of it: values of its suite's settings by name, such as
    `{"learning_steps": 4000}` of an algorithm or `{"words": ["Ada"]}` of a command."""
    plugin: str = ""
    """Which plugin offers it; filled in by the plugin manager, never by authors."""

    def __post_init__(self) -> None:
        _check_texts(self)
        for name in (self.name, *self.aliases):
            if not NAME.fullmatch(name):
                raise PluginError(
                    f"An entry is named {name!r}; a name is lower case letters, digits and "
                    "underscores, such as 'deep_q_learning'."
                )
        for what, path in (("target", self.target), ("config", self.config)):
            if path is not None and not TARGET.fullmatch(path):
                raise PluginError(
                    f"The {what} of entry {self.name!r} is {path!r}; "
                    "it must look like 'package.module:attribute'."
                )

    @property
    def full_name(self) -> str:
        """What runs and saved networks call it: `plugin:name`, which never means anything else.

        What csai's own packages offer is called by its name alone, which nobody can take.
        """
        return self.name if self.plugin in ("", *OURS) else f"{self.plugin}:{self.name}"

    def load(self) -> Any:
        """Import and return what `target` points to.

        Raises:
            PluginError: if that cannot be imported, naming the plugin and the reason.
        """
        return self._resolve(self.target)

    def make(self, *arguments: Any, **options: Any) -> Any:
        """Import what `target` points to, and call it.

        Raises:
            PluginError: if it cannot be imported, or called with these arguments, naming plugin and reason.
            CsaiError: as it raises itself on purpose.
        """
        maker = self.load()
        try:
            return maker(*arguments, **options)
        except (CsaiError, OSError, MemoryError):  # they say themselves what is wrong
            raise
        except (Exception, SystemExit) as error:
            raise PluginError(
                f"{self.name!r} cannot be made: {said(error)}. "
                f"Plugin {self.plugin or '?'!r} offers it, at {self.target!r}."
            ) from error

    def load_config(self) -> Any:
        """Import and return the configuration class, or None when the entry has none."""
        return None if self.config is None else self._resolve(self.config)

    def takes(self, observation_space: Space[Any], action_space: Space[Any]) -> bool:
        """Whether an algorithm takes such observations and actions, or does not say what it takes."""
        asked = (
            (self.observation_spaces, kinds_of(observation_space)),
            (self.action_spaces, kinds_of(action_space)),
        )
        return all(not taken or kinds <= set(taken) for taken, kinds in asked)

    def _resolve(self, path: str) -> Any:
        module_name, attribute_path = path.split(":")
        try:
            found: Any = importlib.import_module(module_name)
            for attribute in attribute_path.split("."):
                found = getattr(found, attribute)
        except (Exception, SystemExit) as error:  # whatever a stranger's module does at import
            raise PluginError(
                f"Plugin {self.plugin or '?'!r} offers {self.name!r} at {path!r}, "
                f"but that cannot be imported: {said(error)}"
            ) from error
        return found


def _check_texts(entry: Entry) -> None:
    """Refuse fields of other types, over which every list would stumble."""
    if not isinstance(entry.checks, Mapping) or not all(isinstance(name, str) for name in entry.checks):
        raise PluginError(
            f"The checks of entry {entry.name!r} are {entry.checks!r}; they must be settings of its suite "
            "by name, "
            'such as {"learning_steps": 4000}.'
        )
    if not isinstance(entry.is_inner, bool):
        raise PluginError(f"The is_inner of entry {entry.name!r} is {entry.is_inner!r}; it must be a bool.")
    for each in fields(entry):
        if each.name in ("checks", "is_inner"):
            continue
        value, is_listed = getattr(entry, each.name), isinstance(each.default, tuple)
        texts = value if isinstance(value, tuple) else [value]
        is_left_out = each.default is None and value is None
        if is_listed != isinstance(value, tuple) or not (is_left_out or all(map(_is_text, texts))):
            kind = "a tuple of texts" if is_listed else "a text"
            raise PluginError(f"The {each.name} of entry {entry.name!r} is {value!r}; it must be {kind}.")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def as_typed(name: str) -> str:
    """A command's name as people type it, with dashes."""
    return name.replace("_", "-")
