"""The world of SimpleGrid: an empty square, with the goal in the corner far from the start."""

from __future__ import annotations

from csai_core.arguments import check_int
from csai_envs.gridworld import GridWorld

UP, RIGHT, DOWN, LEFT = range(4)
"""The actions."""
MIN_SIZE, MAX_SIZE = 2, 100
STEP, GOAL = -0.01, 1.0


def make_world(grid_size: int) -> GridWorld:
    """A square of `grid_size * grid_size` cells.

    Raises:
        ConfigError: if the size is out of range.
    """
    check_int("SimpleGrid", "grid_size", grid_size, MIN_SIZE, MAX_SIZE)
    last = grid_size * grid_size - 1
    return GridWorld(
        height=grid_size,
        width=grid_size,
        start=0,
        moves=((-1, 0), (0, 1), (1, 0), (0, -1)),
        parts={"step": (STEP,) * last + (0.0,), "goal": (0.0,) * last + (GOAL,)},
        ends=(False,) * last + (True,),
    )
