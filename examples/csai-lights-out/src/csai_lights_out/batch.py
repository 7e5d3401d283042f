"""Thousands of boards at once, in numpy: the same game as in env.py, press by press."""

from __future__ import annotations

from typing import Any

import numpy as np
from csai_core import DiscreteType, MultiBinaryType
from csai_core.arguments import check_int
from csai_core.games import BatchedEnv, Games, Outcome, draw_many
from numpy.typing import NDArray

from csai_lights_out import rules, view


class LightsOutVectorEnv(BatchedEnv):
    """Many boards; `LightsOutEnv` tells what can be done with them.

    With seed `s`, board `i` is the one that the single game has after `reset(seed=s + i)`.

    Args:
        num_envs: how many boards.
        size: lamps in a row and in a column of each.
        **settings: handed to `BatchedEnv`.

    Raises:
        ConfigError: if the size is no integer, or below 2.
    """

    state_names = (*BatchedEnv.state_names, "lamps")

    def __init__(self, num_envs: int = 1, size: int = 3, **settings: Any) -> None:
        cells = check_int("LightsOutVectorEnv", "size", size, least=2) ** 2
        super().__init__(num_envs, MultiBinaryType([size, size]), DiscreteType(cells), **settings)
        self.lamps: rules.Lamps = np.zeros((num_envs, size, size), np.int8)
        self.effects: rules.Lamps = np.zeros((cells, size, size), np.int8)
        """(cells, size, size): what each press switches."""
        for cell in range(cells):
            rules.press(self.effects[cell], *divmod(cell, size))

    def start(self, games: NDArray[np.intp]) -> None:
        """Press lamps of dark boards, by the same draws as `rules.new_game`."""
        keys, cells = self.keys[games], len(self.effects)
        pressed = draw_many(keys[:, None], np.arange(cells, dtype=np.uint64), 2).astype(np.int64)
        lamps = np.tensordot(pressed, self.effects, 1) % 2
        last = draw_many(keys, np.full(len(games), cells, np.uint64), cells).astype(np.intp)
        is_dark = ~lamps.any(axis=(1, 2))
        lamps[is_dark] = self.effects[last[is_dark]]
        self.lamps[games] = lamps

    def move(self, actions: NDArray[Any]) -> Outcome:
        """Press one lamp on every board."""
        self.lamps ^= self.effects[actions]
        is_solved = (self.lamps == 0).all(axis=(1, 2))
        return np.where(is_solved, 1.0, -0.02), is_solved

    def observe(self, games: Games) -> Any:
        """The lamps of some boards."""
        return self.lamps[games]

    def scores(self) -> NDArray[np.int64]:
        """How many lamps are dark."""
        dark: NDArray[np.int64] = (self.lamps == 0).sum(axis=(1, 2))
        return dark

    def render_frame(self, game: int) -> NDArray[np.uint8]:
        """The picture of one board."""
        return view.draw(self.lamps[game], self.resolution)
