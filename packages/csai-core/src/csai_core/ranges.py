"""Where a setting is searched for: what a field of a config says of its values that are worth trying.

@dataclass(frozen=True, kw_only=True)
class MyConfig:
    learning_rate: float = changing(3e-4, range=Range(1e-5, 1e-2, "log"))
    num_steps: int = ranging(128, Range(16, 2048, "powers_of_2"))
    rule: str = ranging("mean", Choices("mean", "best"))
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, Literal, TypeAlias, get_args

from csai_core.arguments import is_integer, is_number
from csai_core.errors import ConfigError, UnknownNameError

RANGE = "range"
"""The key of a field's metadata that holds its range."""
Scale: TypeAlias = Literal["linear", "log", "log_below_1", "powers_of_2"]


@dataclasses.dataclass(frozen=True)
class Range:
    """Numbers from one to another, both included.

    Args:
        low: the lowest.
        high: the highest.
        scale: which of them are as likely to be tried as others: "linear" all; "log" those of each order of
            magnitude, as for a learning rate; "log_below_1" the same of what is missing to 1, as for a
            discount; "powers_of_2" whole powers of two, and nothing else.

    Raises:
        UnknownNameError: if there is no such scale, with the nearest.
        ConfigError: if nothing lies between its ends, or they are not on its scale.
    """

    low: float
    high: float
    scale: Scale = "linear"

    def __post_init__(self) -> None:
        """Refuse ends that cannot work."""
        if self.scale not in get_args(Scale):
            raise UnknownNameError.of("scale of a range", self.scale, get_args(Scale))
        if not (is_number(self.low) and is_number(self.high) and self.low < self.high):
            raise ConfigError(f"A range was given {self.low!r} to {self.high!r}; its numbers must rise.")
        for end in (self.low, self.high):
            if not self._is_on_scale(end):
                raise ConfigError(
                    f"A range was given {self.low!r} to {self.high!r} with the scale {self.scale!r}; its "
                    f"ends must be {_ENDS[self.scale]}."
                )

    def holds(self, value: Any) -> bool:
        """Whether a value lies in it, and on its scale."""
        return is_number(value) and self.low <= value <= self.high and self._is_on_scale(value)

    def including(self, value: Any) -> Range:
        """It, made as wide as to hold a value too, if any of its scale does."""
        if not is_number(value) or not self._is_on_scale(value):
            return self
        return Range(min(self.low, value), max(self.high, value), self.scale)

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest."""
        return self.low, self.high

    def _is_on_scale(self, value: Any) -> bool:
        if self.scale == "log":
            return bool(value > 0)
        if self.scale == "log_below_1":
            return bool(value < 1)
        if self.scale == "powers_of_2":
            return is_integer(value) and value > 0 and math.log2(value).is_integer()
        return True

    def __str__(self) -> str:
        scale = "" if self.scale == "linear" else f", {self.scale.replace('_', ' ')}"
        return f"{self.low:g} to {self.high:g}{scale}"


_ENDS = {"log": "above 0", "log_below_1": "below 1", "powers_of_2": "powers of two"}


@dataclasses.dataclass(frozen=True, init=False)
class Choices:
    """Some values, of which none is nearer to one than to another.

    Args:
        *values: at least two.

    Raises:
        ConfigError: if there are fewer.
    """

    values: tuple[Any, ...]

    def __init__(self, *values: Any) -> None:
        if len(values) < 2:
            raise ConfigError(f"Choices were given {values!r}; there must be two at least.")
        object.__setattr__(self, "values", values)

    def holds(self, value: object) -> bool:
        """Whether a value is one of them."""
        return any(type(each) is type(value) and each == value for each in self.values)

    def including(self, value: Any) -> Choices:
        """They, and a value with them."""
        return self if self.holds(value) else Choices(*self.values, value)

    @property
    def ends(self) -> tuple[Any, ...]:
        """All of them."""
        return self.values

    def __str__(self) -> str:
        return " or ".join(map(_shown, self.values))


def ranging(default: Any, range: Range | Choices) -> Any:
    """A field of a config that says where its values are searched for; see also `schedules.changing`.

    Args:
        default: what it is otherwise.
        range: what is worth trying, the default with it.
    """
    return dataclasses.field(default=default, metadata={RANGE: range})


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
