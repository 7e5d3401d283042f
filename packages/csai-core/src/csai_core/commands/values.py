"""Numbers and files as options of commands: taken as people write them, and refused in words."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import click

from csai_core.arguments import LARGEST_SEED
from csai_core.schema import LARGEST_COUNT


class Whole(click.ParamType[int]):
    """A whole number: 100000, 100_000, 100,000 or 1e5.

    Args:
        least: the smallest that is taken; None sets no limit.
        most: the largest that is taken; None sets no limit.
    """

    name = "integer"

    def __init__(self, least: int | None = None, most: int | None = None) -> None:
        self._least, self._most = least, most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number."""
        number = value if isinstance(value, int) else _whole(str(value))
        if number is None:
            self.fail(f"{value!r} is not a whole number, such as 100000 or 1e5.", param, ctx)
        if self._least is not None and number < self._least:
            self.fail(f"{value} is given; it must be at least {self._least:,}.", param, ctx)
        if self._most is not None and number > self._most:
            self.fail(f"{value} is given; it must be at most {self._most:,}.", param, ctx)
        return number


def _whole(text: str) -> int | None:
    plain = text.replace(",", "").replace("_", "").strip()
    try:
        return int(plain)
    except ValueError:
        pass
    try:
        number = float(plain)
    except ValueError:
        return None
    return int(number) if number.is_integer() else None


class Number(click.ParamType[float]):
    """A finite number.

    Args:
        above: it must be larger than this; None sets no limit.
    """

    name = "number"

    def __init__(self, above: float | None = None) -> None:
        self._above = above

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number."""
        try:
            number = float(str(value).replace("_", ""))
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a number, such as 0.5 or 1e-3.", param, ctx)
        if self._above is not None and number <= self._above:
            self.fail(f"{value} is given; it must be above {self._above:g}.", param, ctx)
        return number


COUNT = Whole(1, LARGEST_COUNT)
"""How many: 1 or more."""
SEED = Whole(0, LARGEST_SEED)
"""What a generator starts from."""


class OutputFile(click.ParamType[Path]):
    """A file to write; refused at once, and not when the work for it is done, if it cannot be one.

    Args:
        suffixes: what its name may end in; none for anything.
    """

    name = "file"

    def __init__(self, *suffixes: str) -> None:
        self._suffixes = suffixes

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The file's path."""
        path = Path(value)
        if not str(value).strip():
            self.fail("'' is no name of a file.", param, ctx)
        if path.is_dir():
            self.fail(f"{str(value)!r} is a folder; name a file.", param, ctx)
        if self._suffixes and path.suffix.lower() not in self._suffixes:
            self.fail(f"{str(value)!r} is given; it must end in {' or '.join(self._suffixes)}.", param, ctx)
        folder = next(filter(os.path.exists, path.absolute().parents))
        if not (folder.is_dir() and os.access(folder, os.W_OK)):
            self.fail(f"{str(value)!r} is given; nothing can be written to {folder}.", param, ctx)
        return path
