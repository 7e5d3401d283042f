"""An arm of two joints that reaches for points: continuous actions, and a reward that chance seldom finds."""

from __future__ import annotations

from typing import Any

import numpy as np
from csai_core import ActionAttribute, BoxType, ObsAttribute, Shell
from csai_core.games import DARK_CELL, DEEP_BLUE, ORANGE, TEXT, WALL, Canvas
from numpy.typing import NDArray

TURN = 0.2
"""How far a joint turns in a step at most, in radians."""
TOLERANCE = 0.05
"""How far the fingertip may be from the goal, in lengths of the arm."""
LINK = 0.5
"""The length of each of the two links; the stretched arm is 1 long."""


def compute_reward(achieved_goal: Any, desired_goal: Any, info: Any = None) -> NDArray[np.float64]:
    """0 where the fingertip is at its goal, and -1 elsewhere.

    Args:
        achieved_goal: (2,) or (batch, 2), where the fingertip is.
        desired_goal: alike, where it should be.
        info: not looked at.

    Returns:
        (), or (batch,).
    """
    return np.asarray(compute_terminated(achieved_goal, desired_goal) - 1.0)


def compute_terminated(achieved_goal: Any, desired_goal: Any, info: Any = None) -> NDArray[np.bool_]:
    """Where the fingertip is at its goal, which ends the episode; arguments as of `compute_reward`."""
    distance = np.linalg.norm(np.asarray(achieved_goal) - np.asarray(desired_goal), axis=-1)
    return np.asarray(distance <= TOLERANCE)


def joints(angles: NDArray[np.float64]) -> NDArray[np.float32]:
    """(2, 2): where the elbow is and where the fingertip; the shoulder is at (0, 0).

    Args:
        angles: (2,), of the shoulder against the x axis, and of the elbow against the upper arm.
    """
    directions = np.cumsum(angles)
    links = LINK * np.stack([np.cos(directions), np.sin(directions)], axis=-1)
    return np.asarray(np.clip(np.cumsum(links, axis=0), -1, 1), np.float32)


class ArmEnv(Shell):
    """Turn the two joints of an arm until its fingertip is where it should be.

    ## Action space
    `Box(-1, 1, (2,))`, an attribute named "turn": how far shoulder and elbow turn, in steps of 0.2 radians.

    ## Observation space
    `Dict` as of Gymnasium-Robotics' environments with goals: "observation", (4,), the cosines of both angles
    and their sines; "achieved_goal", (2,), where the fingertip is; "desired_goal", (2,), where it should be.
    The arm is 1 long.

    ## Rewards
    -1 for every step, but 0 for the one that brings the fingertip within 0.05 of its goal, which ends the
    episode.

    ## Starting state
    Both angles are drawn evenly from the whole circle, and the goal is where another such arm would reach.

    Args:
        **settings: handed to `Shell`.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"resolution": (400, 400), "environment_name": "Arm", **settings})
        self.angles: NDArray[np.float64] = np.zeros(2)
        """(2,), in radians."""
        self.goal: NDArray[np.float32] = np.array([0, 1], np.float32)
        """(2,)"""
        self.register_attribute(ObsAttribute("observation", BoxType(-1, 1, (4,)), self._pose))
        point: BoxType[Any] = BoxType(-1, 1, (2,))
        self.register_attribute(ObsAttribute("achieved_goal", point, lambda: joints(self.angles)[1]))
        self.register_attribute(ObsAttribute("desired_goal", point, lambda: self.goal))
        self.register_attribute(ActionAttribute("turn", BoxType(-1, 1, (2,))))

    def compute_reward(self, achieved_goal: Any, desired_goal: Any, info: Any) -> NDArray[np.float64]:
        """What some goals pay; see `compute_reward` of this module."""
        return compute_reward(achieved_goal, desired_goal, info)

    def compute_terminated(self, achieved_goal: Any, desired_goal: Any, info: Any) -> NDArray[np.bool_]:
        """Where goals are achieved; see `compute_terminated` of this module."""
        return compute_terminated(achieved_goal, desired_goal, info)

    def start_episode(self, options: dict[str, Any]) -> None:
        """Draw the arm's angles and a goal that is not achieved yet."""
        self.angles = self.np_random.uniform(-np.pi, np.pi, 2)
        self.goal = self._draw_goal()
        while self._is_achieved():
            self.goal = self._draw_goal()

    def advance(self, action: NDArray[np.float32], d_t: float) -> None:
        """Turn both joints."""
        self.angles = self.angles + TURN * np.asarray(action, np.float64)

    def get_current_reward(self, action: NDArray[np.float32], current_state: Any) -> tuple[float, bool]:
        """Only the goal pays."""
        is_achieved = self._is_achieved()
        return is_achieved - 1.0, is_achieved

    def has_won(self) -> bool | None:
        """True once the fingertip is at its goal."""
        return True if self._is_achieved() else None

    def draw(self) -> Canvas:
        """The arm and its goal."""
        canvas = Canvas(self.resolution, 2.2, 2.2, "Arm")
        canvas.rectangle(DARK_CELL, 0, 0, 2.2, 2.2)
        shoulder, elbow, fingertip, goal = (
            (1.1 + float(x), 1.1 - float(y)) for x, y in ((0, 0), *joints(self.angles), self.goal)
        )
        canvas.ring(ORANGE, *goal, TOLERANCE, 0.02)
        canvas.line(WALL, shoulder, elbow, 0.06)
        canvas.line(DEEP_BLUE, elbow, fingertip, 0.04)
        canvas.disc(TEXT, *shoulder, 0.05)
        if self.has_won():
            canvas.mark_win(*goal, 2 * TOLERANCE)
        return canvas

    def _pose(self) -> NDArray[np.float32]:
        return np.concatenate([np.cos(self.angles), np.sin(self.angles)]).astype(np.float32)

    def _draw_goal(self) -> NDArray[np.float32]:
        return np.asarray(joints(self.np_random.uniform(-np.pi, np.pi, 2))[1])

    def _is_achieved(self) -> bool:
        return bool(compute_terminated(joints(self.angles)[1], self.goal))
