"""What trainings have reached, as docs/learning.md has it, for the pages of games and algorithms."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from website import links, tables

COLUMNS = ("environment", "algorithm", "steps", "goal", "mean", "lowest", "highest", "CPU-seconds")
MEASURED = """\
Five seeds each, by `python benchmarks/learning.py`; [how well it learns](/learning.md) tells how.
"""


@functools.cache
def rows() -> tuple[tuple[str, ...], ...]:
    """The rows of the table, each as its cells."""
    page = (links.ROOT / "docs" / "learning.md").read_text("utf-8")
    table = page.partition("<!-- learning -->")[2].partition("<!-- end of learning -->")[0]
    found = re.findall(r"^\| (.*) \|$", table, flags=re.MULTILINE)[1:]
    return tuple(tuple(cell.strip() for cell in row.split("|")) for row in found)


def rows_about(name: str, heading: str) -> Iterator[str]:
    """A part of a page: the rows of an environment, or of an algorithm and its variants."""
    chosen = [row for row in rows() if name in (row[0], row[1].partition(",")[0])]
    if not chosen:
        return
    yield f"{heading}\n"
    yield MEASURED
    yield from tables.table(COLUMNS, [(*row, *[""] * (len(COLUMNS) - len(row))) for row in chosen])
