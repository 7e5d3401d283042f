"""Which overlays are true for a game, and pictures by their names."""

from types import SimpleNamespace

import gymnasium
import numpy as np
import pytest

import csai_core
from csai_core.errors import ConfigError, UnknownNameError
from csai_core.overlays import NAMES, ColorScale, available, overlay_named, paint

BOARD = ["action-values", "policy", "values", "truth", "visits"]
GAMES = [
    ("FrozenLake-v1", {}, BOARD),
    ("CliffWalking-v1", {}, BOARD),
    ("Taxi-v4", {}, BOARD),
    ("CSAI/SimpleGrid-v0", {}, BOARD),
    ("CSAI/FrozenLake-v0", {"is_slippery": True}, BOARD),
    ("CSAI/FrozenLake-v0", {"attributes": "game_state"}, [*BOARD, "saliency"]),
    ("CSAI/Maze-v0", {"rooms": 2}, [*BOARD, "saliency"]),
    (
        "CSAI/Maze-v0",
        {"rooms": 6, "sight": 1, "attributes": "window"},
        ["action-values", "policy", "values", "visits"],
    ),
    ("CSAI/Catch-v0", {}, ["action-values", "policy", "values", "visits", "saliency"]),
    ("CSAI/TicTacToe-v0", {}, ["saliency", "squares"]),
    ("CSAI/Snake-v0", {"attributes": "board"}, ["saliency", "choices"]),
    ("CSAI/Snake-v0", {"attributes": "senses"}, ["choices"]),
    ("CSAI/Flappy-v0", {}, ["choices"]),
    ("CSAI/CartPole-v0", {}, ["choices"]),
    ("CartPole-v1", {}, ["choices"]),
    ("Pendulum-v1", {}, []),
]


def made(env_id, settings):
    return csai_core.make(env_id, render_mode="rgb_array", **settings)


@pytest.mark.parametrize(("env_id", "settings", "names"), GAMES, ids=str)
def test_only_what_is_true_is_offered(env_id, settings, names, view_of, knowing):
    env = made(env_id, settings)
    view = view_of(env, knowing(env))
    assert [overlay.name for overlay in available(view)] == names
    assert set(names) <= set(NAMES)


@pytest.mark.parametrize(("env_id", "settings", "names"), GAMES, ids=str)
@pytest.mark.parametrize("told", ["values", "chances"])
def test_whatever_is_offered_is_painted_through_a_game(env_id, settings, names, told, view_of, knowing):
    env = made(env_id, settings)
    agent = knowing(env, told)
    view = view_of(env, agent)
    overlays = available(view)
    assert [o.name for o in overlays] == [n for n in names if told == "values" or n != "action-values"]
    env.action_space.seed(0)
    for _ in range(5):
        frame = np.asarray(env.render())
        kept = frame.copy()
        for overlay in overlays:
            painted = overlay.paint(frame, view)
            assert (painted.shape, painted.dtype) == (frame.shape, np.uint8)
            assert (frame == kept).all()
        action = env.action_space.sample(view.info.get("action_mask"))
        observation, reward, terminated, truncated, info = env.step(action)
        view.history.note(action, reward, terminated=terminated)
        view = view._replace(observation=observation, info=info)
        if terminated or truncated:
            break
    for overlay in overlays:
        overlay.paint(np.asarray(env.render()), view)  # what was reached, the end also


def test_an_agent_that_tells_nothing_is_shown_where_it_goes(view_of):
    env = gymnasium.make("FrozenLake-v1", render_mode="rgb_array")
    silent = SimpleNamespace(explain_all=lambda states, masks: [None] * len(states))
    assert [overlay.name for overlay in available(view_of(env, silent))] == ["visits"]


def test_a_scale_is_handed_on(view_of, knowing):
    env = gymnasium.make("FrozenLake-v1", render_mode="rgb_array")
    scale = ColorScale(-3, 3)
    rulers = [o.ruler for o in available(view_of(env, knowing(env)), scale) if hasattr(o, "ruler")]
    assert [ruler.scale for ruler in rulers] == [scale] * 3


def test_a_name_that_is_none_lists_those_there_are(view_of, knowing):
    env = made("CSAI/Snake-v0", {})
    view = view_of(env, knowing(env))
    assert overlay_named("choices", view).name == "choices"
    with pytest.raises(UnknownNameError, match=r"No overlay here named 'choises'\. Did you mean 'choices'\?"):
        overlay_named("choises", view)
    with pytest.raises(UnknownNameError, match="'values' says nothing true of this game and this agent"):
        overlay_named("values", view)


@pytest.mark.parametrize("env_id", ["CSAI/FrozenLake-v0", "FrozenLake-v1", "Taxi-v4"])
def test_a_picture_for_a_notebook(env_id, knowing):
    env = made(env_id, {})
    env.reset(seed=1)
    plain = np.asarray(env.render())
    assert paint(env, knowing(env), "values").shape == plain.shape
    wide = paint(env, knowing(env), "values", width=700)
    assert wide.shape == (round(len(plain) * 700 / plain.shape[1]), 700, 3)


def test_the_observation_is_given_where_the_environment_cannot_be_asked(knowing):
    env = gymnasium.make("CartPole-v1", render_mode="rgb_array")
    observation, _ = env.reset(seed=1)
    assert paint(env, knowing(env), "choices", observation=observation).shape == (400, 600, 3)
    with pytest.raises(ConfigError, match="does not tell what is observed now; give observation="):
        paint(env, knowing(env), "choices")


def test_without_pictures_nothing_is_painted(knowing):
    env = gymnasium.make("FrozenLake-v1")
    env.reset()
    with pytest.raises(ConfigError, match='draws no pictures; make it with render_mode="rgb_array"'):
        paint(env, knowing(env), "values")
