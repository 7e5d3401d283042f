"""A saved state is plain, and a shell that returns to it goes on identically."""

from __future__ import annotations

import collections
import dataclasses
import enum
import json
import math
from typing import NamedTuple

import gymnasium
import numpy as np
import pytest

from csai_core import DiscreteType, ObsAttribute, RandomAgent
from csai_core.errors import CodecError, ContractError
from csai_core.testing.toys import Choice, EverySpace, Walk


class Heading(enum.Enum):
    NORTH = "n"
    SOUTH = "s"


class Level(enum.IntEnum):
    EASY = 1
    HARD = 2


class Cell(NamedTuple):
    x: int
    y: int


@dataclasses.dataclass(frozen=True, slots=True)
class Wall:
    cells: tuple[Cell, ...]


class Ball:
    def __init__(self, x):
        self.x = x
        self.trail = [x]


class Rich(Walk):
    """Keeps its state in every kind of container and object that can be saved."""

    not_state = ("picture",)

    def start_episode(self, options):
        super().start_episode(options)
        self.body = collections.deque([(1, 2), Cell(3, 4)], maxlen=3)
        self.seen = {1, 2}
        self.fixed = frozenset("ab")
        self.names = {(0, 1): "a", 2: None}
        self.raw = bytearray(b"abc")
        self.heading = Heading.SOUTH
        self.level = Level.HARD
        self.wall = Wall((Cell(1, 2),))
        self.balls = [Ball(1.5), Ball(2.5)]
        self.first_ball = self.balls[0]
        self.ring = [1]
        self.ring.append(self.ring)
        self.scalar = np.float32(2.5)
        self.dice = np.random.default_rng(7)
        self.board = np.arange(6).reshape(2, 3)
        self.me = self
        self.picture = object()
        self.helper = lambda: self.position
        self.pilot = RandomAgent(self.action_space)

    def advance(self, action, d_t):
        super().advance(action, d_t)
        self.body.append((self.position, int(self.dice.integers(100))))
        self.first_ball.x += self.np_random.normal()
        self.first_ball.trail.append(self.first_ball.x)
        self.board += 1

    def get_info(self):
        return {
            "body": list(self.body),
            "x": [ball.x for ball in self.balls],
            "trail": list(self.first_ball.trail),
            "board": self.board.copy(),
        }


@pytest.fixture(params=[Choice, EverySpace, Walk, Rich])
def make(request):
    return request.param


def actions(env, count):
    env.action_space.seed(8)
    return [env.action_space.sample() for _ in range(count)]


def go_on(env, taken):
    trace = []
    for action in taken:
        step = env.step(action)
        trace.append(step)
        if step[2]:
            trace.append(env.reset())
    return trace


def is_plain(value):
    if isinstance(value, dict):
        return all(isinstance(key, str) and is_plain(item) for key, item in value.items())
    if isinstance(value, list):
        return all(is_plain(item) for item in value)
    return isinstance(value, np.ndarray) or type(value) in (bool, int, float, str, type(None))


def test_a_restored_shell_goes_on_identically(make):
    env = make()
    env.reset(seed=1)
    taken = actions(env, 12)
    if make is not Choice:
        go_on(env, taken[:2])
    state = env.state_dict()
    assert is_plain(state)
    expected = go_on(env, taken)
    for other in (env, make()):
        other.load_state_dict(state)
        assert gymnasium.utils.env_checker.data_equivalence(go_on(other, taken), expected)


def test_a_state_is_not_changed_by_what_follows_and_can_be_loaded_twice():
    env = Rich()
    env.reset(seed=1)
    state = env.state_dict()
    first = env.state_dict()
    env.step(1)
    env.load_state_dict(state)
    env.step(1)
    assert gymnasium.utils.env_checker.data_equivalence(state, first)


def test_every_kind_of_value_comes_back_as_it_was():
    env = Rich()
    env.reset(seed=1)
    other = Rich()
    other.load_state_dict(env.state_dict())
    for name in ("body", "seen", "fixed", "names", "raw", "heading", "level", "wall", "scalar"):
        before, after = getattr(env, name), getattr(other, name)
        assert before == after
        assert type(before) is type(after)
    assert other.heading is Heading.SOUTH
    assert other.body.maxlen == 3
    assert type(other.body[1]) is Cell
    assert other.first_ball is other.balls[0]
    assert other.ring[1] is other.ring
    assert other.me is other
    assert other.board.tolist() == env.board.tolist()
    assert not np.shares_memory(other.board, env.board)
    assert not hasattr(other, "picture")


def test_the_end_of_an_episode_and_the_seed_are_part_of_the_state():
    env = Walk(length=2)
    env.reset(seed=9)
    env.step(1)
    other = Walk(length=2)
    other.reset()
    other.load_state_dict(env.state_dict())
    assert other.np_random_seed == 9
    with pytest.raises(RuntimeError):
        other.step(1)


def test_attributes_without_update_func_are_part_of_the_state():
    class Noted(Walk):
        def __init__(self):
            super().__init__()
            self.note = ObsAttribute("note", DiscreteType(9))
            self.register_attribute(self.note)

    env, other = Noted(), Noted()
    env.reset()
    env.update_attribute("note", 5)
    other.load_state_dict(env.state_dict())
    assert other.get_observation() == {"position": 0, "note": 5}


def test_settings_are_not_part_of_the_state():
    env = Walk(target_fps=5)
    env.reset()
    other = Walk(target_fps=60)
    other.load_state_dict(env.state_dict())
    assert other.target_fps == 60


def test_a_state_without_arrays_goes_through_json():
    env = Walk()
    env.reset(seed=2)
    env.step(1)
    other = Walk()
    other.load_state_dict(json.loads(json.dumps(env.state_dict())))
    assert other.step(1)[0] == env.step(1)[0]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (object(), r"self.thing, a object"),
        ([1, {"a": object()}], r"self.thing/1/a, a object"),
        (np.array([None]), r"self.thing, an array of object"),
        (np.array(["red"]), r"self.thing, an array of <U3"),
        (np.zeros(2, [("at", int), ("lit", bool)]), r"self.thing, a structured array"),
        (Ball(object()), r"self.thing/x, a object"),
    ],
)
def test_what_cannot_be_saved_is_named_with_the_ways_out(value, message):
    env = Rich()
    env.reset()
    env.thing = value
    with pytest.raises(ContractError, match=rf"Rich keeps part of its state in {message}.*not_state"):
        env.state_dict()


def test_a_state_names_no_class_outside_the_environments_package():
    env = Rich()
    env.reset()
    state = env.state_dict()
    state["variables"]["dict"]["wall"] = {"object": ["subprocess:Popen", {}]}
    with pytest.raises(CodecError) as caught:
        env.load_state_dict(state)
    assert str(caught.value) == (
        "A saved state of Rich cannot be read: it holds a subprocess:Popen, and its package has no such "
        "class, as if another environment or version had saved it. It is not what csai writes."
    )


@pytest.mark.parametrize("kind", ["object", "generator"])
def test_a_state_that_is_wrong_within_an_object_is_one_error(kind):
    env = Rich()
    env.reset()
    state = env.state_dict()
    content = {"odd": 1}
    wrong = [f"{Rich.__module__}:Rich", {"thing": content}] if kind == "object" else content
    state["variables"]["dict"]["wall"] = {kind: wrong}
    with pytest.raises(CodecError) as caught:
        env.load_state_dict(state)
    assert str(caught.value).count("cannot be read") == 1


def test_what_is_saved_is_told_apart_from_what_looks_like_it():
    env = Rich()
    env.reset(seed=1)
    env.codes = {"same": 0, "float": "nan"}
    env.odd = {"list": [math.nan, -math.inf], "set": [{"dict": 1}]}
    env.empty = [[], {}, set(), (), collections.deque()]
    other = Rich()
    other.load_state_dict(env.state_dict())
    assert other.codes == env.codes
    assert math.isnan(other.odd["list"][0])
    assert other.odd["list"][1] == -math.inf
    assert other.odd["set"] == [{"dict": 1}]
    assert [type(each) for each in other.empty] == [list, dict, set, tuple, collections.deque]


def test_complex_numbers_come_back():
    env, other = Rich(), Rich()
    env.reset(seed=1)
    env.phase, env.phases = np.complex64(1 + 2j), np.array([1j, 2])
    other.load_state_dict(env.state_dict())
    assert other.phase == env.phase
    assert type(other.phase) is np.complex64
    assert other.phases.tolist() == [1j, 2]


@pytest.mark.parametrize(
    "variables", [{"dict": {"board": {"array": "nowhere"}}}, {"dict": 3}, {"odd": 1}, [{}]]
)
def test_a_state_that_no_shell_gave_is_refused(variables):
    env = Rich()
    env.reset()
    state = {**env.state_dict(), "variables": variables}
    with pytest.raises(CodecError, match="not what csai writes"):
        env.load_state_dict(state)
