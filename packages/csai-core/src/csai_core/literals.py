"""Values as people type them, for options of environments and wrappers."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable
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
