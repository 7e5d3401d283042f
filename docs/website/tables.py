"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table, whose cells may hold anything; nothing where there are no rows."""
    rows = list(rows)
    if rows:
        yield f"| {' | '.join(head)} |\n|{'---|' * len(head)}"
        for row in rows:
            yield f"| {' | '.join(escaped(cell) for cell in row)} |"
        yield ""


def escaped(text: str) -> str:
    """As it may stand in a cell."""
    return " ".join(text.split()).replace("|", "\\|")
