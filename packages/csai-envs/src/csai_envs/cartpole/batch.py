"""Many games of CartPole at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from gymnasium.utils import seeding
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from csai_core.shell import DiscreteType
from csai_core.shell.table import Names
from csai_envs.batch import ALL, FEW, BatchedEnv, Floats, Games, Outcome, any_of
from csai_envs.cartpole import rules
from csai_envs.cartpole.carts import FewCarts, ManyCarts
from csai_envs.cartpole.env import state_space
from csai_envs.views import view_space

STOCK = 64
"""How many starts each game draws from its generator at a time."""
_ONE = np.array(1)


class CartPoleVectorEnv(BatchedEnv):
    """Many games of CartPole; `CartPoleEnv` tells what they are. `infos["score"]` counts the steps.

    Args:
        num_envs: how many games.
        attributes: which attributes are observed; there is only "state".
        reward_parts: whether `infos["reward_parts"]` tells the parts of each reward.
        max_episode_steps: truncates a game after so many steps.
        autoreset_mode: when a game that is over starts anew; see `BatchedEnv`.
        copy: whether each observation is an array of its own; see `BatchedEnv`.
    """

    observes_anew: ClassVar[bool] = True
    state_names: ClassVar[tuple[str, ...]] = (
        *BatchedEnv.state_names,
        *("_stock", "_next_start"),
    )

    def __init__(
        self,
        num_envs: int = 1,
        *,
        attributes: Names | None = None,
        reward_parts: bool = False,
        max_episode_steps: int | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        copy: bool = True,
    ) -> None:
        self.view, space = view_space("CartPoleVectorEnv", {"state": state_space()}, attributes)
        super().__init__(num_envs, space, DiscreteType(2), max_episode_steps, autoreset_mode, copy)
        self._wants_parts = reward_parts
        self._carts = FewCarts(num_envs) if num_envs < FEW else ManyCarts(num_envs)
        self._generators = np.full(num_envs, None, dtype=object)
        self._stock = np.zeros((num_envs * STOCK, 4))
        """The starts that each game has drawn already."""
        self._upright = np.ones(num_envs)
        self._stock_end = STOCK * np.arange(1, num_envs + 1)
        self._next_start = self._stock_end.copy()

    def seed_games(self, games: NDArray[np.intp], seeds: Sequence[int | None]) -> None:
        """Give games the generators of their seeds, which the single environment draws from too."""
        for game in games:
            if seeds[game] is not None or self._generators[game] is None:
                self._generators[game] = seeding.np_random(seeds[game])[0]
                self._next_start[game] = self._stock_end[game]

    def next_games(self, games: NDArray[np.intp]) -> None:
        """Do nothing: the generators go on."""

    def start(self, games: NDArray[np.intp]) -> None:
        """Draw the four numbers of each state."""
        place = self._next_start[games]
        used_up = place == self._stock_end[games]
        if any_of(used_up):
            for game in games[used_up]:
                drawn = self._generators[game].uniform(-rules.START, rules.START, (STOCK, 4))
                self._stock[STOCK * game : STOCK * (game + 1)] = drawn
            place[used_up] -= STOCK
        self._carts.put(games, self._stock.take(place, axis=0))
        self._next_start[games] = place + _ONE

    def move(self, actions: NDArray[Any]) -> Outcome:
        """Push every cart once."""
        return self._upright.copy(), self._carts.push(actions)

    def observe(self, games: Games) -> Any:
        """The states, of shape (games, 4)."""
        seen = self._carts.look()
        if games is not ALL:
            seen = seen[games]
        return seen if isinstance(self.view, str) else {"state": seen}

    def scores(self) -> NDArray[np.int64]:
        """Steps so far, of each game."""
        return self._clock - self._began

    def reward_parts(self) -> dict[str, Floats] | None:
        """1 for every game, if asked for."""
        return {"upright": self._upright} if self._wants_parts else None

    def state_dict(self) -> dict[str, Any]:
        """Where every game is and how its chance goes on; see `BatchedEnv.state_dict`."""
        generators = [each and each.bit_generator.state for each in self._generators]
        return {**super().state_dict(), "states": self._carts.states, "generators": generators}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Return every game to where `state_dict` was called; see `BatchedEnv.load_state_dict`."""
        super().load_state_dict(state)
        self._carts.states = state["states"]
        for game, generator in enumerate(state["generators"]):
            if generator is not None:
                self._generators[game] = seeding.np_random(0)[0]
                self._generators[game].bit_generator.state = generator
