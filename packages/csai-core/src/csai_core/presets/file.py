"""A file of presets: what it must hold, and what is said where it does not.

algorithm = "deep_q_learning"      # the preset to take when none is named

[deep_q_learning]                  # one table for each preset, named after its algorithm
total_steps = 500_000
result = "25 apples a game"        # what it reached, with
command = "csai train …"           # the command that measured it
wrappers = ["TimeLimit:max_episode_steps=50"]   # what the environment is wrapped in, the last outermost
network = "my_plugin:my_network"   # a registered one, in place of layers that the config describes

[deep_q_learning.environment]      # keyword arguments of gymnasium.make
[deep_q_learning.config]           # fields of the algorithm's config

[long]                             # another one for the same algorithm has a name of its own
algorithm = "deep_q_learning"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from csai_core.errors import ConfigError, UnknownNameError
from csai_core.schedules import read_schedule
from csai_core.toml_text import from_literals

_KINDS: Mapping[str, tuple[type, str]] = {
    "algorithm": (str, "a name"),
    "total_steps": (int, "a whole number, such as 100_000"),
    "environment": (dict, "a table"),
    "wrappers": (list, "a list of texts, each as --wrap takes it"),
    "network": (str, "the name of a registered network"),
    "config": (dict, "a table"),
    "result": (str, "a text"),
    "command": (str, "a text"),
}
"""What a preset can say, and how."""


@dataclass(frozen=True)
class Preset:
    """Settings of one algorithm for one environment."""

    name: str
    """The algorithm's, or one of its own where there are several for it."""
    algorithm: str
    total_steps: int
    environment: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    wrappers: Sequence[str] = ()
    """What the environment is wrapped in, unless other wrappers are asked for; see `csai_core.wrapping`."""
    network: str = ""
    """The name of a registered network that it trains, unless another one or layers are asked for."""
    result: str = ""
    command: str = ""
    plugin: str = ""
    """Which plugin brings it; empty for what no plugin does."""

    @property
    def full_name(self) -> str:
        """What runs call it: `plugin:name`."""
        return f"{self.plugin}:{self.name}" if self.plugin else ""

    def is_kept(
        self, total_steps: int | None, environment: Mapping[str, Any], config: Mapping[str, Any]
    ) -> bool:
        """Whether a training with these wishes is the one whose `result` was measured."""
        wishes = ((environment, self.environment), (config, self.config))
        return total_steps in (None, self.total_steps) and all(
            name in own and _plain(own[name]) == _plain(value)
            for given, own in wishes
            for name, value in given.items()
        )


@dataclass(frozen=True)
class PresetFile:
    """The presets of one environment."""

    usual: str
    """The name of the one to take when none is named."""
    presets: Mapping[str, Preset]

    @classmethod
    def parse(cls, name: str, text: str, plugin: str = "") -> PresetFile:
        """Read a file.

        Args:
            name: the file's, for errors.
            text: what is in it.
            plugin: whose it is.

        Raises:
            ConfigError: if it is no TOML, or says something else than presets do; it names what.
            UnknownNameError: if it says something that presets do not, with the nearest that they do.
        """
        try:
            document = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{name} is no TOML: {error}.") from error
        usual = document.pop("algorithm", None)
        if loose := [key for key, value in document.items() if not isinstance(value, dict)]:
            raise ConfigError(
                f"{name} says {loose[0]} outside of its tables; put it into the table of a preset, such as "
                "[ppo]."
            )
        presets = {
            each: _preset(f"{name}, [{each}]", each, table, plugin) for each, table in document.items()
        }
        if usual not in presets:
            known = " or ".join(repr(each) for each in presets) or "one of its tables"
            raise ConfigError(
                f"{name} says algorithm = {usual!r}, for which it has no table; say above all tables which "
                f"preset to take when none is named: algorithm = {known}."
            )
        return cls(usual, presets)


def _preset(where: str, name: str, table: Mapping[str, Any], plugin: str) -> Preset:
    for key, value in table.items():
        if key not in _KINDS:
            raise UnknownNameError.of(f"key of a preset in {where},", key, _KINDS)
        kind, words = _KINDS[key]
        is_off = not isinstance(value, kind) or isinstance(value, bool)
        if is_off or (kind is list and not all(isinstance(each, str) for each in value)):
            raise ConfigError(f"{where}, says {key} = {value!r}; it must be {words}.")
    if table.get("total_steps", 0) < 1:
        raise ConfigError(
            f"{where}, does not say how long to train; write total_steps = 100_000, or the like."
        )
    return Preset(**{"name": name, "algorithm": name, "plugin": plugin, **from_literals(dict(table))})


def _plain(value: Any) -> Any:
    """A value as TOML has it, with which others are compared: a text of a schedule as the schedule."""
    return list(value) if isinstance(value, tuple) else read_schedule(value)
