"""Where the cells of a game lie on its picture, and what is observed in each: what overlays paint on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from csai_core.errors import ConfigError
from csai_core.games.shapes import Grid
from csai_core.overlays import toy_text
from csai_core.overlays.cells import Cell, Move
from csai_core.overlays.known_table import KnownTable, known_table
from csai_core.overlays.layout import canvas_of, grid_on
from csai_core.shell import Shell

_DIRECTIONS: dict[str, Move] = {
    **{"left": (0, -1), "right": (0, 1), "up": (-1, 0), "down": (1, 0)},
    **{"west": (0, -1), "east": (0, 1), "north": (-1, 0), "south": (1, 0)},
}


@dataclass(frozen=True)
class Board:
    """A game whose state is a cell: everything else stays as it is now, the player is put into each."""

    size: tuple[int, int]
    """(width, height) of the picture that the environment draws, in pixels."""
    grid: Grid
    """Where the cells lie on it."""
    states: Mapping[Cell, Any]
    """What is observed where; no cell that is not here can ever be entered."""
    here: Cell
    """Where the player is."""
    moves: tuple[Move | None, ...] | None = None
    """For each action the move (down, right) that it means, None where it means none; None altogether where
    only the names of the actions can tell."""
    masks: Mapping[Cell, Any] | None = None
    """Which actions are allowed where; None where all always are."""
    walls: frozenset[tuple[Cell, Cell]] = frozenset()
    """Neighbors with a wall between them, in both orders."""
    known: KnownTable | None = None
    """What follows in each cell, where that is known."""
    is_walk: bool = False
    """Whether moves are known to lead from cell to cell."""

    @property
    def rows(self) -> int:
        """Up to the last one with a cell in it."""
        return max(row for row, _ in self.states) + 1

    @property
    def columns(self) -> int:
        """Up to the last one with a cell in it."""
        return max(column for _, column in self.states) + 1

    @classmethod
    def of(cls, env: gymnasium.Env[Any, Any], observation: Any, info: Mapping[str, Any]) -> Board | None:
        """The board of an environment as it is now; None where a place on it is not a state of the game.

        Args:
            env: the environment, in its wrappers.
            observation: the present one, as the agent sees it.
            info: the present one.
        """
        found = _of_shell(env) if isinstance(env.unwrapped, Shell) else toy_text.board_of(env.unwrapped)
        if found is None or not found.states or (found.masks is None and "action_mask" in info):
            return None
        if env.action_space != env.unwrapped.action_space or not isinstance(
            env.action_space, spaces.Discrete
        ):
            return None
        seen = {cell: _as_seen(env, state) for cell, state in found.states.items()}
        here = _where(observation, seen)
        if here is None:
            return None
        known = known_table(env.unwrapped, found.states, found.numbers)
        moves, is_walk = found.moves, not isinstance(env.unwrapped, Shell)
        return cls(found.size, found.grid, seen, here, moves, found.masks, found.walls, known, is_walk)

    @property
    def moves_the_player(self) -> bool:
        """Whether it is known that actions lead from cell to cell."""
        return self.is_walk or self.known is not None

    def is_reachable(self, cell: Cell) -> bool:
        """Whether a game can come to a cell; true where that is not known."""
        return self.known is None or not self.known.is_whole or cell in self.known.numbers

    def on(self, frame: NDArray[np.uint8]) -> Grid:
        """Where the cells lie on a picture, which may have been enlarged."""
        return grid_on(frame, self.grid, self.size)

    def moves_by(self, names: tuple[str, ...]) -> tuple[Move | None, ...]:
        """For each action the move that it means, where these are the actions' names."""
        return self.moves if self.moves is not None else tuple(_DIRECTIONS.get(name) for name in names)

    def ahead(self, cell: Cell, move: Move) -> Cell | None:
        """Where a move leads to; None where a wall is, or the edge."""
        there = cell[0] + move[0], cell[1] + move[1]
        return there if there in self.states and (cell, there) not in self.walls else None

    def cell_of(self, observation: Any) -> Cell | None:
        """Where a player is who observes this; None where it is observed nowhere."""
        return _where(observation, self.states)


def present(env: gymnasium.Env[Any, Any]) -> tuple[Any, dict[str, Any]]:
    """The present observation and info, as the environment itself tells them.

    Raises:
        ConfigError: if it cannot tell.
    """
    base: Any = env.unwrapped
    if isinstance(base, Shell):
        return _as_seen(env, base.get_observation()), base.get_info()
    if toy_text.is_toy(base) and base.s is not None:
        info = {"action_mask": base.action_mask(base.s)} if hasattr(base, "action_mask") else {}
        return _as_seen(env, base.s), info
    raise ConfigError(f"{env} does not tell what is observed now; give observation= what its last step gave.")


def is_same(one: Any, other: Any) -> bool:
    """Whether two observations are the same."""
    if isinstance(one, Mapping):
        return (
            isinstance(other, Mapping)
            and one.keys() == other.keys()
            and all(is_same(one[name], other[name]) for name in one)
        )
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(is_same, one, other))
    return np.array_equal(one, other)


def _where(observation: Any, states: Mapping[Cell, Any]) -> Cell | None:
    """The first cell in which something is observed; None where it is in none."""
    return next((cell for cell, each in states.items() if is_same(each, observation)), None)


def _of_shell(env: gymnasium.Env[Any, Any]) -> toy_text.Found | None:
    shell: Any = env.unwrapped
    states = shell.overlay_states()
    canvas = None if states is None else canvas_of(shell)
    if canvas is None:
        return None
    numbers = {(row, column): row * int(canvas.columns) + column for row, column in states}
    return toy_text.Found(canvas.resolution, canvas.grid, states, numbers, _moves_of(shell))


def _moves_of(shell: Any) -> tuple[Move | None, ...] | None:
    """What the actions mean by the names that a Shell gives them, or by their arrow keys.

    None where both say nothing.
    """
    space = shell.action_space
    if not isinstance(space, spaces.Discrete):
        return None
    names = dict(enumerate(getattr(shell, "action_names", ())))
    keys = getattr(shell, "keys_to_action", None) or {}
    for key, action in keys.items() if isinstance(keys, Mapping) else ():
        if isinstance(key, str) and key in _DIRECTIONS and np.ndim(action) == 0:
            names.setdefault(int(action) - int(space.start), key)
    moves = tuple(_DIRECTIONS.get(names.get(action, "")) for action in range(int(space.n)))
    return moves if any(move is not None for move in moves) else None


def _as_seen(env: gymnasium.Env[Any, Any], observation: Any) -> Any:
    """What an agent sees of an observation through the wrappers that only turn it into another form."""
    layers = []
    while isinstance(env, gymnasium.Wrapper):
        layers.append(env)
        env = env.env
    for layer in reversed(layers):
        if isinstance(layer, gymnasium.wrappers.TransformObservation):
            observation = layer.observation(observation)
    return observation
