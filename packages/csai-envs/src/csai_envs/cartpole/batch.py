"""Many poles on many carts at once: plain Python for a few, numpy for many, the same numbers in both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from gymnasium.utils import seeding
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from csai_core.shell import DiscreteType
from csai_core.shell.table import Names
from csai_envs.batch import BatchedEnv, Floats, Games, Outcome
from csai_envs.cartpole import rules
from csai_envs.cartpole.env import state_space
from csai_envs.views import view_space

FEW = 12
"""Below so many carts, numpy's calls cost more than plain Python's sums."""
STOCK = 64
"""How many starts each game draws from its generator at a time."""


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

    state_names: ClassVar[tuple[str, ...]] = (
        *BatchedEnv.state_names,
        *("state", "_stock", "_num_taken", "_num_steps"),
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
        self.state = np.zeros((4, num_envs))
        """Rows x, v, angle and spin."""
        self._seen = np.zeros((num_envs, 4), np.float32)
        self._generators = np.full(num_envs, None, dtype=object)
        self._stock = np.zeros((num_envs, STOCK, 4))
        self._num_taken = np.full(num_envs, STOCK, np.intp)
        self._num_steps = np.zeros(num_envs, np.int64)

    def seed_games(self, games: NDArray[np.intp], seeds: Sequence[int | None]) -> None:
        """Give games the generators of their seeds, which the single environment draws from too."""
        for game in games:
            if seeds[game] is not None or self._generators[game] is None:
                self._generators[game] = seeding.np_random(seeds[game])[0]
                self._num_taken[game] = STOCK

    def next_games(self, games: NDArray[np.intp]) -> None:
        """Do nothing: the generators go on."""

    def start(self, games: NDArray[np.intp]) -> None:
        """Draw the four numbers of each state."""
        taken = self._num_taken[games]
        if taken.max() == STOCK:
            for game in games[taken == STOCK]:
                drawn = self._generators[game].uniform(-rules.START, rules.START, (STOCK, 4))
                self._stock[game] = drawn
            taken[taken == STOCK] = 0
        self.state[:, games] = self._stock[games, taken].T
        self._num_taken[games] = taken + 1
        self._num_steps[games] = 0

    def move(self, actions: NDArray[Any]) -> Outcome:
        """Push every cart once."""
        if self.num_envs < FEW:
            self._push_few(actions)
        else:
            self._push_many(actions)
        self._num_steps += 1
        fallen = abs(self.state[0]) > rules.MAX_X
        fallen |= abs(self.state[2]) > rules.MAX_ANGLE
        return np.ones(self.num_envs), fallen

    def observe(self, games: Games) -> Any:
        """The states, of shape (games, 4)."""
        if isinstance(games, slice):
            np.copyto(self._seen, self.state.T)
            seen = self._seen
        else:
            seen = self.state[:, games].T.astype(np.float32)
        return seen if isinstance(self.view, str) else {"state": seen}

    def scores(self) -> NDArray[np.int64]:
        """Steps so far, of each game."""
        return self._num_steps.copy()

    def reward_parts(self) -> dict[str, Floats] | None:
        """1 for every game, if asked for."""
        return {"upright": np.ones(self.num_envs)} if self._wants_parts else None

    def state_dict(self) -> dict[str, Any]:
        """Where every game is and how its chance goes on; see `BatchedEnv.state_dict`."""
        generators = [each and each.bit_generator.state for each in self._generators]
        return {**super().state_dict(), "generators": generators}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Return every game to where `state_dict` was called; see `BatchedEnv.load_state_dict`."""
        super().load_state_dict(state)
        for game, generator in enumerate(state["generators"]):
            if generator is not None:
                self._generators[game] = seeding.np_random(0)[0]
                self._generators[game].bit_generator.state = generator

    def _push_few(self, actions: NDArray[Any]) -> None:
        carts = zip(self.state.T.tolist(), actions.tolist(), strict=True)
        pushed = [rules.push(x, v, angle, spin, action) for (x, v, angle, spin), action in carts]
        self.state[:] = np.array(pushed).T

    def _push_many(self, actions: NDArray[Any]) -> None:
        """The sums of `rules.push`, in the same order, so that they round alike."""
        x, v, angle, spin = self.state
        force = (2.0 * rules.FORCE) * actions
        force -= rules.FORCE
        cosine, sine = np.cos(angle), np.sin(angle)
        swing = spin * spin
        swing *= rules.POLE_MASS_LENGTH
        swing *= sine
        swing += force
        swing /= rules.TOTAL_MASS
        below = cosine * cosine
        below *= rules.POLE_MASS
        below /= rules.TOTAL_MASS
        np.subtract(4.0 / 3.0, below, out=below)
        below *= rules.HALF_LENGTH
        angular = rules.GRAVITY * sine
        angular -= cosine * swing
        angular /= below
        linear = rules.POLE_MASS_LENGTH * angular
        linear *= cosine
        linear /= rules.TOTAL_MASS
        np.subtract(swing, linear, out=linear)
        x += rules.TAU * v
        v += rules.TAU * linear
        angle += rules.TAU * spin
        spin += rules.TAU * angular
