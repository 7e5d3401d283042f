"""The settings that are made for an algorithm, whether or not it keeps them where they can be seen."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from collections.abc import Iterator
from typing import Any, NamedTuple


class Made(NamedTuple):
    """Settings, and what they were when they had been made."""

    config: Any
    values: dict[str, str]
    """Each of them as it is written, by name; empty where they are no dataclass."""


@contextlib.contextmanager
def noted(kind: Any) -> Iterator[list[Made]]:
    """Everything of a dataclass that is made meanwhile, but for what is made in the making of another."""
    made: list[Made] = []
    if not (isinstance(kind, type) and dataclasses.is_dataclass(kind)):
        yield made  # another check says so
        return
    own, usual = vars(kind).get("__init__"), kind.__init__
    under_way = 0

    @functools.wraps(usual)
    def noting(self: Any, *args: Any, **kwargs: Any) -> None:
        nonlocal under_way
        under_way += 1
        try:
            usual(self, *args, **kwargs)
        finally:
            under_way -= 1
        if not under_way and type(self) is kind:
            made.append(Made(self, written(self)))

    kind.__init__ = noting  # type: ignore[method-assign]
    try:
        yield made
    finally:
        if own is None:
            del kind.__init__
        else:
            kind.__init__ = own  # type: ignore[method-assign]


def written(config: Any) -> dict[str, str]:
    """Each setting as it is written, by name."""
    if not dataclasses.is_dataclass(config):
        return {}
    return {each.name: repr(getattr(config, each.name, None)) for each in dataclasses.fields(config)}
