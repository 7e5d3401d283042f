"""TOML as text: tables of plain values, written as people write them; `decoding.parse_toml` reads them.

TOML has no None and no tuples. Such a value is the table `{literal = "(1, 2)"}`, which holds what is typed
for it on a command line (see `literals`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from csai_core.errors import CodecError
from csai_core.literals import text_of, value_of

LITERAL = "literal"
"""The only key of a table that stands for a value that TOML does not have."""
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_WIDTH = 100
"""Characters; longer lists have a line for each item."""


def to_toml(document: Mapping[str, Any]) -> str:
    """A document as text: what stands in it first, then a table for each of its dicts.

    Raises:
        CodecError: if a value is none that TOML or a literal can hold, naming it.
    """
    plain = {name: value for name, value in document.items() if not isinstance(value, dict)}
    tables = {name: value for name, value in document.items() if isinstance(value, dict)}
    parts = [_lines(plain), *(f"[{_key(name)}]\n{_lines(table)}" for name, table in tables.items())]
    return "\n".join(filter(None, parts))


def from_literals(value: Any) -> Any:
    """What was written, from what was read: literals become the values that they stand for."""
    if isinstance(value, dict):
        if [*value] == [LITERAL] and isinstance(value[LITERAL], str):
            return value_of(value[LITERAL])
        return {name: from_literals(each) for name, each in value.items()}
    return [from_literals(each) for each in value] if isinstance(value, list) else value


def _lines(table: Mapping[str, Any]) -> str:
    return "".join(f"{_key(name)} = {_value(value)}\n" for name, value in table.items())


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)  # nan and inf are words of TOML too
    if isinstance(value, str) and _is_encodable(value):
        return _text(value)
    if isinstance(value, list):
        return _list([_value(each) for each in value])
    if isinstance(value, dict) and all(map(_is_key, value)) and [*value] != [LITERAL]:
        return "{" + ", ".join(f"{_key(name)} = {_value(each)}" for name, each in value.items()) + "}"
    return _literal(value)


def _list(items: list[str]) -> str:
    line = f"[{', '.join(items)}]"
    if len(line) <= _WIDTH:
        return line
    return "[\n" + "".join(f"    {item},\n" for item in items) + "]"


def _literal(value: Any) -> str:
    text = text_of(value)
    if text is None:
        raise CodecError(f"{value!r} cannot be written in TOML.")
    return f"{{{LITERAL} = {_text(text)}}}"


def _text(text: str) -> str:
    """A basic string; JSON escapes what TOML does, but for one character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _is_key(name: object) -> bool:
    return isinstance(name, str) and _is_encodable(name)


def _is_encodable(text: str) -> bool:
    """Whether UTF-8 can hold it, as it cannot hold half of a surrogate pair."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)
