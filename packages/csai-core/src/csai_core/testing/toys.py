"""Tiny environments with known answers, to test algorithms, buffers and everything around them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core.shell import (
    ActionAttribute,
    BoxType,
    DiscreteType,
    MultiBinaryType,
    MultiDiscreteType,
    ObsAttribute,
    Shell,
)


class Choice(Shell):
    """One step: the observation names an action at random, and taking that one pays 1, any other 0.

    The best policy repeats the observation and earns 1 per episode; a random one earns
    1 / `num_choices`.

    Args:
        num_choices: how many actions there are.
        **settings: handed to `Shell`.
    """

    def __init__(self, num_choices: int = 2, **settings: Any) -> None:
        super().__init__(**settings)
        self.wanted = 0
        self.register_attribute(ObsAttribute("wanted", DiscreteType(num_choices), lambda: self.wanted))
        self.register_attribute(ActionAttribute("choice", DiscreteType(num_choices)))
        self._num_choices = num_choices

    def start_episode(self, options: dict[str, Any]) -> None:
        """Wish for one of the actions."""
        self.wanted = int(self.np_random.integers(self._num_choices))

    def advance(self, action: int, d_t: float) -> None:
        """Nothing moves; the episode is over after this step."""

    def get_current_reward(self, action: int, current_state: Any) -> tuple[float, bool]:
        """1 for the action wished for."""
        return float(action == self.wanted), True

    def all_wishes(self) -> NDArray[Any]:
        """A batch of the observations that wish for each action, in their order."""
        observations = []
        for action in range(self._num_choices):
            self.wanted = action
            self.update_env_attributes()
            observations.append(self.get_observation())
        return np.array(observations)


class VectorChoice(Choice):
    """`Choice` whose observation is a vector with a 1 at the action wished for, and 0 elsewhere.

    Args:
        num_choices: how many actions there are.
        **settings: handed to `Shell`.
    """

    def __init__(self, num_choices: int = 2, **settings: Any) -> None:
        super().__init__(num_choices, **{"attributes": "one_hot", **settings})
        space = BoxType(0.0, 1.0, (num_choices,), np.float32)
        self.register_attribute(ObsAttribute("one_hot", space, lambda: np.eye(num_choices)[self.wanted]))


class Walk(Shell):
    """Walk right along a row of cells to the goal in the last one; each step before it costs 0.1.

    The best policy always takes action 1 (right) and needs `length - 1` steps. With discount g, the
    value of the cell n steps before the goal is `g**(n - 1) - 0.1 * (1 - g**(n - 1)) / (1 - g)`.
    Nothing is random; walking left from the first cell stays there.

    Args:
        length: how many cells there are.
        **settings: handed to `Shell`.
    """

    def __init__(self, length: int = 5, **settings: Any) -> None:
        super().__init__(**settings)
        self.length = length
        self.position = 0
        self.register_attribute(ObsAttribute("position", DiscreteType(length), lambda: self.position))
        self.register_attribute(ActionAttribute("walk", DiscreteType(2)))

    def start_episode(self, options: dict[str, Any]) -> None:
        """Start in the first cell."""
        self.position = 0

    def advance(self, action: int, d_t: float) -> None:
        """One cell right for action 1, left for action 0."""
        self.position = max(0, self.position + (1 if action == 1 else -1))

    def get_current_reward(self, action: int, current_state: Any) -> tuple[float, bool]:
        """1 at the goal, which ends the episode; -0.1 before."""
        has_arrived = self.position == self.length - 1
        return (1.0 if has_arrived else -0.1), has_arrived

    def render_text(self) -> str:
        """The row: @ is here, G the goal."""
        cells = ["."] * (self.length - 1) + ["G"]
        cells[self.position] = "@"
        return "".join(cells)

    def render_frame(self) -> NDArray[np.uint8]:
        """The row as colored squares, 16 pixels each."""
        cells = np.full((1, self.length, 3), 40, np.uint8)
        cells[0, -1] = (90, 200, 120)
        cells[0, self.position] = (240, 180, 60)
        return cells.repeat(16, axis=0).repeat(16, axis=1)


class EverySpace(Shell):
    """Observes and takes all four types of space at once; what comes is random, and every fifth step ends.

    Args:
        **settings: handed to `Shell`.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.clock = 0
        self.position: NDArray[Any] = np.zeros(2)
        self.mood = -1
        self.pair = [0, 1]
        self.lamps = np.zeros((2, 2), np.int8)
        box = BoxType(-1.0, 1.0, (2,), np.float32)
        observations: list[tuple[str, Any, Any]] = [
            ("position", box, lambda: self.position),
            ("mood", DiscreteType(3, start=-1), lambda: self.mood),
            ("pair", MultiDiscreteType([3, 2], start=[0, 1]), lambda: self.pair),
            ("lamps", MultiBinaryType([2, 2]), lambda: self.lamps),
        ]
        for name, space, update_func in observations:
            self.register_attribute(ObsAttribute(name, space, update_func))
        self.register_attribute(ActionAttribute("push", BoxType(-1.0, 1.0, (2,), np.float32)))
        self.register_attribute(ActionAttribute("set_mood", DiscreteType(3, start=-1)))
        self.register_attribute(ActionAttribute("set_pair", MultiDiscreteType([3, 2])))
        self.register_attribute(ActionAttribute("switch", MultiBinaryType([2, 2])))

    def start_episode(self, options: dict[str, Any]) -> None:
        """Put everything somewhere at random."""
        self.clock = 0
        self.position = self.np_random.uniform(-1.0, 1.0, 2)
        self.mood = int(self.np_random.integers(-1, 2))
        self.pair = [int(self.np_random.integers(3)), 1]
        self.lamps[:] = self.np_random.integers(0, 2, (2, 2))

    def advance(self, action: dict[str, Any], d_t: float) -> None:
        """Follow every part of the action; the push is disturbed at random."""
        self.clock += 1
        disturbed = self.position + action["push"] * d_t + self.np_random.normal(0.0, 0.1, 2)
        self.position = np.clip(disturbed, -1.0, 1.0)
        self.mood = action["set_mood"]
        self.pair = [int(action["set_pair"][0]), 1 + int(action["set_pair"][1])]
        self.lamps ^= action["switch"]

    def get_current_reward(self, action: dict[str, Any], current_state: Any) -> tuple[float, bool]:
        """The lamps that are on."""
        return float(self.lamps.sum()), self.clock == 5
