"""Many games of CartPole at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from csai_core import AttributeNames, DiscreteType
from csai_core.games import ALL, FEW, BatchedEnv, Canvas, Floats, Games, Outcome
from csai_envs.cartpole.batch_physics import FewCarts, ManyCarts
from csai_envs.cartpole.env import FPS, RESOLUTION, state_space
from csai_envs.cartpole.initial_states import InitialStates

_ONE = np.array(1)


class CartPoleVectorEnv(BatchedEnv):
    """Many games of CartPole; `CartPoleEnv` tells what they are. `infos["score"]` counts the steps.

    Args:
        num_envs: how many games.
        attributes: which attributes are observed; there is only "state".
        **settings: those of `BatchedEnv`, among them `render_mode` and `copy`.
    """

    observes_copies: ClassVar[bool] = True
    state_names: ClassVar[tuple[str, ...]] = (*BatchedEnv.state_names, "_num_steps")

    def __init__(
        self,
        num_envs: int = 1,
        *,
        attributes: AttributeNames | None = None,
        **settings: Any,
    ) -> None:
        settings = {"render_fps": FPS, "resolution": RESOLUTION, **settings}
        super().__init__(num_envs, {"state": state_space()}, DiscreteType(2), view=attributes, **settings)
        self._carts = FewCarts(num_envs) if num_envs < FEW else ManyCarts(num_envs)
        self._initial_states = InitialStates(num_envs)
        self._num_steps = np.zeros(num_envs, np.int64)
        self._upright = np.ones(num_envs)

    def seed_games(self, games: NDArray[np.intp], seeds: Sequence[int | None]) -> None:
        """Give games the generators of their seeds, which the single environment draws from too."""
        self._initial_states.seed(games, seeds)

    def next_games(self, games: NDArray[np.intp]) -> None:
        """Do nothing: the generators go on."""

    def start(self, games: NDArray[np.intp]) -> None:
        """Draw the four numbers of each state."""
        self._carts.put(games, self._initial_states.take(games))
        self._num_steps[games] = 0

    def move(self, actions: NDArray[Any]) -> Outcome:
        """Push every cart once."""
        np.add(self._num_steps, _ONE, out=self._num_steps)
        return self._upright.copy(), self._carts.push(actions)

    def observe_attribute(self, name: str, games: Games) -> Any:
        """The states, of shape (games, 4)."""
        seen = self._carts.observe()
        return seen if games is ALL else seen[games]

    def scores(self) -> NDArray[np.int64]:
        """Steps so far, of each game."""
        return self._num_steps.copy()

    def reward_parts(self) -> dict[str, Floats]:
        """1 for every game."""
        return {"upright": self._upright}

    def draw(self, game: int) -> Canvas:
        """One game as a picture."""
        from csai_envs.cartpole.rendering import draw

        x, v, angle, spin = self._carts.states[game].tolist()
        return draw((x, v, angle, spin), int(self._num_steps[game]), self.resolution)

    def state_dict(self) -> dict[str, Any]:
        """Where every game is and how its random numbers go on; see `BatchedEnv.state_dict`."""
        return {
            **super().state_dict(),
            "states": self._carts.states,
            "initial_states": self._initial_states.state_dict(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Return every game to where `state_dict` was called; see `BatchedEnv.load_state_dict`."""
        super().load_state_dict(state)
        self._carts.states = state["states"]
        self._initial_states.load_state_dict(state["initial_states"])
