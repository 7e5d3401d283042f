"""Every game says at its end who won, and marks in its picture what decided it."""

import numpy as np
import pytest

from csai_core import make
from csai_core.games import LOSS, WIN

pytest.importorskip("pygame")


def play(game, action, *, options=None, **variables):
    """A game in which one action is repeated to the end, from where `variables` put it."""
    env = make(f"CSAI/{game}-v0", render_mode="rgb_array", **options or {})
    env.reset(seed=1)
    for name, value in variables.items():
        setattr(env.unwrapped, name, value)
    before, is_over = env.render(), False
    while not is_over:
        _, _, is_over, _, _ = env.step(action)
    return env.unwrapped, before


def catch(is_caught):
    env, before = play("Catch", 1)
    env.game.paddle = env.game.ball_x if is_caught else (env.game.ball_x + 2) % 5
    return env, before, (env.game.ball_x, env.game.ball_y)


def snake_into_the_wall():
    env, before = play("Snake", 4, options={"width": 5, "height": 5})
    x, y = env.game.head % 5, env.game.head // 5
    return env, before, (x, y)


def snake(action, size, body, heading, apple):
    env = make("CSAI/Snake-v0", render_mode="rgb_array", width=size, height=size)
    env.reset(seed=1)
    game = env.unwrapped.game
    game.put_apple(apple)
    game.lay(body)
    game.heading = heading
    before = env.render()
    assert env.step(action)[2]
    return env.unwrapped, before


def snake_into_itself():
    """Around two corners, looking left, and then up into the cell after the tail."""
    return *snake(2, 6, [0, 1, 2, 8, 7], 0, 20), (1, 0)


def maze():
    env = make("CSAI/Maze-v0", render_mode="rgb_array", rooms=3)
    env.reset(seed=1)
    maze = env.unwrapped
    goal_y, goal_x = maze.goal
    way_in = (goal_y, goal_x - 1) if (goal_y, goal_x - 1) in maze.open_cells else (goal_y - 1, goal_x)
    maze.position = way_in
    before = env.render()
    assert env.step(1 if way_in[0] == goal_y else 2)[2]
    return maze, before, (goal_x, goal_y)


ENDINGS = {
    "Catch, caught": (lambda: catch(True), True),
    "Catch, missed": (lambda: catch(False), False),
    "Snake, wall": (snake_into_the_wall, False),
    "Snake, itself": (snake_into_itself, False),
    "Snake, full": (lambda: (*snake(1, 3, [0, 1, 2, 5, 4, 3, 6, 7], 1, 8), (2, 2)), True),
    "TicTacToe, three": (lambda: (*play("TicTacToe", 2, board=(1, 1, 0, 2, 2, 0, 0, 0, 0)), (1, 0)), True),
    "TicTacToe, theirs": (
        lambda: (*play("TicTacToe", 8, board=(1, 1, 2, 2, 2, 0, 1, 0, 0), opponent="perfect"), (1, 1)),
        False,
    ),
    "TicTacToe, taken": (lambda: (*play("TicTacToe", 4, board=(1, 0, 0, 0, 2, 0, 0, 0, 0)), (1, 1)), False),
    "TicTacToe, draw": (lambda: (*play("TicTacToe", 8, board=(1, 1, 2, 2, 2, 1, 1, 2, 0)), None), None),
    "FrozenLake, goal": (lambda: (*play("FrozenLake", 1, cell=14), (3, 3)), True),
    "FrozenLake, hole": (lambda: (*play("FrozenLake", 1, cell=4), (1, 1)), False),
    "SimpleGrid, goal": (lambda: (*play("SimpleGrid", 2, cell=19), (4, 4)), True),
    "Maze, goal": (maze, True),
    "Flappy, ground": (lambda: (*play("Flappy", 0), (0, 0)), False),
    "CartPole, fallen": (lambda: (*play("CartPole", 1, state=(0.0, 0.0, 0.2, 1.0)), (2.4, 0.8)), False),
    "CartPole, off its track": (lambda: (*play("CartPole", 1, state=(2.39, 2.0, 0, 0)), (4.6, 2.1)), False),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_ending_says_who_won_and_where(ending):
    make, has_won = ENDINGS[ending]
    env, before, place = make()
    assert env.has_won() is has_won
    after = env.render()
    is_lost = (after == LOSS).all(axis=2)
    assert is_lost.any() == (has_won is False)
    assert not (before == LOSS).all(axis=2).any()
    if place is not None:
        left, top, width, height = (round(each) for each in env.draw().area(*place))
        color = WIN if has_won else LOSS
        here = after[max(top, 0) : top + height, max(left, 0) : left + width]
        assert (here == color).all(axis=2).sum() > (8 if has_won else 20)


def test_what_is_not_decided_has_no_winner():
    for game in ("SimpleGrid", "FrozenLake", "Maze", "Snake", "Flappy"):
        env = make(f"CSAI/{game}-v0", render_mode="rgb_array")
        env.reset(seed=0)
        assert env.unwrapped.has_won() is None
    assert make("CSAI/CartPole-v0").unwrapped.has_won() is True  # where time ended it


@pytest.mark.parametrize("game", ["SimpleGrid", "FrozenLake", "Maze"])
def test_a_click_beside_a_walker_is_the_move_there_and_a_wall_is_none(game):
    env = make(f"CSAI/{game}-v0", render_mode="rgb_array").unwrapped
    env.reset(seed=1)
    states = env.overlay_states()
    here = env.position if game == "Maze" else divmod(env.cell, env.world.width)
    beside = [(here[0] + down, here[1] + right) for down, right in ((0, 1), (1, 0), (0, -1), (-1, 0))]
    for row, column in beside:
        left, top, width, height = env.draw().area(column, row)
        target = env.target_at(left + width / 2, top + height / 2)
        assert (target is None) == ((row, column) not in states)
        if target is not None:
            env.reset(seed=1)
            env.step(target.action)
            assert (env.position if game == "Maze" else divmod(env.cell, env.world.width)) == (row, column)
            env.reset(seed=1)
    assert env.target_at(0, 0) is None
    left, top, width, height = env.draw().area(here[1], here[0])
    assert env.target_at(left + width / 2, top + height / 2) is None


def test_a_click_means_the_free_cell_below_it():
    env = make("CSAI/TicTacToe-v0", render_mode="rgb_array").unwrapped
    env.reset(seed=1)
    env.board = (1, 2, 0, 0, 0, 0, 0, 0, 0)
    left, top, width, height = env.draw().area(1, 2)
    target = env.target_at(left + width / 2, top + height / 2)
    assert target.action == 7
    assert target.area == pytest.approx((left, top, width, height))
    assert env.target_at(*np.array(env.draw().area(0, 0)[:2]) + 5) is None  # taken
    assert env.target_at(0, 0) is None
    env.step(7)
    while not env.is_episode_over:
        env.step(env.board.index(0))
    assert env.target_at(left + 5, top + 5) is None
