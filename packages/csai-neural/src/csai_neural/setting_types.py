"""The types of blocks' settings: whether what a person wrote in a file is of one, and how to say it."""

from __future__ import annotations

import collections.abc
import typing
from collections.abc import Callable
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin


def types_of_settings(block_class: Callable[..., Any]) -> dict[str, Any]:
    """The types of a block's settings, as far as they can be told."""
    try:
        return typing.get_type_hints(block_class.__init__)
    except (NameError, TypeError, AttributeError):
        return {}


def fits(value: Any, kind: Any) -> bool:
    """Whether a value from a file is of a type that an annotation names; unknown types take everything."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return any(fits(value, each) for each in arguments)
    if origin is Literal:
        return value in arguments
    if kind in (int, float):
        is_number = isinstance(value, (int, float) if kind is float else int)
        return is_number and not isinstance(value, bool)
    if origin in (list, tuple, collections.abc.Sequence):
        items = [each for each in arguments if each is not Ellipsis]
        return isinstance(value, list) and all(any(fits(v, each) for each in items) for v in value)
    if origin in (type, collections.abc.Callable):
        return False  # a file holds data
    return not isinstance(kind, type) or isinstance(value, kind)


def in_words(kind: Any) -> str:
    """The type as an error names it, without what no file can hold."""
    if get_origin(kind) in (Union, UnionType):
        words = [in_words(each) for each in get_args(kind)]
        return " or ".join(dict.fromkeys(word for word in words if word))
    if get_origin(kind) is Literal:
        return " or ".join(map(repr, get_args(kind)))
    if get_origin(kind) in (list, tuple, collections.abc.Sequence):
        items = [in_words(each) for each in get_args(kind) if each is not Ellipsis]
        return f"a list of {' or '.join(items)}"
    return {int: "an integer", float: "a number", str: "a string", bool: "true or false"}.get(kind, "")
