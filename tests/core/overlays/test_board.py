"""Cells of boards: where they lie on pictures, what is observed in them, where moves lead."""

import gymnasium
import numpy as np
import pytest

from csai_core.overlays import Board

RED = (255, 0, 0)


def board_of(env, seed=0):
    observation, info = env.reset(seed=seed)
    return Board.of(env, observation, info)


def test_the_board_of_a_shell(corridor):
    env = corridor(render_mode="rgb_array")
    board = board_of(env)
    assert board.states == {(0, 0): 0, (0, 1): 1, (0, 3): 3, (0, 4): 4}
    assert (board.here, board.rows, board.columns) == ((0, 0), 1, 5)
    assert board.moves == ((0, -1), (0, 1), None)
    assert board.ahead((0, 0), (0, 1)) == (0, 1)
    assert board.ahead((0, 1), (0, 1)) is None
    assert board.ahead((0, 4), (0, 1)) is None
    assert board.cell_of(3) == (0, 3)
    assert board.cell_of(2) is None


@pytest.mark.parametrize("factor", [1, 2])
def test_a_cell_lies_where_it_is_drawn(factor, corridor):
    env = corridor(render_mode="rgb_array")
    env.reset()
    env.position = 3
    frame = env.render().repeat(factor, 0).repeat(factor, 1)
    grid = Board.of(env, 3, {}).on(frame)
    is_red = (frame == RED).all(2)
    rows, columns = np.nonzero(is_red)
    left, top = grid.at(3, 0)
    assert (columns.min(), rows.min()) == pytest.approx((left, top), abs=2 * factor)
    assert (columns.max() + 1, rows.max() + 1) == pytest.approx(grid.at(4, 1), abs=2 * factor)


@pytest.mark.parametrize(
    ("env_id", "where", "cell", "state", "pixel"),
    [
        ("FrozenLake-v1", {}, (2, 1), 9, (96, 160)),
        ("FrozenLake-v1", {"desc": ["SFFFF", "FFHFG"]}, (1, 3), 8, (224, 96)),
        ("FrozenLake8x8-v1", {}, (7, 0), 56, (32, 480)),
        ("CliffWalking-v1", {}, (2, 11), 35, (736, 160)),
        ("Taxi-v4", {}, (1, 3), None, (356, 212)),
    ],
)
def test_cells_of_gymnasiums_games(env_id, where, cell, state, pixel):
    env = gymnasium.make(env_id, render_mode="rgb_array", **where)
    board = board_of(env, seed=5)
    observation = board.states[cell]
    assert state is None or observation == state
    grid = board.on(env.render())
    assert grid.at(cell[1] + 0.5, cell[0] + 0.5) == pytest.approx(pixel, abs=1)
    before = env.render()
    env.unwrapped.s = observation
    changed = (env.render() != before).any(2)
    left, top = (round(each) for each in grid.at(cell[1], cell[0]))
    here = changed[top : top + round(grid.height), left : left + round(grid.width)]
    assert here.mean() > 0.1  # the player is drawn there
    assert Board.of(env, observation, {}).here == cell


def test_nobody_stands_on_the_cliff():
    board = board_of(gymnasium.make("CliffWalking-v1", render_mode="rgb_array"))
    assert len(board.states) == 38
    assert (3, 5) not in board.states
    assert (3, 11) in board.states
    assert board.ahead((3, 0), (0, 1)) is None
    assert board.moves_by(()) == ((-1, 0), (0, 1), (1, 0), (0, -1))


def test_the_taxi_is_put_everywhere_with_its_walls_and_masks():
    env = gymnasium.make("Taxi-v4", render_mode="rgb_array")
    observation, info = env.reset(seed=5)
    board, (_, _, passenger, destination) = (
        Board.of(env, observation, info),
        env.unwrapped.decode(observation),
    )
    assert len(board.states) == 25
    for cell, state in board.states.items():
        assert tuple(env.unwrapped.decode(state)) == (*cell, passenger, destination)
        outcomes = env.unwrapped.P[state]
        for action, move in enumerate(board.moves[:4]):
            ahead = board.ahead(cell, move)
            assert outcomes[action][0][1] == board.states[cell if ahead is None else ahead]
            assert board.masks[cell][action] == (ahead is not None)
    assert board.moves[4:] == (None, None)


@pytest.mark.parametrize(
    "env",
    [
        gymnasium.make("CartPole-v1"),
        gymnasium.make("Blackjack-v1"),
        gymnasium.wrappers.TimeAwareObservation(gymnasium.make("FrozenLake-v1")),
        gymnasium.wrappers.TransformAction(
            gymnasium.make("FrozenLake-v1"), int, gymnasium.spaces.Discrete(2)
        ),
    ],
    ids=str,
)
def test_where_a_place_is_no_state_there_is_no_board(env):
    assert board_of(env) is None


def test_where_masks_are_known_of_the_present_state_alone_there_is_no_board(corridor):
    assert board_of(corridor(with_masks=True)) is None


def test_states_are_turned_into_what_wrappers_show(corridor):
    def one_hot(state):
        return np.eye(5, dtype=np.float32)[state]

    space = gymnasium.spaces.Box(0, 1, (5,))
    env = gymnasium.wrappers.TransformObservation(corridor(), one_hot, space)
    board = board_of(env)
    assert board.states[0, 3].tolist() == [0, 0, 0, 1, 0]
    assert board.here == (0, 0)
    assert board.cell_of(one_hot(4)) == (0, 4)


def test_dicts_and_tuples_of_observations_are_compared_by_their_parts(corridor):
    env = gymnasium.wrappers.TransformObservation(
        corridor(), lambda state: {"at": np.array([state]), "both": (state, state)}, gymnasium.spaces.Dict()
    )
    board = board_of(env)
    assert board.here == (0, 0)
    assert board.cell_of({"at": np.array([3]), "both": (3, 3)}) == (0, 3)
    assert board.cell_of({"at": np.array([3]), "both": (3, 1)}) is None
    assert board.cell_of({"at": np.array([3])}) is None
    assert board.cell_of(3) is None


def test_moves_are_told_by_names_of_actions_or_by_arrow_keys(corridor):
    class ByKeys(corridor):
        action_names = ()
        keys_to_action = {"a": 0, "left": 0, "right": 1, "space": 2}  # noqa: RUF012

    class Unsaid(corridor):
        action_names = ()

    assert board_of(ByKeys(render_mode="rgb_array")).moves == ((0, -1), (0, 1), None)
    unsaid = board_of(Unsaid(render_mode="rgb_array"))
    assert unsaid.moves is None
    assert unsaid.moves_by(("left", "0", "up")) == ((0, -1), None, (-1, 0))  # as an agent names them


def test_only_where_moves_lead_from_cell_to_cell_they_are_a_way(corridor):
    assert board_of(gymnasium.make("FrozenLake-v1", render_mode="rgb_array")).moves_the_player
    assert not board_of(corridor(render_mode="rgb_array")).moves_the_player
