"""What a search may change: fields of a config, where, and how Optuna is asked for a value of each."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from csai_core.errors import ConfigError, UnknownNameError
from csai_core.options import Option, describe
from csai_core.ranges import Choices, Range

_DIGITS = 3
"""Of a number that is tried; more of them say nothing, and are hard to read in a preset."""


@dataclass(frozen=True)
class Axis:
    """One field that is searched for.

    Args:
        name: the field's.
        range: where.
        start: what it is as things are; None where that is no plain value of the range.
        is_whole: whether it holds integers.
    """

    name: str
    range: Range | Choices
    start: Any
    is_whole: bool

    @property
    def parameter(self) -> str:
        """What Optuna knows it by, which sees it on its scale."""
        scale = self.range.scale if isinstance(self.range, Range) else ""
        return {"log_below_1": f"1 - {self.name}", "powers_of_2": f"log2 {self.name}"}.get(scale, self.name)

    def suggest(self, trial: Any) -> Any:
        """A value for a trial; one that has been given a value before has the same again."""
        raw = self._suggest(trial)
        if self.start is not None and raw == self.encode(self.start):
            return self.start
        if isinstance(self.range, Choices):
            return next(value for value in self.range.values if _label(value) == raw)
        if self.range.scale == "powers_of_2":
            return int(2**raw)
        if self.is_whole:
            return int(raw)
        value = float(f"{raw:.{_DIGITS}g}")
        if self.range.scale == "log_below_1":
            value = round(1 - value, 12)
        return min(max(value, self.range.low), self.range.high)

    def encode(self, value: Any) -> Any:
        """A value as Optuna has it."""
        if isinstance(self.range, Choices):
            return _label(value)
        if self.range.scale == "powers_of_2":
            return int(math.log2(value))
        return 1 - value if self.range.scale == "log_below_1" else value

    def _suggest(self, trial: Any) -> Any:
        if isinstance(self.range, Choices):
            return trial.suggest_categorical(self.parameter, list(map(_label, self.range.values)))
        low, high = sorted(map(self.encode, self.range.ends))
        if self.is_whole:
            return trial.suggest_int(self.parameter, int(low), int(high), log=self.range.scale == "log")
        is_log = self.range.scale in ("log", "log_below_1")
        return trial.suggest_float(self.parameter, float(low), float(high), log=is_log)

    def __str__(self) -> str:
        return f"{self.name} in {self.range}"


Search = Iterable[str] | Mapping[str, Range | Choices | None] | None
"""What a person asks to search: names, of which some may come with a range; None for all that have one."""


def axes_of(config_class: type, search: Search, base: Mapping[str, Any], kept: Iterable[str]) -> list[Axis]:
    """What is searched.

    Args:
        config_class: the algorithm's.
        search: what was asked for.
        base: what fields are as things are, by name.
        kept: the names of those that were given and stay as they are, unless they are asked for.

    Raises:
        UnknownNameError: if there is no such field, with the nearest.
        ConfigError: if one has no range, or there is nothing to search.
    """
    options = {option.name: option for option in describe(config_class)}
    if search is None:
        wanted: dict[str, Range | Choices | None] = {
            name: option.range for name, option in options.items() if option.range and name not in set(kept)
        }
    else:
        wanted = _asked(search)
    if not wanted:
        raise ConfigError(
            f"There is nothing to search: no setting of {config_class.__name__} that was left open says "
            "where it is worth searching for. Name some with ranges: --search learning_rate=1e-4..1e-2."
        )
    for name in wanted:
        if name not in options:
            raise UnknownNameError.of(f"option of {config_class.__name__}", name, options)
    return [_axis(options[name], given, base[name]) for name, given in wanted.items()]


def _asked(search: Search) -> dict[str, Range | Choices | None]:
    if isinstance(search, Mapping):
        wanted = dict(search)
    elif isinstance(search, (list, tuple, set)):
        wanted = dict.fromkeys(search)
    else:
        wanted = {}
    off = [each for each in wanted.items() if not _is_asked(*each)]
    if off or not wanted:
        raise ConfigError(
            f"tune was given search={search!r}; it takes names of settings, such as ['learning_rate'], or a "
            "dict of names with a Range, Choices or None."
        )
    return wanted


def _is_asked(name: object, given: object) -> bool:
    return isinstance(name, str) and (given is None or isinstance(given, (Range, Choices)))


def _axis(option: Option, given: Range | Choices | None, value: Any) -> Axis:
    found = given or option.range
    if found is None:
        raise ConfigError(
            f"{option.name} does not say where it is worth searching for; give a range, such as "
            f"--search {option.name}=LOW..HIGH or {option.name}=A|B (search={{'{option.name}': Range(…)}})."
        )
    if given is None:
        found = found.including(value)  # so that what there is can be tried
    is_whole = isinstance(found, Range) and not _takes_floats(option)
    return Axis(option.name, found, value if found.holds(value) else None, is_whole)


def _takes_floats(option: Option) -> bool:
    return float in (option.type, *getattr(option.type, "__args__", ()))


def _label(value: Any) -> Any:
    """A choice as Optuna keeps it: a plain value, or the text of several."""
    return ",".join(map(str, value)) if isinstance(value, tuple) else value
