"""What the snake sees, drawn by hand, and what turning the board does to it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csai_envs.snake.board import Action
from csai_envs.snake.rules import SnakeGame
from csai_envs.snake.sight import NUM_CELLS, REACH, SIDE, SIZE, sight

AHEAD, RIGHT, BEHIND, LEFT = range(4)


def game_with(width, height, body, heading, apple):
    game = SnakeGame(width, height, 1)
    game.start(key=0)
    game.put_apple(-1)
    game.lay(body)
    game.heading = heading
    game.put_apple(apple)
    return game


def parts(seen):
    """Taken cells, for how long, and the three bearings."""
    taken, how_long = seen[: 2 * NUM_CELLS].reshape(2, SIDE, SIDE)
    return taken, how_long, seen[2 * NUM_CELLS : -1].reshape(3, 4), seen[-1]


def test_a_snake_in_the_corner():
    # . . . .      the snake lies on 4 5 6 7, its head on 7, and looks to the right, into the wall;
    # o o o >      the apple is below its tail
    # a . . .
    taken, how_long, (apple, distance, walls), share = parts(
        sight(game_with(4, 3, [4, 5, 6, 7], Action.RIGHT, 8))
    )
    here = (REACH, REACH)
    assert taken[here] == 255
    assert how_long[here] == 6  # it is left in the fourth move from now, so three moves too late to enter
    assert (taken[REACH - 1] == 255).all(), "the wall ahead"
    assert (how_long[REACH - 1] == 255).all()
    assert how_long[REACH + 1 : REACH + 4, REACH].tolist() == [4, 2, 0], "its body behind it, the tail free"
    assert taken[REACH + 1 : REACH + 4, REACH].tolist() == [255, 255, 0]
    assert taken[REACH + 1, REACH - 2 : REACH + 3].tolist() == [255, 0, 255, 0, 255]
    assert apple.tolist() == [0, 255, 255, 0]
    assert distance.tolist() == [0, 255 // 4, 3 * 255 // 4, 0]
    assert walls.tolist() == [0, 255 // 4, 3 * 255 // 4, 255 // 4]
    assert share == 4 * 255 // 12


def test_what_stays_for_long_counts_as_walls_do():
    side = 20
    rows = [[y * side + x for x in range(side)][:: 1 if y % 2 == 0 else -1] for y in range(15)]
    body = [cell for row in rows for cell in row]
    _, how_long, _, _ = parts(sight(game_with(side, side, body, Action.LEFT, -1)))
    assert how_long.max() == 255
    assert how_long[REACH, REACH] == 255


@settings(max_examples=50)
@given(st.integers(0, 2**32), st.lists(st.integers(0, 2), max_size=40))
def test_a_turned_board_looks_the_same(key, turns):
    """Four games, each a quarter turn of the one before, show the same."""
    side = 6
    game = SnakeGame(side, side, 3)
    game.start(key)
    for turn in turns:
        heading = (game.heading, *QUARTERS[game.heading])[turn]
        if game.move(heading) == "crashed":
            break
    seen = sight(game)
    for _ in range(4):
        body = [quarter_turn(cell, side) for cell in game.body]
        game = game_with(side, side, body, QUARTERS[game.heading][1], quarter_turn(game.apple, side))
        np.testing.assert_array_equal(sight(game), seen)


QUARTERS = {
    Action.LEFT: (Action.DOWN, Action.UP),
    Action.RIGHT: (Action.UP, Action.DOWN),
    Action.UP: (Action.LEFT, Action.RIGHT),
    Action.DOWN: (Action.RIGHT, Action.LEFT),
}
"""For each heading, what lies to its left and to its right."""


def quarter_turn(cell, side):
    """Where a cell is after the board was turned to the right."""
    y, x = divmod(cell, side)
    return x * side + (side - 1 - y)


@pytest.mark.parametrize("heading", list(Action)[:4])
def test_there_is_always_a_whole_view(heading):
    seen = sight(game_with(2, 2, [0], heading, 3))
    assert seen.shape == (SIZE,)
    assert seen.dtype == np.uint8
