"""The agent's values beside the true ones, and numbers that are as true as they look."""

import gymnasium
import numpy as np
import pytest

import csai_core
from csai_core.games.shapes import Grid
from csai_core.overlays import ActionValues, Board, ColorScale, Scene, Truth, Values, value_iteration
from csai_core.overlays.carpet import carpet
from csai_core.overlays.scene import options_of
from csai_core.overlays.triangles import triangles
from csai_core.overlays.truth import beside

GAMMA = 0.95
GAMES = [
    ("FrozenLake-v1", {}),
    ("CliffWalking-v1", {}),
    ("Taxi-v4", {}),
    ("CSAI/SimpleGrid-v0", {"attributes": "cell"}),
    ("CSAI/FrozenLake-v0", {"is_slippery": True}),
]


@pytest.fixture(params=GAMES, ids=str)
def view(request, table_agent, view_of):
    """A game, and an agent whose table is filled with the truth."""
    env_id, settings = request.param
    env = csai_core.make(env_id, render_mode="rgb_array", **settings)
    observation, info = env.reset(seed=5)
    known = Board.of(env, observation, info).known
    agent = table_agent(value_iteration(known.table, GAMMA), names=("up", "right", "down", "left"))
    if env_id == "Taxi-v4":
        agent = table_agent(value_iteration(known.table, GAMMA))
    if env_id.endswith("FrozenLake-v0"):
        agent = table_agent(value_iteration(known.table, GAMMA), names=("left", "right", "up", "down"))
    return view_of(env, agent, GAMMA, seed=5)


def bellman(table, values, state, action):
    """What an action is worth, by one sum over what may follow."""
    ahead = [
        p * (r + GAMMA * (0 if ends else max(values[s])))
        for p, s, r, ends in zip(
            table.chances[state, action],
            table.next_states[state, action],
            table.rewards[state, action],
            table.ends[state, action],
            strict=True,
        )
    ]
    return sum(ahead)


def numbers_in(shapes, cell):
    row, column = cell
    return [
        float(s.text)
        for s in shapes
        if s.kind in ("text", "label")
        and column <= s.numbers[0] < column + 1
        and row <= s.numbers[1] < row + 1
    ]


def test_the_numbers_drawn_are_those_of_value_iteration(view):
    scene = Scene.of(view)
    known, grid, scale = scene.board.known, Grid(0, 0, 300, 300), ColorScale(-200, 200)
    values = value_iteration(known.table, GAMMA)
    on_triangles, on_carpet = triangles(scene, scale, grid), carpet(scene, scale, grid)
    assert scene.thoughts
    for cell, explanation in scene.thoughts.items():
        state, options = known.numbers[cell], options_of(explanation)
        true = [bellman(known.table, values, state, a) for a, ok in enumerate(options.allowed) if ok]
        drawn = numbers_in(on_triangles, cell)
        if len(drawn) == 1:  # all are the same
            drawn *= len(true)
        assert sorted(drawn) == pytest.approx(sorted(true), abs=1e-3)
        assert numbers_in(on_carpet, cell) == pytest.approx([max(true)], abs=1e-3)


def test_who_believes_the_truth_makes_no_error(view):
    comparison = Truth().compare(view)
    assert comparison.error < 1e-6
    assert comparison.true.keys() == Scene.of(view).values.keys()
    shapes = beside(comparison, ColorScale(-200, 200), Grid(0, 0, 300, 300))
    for cell, value in comparison.true.items():
        assert numbers_in(shapes, cell) == pytest.approx([value, value], abs=1e-3)


def test_every_picture_is_painted(view):
    frame = np.asarray(view.env.render())
    for overlay in (ActionValues(), Values(), Truth()):
        painted = overlay.paint(frame, view)
        assert painted.shape == frame.shape
        assert (painted != frame).any()


def test_the_error_is_the_mean_absolute_difference(table_agent, view_of):
    env = gymnasium.make("FrozenLake-v1", desc=["SG"], is_slippery=False, render_mode="rgb_array")
    agent = table_agent([[0.0, 0.0, 0.75, 0.0], [0.0] * 4])
    comparison = Truth().compare(view_of(env, agent, 0.5))
    assert comparison.true == {(0, 0): pytest.approx(1.0)}
    assert comparison.error == pytest.approx(0.25)
    texts = [s.text for s in beside(comparison, ColorScale(0, 1), Grid(0, 0, 300, 300)) if s.text]
    assert texts == ["+0.750", "+1.000"]


def test_what_was_never_learned_is_hatched_above_the_truth(table_agent, view_of):
    env = gymnasium.make("FrozenLake-v1", desc=["SG"], is_slippery=False, render_mode="rgb_array")
    comparison = Truth().compare(view_of(env, table_agent(np.zeros((2, 4))), 0.5))
    shapes = beside(comparison, ColorScale(0, 1), Grid(0, 0, 300, 300))
    assert [s.numbers[:4] for s in shapes if s.kind == "hatch"] == [(0, 0, 1, 0.5)]
    assert [s.text for s in shapes if s.text] == ["+1.000"]


@pytest.mark.parametrize(
    ("env", "gamma"),
    [
        (gymnasium.make("FrozenLake-v1", render_mode="rgb_array"), None),
        (gymnasium.make("Taxi-v4", fickle_passenger=True, render_mode="rgb_array"), 0.9),
        (csai_core.make("CSAI/Catch-v0", attributes="cell", render_mode="rgb_array"), 0.9),
        (gymnasium.make("CartPole-v1", render_mode="rgb_array"), 0.9),
    ],
    ids=str,
)
def test_where_the_truth_is_not_known_nothing_is_painted(env, gamma, table_agent, view_of):
    agent = table_agent(np.arange(3000).reshape(500, 6), key=lambda state: int(np.ravel(state)[0]))
    if not isinstance(env.observation_space, gymnasium.spaces.Discrete):
        agent = table_agent([[0.0, 1.0]], key=lambda state: 0)
    elif env.action_space.n != 6:
        agent = table_agent(np.arange(300.0 * env.action_space.n).reshape(300, -1))
    view = view_of(env, agent, gamma)
    frame = np.asarray(env.render())
    assert Truth().compare(view) is None
    assert Truth().paint(frame, view) is frame
