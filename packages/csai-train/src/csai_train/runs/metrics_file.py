"""The table of a run, `metrics.csv`: a row now and then, with what was measured until then."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from csai_core import storage
from csai_core.decoding import read_bytes
from csai_core.lines_file import LinesFile

METRICS = "metrics.csv"
Row = dict[str, str]
_LARGEST = 2**28
"""Bytes."""
_STEPS = re.compile("[0-9]{1,15}")
_BEYOND = "\0"
"""The column of values that have none."""


def read_table(path: Path) -> list[Row]:
    """The rows of a `metrics.csv`; none where there is no file, and without what is torn or no row."""
    try:
        text = read_bytes(path, at_most=_LARGEST, follow_links=False).decode(errors="replace")
    except OSError:
        return []
    whole = text[: text.rfind("\n") + 1]
    try:
        rows = list(csv.DictReader(io.StringIO(whole), restkey=_BEYOND, restval=""))
    except csv.Error:
        return []
    return [row for row in rows if _STEPS.fullmatch(row.get("steps", "")) and _BEYOND not in row]


def number_in(row: Row, name: str) -> float | None:
    """The finite number in a column of a row; None where there is none."""
    try:
        value = float(row.get(name) or math.nan)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def append_row(path: Path, row: Row) -> None:
    """Add a row at the end; the file must have its columns, in their order."""
    with closing(LinesFile(path)) as file:
        file.write(_to_csv(list(row), [row]))


def write_table(path: Path, rows: Sequence[Row]) -> None:
    """Write a whole table in place of the file that is there; all rows must have the same columns."""
    columns = list(rows[0])
    header = dict(zip(columns, columns, strict=True))
    storage.write(path, _to_csv(columns, [header, *rows]))


def _to_csv(columns: Sequence[str], rows: Sequence[Row]) -> bytes:
    text = io.StringIO()
    csv.DictWriter(text, columns, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
