"""Numbers that change over a training, such as `linear:3e-4->0`, and the settings that hold them.

@dataclass(frozen=True, kw_only=True)
class MyConfig:
    learning_rate: float = changing(3e-4)
    \"\"\"How far each update goes.\"\"\"

config = options.build(MyConfig, {"learning_rate": "linear:3e-4->0"})
settings = ScheduledConfig(config, total_steps=100_000)
settings.at(50_000).learning_rate  # 1.5e-4
"""

from __future__ import annotations

import copy
import dataclasses
import math
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Generic, Self, TypeVar

from csai_core.errors import ConfigError, CsaiError, UnknownNameError

CHANGING = "changing"
"""The key of a field's metadata that says that its number may change."""
EXAMPLES = "'linear:3e-4->0' or 'cosine:3e-4->1e-5'"
WHAT_MAY_CHANGE = f"What may change over a training takes a schedule too, in quotes: {EXAMPLES}."
"""Said below settings of which some may."""
_TEXT = re.compile(r"\s*(\w+)\s*:(.*?)->(.*)", re.DOTALL)
_MEANT = re.compile(r"\s*\w+\s*:\s*[-+.\d]|.*->")
_UNQUOTED = re.compile(r"\s*\w+\s*:[^>]*-\s*")
"""What a shell leaves of a schedule that is not in quotes: it takes what begins with > for a file."""

Config = TypeVar("Config", covariant=True)


class Schedule(float):
    """A number that goes from one value to another over a training. As a float it is what it starts with.

    Args:
        shape: "linear" goes in a straight line; "cosine" is slow at first and at last, and fast between.
        start: the value at the start.
        end: the value at the end, and beyond it.

    Attributes:
        shape: as given.
        end: as given.

    Raises:
        UnknownNameError: if there is no such shape, with the nearest.
        ConfigError: if an end is no finite number.

    Reference: Loshchilov and Hutter 2017, arXiv:1608.03983, equation 5, for the cosine.
    """

    shape: str
    end: float

    def __new__(cls, shape: str, start: float, end: float) -> Self:  # noqa: D102 - the class explains it
        if shape not in list(_REMAINING):
            raise UnknownNameError.of("shape of a schedule", shape, _REMAINING)
        if not (_is_finite(start) and _is_finite(end)):
            raise ConfigError(
                f"A schedule was given the ends {start!r} and {end!r}; both must be finite numbers."
            )
        made = super().__new__(cls, start)
        made.shape, made.end = shape, float(end)
        return made

    @classmethod
    def parse(cls, text: str) -> Self:
        """The schedule that a text says, such as "linear:3e-4->0".

        Raises:
            UnknownNameError: if there is no such shape, with the nearest.
            ConfigError: if it says none, with what would work.
        """
        found = _TEXT.fullmatch(text)
        try:
            shape, *ends = found.groups() if found else ()
            start, end = map(float, ends)
        except ValueError:
            quotes = " In a shell it needs these quotes." if _UNQUOTED.fullmatch(text) else ""
            raise ConfigError(f"{text!r} is no schedule, as {EXAMPLES} are.{quotes}") from None
        return cls(shape, start, end)

    @property
    def start(self) -> float:
        """The value at the start."""
        return float(self)

    def at(self, progress: float) -> float:
        """The value at a moment.

        Args:
            progress: how much of the training is over, from 0 to 1; beyond, it stays what it is there.
        """
        if progress <= 0:
            return self.start
        if progress >= 1:
            return self.end
        return self.end + _REMAINING[self.shape](progress) * (self.start - self.end)

    def __str__(self) -> str:
        return f"{self.shape}:{self.start!r}->{self.end!r}"

    def __repr__(self) -> str:
        return f"Schedule({self.shape!r}, {self.start!r}, {self.end!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schedule) and self.__getnewargs__() == other.__getnewargs__()

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.__getnewargs__())

    def __getnewargs__(self) -> tuple[str, float, float]:  # type: ignore[override]
        return self.shape, self.start, self.end


class ScheduledConfig(Generic[Config]):
    """Settings as they hold after so many steps of a training.

    Args:
        config: the settings, a dataclass in some fields of which a `Schedule` may stand.
        total_steps: how long the training will be; then every schedule is at its end.
    """

    def __init__(self, config: Config, total_steps: float) -> None:
        self._config = config
        self._total_steps = total_steps
        self._schedules = schedules_of(config)

    def changes(self, name: str) -> bool:
        """Whether a field changes over the training."""
        return name in self._schedules

    def at(self, steps: int) -> Config:
        """The settings with plain numbers; the given ones themselves where nothing changes.

        Args:
            steps: how many were taken.
        """
        if not self._schedules:
            return self._config
        progress = steps / self._total_steps if self._total_steps else 1.0
        changed = copy.copy(self._config)  # dataclasses.replace would check all again
        for name, schedule in self._schedules.items():
            object.__setattr__(changed, name, schedule.at(progress))  # it may be frozen
        return changed


def changing(default: Any, **metadata: Any) -> Any:
    """A field of a config whose number an algorithm reads again and again, so that it may change.

    Args:
        default: what it is otherwise.
        **metadata: of the field, besides.
    """
    return dataclasses.field(default=default, metadata={**metadata, CHANGING: True})


def is_schedule(value: object) -> bool:
    """Whether a value is a schedule, or a text that is meant for one, which may be wrong."""
    return isinstance(value, Schedule) or (isinstance(value, str) and bool(_MEANT.match(value)))


def read_schedule(value: Any) -> Any:
    """The schedule that a text of a file says; what says none stays as it is."""
    if isinstance(value, str) and is_schedule(value):
        with suppress(CsaiError):
            return Schedule.parse(value)
    return value


def schedules_of(config: Any) -> dict[str, Schedule]:
    """The schedules in a config, by the names of its fields."""
    values = {field.name: getattr(config, field.name) for field in dataclasses.fields(config)}
    return {name: value for name, value in values.items() if isinstance(value, Schedule)}


def _is_finite(value: Any) -> bool:
    try:
        return math.isfinite(value)
    except (TypeError, OverflowError):
        return False


_REMAINING: Mapping[str, Callable[[float], float]] = {
    "linear": lambda progress: 1.0 - progress,
    "cosine": lambda progress: 0.5 * (1.0 + math.cos(math.pi * progress)),
}
"""Which part of the way is still to go, by shape, between the ends."""
