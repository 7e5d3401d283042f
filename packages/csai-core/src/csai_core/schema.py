"""What a file's values must be: checked where they are read, so that nothing behind meets a surprise."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any], bool]
"""Whether a value is of a kind; what is not there is None."""
Schema = Mapping[str, Check]

LARGEST_COUNT = 10**15
"""Of steps, episodes and the like: far above what anybody waits for, and exact as a float."""
_END_OF_TIME = 253_402_300_799
"""The last second of the year 9999, in seconds since 1970; calendars go no further."""


def check(config: Any, schema: Schema) -> None:
    """Refuse an object with something that csai does not write.

    Raises:
        ValueError: naming it.
    """
    if not isinstance(config, dict):
        raise ValueError("it holds no object")
    for name, is_right in schema.items():
        if not is_right(config.get(name)):
            given = repr(config[name])[:100] if name in config else "missing"
            raise ValueError(f"its {name} is not what csai writes: {given}")


def is_text(value: Any) -> bool:
    """A text."""
    return isinstance(value, str)


def is_truth(value: Any) -> bool:
    """True or False."""
    return isinstance(value, bool)


def is_count(value: Any) -> bool:
    """A whole number from 1."""
    return is_whole(value) and value > 0


def is_whole(value: Any) -> bool:
    """A whole number from 0."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_COUNT


def is_seed(value: Any) -> bool:
    """What a generator starts from, however large."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_float(value: Any) -> bool:
    """A number, or NaN, or infinite."""
    return is_number(value) or (isinstance(value, float) and not math.isfinite(value))


def is_number(value: Any) -> bool:
    """A number, finite."""
    largest = sys.float_info.max
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -largest <= value <= largest


def is_time(value: Any) -> bool:
    """Seconds since 1970."""
    return is_number(value) and 0 <= value <= _END_OF_TIME


def is_object(value: Any) -> bool:
    """An object, whatever is in it."""
    return isinstance(value, dict)


def optional(check: Check) -> Check:
    """Of a kind, or not there."""
    return lambda value: value is None or check(value)


def an_object_with(schema: Schema) -> Check:
    """An object whose parts are of their kinds."""
    return lambda value: (
        isinstance(value, dict) and all(is_right(value.get(name)) for name, is_right in schema.items())
    )


def an_object_of(check: Check) -> Check:
    """An object, under whatever names, whose parts are all of a kind."""
    return lambda value: isinstance(value, dict) and all(map(check, value.values()))


def a_list_of(check: Check) -> Check:
    """A list whose items are of a kind."""
    return lambda value: isinstance(value, list) and all(map(check, value))


are_texts = a_list_of(is_text)
are_named_texts = an_object_of(is_text)
