"""What an agent thinks in every cell of a board: what the overlays of a board paint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from csai_core.explanation import Explanation, Options
from csai_core.overlays.board import Board
from csai_core.overlays.cells import Cell, Move
from csai_core.overlays.overlay import SessionView
from csai_core.thoughts.history import ties_of


@dataclass(frozen=True)
class Scene:
    """A board, and what an agent thinks in its cells."""

    board: Board
    thoughts: Mapping[Cell, Explanation]
    """Of every cell in which something can be chosen."""
    ends: Mapping[Cell, float]
    """Cells in which the game is over, so that there is nothing to choose, and the reward for coming there;
    those that are known."""

    @classmethod
    def of(cls, view: SessionView) -> Scene | None:
        """What is to be painted now; None where the game has no board, or the agent tells nothing."""
        board = Board.of(view.env, view.observation, view.info)
        if board is None:
            return None
        ends = {} if board.known is None else board.known.ends
        cells = [cell for cell in board.states if cell not in ends and board.is_reachable(cell)]
        masks = None if board.masks is None else [board.masks[cell] for cell in cells]
        told = view.explain_all([board.states[cell] for cell in cells], masks)
        thoughts = {cell: each for cell, each in zip(cells, told, strict=True) if each is not None}
        return cls(board, thoughts, ends) if thoughts else None

    @property
    def values(self) -> dict[Cell, float]:
        """The value of each cell that the agent has an opinion on."""
        return {cell: each.value for cell, each in self.thoughts.items() if each.value is not None}

    @property
    def action_values(self) -> list[float]:
        """The values of all actions that are allowed, in all cells."""
        parts = [part for part in map(options_of, self.thoughts.values()) if part is not None and part.values]
        return [v for part in parts for v, ok in zip(part.values or (), part.allowed, strict=True) if ok]

    def moves(self) -> tuple[Move | None, ...]:
        """For each action the move that it means."""
        options = next(map(options_of, self.thoughts.values()), None)
        return () if options is None else self.board.moves_by(options.names)


def options_now(view: SessionView) -> Options | None:
    """The choice among the actions of the present state.

    None where the action space is not Discrete, where no action is allowed as the game is over, and where the
    agent tells neither values nor chances.
    """
    mask = view.info.get("action_mask")
    if mask is not None and not np.any(mask):
        return None
    told = view.explain_all([view.observation], [mask])[0]
    options = None if told is None else options_of(told)
    is_told = options is not None and (options.values is not None or options.chances is not None)
    return options if is_told else None


def options_of(explanation: Explanation) -> Options | None:
    """The choice among the actions of a Discrete space; None where the space is another."""
    part = explanation.parts[0] if len(explanation.parts) == 1 else None
    return part if isinstance(part, Options) else None


def policy_of(options: Options) -> tuple[float, ...]:
    """How often each action is taken; where only values are known, those that tie for the best share."""
    if options.chances is not None:
        return options.chances
    best = best_of(options)
    return tuple(1 / len(best) if i in best else 0.0 for i in range(len(options.names)))


def best_of(options: Options) -> tuple[int, ...]:
    """The actions with the highest value among those allowed, or the likeliest; all where several tie."""
    told = options.chances if options.values is None else options.values
    if told is None:
        return (options.chosen,)
    allowed = [i for i, is_allowed in enumerate(options.allowed) if is_allowed]
    return ties_of(options, max(allowed, key=lambda i: told[i]))


def is_undecided(options: Options) -> bool:
    """Whether no action is thought better than another, as where nothing has been learned yet."""
    if options.values is None or sum(options.allowed) < 2:
        return False
    allowed = [v for v, is_allowed in zip(options.values, options.allowed, strict=True) if is_allowed]
    return min(allowed) == max(allowed)
