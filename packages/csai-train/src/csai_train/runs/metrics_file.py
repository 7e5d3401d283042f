"""The table of a run, `metrics.csv`: a row now and then, with what was measured until then."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from csai_core import storage

METRICS = "metrics.csv"
Row = dict[str, str]


def read_table(path: Path) -> list[Row]:
    """The rows of a `metrics.csv`; none where there is no file, and without a torn last row."""
    try:
        text = path.read_text()
    except OSError:
        return []
    whole = text[: text.rfind("\n") + 1]
    return [row for row in csv.DictReader(io.StringIO(whole)) if row.get("steps", "").isdigit()]


def append_row(path: Path, row: Row) -> None:
    """Add a row at the end; the file must have its columns, in their order."""
    with path.open("ab") as file:
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
