"""Which cells matter for what an agent does next: each is hidden, and it is seen what changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core.errors import ConfigError
from csai_core.explanation import Explanation
from csai_core.games.shapes import Grid, Shape, paint_over
from csai_core.overlays.cells import Cell
from csai_core.overlays.color_scale import SHARES
from csai_core.overlays.overlay import SessionView
from csai_core.overlays.planes import Planes
from csai_core.overlays.scene import options_now, options_of
from csai_core.palette import BACKGROUND, TEXT, WALL, YELLOW
from csai_core.thoughts.scale import signed

_LEAST_SHARE = 0.01
"""What matters less is not drawn."""


class Saliency:
    """Which cells matter: half the squared change of the scores of all actions where a cell is hidden.

    The scores are the values of the actions, or else their chances (arXiv:1711.00138, with whole cells
    in place of blurred pixels). It is a test, not a story: `if_hidden` says what would be done then, and a
    click on a cell in the window does too.
    """

    name = "saliency"
    hint = "click a cell to hide it"

    def __init__(self) -> None:
        self._hidden: Hidden | None = None
        self._hidden_from: Any = None
        """The observation in which that cell is hidden."""

    def paint(self, frame: NDArray[np.uint8], view: SessionView) -> NDArray[np.uint8]:
        """The picture with frames around the cells that matter; see `Overlay.paint`."""
        planes = Planes.of(view.env)
        changes = {} if planes is None else self.changes(view)
        if planes is None or not changes:
            return frame
        grid, hidden = planes.on(frame), self._hidden_now(view)
        covered = [] if hidden is None else _cover(hidden.cell)
        return paint_over(frame, [*saliency(changes, grid), *covered], grid)

    def click(self, frame: NDArray[np.uint8], place: tuple[float, float], view: SessionView) -> str:
        """Hide the cell at a place, or show it again; see `Clickable.click`."""
        planes, before = Planes.of(view.env), self._hidden_now(view)
        cell = None if planes is None else planes.cell_at(frame, *place)
        self._hidden = None
        if planes is None or cell is None or options_now(view) is None:
            return ""
        if before is not None and before.cell == cell:
            return f"Cell {cell} is seen again"
        if cell not in planes.filled(view.observation):
            return f"Cell {cell} is empty: there is nothing to hide"
        self._hidden, self._hidden_from = self.if_hidden(view, cell), view.observation
        return str(self._hidden)

    def _hidden_now(self, view: SessionView) -> Hidden | None:
        return self._hidden if self._hidden_from is view.observation else None

    def changes(self, view: SessionView) -> dict[Cell, float]:
        """How much each cell matters that is not empty; none where the agent tells no scores."""
        planes = Planes.of(view.env)
        cells = [] if planes is None else planes.filled(view.observation)
        if planes is None or not cells or options_now(view) is None:
            return {}
        states = [view.observation, *(planes.without(view.observation, cell) for cell in cells)]
        mask = view.info.get("action_mask")
        told = view.explain_all(states, None if mask is None else [mask] * len(states))
        scores = [_scores(each) for each in told]
        before = scores[0]
        if before is None:
            return {}
        pairs = zip(cells, scores[1:], strict=True)
        return {cell: float(np.sum((after - before) ** 2) / 2) for cell, after in pairs if after is not None}

    def if_hidden(self, view: SessionView, cell: Cell) -> Hidden:
        """What an agent would do if it did not see what lies in a cell.

        Args:
            view: what there is to look at.
            cell: (row, column); `Planes.cell_at` tells which one was clicked.

        Raises:
            ConfigError: if the observation shows no board, or the agent tells nothing.
        """
        planes = Planes.of(view.env)
        if planes is None:
            raise ConfigError(
                f"{view.env} observes no board from which a cell can be taken out. Games such as Snake do: "
                'make("CSAI/Snake-v0", attributes="board").'
            )
        mask = view.info.get("action_mask")
        states = [view.observation, planes.without(view.observation, cell)]
        before, after = view.explain_all(states, None if mask is None else [mask] * 2)
        if before is None or after is None:
            raise ConfigError("This agent does not tell what it thinks, so that nothing can be compared.")
        return Hidden(cell, before, after)


@dataclass(frozen=True)
class Hidden:
    """What an agent thinks with a cell, and without it."""

    cell: Cell
    before: Explanation
    after: Explanation

    @property
    def changes_choice(self) -> bool:
        """Whether it would do something else."""
        return bool(self.before.action != self.after.action)

    def __str__(self) -> str:
        before, after = (_name(each) for each in (self.before, self.after))
        choice = f"choose {after}, not {before}" if self.changes_choice else f"still choose {after}"
        names = [after, before] if self.changes_choice else [after]
        scores = [_score(each, name) for name in names for each in (self.before, self.after)]
        if None in scores:
            return f"Without cell {self.cell} it would {choice}."
        pairs = zip(names, scores[::2], scores[1::2], strict=True)
        told = ", ".join(f"{name} {one} -> {other}" for name, one, other in pairs)
        return f"Without cell {self.cell} it would {choice} ({told})."


def saliency(changes: Mapping[Cell, float], grid: Grid) -> list[Shape]:
    """A frame around each cell that matters, the thicker the larger its share of all changes.

    Args:
        changes: how much each cell matters.
        grid: where the cells lie on the picture.
    """
    total = sum(changes.values())
    if total <= 0:
        return []
    shapes = []
    for (row, column), change in sorted(changes.items(), key=lambda each: each[1]):
        share = change / total
        if share < _LEAST_SHARE:
            continue
        width = 0.05 + 0.15 * share
        place = column - 0.06, row - 0.06, 1.12, 1.12
        shapes.append(Shape("frame", BACKGROUND, (*place, width + 0.12)))
        shapes.append(Shape("frame", TEXT, (column, row, 1, 1, width + 0.03)))
        shapes.append(Shape("frame", SHARES.color(share), (column, row, 1, 1, width)))
        if share >= 0.05:
            height = min(max(0.34 * grid.side, 8.5), 18.0) / grid.side
            y = row + (width + 0.7 * height if height < 0.3 else 0.5)
            shapes.append(Shape("label", TEXT, (column + 0.5, y, height), text=f"{share:.0%}"))
    return shapes


def _scores(explanation: Explanation | None) -> NDArray[np.float64] | None:
    options = None if explanation is None else options_of(explanation)
    told = None if options is None else options.values or options.chances
    if options is None or told is None:
        return None
    return np.where(options.allowed, told, 0.0)


def _score(explanation: Explanation, name: str) -> str | None:
    """The value of an action, or else its chance; None where neither is told."""
    options, scores = options_of(explanation), _scores(explanation)
    if options is None or scores is None:
        return None
    score = float(scores[options.names.index(name)])
    return f"{score:.0%}" if options.values is None else signed(score, decimals=2)


def _cover(cell: Cell) -> list[Shape]:
    """A cell that the agent is not shown."""
    row, column = cell
    return [
        Shape("rectangle", BACKGROUND, (column, row, 1, 1)),
        Shape("hatch", WALL, (column, row, 1, 1, 0.2)),
        Shape("frame", BACKGROUND, (column - 0.03, row - 0.03, 1.06, 1.06, 0.14)),
        Shape("frame", YELLOW, (column, row, 1, 1, 0.08)),
    ]


def _name(explanation: Explanation) -> str:
    options = options_of(explanation)
    return str(explanation.action) if options is None else options.names[options.chosen]
