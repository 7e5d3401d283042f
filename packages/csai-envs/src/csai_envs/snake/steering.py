"""Two ways to steer a snake: by the board's directions, or by its own.

"board": left, right, up, down, nothing, as `rules.Action` numbers them; the way everybody plays.
"snake": turn left, straight on, turn right, as the snake itself would say. Every way it looks is then the
    same to play, so that what it learns in one direction it knows in all four.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from csai_core.arguments import check_name
from csai_envs.snake.board import Action
from csai_envs.snake.rules import TURN, Turns

AROUND: tuple[tuple[Action, ...], ...] = (
    (Action.LEFT, Action.UP, Action.RIGHT, Action.DOWN),
    (Action.RIGHT, Action.DOWN, Action.LEFT, Action.UP),
    (Action.UP, Action.RIGHT, Action.DOWN, Action.LEFT),
    (Action.DOWN, Action.LEFT, Action.UP, Action.RIGHT),
)
"""For each heading, the directions ahead, to the right, behind and to the left of the snake."""

TURN_LEFT, STRAIGHT_ON, TURN_RIGHT = range(3)
TURNS: Turns = tuple(
    {TURN_LEFT: int(left), STRAIGHT_ON: int(ahead), TURN_RIGHT: int(right)}
    for ahead, right, _, left in AROUND
)
"""For each heading, what turning left, going straight on and turning right mean on the board."""

STEERINGS: MappingProxyType[str, Turns] = MappingProxyType({"board": TURN, "snake": TURNS})
"""For each way of steering, what its actions do."""

KEYS: MappingProxyType[str, Mapping[str, int]] = MappingProxyType(
    {
        "board": {
            **{"left": Action.LEFT, "a": Action.LEFT, "right": Action.RIGHT, "d": Action.RIGHT},
            **{"up": Action.UP, "w": Action.UP, "down": Action.DOWN, "s": Action.DOWN},
        },
        "snake": {"left": TURN_LEFT, "a": TURN_LEFT, "right": TURN_RIGHT, "d": TURN_RIGHT},
    }
)
"""For each way of steering, what keys mean to a person."""
NAMES: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "board": ("left", "right", "up", "down", "nothing"),
        "snake": ("turn left", "straight on", "turn right"),
    }
)
"""For each way of steering, what people call the actions, in their order."""


def turns_of(steering: str) -> Turns:
    """What the actions do in a way of steering.

    Raises:
        UnknownNameError: if there is no such way.
    """
    return STEERINGS[check_name("way of steering in Snake", steering, STEERINGS)]
