"""The command `csai lights-out`: tells which lamps of a board to press."""

from __future__ import annotations

from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from csai_lights_out.solver import solve


@click.command("lights-out")
@click.argument("rows", nargs=-1, required=True)
def solve_board(rows: tuple[str, ...]) -> None:
    """Tell which lamps to press so that all are dark.

    ROWS are the rows of the board from top to bottom, each in quotes, * for a lamp that is lit and . for
    a dark one: csai lights-out "**." "*.." "...".
    """
    lamps = _board(rows)
    presses = solve(lamps).reshape(lamps.shape)
    count = int(presses.sum())
    click.echo(f"Press {count} lamp{'' if count == 1 else 's'}, in any order:")
    for row in presses:
        click.echo("".join("x" if pressed else "." for pressed in row))


def _board(rows: tuple[str, ...]) -> NDArray[np.int8]:
    """The board that was typed.

    Raises:
        BadParameter: if it is no square of * and . of two lamps and more in a row.
    """
    size = len(rows)
    if size < 2 or any(len(row) != size or set(row) - {"*", "."} for row in rows):
        raise click.BadParameter(
            f"{' '.join(rows)!r} is no board; give as many rows of * and . as there are lamps in a row, "
            'each in quotes, such as "**." "*.." "...".'
        )
    lit: Any = [[lamp == "*" for lamp in row] for row in rows]
    return np.array(lit, np.int8)
