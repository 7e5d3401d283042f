"""CartPole as a Gymnasium environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from csai_core.shell import BoxType, DiscreteType, Shell
from csai_core.shell.attribute_table import AttributeNames
from csai_core.shell.casting import cast_to_space
from csai_core.shell.contract import check_under_way
from csai_envs.cartpole.rules import MAX_ANGLE, MAX_X, START, State, has_fallen, push
from csai_envs.live import LiveAction, LiveObservation
from csai_envs.spec import own_spec

FPS, RESOLUTION = 50, (600, 400)
"""How fast and how large games are shown, unless they are told otherwise."""
_HIGH = np.array([2 * MAX_X, 100.0, 2 * MAX_ANGLE, 100.0], np.float32)
"""Positions may pass the limits in the last step; the speeds are out of reach in an episode."""
_ACTIONS: DiscreteType[Any] = DiscreteType(2)


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

    keys_to_action: ClassVar[Mapping[str, Any]] = {"left": 0, "a": 0, "right": 1, "d": 1}
    not_state: ClassVar[tuple[str, ...]] = ("_is_bare",)

    def __init__(self, **settings: Any) -> None:
        defaults = {"target_fps": FPS, "resolution": RESOLUTION, "environment_name": "CartPole"}
        super().__init__(**{**defaults, **settings})
        self.spec = own_spec(self, "CSAI/CartPole-v0")
        self.state: State = (0.0, 0.0, 0.0, 0.0)
        """(x, v, angle, spin); see `rules`. Writable."""
        self.num_steps = 0
        self._last_action: Any = 0
        self._is_bare = settings.get("attributes") is None or isinstance(settings["attributes"], str)
        self.register_attribute(LiveObservation("state", state_space(), self._observe))
        self.register_attribute(LiveAction("actions", _ACTIONS, lambda: self._last_action))

    def start_episode(self, options: dict[str, Any]) -> None:
        """Draw the four numbers of the state."""
        x, v, angle, spin = self.np_random.uniform(-START, START, 4).tolist()
        self.state, self.num_steps = (x, v, angle, spin), 0

    def step(
        self, action: Any, d_t: float | None = None, attributes: AttributeNames | None = None
    ) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Push the cart once; see `Shell.step`, of which this is a quicker version."""
        if self._is_over:
            check_under_way(self)
        if action.__class__ is not int or not 0 <= action <= 1:
            action = cast_to_space(action, _ACTIONS, f"The action 'actions' of {type(self).__name__}")
        self._has_stepped = True
        self._last_action = action
        self.num_steps += 1
        x, v, angle, spin = self.state
        self.state = state = push(x, v, angle, spin, action, 1.0 / self.target_fps if d_t is None else d_t)
        self._is_over = is_over = has_fallen(state[0], state[2])
        observation = self.get_observation(attributes)
        if self.render_mode == "human":
            self._show_if_watched()
        return observation, 1.0, is_over, False, {"score": self.num_steps, "reward_parts": {"upright": 1.0}}

    def get_current_reward(self, action: Any, current_state: Any) -> tuple[float, bool]:
        """1, and whether the pole has fallen."""
        return 1.0, self._is_over

    def get_observation(self, attributes: AttributeNames | None = None) -> Any:
        """What can be observed now; see `Shell.get_observation`."""
        if attributes is None and self._is_bare:
            return np.array(self.state, np.float32)
        return super().get_observation(attributes)

    def get_info(self) -> dict[str, Any]:
        """The score: steps so far."""
        return {"score": self.num_steps}

    def render_frame(self) -> NDArray[np.uint8]:
        """The cart and the pole as a picture."""
        from csai_envs.cartpole import view

        return view.draw(self.state, self.num_steps, self.resolution)

    def render_text(self) -> str:
        """The cart and the pole as text."""
        from csai_envs.cartpole import view

        return view.write(self.state, self.num_steps)

    def _observe(self) -> NDArray[np.float32]:
        return np.array(self.state, np.float32)
