"""Summary: a network as a table of its blocks."""

from __future__ import annotations

import html
import io
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from csai_neural.blocks.block import Block

COLUMNS = ("block", "kind", "output shape", "parameters", "multiply-adds")


@dataclass(frozen=True)
class Row:
    """One block."""

    name: str
    kind: str
    output_shape: tuple[int, ...]
    parameters: int
    frozen: int
    """How many of the parameters do not learn."""
    multiply_adds: int
    """Multiplications, each with an addition, for one input."""


class Summary:
    """The blocks of a network with their shapes, sizes and cost; prints as a table.

    Attributes:
        title: the network's name.
        rows: one for each block, in the order in which they run.
    """

    def __init__(self, title: str, blocks: Sequence[Block]) -> None:
        self.title = title
        self.rows = [_row(block) for block in blocks]

    @property
    def parameters(self) -> int:
        """How many parameters there are."""
        return sum(row.parameters for row in self.rows)

    @property
    def multiply_adds(self) -> int:
        """How many multiply-adds one input costs."""
        return sum(row.multiply_adds for row in self.rows)

    def __rich__(self) -> Table:
        table = Table(title=self.title, title_justify="left", title_style="bold", show_footer=True)
        for column, footer in zip(COLUMNS, ("", "", "", *self._totals()), strict=True):
            is_number = column in COLUMNS[3:]
            table.add_column(column, footer=footer, justify="right" if is_number else "left", no_wrap=True)
        for row in self.rows:
            table.add_row(*_cells(row))
        return table

    def __str__(self) -> str:
        console = Console(file=io.StringIO(), width=100)
        with console.capture() as capture:
            console.print(self)
        return capture.get().rstrip()

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        """The table for a notebook."""
        lines = [
            ("th", COLUMNS),
            *(("td", _cells(row)) for row in self.rows),
            ("th", ("", "", "", *self._totals())),
        ]
        body = "".join(
            "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"
            for tag, cells in lines
        )
        return f"<table><caption>{html.escape(self.title)}</caption>{body}</table>"

    def _totals(self) -> tuple[str, str]:
        return f"{self.parameters:,}", f"{self.multiply_adds:,}"


def _row(block: Block) -> Row:
    sizes = [(parameter.numel(), parameter.requires_grad) for parameter in block.parameters()]
    return Row(
        name=block.name,
        kind=type(block).__name__,
        output_shape=block.output_shape or (),
        parameters=sum(size for size, _ in sizes),
        frozen=sum(size for size, learns in sizes if not learns),
        multiply_adds=block.multiply_adds(),
    )


def _cells(row: Row) -> tuple[str, ...]:
    frozen = f" ({row.frozen:,} frozen)" if row.frozen else ""
    shape = " x ".join(map(str, row.output_shape)) or "1 number"
    return row.name, row.kind, shape, f"{row.parameters:,}{frozen}", f"{row.multiply_adds:,}"
