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


def _sum(**parts: float) -> Reward:
    return sum(parts.values()), parts


def classic(event: Event, game: SnakeGame) -> Reward:
    """The reward of a step in the preset "classic".

    Args:
        event: what the step came to.
        game: the game after it.
    """
    return _classic(event, game.score)


@cache
def _classic(event: Event, score: int) -> Reward:
    if event == "crashed":
        return _sum(step=0.0, length=0.0, apple=0.0, crash=CLASSIC_CRASH)
    if event == "moved":
        return _sum(step=CLASSIC_STEP, length=CLASSIC_LENGTH * score, apple=0.0, crash=0.0)
    apple = CLASSIC_FIRST_APPLE if score == 1 else CLASSIC_APPLE
    return _sum(step=CLASSIC_STEP, length=CLASSIC_LENGTH * (score - 1), apple=apple, crash=0.0)


def sparse(event: Event, game: SnakeGame) -> Reward:
    """The reward of a step in the preset "sparse"; arguments as in `classic`."""
    return _sparse(event)


@cache
def _sparse(event: Event) -> Reward:
    if event == "crashed":
        return _sum(apple=0.0, crash=CRASH)
    return _sum(apple=0.0 if event == "moved" else APPLE, crash=0.0)


def shaped(event: Event, game: SnakeGame) -> Reward:
    """The reward of a step in the preset "shaped"; arguments as in `classic`."""
    if event != "moved":
        return _shaped(event, 0 if event == "crashed" else 1)
    before, after = (distance(head, game.apple, game.width) for head in (game.head_before(), game.head))
    return _shaped(event, before - after)


@cache
def _shaped(event: Event, cells_nearer: int) -> Reward:
    if event == "crashed":
        return _sum(nearer=0.0, apple=0.0, crash=CRASH)
    return _sum(nearer=NEARER * cells_nearer, apple=0.0 if event == "moved" else APPLE, crash=0.0)


def distance(a: int, b: int, width: int) -> int:
    """Steps from cell to cell along rows and columns."""
    return abs(a // width - b // width) + abs(a % width - b % width)


PRESETS: MappingProxyType[str, Callable[[Event, SnakeGame], Reward]] = MappingProxyType(
    {"classic": classic, "sparse": sparse, "shaped": shaped}
)

STEADY = frozenset({classic, sparse})
"""Presets in which every plain move between two apples is rewarded alike."""
