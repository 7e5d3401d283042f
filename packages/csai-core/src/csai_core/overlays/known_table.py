"""The table of a board's game, where there is one, and which number each of its cells has in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import gymnasium
import numpy as np

from csai_core.overlays.cells import Cell
from csai_core.overlays.table import Table
from csai_core.overlays.tried_table import key_of, tried_table
from csai_core.shell import Shell


class KnownTable(NamedTuple):
    """What is known of what follows in each cell of a board."""

    table: Table
    numbers: Mapping[Cell, int]
    """Of the cells' states in the table; cells are missing to which nothing leads."""
    is_whole: bool
    """Whether no game ever comes to the cells that are missing; else the present one does not, from here
    on."""

    @property
    def ends(self) -> dict[Cell, float]:
        """The cells in which the game is over, and the reward with which one comes there."""
        final = self.table.final_rewards
        return {cell: final[number] for cell, number in self.numbers.items() if number in final}


def known_table(
    env: gymnasium.Env[Any, Any], states: Mapping[Cell, Any], numbers: Mapping[Cell, int]
) -> KnownTable | None:
    """What an environment says itself in `P`; else, of a Shell, what trying it out tells.

    Args:
        env: without wrappers.
        states: what the environment observes in each cell.
        numbers: of the cells' states in `P`.
    """
    if (told := _told_by(env)) is not None:
        return KnownTable(told.table, {cell: n for cell, n in numbers.items() if n in told.reachable}, True)
    tried = tried_table(env, states) if isinstance(env, Shell) else None
    if tried is None:
        return None
    by_key = {cell: tried.numbers.get(key_of(state)) for cell, state in states.items()}
    return KnownTable(tried.table, {cell: n for cell, n in by_key.items() if n is not None}, False)


class _Told(NamedTuple):
    table: Table
    reachable: frozenset[int]
    """The states that games come to."""


_TOLD: WeakKeyDictionary[Any, _Told | None] = WeakKeyDictionary()


def _told_by(env: Any) -> _Told | None:
    if env not in _TOLD:
        table, starts = _read(getattr(env, "P", None)), getattr(env, "initial_state_distrib", None)
        if table is None:
            _TOLD[env] = None
        else:
            first = range(len(table.chances)) if starts is None else np.flatnonzero(starts).tolist()
            _TOLD[env] = _Told(table, frozenset(table.reachable_from(first)))
    return _TOLD[env]


def _read(outcomes: Any) -> Table | None:
    try:
        return Table.from_outcomes(outcomes) if isinstance(outcomes, Mapping) and outcomes else None
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):  # something else of that name
        return None
