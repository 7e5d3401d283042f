"""Two ways to steer a snake: by the board's directions, or by its own.

"board": left, right, up, down, nothing, as `rules.Action` numbers them; the way everybody plays.
"snake": turn left, straight on, turn right, as the snake itself would say. Every way it looks is then the
    same to play, so that what it learns in one direction it knows in all four.
"""

from __future__ import annotations

from types import MappingProxyType

from csai_core.errors import UnknownNameError
from csai_envs.snake.board import Action

AROUND: tuple[tuple[Action, ...], ...] = (
    (Action.LEFT, Action.UP, Action.RIGHT, Action.DOWN),
    (Action.RIGHT, Action.DOWN, Action.LEFT, Action.UP),
    (Action.UP, Action.RIGHT, Action.DOWN, Action.LEFT),
    (Action.DOWN, Action.LEFT, Action.UP, Action.RIGHT),
)
"""For each heading, the directions ahead, to the right, behind and to the left of the snake."""

TURN_LEFT, STRAIGHT_ON, TURN_RIGHT = range(3)
TURNS: tuple[dict[int, Action], ...] = tuple(
    {TURN_LEFT: left, STRAIGHT_ON: ahead, TURN_RIGHT: right} for ahead, right, _, left in AROUND
)
"""For each heading, what turning left, going straight on and turning right mean on the board."""

NUM_ACTIONS: MappingProxyType[str, int] = MappingProxyType({"board": len(Action), "snake": len(TURNS[0])})
"""How many actions each way of steering has."""

SNAKE_KEYS: MappingProxyType[str, int] = MappingProxyType(
    {"left": TURN_LEFT, "a": TURN_LEFT, "right": TURN_RIGHT, "d": TURN_RIGHT}
)
"""What keys mean to a person who steers as the snake."""


def check_steering(steering: str) -> str:
    """The name of a way to steer, if there is such a one.

    Raises:
        UnknownNameError: if there is none.
    """
    if steering not in NUM_ACTIONS:
        raise UnknownNameError.of("way of steering in Snake", steering, NUM_ACTIONS)
    return steering
