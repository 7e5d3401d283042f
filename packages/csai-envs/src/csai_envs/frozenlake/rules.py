"""The world of FrozenLake, read from a map of letters."""

from __future__ import annotations

from collections.abc import Sequence

from csai_core.arguments import check_bool
from csai_core.errors import ConfigError
from csai_envs.gridworld import GridWorld

LEFT, RIGHT, UP, DOWN = range(4)
"""The actions."""
DEFAULT_LAKE = ("SFFF", "FHFF", "FFHF", "FFFG")
"""S start, F frozen, H hole, G goal."""
GOAL, HOLE = 1.0, -1.0
SLIPS = ((UP, LEFT, DOWN), (DOWN, RIGHT, UP), (RIGHT, UP, LEFT), (LEFT, DOWN, RIGHT))
"""On slippery ice, what each action may turn into, with equal chances: itself, or a turn to either side."""


def make_world(lake: Sequence[str], is_slippery: bool) -> GridWorld:
    """The world of a map.

    Args:
        lake: rows of equal length of the letters S, F, H and G, with one S and at least one G.
        is_slippery: whether only one action in three happens as it was meant.

    Raises:
        ConfigError: saying what is wrong with the map, or if `is_slippery` is neither True nor False.
    """
    check_bool("FrozenLake", "is_slippery", is_slippery)
    are_rows = isinstance(lake, (list, tuple)) and all(isinstance(row, str) for row in lake)
    cells = "".join(lake) if are_rows else ""
    wrong = sorted(set(cells) - set("SFHG"))
    if not are_rows:
        problem = "it must be a list of texts, its rows"
    elif not lake or not lake[0] or any(len(row) != len(lake[0]) for row in lake):
        problem = "its rows must be of one length, and not empty"
    elif wrong:
        problem = f"it holds {', '.join(map(repr, wrong))}; it may hold S, F, H and G"
    elif cells.count("S") != 1 or "G" not in cells:
        problem = "it must hold one S (start) and at least one G (goal)"
    else:
        return GridWorld(
            height=len(lake),
            width=len(lake[0]),
            start=cells.index("S"),
            moves=((0, -1), (0, 1), (-1, 0), (1, 0)),
            parts={
                "goal": tuple(GOAL * (letter == "G") for letter in cells),
                "hole": tuple(HOLE * (letter == "H") for letter in cells),
            },
            ends=tuple(letter in "GH" for letter in cells),
            slips=SLIPS if is_slippery else (),
        )
    raise ConfigError(f"FrozenLake was given the map {lake!r}: {problem}. Try {list(DEFAULT_LAKE)}.")
