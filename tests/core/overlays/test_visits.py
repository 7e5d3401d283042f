"""Where a game has been, and its greatest surprise."""

import gymnasium
import numpy as np
import pytest

from csai_core.games.shapes import Grid
from csai_core.overlays import SessionView, Visits
from csai_core.overlays.visits import surprise, visits
from csai_core.palette import NEGATIVE, POSITIVE, TEXT
from csai_core.thoughts import History

GRID = Grid(0, 0, 100, 100)


def dots(shapes):
    return [shape.numbers[:2] for shape in shapes if shape.kind == "disc" and shape.color == TEXT]


@pytest.mark.parametrize("count", range(1, 13))
def test_there_are_as_many_dots_as_visits_up_to_nine(count):
    shapes = visits({(2, 1): count}, GRID)
    places = dots(shapes)
    assert len(set(places)) == min(count, 9)
    assert all(1 < x < 2 and 2 < y < 3 for x, y in places)
    assert [s.text for s in shapes if s.text] == ([f"{count}"] if count > 9 else [])


def test_a_surprise_has_a_ring_and_its_sign():
    up, down = surprise(((0, 3), 0.25), GRID), surprise(((0, 3), -2.0), GRID)
    assert (up[2].kind, up[2].color, up[2].numbers[:2]) == ("ring", POSITIVE, (3.5, 0.5))
    assert down[2].color == NEGATIVE
    assert [each[-1].text for each in (up, down)] == ["+0.250", "-2.000"]
    assert surprise(None, GRID) == surprise(((0, 3), 0.0), GRID) == []


class Watched:
    """A game on firm ice, shown step by step to an overlay."""

    def __init__(self, agent):
        self.env = gymnasium.make("FrozenLake-v1", is_slippery=False, render_mode="rgb_array")
        self.agent, self.overlay = agent, Visits()
        self.begin()

    def begin(self):
        self.observation, self.info = self.env.reset(seed=0)
        self.history = History(self.agent.explain_all([self.observation])[0], gamma=0.5)

    def step(self, action):
        self.observation, reward, terminated, _, self.info = self.env.step(action)
        explanation = self.agent.explain_all([self.observation])[0]
        self.history.note(action, reward, terminated=terminated, explanation=explanation)

    def show(self):
        view = SessionView(self.env, self.agent.explain_all, self.observation, self.info, self.history)
        return self.overlay.paint(np.asarray(self.env.render()), view)


@pytest.fixture
def watched(table_agent):
    values = np.zeros((16, 4))
    values[0], values[1], values[2] = 0.5, 0.75, 2.0
    game = Watched(table_agent(values))
    game.show()
    return game


def counts(game):
    return {cell: game.overlay._cells.count(cell) for cell in game.overlay._cells}


LEFT, DOWN, RIGHT, UP = range(4)


def test_every_state_that_is_shown_counts(watched):
    for action in (RIGHT, LEFT, LEFT, DOWN):
        watched.step(action)
        watched.show()
    assert counts(watched) == {(0, 0): 3, (0, 1): 1, (1, 0): 1}
    watched.show()  # the same state once more
    assert counts(watched) == {(0, 0): 3, (0, 1): 1, (1, 0): 1}


def test_the_greatest_surprise_is_where_it_happened(watched):
    for action in (RIGHT, RIGHT, LEFT):
        watched.step(action)
        watched.show()
    # 0.5 * 0.75 - 0.5 = -0.125; 0.5 * 2 - 0.75 = 0.25; 0.5 * 0.75 - 2 = -1.625
    assert watched.overlay.greatest_surprise == ((0, 2), pytest.approx(-1.625))


def test_states_that_were_not_shown_are_left_out(watched):
    watched.step(RIGHT)
    watched.step(RIGHT)
    watched.step(LEFT)
    watched.show()
    assert counts(watched) == {(0, 0): 1, None: 2, (0, 1): 1}
    assert watched.overlay.greatest_surprise == ((0, 0), pytest.approx(-0.125))


def test_steps_that_are_taken_back_are_forgotten_and_so_is_the_last_game(watched):
    watched.step(RIGHT)
    watched.show()
    watched.history.take_back()
    watched.env.unwrapped.s = watched.observation = 0
    watched.show()
    assert counts(watched) == {(0, 0): 1}
    watched.step(RIGHT)
    watched.show()
    watched.begin()
    watched.show()
    assert counts(watched) == {(0, 0): 1}
    assert watched.overlay.greatest_surprise is None


def test_the_picture_changes_where_the_game_was_and_nowhere_else(watched):
    before = np.asarray(watched.env.render())
    watched.step(DOWN)
    frame = np.asarray(watched.env.render())
    changed = (watched.show() != frame).any(axis=2)
    assert changed[:64, :64].any()
    assert not changed[:, 80:].any()
    assert not changed[140:].any()
    assert frame.shape == before.shape
