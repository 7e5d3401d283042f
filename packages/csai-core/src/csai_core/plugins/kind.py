"""The kinds of things that plugins offer: what each is called, its hook, and the suite that checks it."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from typing import Any

from csai_core.errors import ConfigError, PluginError, said
from csai_core.plugins.entry import NAME, TARGET

_HOOK = re.compile(r"csai_[a-z0-9_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of thing that plugins offer, such as blocks; a plugin may declare kinds of its own.

    Raises:
        PluginError: if the name, the hook or the suite is malformed.
    """

    name: str
    """In the plural, as `csai list` has it: lower case letters, digits and underscores."""
    hook: str
    """The hook by which plugins offer it: `csai_` and, as a rule, the name."""
    suite: str | None = None
    """Where its `csai_core.testing.Suite` is, as `"package.module:Suite"`, imported only to check something;
    None where there is none."""
    summary: str = ""
    """One line: what it is."""
    plugin: str = ""
    """Which plugin declares it; filled in by the plugin manager, never by authors."""

    def __post_init__(self) -> None:
        for field, form, given, example in (
            ("name", NAME, self.name, "opponents"),
            ("hook", _HOOK, self.hook, "csai_opponents"),
            ("suite", TARGET, self.suite, "package.testing:OpponentSuite"),
        ):
            if given is not None and not (isinstance(given, str) and form.fullmatch(given)):
                raise PluginError(f"The {field} of a kind is {given!r}; it must look like {example!r}.")

    @property
    def noun(self) -> str:
        """The name of one of them: "block"."""
        return self.name.removesuffix("s")

    def load_suite(self) -> Any:
        """Import the class of its suite; None if it has none.

        Raises:
            ConfigError: if that cannot be imported, naming the package that holds it.
        """
        if self.suite is None:
            return None
        module, attribute = self.suite.split(":")
        try:
            return getattr(importlib.import_module(module), attribute)
        except (Exception, SystemExit) as error:  # a stranger's suite is imported here too
            package = module.partition(".")[0]
            checker = package.replace("_", "-")
            is_missing = isinstance(error, ModuleNotFoundError) and error.name == package
            cure = f"pip install {checker} " if is_missing else "which cannot be imported "
            are_checked = f"{self.name.capitalize()} are checked by {checker}{':' if is_missing else ','}"
            raise ConfigError(f"{are_checked} {cure}({said(error)})") from error


BUILT_IN = (
    Kind(
        name="environments",
        hook="csai_environments",
        suite="csai_core.testing:EnvironmentSuite",
        summary="Gymnasium environments.",
    ),
    Kind(
        name="blocks",
        hook="csai_blocks",
        suite="csai_neural.testing:BlockSuite",
        summary="Parts of networks.",
    ),
    Kind(
        name="networks",
        hook="csai_networks",
        suite="csai_neural.testing:NetworkSuite",
        summary="Networks that are made for a space of observations.",
    ),
    Kind(
        name="buffers",
        hook="csai_buffers",
        suite="csai_core.testing:BufferSuite",
        summary="Memories of experience.",
    ),
    Kind(
        name="algorithms",
        hook="csai_algorithms",
        suite="csai_core.testing:AlgorithmSuite",
        summary="What learns.",
    ),
    Kind(
        name="datasets",
        hook="csai_datasets",
        suite="csai_train.testing:DatasetSuite",
        summary="Labeled examples to train networks on.",
    ),
    Kind(
        name="agents",
        hook="csai_agents",
        suite="csai_core.testing:AgentSuite",
        summary="What plays without learning.",
    ),
    Kind(
        name="callbacks",
        hook="csai_callbacks",
        suite="csai_train.testing:CallbackSuite",
        summary="What listens to a training.",
    ),
    Kind(
        name="presets",
        hook="csai_presets",
        suite="csai_train.testing:PresetSuite",
        summary="Folders of settings with which algorithms do well in environments.",
    ),
    Kind(
        name="wrappers",
        hook="csai_wrappers",
        suite="csai_core.testing:WrapperSuite",
        summary="What stands between an environment and whoever plays.",
    ),
    Kind(
        name="commands",
        hook="csai_commands",
        suite="csai_core.testing:CommandSuite",
        summary="What `csai` can do.",
    ),
)
"""The kinds of the page `hookspecs`, in its order."""
