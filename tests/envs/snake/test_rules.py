"""The rules of Snake, each played by hand."""

import itertools

import numpy as np
import pytest

from csai_core.errors import ConfigError
from csai_core.games import draw
from csai_envs.snake.board import APPLE, BODY, HEAD, NOWHERE, Action, start_places, three_planes
from csai_envs.snake.planners import HamiltonAgent
from csai_envs.snake.rules import SnakeGame

LEFT, RIGHT, UP, DOWN, NOACTION = Action


def game_with(body, heading, apple, width=4, height=3):
    """A game laid by hand: cells are numbered row by row, the body from tail to head."""
    game = SnakeGame(width, height, 1)
    game.start(0)
    game.lay(body)
    game.heading, game.apple = heading, apple
    return game


def test_a_snake_begins_with_three_cells():
    game = SnakeGame(8, 8)
    game.start(0)
    assert len(game.body) == 3


# The board of these games, 4 wide and 3 high:
#   0  1  2  3
#   4  5  6  7
#   8  9 10 11


@pytest.mark.parametrize(("action", "cell"), [(LEFT, 4), (RIGHT, 6), (UP, 1), (DOWN, 9)])
def test_actions_move_the_head_by_one_cell(action, cell):
    heading = action if action != LEFT else UP
    game = game_with([5], heading, apple=11)
    assert game.move(action) == "moved"
    assert list(game.body) == [cell]
    assert game.heading == action


@pytest.mark.parametrize("action", [LEFT, NOACTION])
def test_turning_back_and_doing_nothing_are_going_straight_on(action):
    game = game_with([4, 5], RIGHT, apple=11)
    assert game.move(action) == "moved"
    assert list(game.body) == [5, 6]
    assert game.heading == RIGHT


def test_an_apple_makes_the_snake_longer_by_one_and_another_lies_somewhere_free():
    game = game_with([4, 5], RIGHT, apple=6)
    assert game.move(RIGHT) == "ate"
    assert list(game.body) == [4, 5, 6]
    assert game.score == 1
    assert game.apple not in (4, 5, 6, NOWHERE)


@pytest.mark.parametrize(
    ("body", "heading", "action"),
    [([7], RIGHT, RIGHT), ([4], LEFT, LEFT), ([1], UP, UP), ([9], DOWN, DOWN), ([3], RIGHT, UP)],
)
def test_every_wall_ends_the_game_and_leaves_the_snake_where_it_was(body, heading, action):
    game = game_with(body, heading, apple=5)
    assert game.move(action) == "crashed"
    assert list(game.body) == body


def test_biting_itself_ends_the_game():
    game = game_with([0, 4, 5, 6, 2, 1], LEFT, apple=11)  # the head on 1 turns down onto 5
    assert game.move(DOWN) == "crashed"
    assert list(game.body) == [0, 4, 5, 6, 2, 1]


def test_the_cell_that_the_tail_is_leaving_is_free():
    game = game_with([0, 4, 5, 1], UP, apple=11)
    assert game.move(LEFT) == "moved"
    assert list(game.body) == [4, 5, 1, 0]
    assert game.move(DOWN) == "moved"


def test_filling_the_board_wins():
    game = game_with([0, 1, 3], LEFT, apple=2, width=2, height=2)
    assert game.move(LEFT) == "won"
    assert len(game.body) == 4
    assert game.apple == NOWHERE


def test_would_crash_agrees_with_moving():
    for heading in range(4):
        game = game_with([0, 4, 5, 1], UP, apple=11)
        foretold = game.would_crash(heading)
        game.heading = heading  # so that no direction is the way back
        assert (game.move(heading) == "crashed") == foretold


@pytest.mark.parametrize(("width", "height"), [(5, 3), (3, 5), (4, 4)])
@pytest.mark.parametrize("length", [1, 2, 3])
def test_the_snake_starts_straight_and_looks_toward_the_farther_wall(width, height, length):
    places = start_places(width, height, length)
    assert len({tuple(body) for body, _ in places}) == len(places)
    longer, shorter = max(width, height), min(width, height)
    assert len(places) == (longer - length + 1) * shorter
    for body, heading in places:
        game = game_with(body, heading, NOWHERE, width, height)
        assert len(body) == length
        assert all(game.ahead[heading][a] == b for a, b in itertools.pairwise(body))
        free_ahead = free_cells(game, body[-1], heading)
        free_behind = free_cells(game, body[0], heading ^ 1)
        assert free_ahead >= free_behind


def free_cells(game, cell, heading):
    count = 0
    while (cell := game.ahead[heading][cell]) != game.wall:
        count += 1
    return count


def test_apples_lie_on_every_free_cell_equally_often():
    game, counts = SnakeGame(4, 3, 2), np.zeros(12)
    heads, games = np.zeros(12), 6000
    for key in range(games):
        game.start(key)
        assert game.apple not in game.body
        counts[game.apple] += 1
        heads[list(game.body)] += 1
    free = games - heads
    expected = free / 10  # each free cell has one chance in ten
    assert (abs(counts - expected) < 5 * np.sqrt(expected)).all()


def test_the_last_free_cell_is_found():
    for key in range(50):
        game = game_with([0, 1, 2, 3, 7, 6, 5, 4, 8, 9], RIGHT, apple=10)
        game.key = key
        assert game.move(RIGHT) == "ate"
        assert game.apple == 11


@pytest.mark.parametrize(
    ("size", "message"),
    [
        ((1, 5), "width=1; it must be an integer from 2 to 256"),
        ((5, 257), "height=257; it must be an integer from 2 to 256"),
        ((5, 4, 0), "on a board of 5 x 4 was given start_length=0; it must be an integer from 1 to 5"),
        ((5, 4, 6), "on a board of 5 x 4 was given start_length=6; it must be an integer from 1 to 5"),
    ],
)
def test_sizes_that_make_no_game_are_refused_with_their_range(size, message):
    with pytest.raises(ConfigError, match=message):
        SnakeGame(*size)


@pytest.mark.parametrize(("width", "height"), [(2, 2), (4, 4), (3, 4)])
def test_on_every_kind_of_board_lies_what_the_game_says_until_it_is_won(width, height):
    planes, plain = SnakeGame(width, height, 1, three_planes(width * height)), SnakeGame(width, height, 1)
    agent = HamiltonAgent(plain)
    for game in (planes, plain):
        game.start(7)
    event = "moved"
    while event != "won":
        codes = plain.codes()
        assert list(plain.cells[:-1]) == codes
        assert list(planes.cells[:-1]) == [
            int(code == kind) for kind in (HEAD, BODY, APPLE) for code in codes
        ]
        assert [planes.would_crash(way) for way in range(4)] == [plain.would_crash(way) for way in range(4)]
        action = agent.get_next_action(None)
        event = planes.move(action)
        assert plain.move(action) == event
    assert plain.score == width * height - 1


def test_before_it_starts_a_game_is_empty():
    state = {"body": [], "heading": 0, "apple": NOWHERE, "score": 0, "key": 0, "num_draws": 0}
    game = SnakeGame(4, 4)
    assert {
        name: list(value) if name == "body" else value for name, value in vars(game).items() if name in state
    } == state
    assert game.head == NOWHERE


@pytest.mark.parametrize("key", [1, 2**63])
def test_apples_lie_where_the_draws_of_the_key_say(key):
    game = SnakeGame(2, 2, 1)
    game.start(key)
    draws = iter(draw(key, k, 4) for k in itertools.count(1))
    assert game.apple == next(cell for cell in draws if cell != game.head)
    agent = HamiltonAgent(game)
    while len(game.body) < 3:
        if game.move(agent.get_next_action(None)) == "ate":
            assert game.apple == next(cell for cell in draws if cell not in game.body)
