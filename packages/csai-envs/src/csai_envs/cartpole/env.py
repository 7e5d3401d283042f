"""CartPole as a Gymnasium environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from csai_core import ActionAttribute, AttributeNames, BoxType, DiscreteType, ObsAttribute, Shell
from csai_core.games import Canvas
from csai_envs.cartpole.rules import MAX_ANGLE, MAX_X, START, State, has_fallen, push

FPS, RESOLUTION = 50, (600, 400)
"""How fast and how large games are shown, unless they are told otherwise."""
_HIGH = np.array([2 * MAX_X, 100.0, 2 * MAX_ANGLE, 100.0], np.float32)
"""Positions may pass the limits in the last step; the speeds are out of reach in an episode."""


def state_space() -> BoxType[Any]:
    """The space of the attribute "state"."""
    return BoxType(-_HIGH, _HIGH, dtype=np.float32)


class CartPoleEnv(Shell, is_checked=False):
    """Keep a pole upright by pushing the cart it stands on.

    ## Description
    The textbook's task, with the equations, the numbers and, for the same seed and actions, the
    trajectories of Gymnasium's `CartPole-v1`. What it teaches: control, and how long good luck lasts.

    ## Action space
    `Discrete(2)`, an attribute named "actions": 0 pushes to the left, 1 to the right, with 10 newtons.

    ## Observation space
    One attribute, "state": `Box((4,), float32)`: the cart's position (m) and velocity (m/s), the pole's
    angle (rad, clockwise from upright) and angular velocity (rad/s). The velocities' bounds are 100
    where `CartPole-v1` has infinity.

    ## Rewards
    1 for each step, the last one included; `info["reward_parts"]` calls it "upright".

    ## Starting state
    All four numbers are drawn evenly from -0.05 to 0.05.

    ## Episode end
    Terminated when the cart is more than 2.4 m from the middle or the pole leans more than 12 degrees.
    `gymnasium.make` truncates after 500 steps.

    ## Information
    "score": steps so far.

    Args:
        **settings: those of `Shell`, among them `render_mode` and `attributes`. A step stands for 1 / 50 s
            unless `target_fps` says otherwise.
    """

    environment_id = "CSAI/CartPole-v0"
    keys_to_action: ClassVar[Mapping[str, Any]] = {"left": 0, "a": 0, "right": 1, "d": 1}
    moves_while_held: ClassVar[bool] = True
    not_state: ClassVar[tuple[str, ...]] = ("_is_fast",)

    def __init__(self, **settings: Any) -> None:
        defaults = {"target_fps": FPS, "resolution": RESOLUTION, "environment_name": "CartPole"}
        super().__init__(**{**defaults, **settings})
        self.state: State = (0.0, 0.0, 0.0, 0.0)
        """(x, v, angle, spin); see `rules`. Writable."""
        self.num_steps = 0
        self._last_action: Any = 0
        self._is_fast = False
        self.register_attribute(ObsAttribute("state", state_space(), self._observe, cached=False))
        actions: DiscreteType[Any] = DiscreteType(2)
        self.register_attribute(ActionAttribute("actions", actions, lambda: self._last_action, cached=False))

    def start_episode(self, options: dict[str, Any]) -> None:
        """Draw the four numbers of the state."""
        x, v, angle, spin = self.np_random.uniform(-START, START, 4).tolist()
        self.state, self.num_steps = (x, v, angle, spin), 0
        is_own = type(self).get_current_reward is not CartPoleEnv.get_current_reward
        is_bare = self.observation_space is self["state"].space
        self._is_fast = is_bare and not is_own and self.render_mode != "human"

    def advance(self, action: Any, d_t: float) -> None:
        """Push the cart once."""
        self._last_action = action
        self.num_steps += 1
        self.state = push(*self.state, action, d_t)

    def get_current_reward(self, action: Any, current_state: Any) -> tuple[float, bool]:
        """1, and whether the pole has fallen."""
        x, _, angle, _ = self.state
        return 1.0, has_fallen(x, angle)

    def get_info(self) -> dict[str, Any]:
        """The score, steps so far, and after a step the parts of the reward."""
        info: dict[str, Any] = {"score": self.num_steps}
        return {**info, "reward_parts": {"upright": 1.0}} if self.num_steps else info

    def step(
        self, action: Any, d_t: float | None = None, attributes: AttributeNames | None = None
    ) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Push the cart once; a shortcut through `Shell.step` where nobody watches or wants another view."""
        d_t = 1.0 / self.target_fps if d_t is None else d_t
        if not self._is_fast or attributes is not None or self.is_episode_over:
            return super().step(action, d_t, attributes)
        if action.__class__ is not int or not 0 <= action <= 1:
            action = self["actions"].cast(action)
        self.has_stepped = True
        self._last_action = action
        self.num_steps += 1
        x, v, angle, spin = self.state
        self.state = state = push(x, v, angle, spin, action, d_t)
        self.is_episode_over = is_over = has_fallen(state[0], state[2])
        info = {"score": self.num_steps, "reward_parts": {"upright": 1.0}}
        return np.array(state, np.float32), 1.0, is_over, False, info

    def get_observation(self, attributes: AttributeNames | None = None) -> Any:
        """What can be observed now; see `Shell.get_observation`."""
        if self._is_fast and attributes is None:
            return np.array(self.state, np.float32)
        return super().get_observation(attributes)

    def has_won(self) -> bool | None:
        """Whether the pole still stands."""
        return not has_fallen(self.state[0], self.state[2])

    def draw(self) -> Canvas:
        """The cart and the pole as a picture."""
        from csai_envs.cartpole.rendering import draw

        return draw(self.state, self.num_steps, self.resolution)

    def overlay_player(self) -> tuple[float, float]:
        """The axle of the pole."""
        from csai_envs.cartpole.rendering import axle

        return axle(self.state)

    def render_text(self) -> str:
        """The cart and the pole as text."""
        from csai_envs.cartpole.rendering import render_text

        return render_text(self.state, self.num_steps)

    def _observe(self) -> NDArray[np.float32]:
        return np.array(self.state, np.float32)
