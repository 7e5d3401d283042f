"""Numbers on the squares that can be taken."""

import gymnasium
import numpy as np
import pytest

import csai_core
from csai_core.games.shapes import Grid
from csai_core.overlays import ColorScale, Squares
from csai_core.overlays.scene import options_now
from csai_core.overlays.squares import places_of, squares
from csai_core.palette import TEXT

GRID = Grid(0, 0, 100, 100)


@pytest.fixture
def game():
    env = csai_core.make("CSAI/TicTacToe-v0", render_mode="rgb_array")
    env.reset(seed=0)
    env.unwrapped.board = (1, 0, 0, 0, 2, 0, 0, 0, 0)
    return env


def view_on(game, agent, view_of):
    view = view_of(game, agent)
    game.unwrapped.board = (1, 0, 0, 0, 2, 0, 0, 0, 0)
    game.unwrapped.update_env_attributes()
    return view._replace(observation=game.unwrapped.get_observation(), info=game.unwrapped.get_info())


def test_every_free_square_is_an_action(game):
    places = places_of(game)
    assert places.cells == {cell: divmod(cell, 3) for cell in (1, 2, 3, 5, 6, 7, 8)}


def test_values_are_written_on_their_squares(game, table_agent, view_of):
    values = [9.0, 0.5, -0.25, 0.0, 9.0, 0.75, 0.1, 0.2, 0.75]
    view = view_on(game, table_agent([values], key=lambda state: 0), view_of)
    shapes = squares(places_of(game).cells, options_now(view), ColorScale(-1, 1), GRID)
    written = {s.numbers[:2]: s.text for s in shapes if s.text}
    assert written[1.5, 0.5] == "+0.500"
    assert written[2.5, 0.5] == "-0.250"
    assert (0.5, 0.5) not in written  # taken
    assert len(written) == 7
    assert {s.numbers[:2] for s in shapes if s.kind == "ring"} == {(2.5, 1.5), (2.5, 2.5)}


def test_chances_are_as_large_as_their_discs(game, table_agent, view_of):
    chances = [0, 0.04, 0.16, 0, 0, 0.64, 0.16, 0, 0]
    view = view_on(game, table_agent(chances=[chances], key=lambda state: 0), view_of)
    shapes = squares(places_of(game).cells, options_now(view), ColorScale(0, 1), GRID)
    radius = {s.numbers[:2]: s.numbers[2] for s in shapes if s.kind == "disc"}
    assert radius[2.5, 1.4] == pytest.approx(2 * radius[2.5, 0.4]) == pytest.approx(4 * radius[1.5, 0.4])
    assert {s.text for s in shapes if s.text} == {"4%", "16%", "64%", "0%"}
    assert [s.color for s in shapes if s.kind == "ring"] == [TEXT]


def test_an_undecided_agent_has_no_best_square(game, table_agent, view_of):
    view = view_on(game, table_agent([[0.25] * 9], key=lambda state: 0), view_of)
    shapes = squares(places_of(game).cells, options_now(view), ColorScale(0, 1), GRID)
    assert sum(s.kind == "hatch" for s in shapes) == 7
    assert not any(s.kind == "ring" for s in shapes)


def test_the_picture_changes_on_free_squares(game, table_agent, view_of):
    view = view_on(game, table_agent([np.arange(9.0)], key=lambda state: 0), view_of)
    frame = np.asarray(game.render())
    changed = (Squares().paint(frame, view) != frame).any(axis=2)
    canvas = game.unwrapped.draw()
    for cell in range(9):
        x, y = canvas.grid.at(cell % 3 + 0.5, cell // 3 + 0.5)
        assert changed[round(y), round(x)] == (cell not in (0, 4))


def test_games_whose_actions_are_no_squares_have_no_places(table_agent, view_of):
    for env in (gymnasium.make("CartPole-v1"), csai_core.make("CSAI/Snake-v0")):
        env.reset()
        assert places_of(env) is None
    env = gymnasium.make("FrozenLake-v1", render_mode="rgb_array")
    view = view_of(env, table_agent(np.ones((16, 4))))
    frame = env.render()
    assert Squares().paint(frame, view) is frame
