"""Arrows in each cell: how often the policy takes each action there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from csai_core.games.shapes import Grid, Shape, paint_over
from csai_core.overlays.cells import Cell, Move
from csai_core.overlays.drawing import hatched, player
from csai_core.overlays.overlay import SessionView
from csai_core.overlays.scene import Scene, is_undecided, options_of, policy_of
from csai_core.palette import BACKGROUND, TEXT

LEAST_CHANCE = 0.01
"""What is rarer is not drawn."""
_REACH = 0.47
"""How far from the middle the arrow of a certain action comes."""


class Policy:
    """How often each action is taken in each cell."""

    name = "policy"

    def paint(self, frame: NDArray[np.uint8], view: SessionView) -> NDArray[np.uint8]:
        """The picture with arrows in each cell; see `Overlay.paint`."""
        scene = Scene.of(view)
        if scene is None:
            return frame
        grid = scene.board.on(frame)
        return paint_over(frame, arrows(scene, grid), grid)


def arrows(scene: Scene, grid: Grid) -> list[Shape]:
    """The policy in all cells: the length of an arrow is the chance of its action.

    What is rarer than 1 % is not drawn. An action that does not move the player is a ring as large as its
    chance. Cells in which no action is thought better than another are hatched.

    Args:
        scene: the board, and what the agent thinks.
        grid: where the board lies on the picture.
    """
    shapes, moves = [], scene.moves()
    for cell, explanation in scene.thoughts.items():
        options = options_of(explanation)
        if options is None:
            continue
        if is_undecided(options):
            shapes += hatched([cell])
            continue
        chances = [(chance, move) for chance, move in zip(policy_of(options), moves, strict=True)]
        drawn = [_drawn(cell, *each) for each in chances if each[0] >= LEAST_CHANCE]
        for layer in zip(*drawn, strict=True):
            shapes += [shape for each in layer for shape in each]
    return [*player(scene.board.here), *shapes]


def _drawn(cell: Cell, chance: float, move: Move | None) -> tuple[list[Shape], list[Shape]]:
    """A sign, dark below and light above, so that it is seen on any board."""
    row, column = cell
    x, y = column + 0.5, row + 0.5
    if move is None:
        radius = 0.3 * chance**0.5
        return (
            [Shape("ring", BACKGROUND, (x, y, radius + 0.035, 0.12))],
            [Shape("ring", TEXT, (x, y, radius, 0.05))],
        )
    down, right = move
    length = _REACH * chance
    head = min(0.15, 0.6 * length)
    tip = x + right * length, y + down * length
    neck = x + right * (length - head), y + down * (length - head)
    layers: tuple[list[Shape], list[Shape]] = ([], [])
    for shapes, color, more in zip(layers, (BACKGROUND, TEXT), (0.03, 0.0), strict=True):
        wide = 0.6 * head + 1.4 * more
        sides = neck[0] - right * more + down * wide, neck[1] - down * more + right * wide
        others = neck[0] - right * more - down * wide, neck[1] - down * more - right * wide
        far = tip[0] + right * 1.6 * more, tip[1] + down * 1.6 * more
        shapes.append(Shape("line", color, (x, y, *neck, min(0.07, 0.5 * head) + 2 * more)))
        shapes.append(Shape("polygon", color, (*far, *sides, *others)))
    return layers
