"""Whatever makes no game is refused by every environment, with a word on what would."""

from __future__ import annotations

import inspect

import gymnasium
import pytest
from gymnasium.envs.registration import load_env_creator

import csai_envs  # noqa: F401
from csai_core.errors import CsaiError
from csai_core.play import action_names

IDS = sorted(name for name in gymnasium.registry if name.startswith("CSAI/"))
WRONG = [None, -1, 0, 1.5, float("nan"), 10**9, "nonsense", b"board", (1, 2), [], {}, {"width": 4}]


def single(name):
    spec = gymnasium.spec(name)
    return load_env_creator(spec.entry_point), lambda **settings: gymnasium.make(name, **settings)


def batched(name):
    spec = gymnasium.spec(name)
    make = gymnasium.make_vec
    return load_env_creator(spec.vector_entry_point), lambda **settings: make(
        name, **{"num_envs": 2, "vectorization_mode": "vector_entry_point", **settings}
    )


KINDS = [(single, name) for name in IDS]
KINDS += [(batched, name) for name in IDS if gymnasium.spec(name).vector_entry_point]
OF_SHELL = {"target_fps": [1.5, 10**9, None], "resolution": [(1, 2)], "attributes": [None]}
"""Settings of every single environment, and what of WRONG is right for them."""
OF_BATCH = {
    **{"num_envs": [], "resolution": [(1, 2)], "attributes": [None], "render_mode": [None]},
    **{"reward_parts": [], "copy": [], "autoreset_mode": [], "render_fps": [10**9]},
    "max_episode_steps": [None, 10**9],
}


def cases():
    for kind, name in KINDS:
        made, make = kind(name)
        own = {each: [] for each in inspect.signature(made).parameters if each != "settings"}
        for setting, right in {**own, **(OF_SHELL if kind is single else OF_BATCH)}.items():
            yield pytest.param(make, setting, right, id=f"{kind.__name__}-{name}-{setting}")


@pytest.mark.parametrize(("make", "setting", "right"), list(cases()))
def test_what_makes_no_game_is_refused(make, setting, right):
    for value in WRONG:
        if not any(value is each or value == each for each in right):
            with pytest.raises(CsaiError) as caught:
                assert make(**{setting: value}).observation_space
            message = str(caught.value)
            assert repr(value) in message
            assert "must be" in message or "Known: " in message or "it can do" in message


def test_a_batch_may_be_watched_at_any_rate():
    envs = gymnasium.make_vec(
        "CSAI/Catch-v0", 2, vectorization_mode="vector_entry_point", render_mode="rgb_array", render_fps=5
    )
    assert envs.metadata["render_fps"] == 5


@pytest.mark.parametrize(
    ("name", "names"),
    {
        "Snake": ("left", "right", "up", "down", "nothing"),
        "Flappy": ("fall", "flap"),
        "TicTacToe": tuple("123456789"),
        "FrozenLake": ("left", "right", "up", "down"),
    }.items(),
)
def test_actions_have_names_for_people(name, names):
    assert action_names(gymnasium.make(f"CSAI/{name}-v0")) == names


def test_a_snake_that_steers_itself_turns():
    env = gymnasium.make("CSAI/Snake-v0", steering="snake")
    assert action_names(env) == ("turn left", "straight on", "turn right")
