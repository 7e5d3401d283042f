"""What commands print: in any encoding, at any width, into a terminal, a pipe or a program."""

from __future__ import annotations

import functools
import json
import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import click
import numpy as np
from rich.console import Console, ConsoleOptions, JustifyMethod, RenderableType
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from csai_core.commands import standard_output
from csai_core.signals import deferred
from csai_core.terminal import printable

_WIDTH_OF_FILES = 160
"""In characters: nobody scrolls a file sideways, and each row of a table is a line there."""
_LEAST_TO_WRAP = 24
"""In characters: text wrapped into less is hard to read."""


class _PlainConsole(Console):
    """A console on which no text is obeyed, wherever it comes from; colors and links are rich's alone."""

    def print(self, *objects: Any, **settings: Any) -> None:
        """Print; Ctrl-C in the middle of it counts afterwards, or rich would print what is left once more."""
        with deferred():
            super().print(*objects, **settings)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """What to print, with the control characters in texts spelled out."""
        for segment in super().render(renderable, options):
            text = printable(segment.text, keep="\n")
            yield segment if segment.control or text == segment.text else Segment(text, segment.style)


def console(**settings: Any) -> Console:
    """A console on stdout; what goes into a pipe or a file is wide, so that a row is a line."""
    made = _PlainConsole(highlight=False, **settings)
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made.width = _WIDTH_OF_FILES
    return made


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--json` to a command as the argument `as_json`; with it, only `print_json` writes to stdout."""

    @functools.wraps(command)
    def reserving(*arguments: Any, as_json: bool, **options: Any) -> Any:
        with standard_output.reserved() if as_json else nullcontext():
            return command(*arguments, as_json=as_json, **options)

    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")(reserving)


def print_json(value: Any) -> None:
    """Print a value as JSON, for programs; what is no number there is null."""
    click.echo(json.dumps(_as_json(value), indent=2, allow_nan=False), file=standard_output.answer())


def _as_json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _as_json(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_json(each) for each in value]
    if isinstance(value, (np.ndarray, np.generic)):
        return _as_json(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)


Cell = Text | str


def print_rows(
    on: Console,
    headings: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    wraps: str = "",
    title: str = "",
    has_headings: bool = True,
) -> None:
    """Print a table; where it is too wide, each row as a short paragraph, so that no name is cut.

    Args:
        on: where.
        headings: of the columns; the first names what the row is about.
        rows: a cell for each heading.
        wraps: the heading of the column whose text may be broken into lines.
        title: stands above.
        has_headings: whether the headings are shown.
    """
    widths = {
        heading: _width(column, heading)
        for heading, column in zip(headings, zip(*rows, strict=True), strict=True)
    }
    widths[wraps] = min(widths.get(wraps, 0), _LEAST_TO_WRAP)
    if title:
        on.print(Text(title, "bold"))
    if sum(widths.values()) + len(headings) - 1 <= on.width:
        on.print(_table(headings, rows, wraps, has_headings=has_headings))
        return
    for row in rows:
        on.print(_text(row[0]), soft_wrap=True)
        for heading, cell in zip(headings[1:], row[1:], strict=True):
            if str(cell):
                label = "" if heading == wraps or not has_headings else f"{heading} "
                on.print(Padding(Text.assemble((label, "dim"), _text(cell)), (0, 0, 0, 2)))


def _table(
    headings: Sequence[str], rows: Sequence[Sequence[Cell]], wraps: str, *, has_headings: bool
) -> Table:
    table = Table(box=None, pad_edge=False, show_header=has_headings)
    for heading, column in zip(headings, zip(*rows, strict=True), strict=True):
        are_numbers = all(map(_is_number, column))
        justify: JustifyMethod = "right" if are_numbers else "left"
        table.add_column(heading, no_wrap=heading != wraps, justify=justify, overflow="fold")
    for row in rows:
        table.add_row(*map(_text, row))
    return table


def _width(column: Sequence[Cell], heading: str) -> int:
    return max(len(heading), *(_text(cell).cell_len for cell in column))


def _text(cell: Cell) -> Text:
    return cell if isinstance(cell, Text) else Text(printable(cell))


def _is_number(cell: Cell) -> bool:
    text = str(cell).strip("%").replace(",", "")
    return not text or text.lstrip("-").replace(".", "", 1).isdigit()
