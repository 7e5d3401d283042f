"""What changes where a cell is hidden."""

from types import SimpleNamespace

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

import csai_core
from csai_core.algorithm import Outlook
from csai_core.errors import ConfigError
from csai_core.explanation import explain_batch
from csai_core.games.shapes import Grid
from csai_core.overlays import Clickable, Saliency
from csai_core.overlays.color_scale import SHARES
from csai_core.overlays.planes import Planes
from csai_core.overlays.saliency import Hidden, saliency


@pytest.fixture
def snake(view_of):
    """A view of Snake on a board of three planes, and an agent that looks at two places alone."""
    env = csai_core.make(
        "CSAI/Snake-v0", width=5, height=4, attributes="board", render_mode="rgb_array", start_length=2
    )
    env.reset(seed=3)
    head, apple = (divmod(each, 5) for each in (env.unwrapped.game.head, env.unwrapped.game.apple))

    def explain_all(states, masks=None):
        boards = np.array(states, float)
        seen = boards[:, 0, head[0], head[1]], boards[:, 2, apple[0], apple[1]]
        values = np.stack([seen[0], 2 * seen[1], 0 * seen[0], 0.5 + 0 * seen[0], 0 * seen[0]], axis=1)
        return explain_batch(spaces.Discrete(5), values.argmax(1), Outlook(action_values=values))

    return view_of(env, SimpleNamespace(explain_all=explain_all), seed=3), head, apple


def test_half_the_squared_change_of_all_scores(snake):
    view, head, apple = snake
    changes = Saliency().changes(view)
    body = [cell for cell in changes if cell not in (head, apple)]
    assert changes[head] == pytest.approx(0.5 * 1**2)
    assert changes[apple] == pytest.approx(0.5 * 2**2)
    assert [changes[cell] for cell in body] == [0.0]
    assert len(changes) == 3  # empty cells need not be hidden


def test_hiding_a_cell_is_a_test_of_the_choice(snake):
    view, head, apple = snake
    without_apple, without_head = (Saliency().if_hidden(view, cell) for cell in (apple, head))
    assert without_apple.changes_choice
    told = f"Without cell {apple} it would choose 0, not 1 (0 +1.00 -> +1.00, 1 +2.00 -> 0)."
    assert str(without_apple) == told
    assert not without_head.changes_choice
    assert str(without_head) == f"Without cell {head} it would still choose 1 (1 +2.00 -> +2.00)."
    assert without_apple.before.parts[0].values[1] == 2.0
    assert without_apple.after.parts[0].values[1] == 0.0
    assert view.observation[2][apple] == 1  # what is observed was not changed


def test_frames_are_the_thicker_the_more_a_cell_matters():
    shapes = saliency({(0, 0): 3.0, (1, 2): 1.0, (2, 2): 0.0, (3, 3): 0.02}, Grid(0, 0, 60, 60))
    frames = {
        s.numbers[1::-1]: (s.numbers[4], s.color)
        for s in shapes
        if s.numbers[:2] in ((0, 0), (2, 1)) and s.kind == "frame"
    }
    share = 3 / 4.02
    assert frames[0, 0] == (pytest.approx(0.05 + 0.15 * share), SHARES.color(share))
    assert frames[0, 0][0] > frames[1, 2][0]
    assert {s.text for s in shapes if s.text} == {"75%", "25%"}
    assert not any(s.numbers[:2] in ((2, 2), (3, 3)) for s in shapes)
    assert saliency({(0, 0): 0.0}, Grid(0, 0, 60, 60)) == []


def test_the_picture_is_framed_at_these_cells(snake):
    view, head, apple = snake
    frame = np.asarray(view.env.render())
    changed = (Saliency().paint(frame, view) != frame).any(axis=2)
    grid = Planes.of(view.env).on(frame)
    for row in range(4):
        for column in range(5):
            x, y = (round(each) for each in grid.at(column + 0.5, row + 0.5))
            reach = round(0.35 * grid.side)
            middle = changed[y - reach : y + reach, x - reach : x + reach]
            assert middle.any() == ((row, column) in (head, apple))


@pytest.mark.parametrize("factor", [1, 3])
def test_a_click_finds_its_cell(snake, factor):
    view, head, _ = snake
    frame = np.asarray(view.env.render()).repeat(factor, 0).repeat(factor, 1)
    planes = Planes.of(view.env)
    x, y = planes.on(frame).at(head[1] + 0.5, head[0] + 0.5)
    assert planes.cell_at(frame, x, y) == head
    left, top = planes.on(frame).at(0, 0)
    assert planes.cell_at(frame, left - 1, top + 1) is None
    assert planes.cell_at(frame, *planes.on(frame).at(4.9, 4.1)) is None


def test_chances_are_told_in_percent():
    def thinks(chances):
        outlook = Outlook(chances=np.array([chances]))
        return explain_batch(spaces.Discrete(2), np.array([np.argmax(chances)]), outlook)[0]

    hidden = Hidden((1, 2), thinks([0.75, 0.25]), thinks([0.4, 0.6]))
    assert str(hidden) == "Without cell (1, 2) it would choose 1, not 0 (1 25% -> 60%, 0 75% -> 40%)."


def test_a_click_hides_a_cell_until_the_next_or_the_next_state(snake):
    view, head, apple = snake
    frame, overlay, planes = np.asarray(view.env.render()), Saliency(), Planes.of(view.env)
    untouched = overlay.paint(frame, view)
    assert isinstance(overlay, Clickable)

    def click(cell):
        told = overlay.click(frame, planes.on(frame).at(cell[1] + 0.5, cell[0] + 0.5), view)
        changed = (overlay.paint(frame, view) != untouched).any(axis=2)
        spots = {planes.cell_at(frame, x, y) for y, x in np.argwhere(changed)[::7].tolist()}
        return told, {spot for spot in spots if spot in (head, apple)}

    assert click(apple) == (str(Saliency().if_hidden(view, apple)), {apple})
    assert click(head) == (str(Saliency().if_hidden(view, head)), {head})
    told, covered = click(head)
    assert (told, covered) == (f"Cell {head} is seen again", set())
    empty = next(c for c in np.ndindex(4, 5) if c not in planes.filled(view.observation))
    assert click(empty) == (f"Cell {empty} is empty: there is nothing to hide", set())
    assert overlay.click(frame, (-5.0, 3.0), view) == ""
    click(apple)
    later = view._replace(observation=view.observation.copy())
    np.testing.assert_array_equal(overlay.paint(frame, later), untouched)


def test_where_nothing_can_be_chosen_a_click_means_nothing(snake):
    view, _, apple = snake
    frame, planes = np.asarray(view.env.render()), Planes.of(view.env)
    over = view._replace(info={"action_mask": np.zeros(5, np.int8)})
    assert Saliency().click(frame, planes.on(frame).at(apple[1] + 0.5, apple[0] + 0.5), over) == ""


def test_a_board_in_a_dict_is_found_and_the_rest_stays():
    env = csai_core.make("CSAI/Snake-v0", width=5, height=4, attributes=("board", "snake_pos"))
    observation, _ = env.reset(seed=3)
    planes = Planes.of(env)
    head = tuple(observation["snake_pos"].tolist())
    changed = planes.without(observation, head)
    assert changed["board"][:, head[0], head[1]].tolist() == [0, 0, 0]
    assert changed["snake_pos"] is observation["snake_pos"]
    assert observation["board"][0][head] == 1
    assert set(planes.filled(observation)) - set(planes.filled(changed)) == {head}


def test_one_plane_without_an_axis_of_planes_is_a_board_too():
    env = csai_core.make("CSAI/Snake-v0", width=5, height=4, attributes="game_state")
    flat = gymnasium.wrappers.ReshapeObservation(env, (4, 5))
    observation, _ = flat.reset(seed=3)
    assert len(Planes.of(flat).filled(observation)) == 4


@pytest.mark.parametrize(
    "env",
    [
        gymnasium.wrappers.FlattenObservation(csai_core.make("CSAI/Snake-v0")),
        csai_core.make("CSAI/Snake-v0", width=5, height=4, attributes=("board", "game_state")),
        csai_core.make("CSAI/Snake-v0", attributes="senses"),
        csai_core.make("CSAI/Maze-v0", attributes="window"),
        gymnasium.make("FrozenLake-v1"),
        gymnasium.make("CartPole-v1"),
    ],
    ids=str,
)
def test_where_no_board_is_observed_nothing_can_be_hidden(env, view_of):
    silent = SimpleNamespace(explain_all=lambda states, masks: [None] * len(states))
    view = view_of(env, silent)
    assert Planes.of(env) is None
    assert Saliency().changes(view) == {}
    with pytest.raises(ConfigError, match="observes no board from which a cell can be taken out"):
        Saliency().if_hidden(view, (0, 0))


def test_an_agent_that_tells_nothing_cannot_be_compared(snake):
    view = snake[0]._replace(explain_all=lambda states, masks: [None] * len(states))
    assert Saliency().changes(view) == {}
    with pytest.raises(ConfigError, match="does not tell what it thinks"):
        Saliency().if_hidden(view, (0, 0))
