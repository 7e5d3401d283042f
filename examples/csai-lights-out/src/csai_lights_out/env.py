"""Lights Out as an environment: attributes, rewards, and how it looks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from csai_core import ActionAttribute, DiscreteType, MultiBinaryType, ObsAttribute
from csai_core.arguments import check_int
from csai_core.games import KeyedShell, Target
from numpy.typing import NDArray

from csai_lights_out import rules, view


class LightsOutEnv(KeyedShell):
    """Press lamps until all are dark; each press also switches the neighbors.

    ## Action space
    `Discrete(size * size)`, an attribute named "press": the lamps, row by row.

    ## Observation space
    `MultiBinary([size, size])`, an attribute named "lamps": 1 where a lamp is lit.

    ## Rewards
    1 for the press that leaves all lamps dark, which ends the episode; -0.02 for any other.

    ## Starting state
    Each lamp of a dark board is pressed with chance 1/2, so that every game can be solved.

    Args:
        size: lamps in a row and in a column. With 3, the keys Q W E, A S D, Z X C press them.
        **settings: handed to `Shell`.

    Raises:
        ConfigError: if the size is no integer, or below 2.
    """

    keys_to_action: ClassVar[Mapping[str, int]] = {key: i for i, key in enumerate("qweasdzxc")}

    def __init__(self, size: int = 3, **settings: Any) -> None:
        super().__init__(**settings)
        self.size = size = check_int("LightsOutEnv", "size", size, least=2)
        self.lamps: rules.Lamps = np.zeros((size, size), np.int8)
        self.register_attribute(ObsAttribute("lamps", MultiBinaryType([size, size]), lambda: self.lamps))
        self.register_attribute(ActionAttribute("press", DiscreteType(size * size)))

    def start_episode(self, options: dict[str, Any]) -> None:
        """Light some lamps."""
        super().start_episode(options)
        self.lamps = rules.new_game(self.size, self.keyed_random.draw)

    def advance(self, action: int, d_t: float) -> None:
        """Press one lamp."""
        rules.press(self.lamps, *divmod(action, self.size))

    def get_current_reward(self, action: int, current_state: Any) -> tuple[float, bool]:
        """Darkness pays; every press costs a little."""
        is_solved = rules.is_dark(self.lamps)
        return (1.0 if is_solved else -0.02), is_solved

    def get_info(self) -> dict[str, Any]:
        """The score: how many lamps are dark."""
        return {"score": int(self.lamps.size - self.lamps.sum())}

    def render_frame(self) -> NDArray[np.uint8]:
        """The board as a picture; see `view.draw`."""
        return view.draw(self.lamps, self.resolution)

    def target_at(self, x: float, y: float) -> Target | None:
        """The lamp that is pointed at."""
        return view.lamp_at(self.size, self.resolution, x, y)

    def has_won(self) -> bool | None:
        """True in the dark."""
        return True if rules.is_dark(self.lamps) else None

    def render_text(self) -> str:
        """The board, one row a line; * is lit."""
        return "\n".join("".join("*" if lamp else "." for lamp in row) for row in self.lamps)
