"""Three ways to reward a snake, and what each one teaches it.

"classic" is what the game has always given here. A crash costs 5 and nothing else counts in that step.
    Any other step costs 0.01 and brings 0.02 for each apple eaten before; the first apple brings 6, each
    later one 1. Consequence: from the first apple on, staying alive pays for itself, so a snake with a
    long horizon may dawdle; it is quick to learn from, because the first apple is worth so much.
"sparse" gives 1 for an apple and -1 for a crash. Consequence: the return is the score, minus 1 unless
    the board was filled, and nothing hints at how to get there, so learning starts slowly. Only the
    discount makes the snake hurry.
"shaped" gives 1 for an apple, -1 for a crash and 0.1 for each cell that the head came nearer to the apple,
    -0.1 for each it went away (counted in steps along rows and columns). Consequence: the fastest start.
    Walking in circles gains nothing, because the hints add up to zero over any closed walk (Ng, Harada
    and Russell 1999, "Policy invariance under reward transformations"), but detours around its own body
    look bad to a short-sighted snake.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import MappingProxyType

from csai_envs.snake.rules import Event, SnakeGame

Reward = tuple[float, dict[str, float]]
"""The reward of a step and the named parts that add up to it, in that order; the parts are to be copied."""

CLASSIC_CRASH, CLASSIC_STEP, CLASSIC_LENGTH = -5.0, -0.01, 0.02
CLASSIC_FIRST_APPLE, CLASSIC_APPLE = 6.0, 1.0
APPLE, CRASH, NEARER = 1.0, -1.0, 0.1


def classic(event: Event, game: SnakeGame) -> Reward:
    """The reward of a step in the preset "classic".

    Args:
        event: what the step came to.
        game: the game after it.
    """
    if event == "moved":
        return _classic_moved(game.score)
    if event == "crashed":
        return CLASSIC_CRASH, {"step": 0.0, "length": 0.0, "apple": 0.0, "crash": CLASSIC_CRASH}
    length = CLASSIC_LENGTH * (game.score - 1)
    eaten = CLASSIC_FIRST_APPLE if game.score == 1 else CLASSIC_APPLE
    parts = {"step": CLASSIC_STEP, "length": length, "apple": eaten, "crash": 0.0}
    return CLASSIC_STEP + length + eaten, parts


@cache
def _classic_moved(score: int) -> Reward:
    length = CLASSIC_LENGTH * score
    return CLASSIC_STEP + length, {"step": CLASSIC_STEP, "length": length, "apple": 0.0, "crash": 0.0}


def sparse(event: Event, game: SnakeGame) -> Reward:
    """The reward of a step in the preset "sparse"; arguments as in `classic`."""
    if event == "moved":
        return 0.0, {"apple": 0.0, "crash": 0.0}
    if event == "crashed":
        return CRASH, {"apple": 0.0, "crash": CRASH}
    return APPLE, {"apple": APPLE, "crash": 0.0}


def shaped(event: Event, game: SnakeGame) -> Reward:
    """The reward of a step in the preset "shaped"; arguments as in `classic`."""
    if event == "crashed":
        return CRASH, {"nearer": 0.0, "apple": 0.0, "crash": CRASH}
    if event != "moved":
        return NEARER + APPLE, {"nearer": NEARER, "apple": APPLE, "crash": 0.0}
    before, after = (distance(head, game.apple, game.width) for head in (game.head_before(), game.body[-1]))
    nearer = NEARER * (before - after)
    return nearer, {"nearer": nearer, "apple": 0.0, "crash": 0.0}


def distance(a: int, b: int, width: int) -> int:
    """Steps from cell to cell along rows and columns."""
    return abs(a // width - b // width) + abs(a % width - b % width)


PRESETS: MappingProxyType[str, Callable[[Event, SnakeGame], Reward]] = MappingProxyType(
    {"classic": classic, "sparse": sparse, "shaped": shaped}
)

STEADY = frozenset({"classic", "sparse"})
"""Presets in which every plain move between two apples is rewarded alike."""
