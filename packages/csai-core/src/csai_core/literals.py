"""Values as people type them, for options of environments and wrappers."""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from csai_core.errors import ConfigError

_TYPED_ERRORS = (ValueError, SyntaxError, TypeError, MemoryError, RecursionError)
"""Whatever Python says of a text that is no value."""


def value_of(text: str) -> Any:
    """What was typed: JSON, as true or [1, 2]; else Python, as True, None or (1, 2); else the text itself."""
    for read in (json.loads, ast.literal_eval):
        try:
            return read(text)
        except _TYPED_ERRORS:
            continue
    return text


def text_of(value: Any) -> str | None:
    """What is typed for a value, so that `value_of` gives it back; None if nothing is."""
    for write in (json.dumps, _in_python):
        with suppress(*_TYPED_ERRORS):
            text = write(value)
            if "\n" not in text and _are_same(value_of(text), value):
                return text
    return None


def _in_python(value: Any) -> str:
    """As `ascii` writes it, with a number for infinity, which Python has no literal for."""
    if isinstance(value, float) and math.isinf(value):
        return "1e999" if value > 0 else "-1e999"
    if type(value) is dict:
        return f"{{{', '.join(f'{_in_python(key)}: {_in_python(each)}' for key, each in value.items())}}}"
    if type(value) not in (list, tuple):
        return ascii(value)
    items = ", ".join(map(_in_python, value))
    if isinstance(value, list):
        return f"[{items}]"
    return f"({items},)" if len(value) == 1 else f"({items})"


def _are_same(one: Any, other: Any) -> bool:
    """Whether two values are equal, and of the same kinds: neither 1 and True, nor (1,) and [1]."""
    return repr(one) == repr(other)


def once_each(where: str, pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What was typed for each name.

    Args:
        where: in what, such as an option: "--env".
        pairs: names, and what was typed for them.

    Raises:
        ConfigError: if a name comes twice.
    """
    found: dict[str, str] = {}
    for name, text in pairs:
        if name in found:
            raise ConfigError(
                f"{where} gives {name} twice, as {found[name]!r} and as {text!r}; it can have one value."
            )
        found[name] = text
    return found
