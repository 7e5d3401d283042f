"""Texts among what is observed: found wherever they are, and left out of Dicts and Tuples."""

from __future__ import annotations

import gymnasium
import pytest
from gymnasium import Space, spaces

from csai_train.environments.texts import keep_parts, parts_without_texts, without_texts


class Mission(Space):
    """A space of an environment's own, whose values are texts, as MiniGrid has it."""

    def __init__(self):
        super().__init__(dtype=str)

    def __repr__(self):
        return "Mission()"

    def sample(self, mask=None, probability=None):
        return "get to the green goal"


class Pair(Space):
    """A space of an environment's own that is no text."""

    def __repr__(self):
        return "Pair()"

    def sample(self, mask=None, probability=None):
        return (1, 2)


CELL, TEXT = spaces.Discrete(4), spaces.Text(5)


@pytest.mark.parametrize(
    ("space", "kept"),
    [
        (spaces.Dict(cell=CELL, mission=Mission()), ["cell"]),
        (spaces.Dict(a=CELL, b=TEXT, c=CELL), ["a", "c"]),
        (spaces.Dict(a=CELL, b=spaces.Dict(c=spaces.Tuple([CELL, TEXT]))), ["a"]),
        (spaces.Tuple([TEXT, CELL]), [1]),
        (spaces.Dict(a=CELL, b=CELL), None),
        (spaces.Dict(a=TEXT, b=Mission()), None),
        (spaces.Dict(a=CELL, b=Pair()), None),
        (TEXT, None),
        (CELL, None),
    ],
    ids=str,
)
def test_parts_with_texts_are_found(space, kept):
    assert parts_without_texts(space) == kept
    if kept is None:
        assert without_texts(space) is space


def test_what_is_left_is_what_the_wrapper_shows():
    class Told(gymnasium.Env):
        observation_space = spaces.Dict(cell=CELL, mission=Mission())
        action_space = CELL

        def reset(self, *, seed=None, options=None):
            return {"cell": 1, "mission": "go"}, {}

    (env,) = keep_parts([Told()], ["cell"])
    assert env.observation_space == without_texts(Told.observation_space)
    assert env.reset()[0] == {"cell": 1}
    assert without_texts(spaces.Tuple([TEXT, CELL])) == spaces.Tuple([CELL])


def test_a_specification_says_so_for_runs():
    spec = keep_parts(gymnasium.spec("CartPole-v1"), ["cell"])
    (wrapper,) = spec.additional_wrappers
    assert (wrapper.entry_point, wrapper.kwargs) == (
        "gymnasium.wrappers:FilterObservation",
        {"filter_keys": ["cell"]},
    )
