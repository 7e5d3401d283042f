"""Small worlds with known answers, to be seen and acted on in every kind of space.

A world is a few rooms, in each of which there are two choices, no and yes. How a room is seen (`SIGHTS`) and
how a choice is said (`HANDS`) is another matter: as a number, a vector, an image, a dict; by an action of
two, numbers in a Box, switches. So one world with a known answer serves for every algorithm.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

NUM_ROOMS = 4
"""As many as the largest world has, so that all worlds have the same spaces."""
_SIDE = 64
"""Of the image of a room, in pixels."""


class Sight(NamedTuple):
    """How rooms are seen."""

    space: spaces.Space[Any]
    show: Callable[[int], Any]
    """What is observed in a room, by its number."""


class Hand(NamedTuple):
    """How one chooses."""

    space: spaces.Space[Any]
    yes: Callable[[Any], float]
    """How much of a yes an action is, from 0 to 1; above one half it is one."""
    only_no: tuple[int, ...] = ()
    """The mask that allows nothing but a no, a number for each choice; empty where there are no masks."""


class Outcome(NamedTuple):
    """What a choice brings."""

    reward: float
    room: int = 0
    """Where it leads."""
    ends: str = ""
    """"terminated" or "truncated", where it ends the episode; "stopped", where all episodes are cut."""


@dataclass(frozen=True)
class World:
    """Rooms, and what each choice in them brings."""

    outcomes: Mapping[int, tuple[Outcome, Outcome]]
    """Of no and of yes, for each room."""
    starts: tuple[int, ...]
    """Rooms in which episodes start, drawn at random."""
    answers: Mapping[int, bool] = field(default_factory=dict)
    """What is best, where one choice is."""
    forced: frozenset[int] = frozenset()
    """Rooms in which only a no is allowed."""
    is_graded: bool = False
    """Whether the reward of an action between no and yes lies between the rewards of both."""
    limit: int = 0
    """After how many steps an episode is cut short; 0 never."""
    starts_after: Mapping[tuple[int, bool], int] = field(default_factory=dict)
    """The room in which the next episode starts, after an episode that ended with a choice."""
    looks: Mapping[int, int] = field(default_factory=dict)
    """Rooms that look like another one."""
    first_starts: tuple[int, ...] = ()
    """Where episodes start in the first of several environments, if not where they do in the others."""
    last_starts: tuple[int, ...] = ()
    """The same of the last one."""


class Rooms(gymnasium.Env[Any, Any]):
    """A world, seen and acted on in spaces of some kind.

    Args:
        world: what happens.
        sight: one of `SIGHTS`.
        hand: one of `HANDS`.
    """

    def __init__(self, world: World, sight: str, hand: str) -> None:
        self.world, self.sight, self.hand = world, sight, hand
        self.observation_space = SIGHTS[sight].space
        self.action_space = HANDS[hand].space
        self.starts = world.starts
        self.room = world.starts[0]
        self.is_stopped = False
        self._num_steps = 0
        self._has_ended_by: tuple[int, bool] | None = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Start in one of the rooms where episodes start."""
        super().reset(seed=seed)
        self._num_steps = 0
        self.is_stopped = False
        self.room = self.world.starts_after.get(
            self._has_ended_by or (-1, False), self.starts[int(self.np_random.integers(len(self.starts)))]
        )
        return self.seen(), self._info()

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Choose."""
        share = min(1.0, max(0.0, HANDS[self.hand].yes(action)))
        no, yes = self.world.outcomes[self.room]
        outcome = yes if share > 0.5 else no
        reward = (1 - share) * no.reward + share * yes.reward if self.world.is_graded else outcome.reward
        if outcome.ends:
            self._has_ended_by = (self.room, share > 0.5)
        self.room = outcome.room
        self.is_stopped = outcome.ends == "stopped"
        self._num_steps += 1
        terminated = outcome.ends == "terminated"
        is_late = self._num_steps == self.world.limit and not terminated
        return self.seen(), reward, terminated, outcome.ends == "truncated" or is_late, self._info()

    def seen(self) -> Any:
        """What is observed now."""
        return self.sight_of(self.room)

    def sight_of(self, room: int) -> Any:
        """What is observed in a room."""
        return SIGHTS[self.sight].show(self.world.looks.get(room, room))

    def mask(self, room: int) -> NDArray[np.int8] | None:
        """What is allowed in a room, a number for each choice; None in worlds that forbid nothing."""
        only_no = HANDS[self.hand].only_no
        if not self.world.forced or not only_no:
            return None
        row: NDArray[np.int8] = np.array(
            only_no if room in self.world.forced else [1] * len(only_no), np.int8
        )
        return row

    def _info(self) -> dict[str, Any]:
        mask = self.mask(self.room)
        return {} if mask is None else {"action_mask": mask}

    def __str__(self) -> str:
        """In which spaces it is."""
        return f"observations in {self.observation_space} and actions in {self.action_space}"


def _vector(room: int) -> NDArray[np.float32]:
    """A vector of fractions, of which nothing is left as integers."""
    return np.float32(0.1) + np.float32(0.8) * _one_hot(room)


def _one_hot(room: int) -> NDArray[np.float32]:
    vector = np.zeros(NUM_ROOMS, np.float32)
    vector[room] = 1
    return vector


def _bits(room: int) -> NDArray[np.int8]:
    """The last ones tell, beyond the eighth."""
    bits = np.zeros(_NUM_BITS, np.int8)
    bits[_NUM_BITS - NUM_ROOMS + room] = 1
    return bits


def _image(room: int) -> NDArray[np.uint8]:
    """A quarter of the picture is bright."""
    image = np.zeros((1, _SIDE, _SIDE), np.uint8)
    half = _SIDE // 2
    top, left = half * (room // 2), half * (room % 2)
    image[0, top : top + half, left : left + half] = 255
    return image


def _share(space: spaces.Box) -> Callable[[Any], float]:
    return lambda action: float(np.mean((np.asarray(action) - space.low) / (space.high - space.low)))


_WIDE = spaces.Box(-2.0, 6.0, (1,), np.float32)
_NARROW = spaces.Box(0.2, 0.7, (2,), np.float32)
_UNIT = spaces.Box(0.0, 1.0, (NUM_ROOMS,), np.float32)
_MATRIX = spaces.Box(-1.0, 1.0, (2, 3), np.float32)
_HALF_BOUNDED = spaces.Box(
    np.array([-4.8, -np.inf, 0.0, -np.inf], np.float32),
    np.array([4.8, np.inf, np.inf, 2.0], np.float32),
)
_NUM_BITS = 12
_PAIR = spaces.Dict({"room": spaces.Discrete(NUM_ROOMS), "vector": _UNIT})
_ROW = spaces.Tuple((spaces.Discrete(NUM_ROOMS), _UNIT))
_LEVER = spaces.Dict({"go": spaces.Discrete(2), "how_far": spaces.Box(-1.0, 1.0, (1,), np.float32)})

SIGHTS: dict[str, Sight] = {
    "a number": Sight(spaces.Discrete(NUM_ROOMS), np.int64),
    "a vector": Sight(_UNIT, _vector),
    "a number from 3": Sight(spaces.Discrete(NUM_ROOMS, start=3), lambda room: np.int64(room + 3)),
    "an unbounded vector": Sight(
        spaces.Box(-np.inf, np.inf, (NUM_ROOMS,), np.float32), lambda room: 3 * _vector(room) - 1
    ),
    "a vector with some bounds": Sight(_HALF_BOUNDED, _vector),
    "a large number": Sight(spaces.Discrete(1000), lambda room: np.int64(10 + 256 * room)),
    "bits": Sight(spaces.MultiBinary(_NUM_BITS), _bits),
    "digits": Sight(
        spaces.MultiDiscrete([2, 2]), lambda room: np.array([room // 2, room % 2], dtype=np.int64)
    ),
    "digits from elsewhere": Sight(
        spaces.MultiDiscrete([2, 2], start=[3, -1]),
        lambda room: np.array([3 + room // 2, room % 2 - 1], dtype=np.int64),
    ),
    "whole numbers": Sight(
        spaces.Box(0, 9, (2,), np.int64), lambda room: np.array([2 * room, 9 - room], dtype=np.int64)
    ),
    "a dict": Sight(_PAIR, lambda room: {"room": np.int64(room), "vector": _vector(room)}),
    "a tuple": Sight(_ROW, lambda room: (np.int64(room), _vector(room))),
    "an image": Sight(spaces.Box(0, 255, (1, _SIDE, _SIDE), np.uint8), _image),
}
"""The ways in which rooms are seen, the simplest first."""
HANDS: dict[str, Hand] = {
    "a choice of two": Hand(spaces.Discrete(2), float, (1, 0)),
    "numbers": Hand(_WIDE, _share(_WIDE)),
    "switches": Hand(spaces.MultiBinary(3), lambda action: float(np.mean(action)), (0, 0, 0)),
    "dials": Hand(
        spaces.MultiDiscrete([3, 2]),
        lambda action: float(np.mean(np.asarray(action) / np.array([2, 1]))),
        (1, 0, 0, 1, 0),
    ),
    "dials from elsewhere": Hand(
        spaces.MultiDiscrete([3, 2], start=[-1, 4]),
        lambda action: float(np.mean((np.asarray(action) - np.array([-1, 4])) / np.array([2, 1]))),
        (1, 0, 0, 1, 0),
    ),
    "a choice of two from 5": Hand(spaces.Discrete(2, start=5), lambda action: float(action - 5), (1, 0)),
    "a choice of five": Hand(spaces.Discrete(5), lambda action: float(action) / 4, (1, 1, 0, 0, 0)),
    "two small numbers": Hand(_NARROW, _share(_NARROW)),
    "a matrix": Hand(_MATRIX, _share(_MATRIX)),
    "unbounded numbers": Hand(
        spaces.Box(-np.inf, np.inf, (1,), np.float32),
        lambda action: float(0.5 + 0.5 * np.tanh(np.mean(action))),
    ),
    "a dict": Hand(
        _LEVER, lambda action: 0.5 * float(action["go"]) + 0.25 * (1 + float(np.mean(action["how_far"])))
    ),
}
"""The ways to choose, the simplest first."""


_LESS = 0.25


def _repeat(answer: bool, right: float, wrong: float) -> tuple[Outcome, Outcome]:
    """What the right choice pays and what the wrong one does, and it is over."""
    return (
        Outcome(wrong if answer else right, ends="terminated"),
        Outcome(right if answer else wrong, ends="terminated"),
    )


REPEAT, COSTS = (
    World(
        {room: _repeat(bool(room % 2), *pays) for room in range(NUM_ROOMS)},
        starts=tuple(range(NUM_ROOMS)),
        answers={room: bool(room % 2) for room in range(NUM_ROOMS)},
        is_graded=True,
    )
    for pays in ((1.0, _LESS), (-_LESS, -1.0))
)
"""Rooms 1 and 3 want a yes, the others a no; one step, which pays 1 or a quarter, or costs a quarter or 1."""

_PAYS = (Outcome(1.0, 1, "terminated"), Outcome(1.0, 1, "terminated"))
_IS_LEFT = (Outcome(0.0, 2, "terminated"), Outcome(0.0, 2, "terminated"))
_LEAVES = Outcome(0.5, 2, "terminated")
_LUCK, _BAD_LUCK = 4, 5
"""Two rooms that look like room 3; one pays what the other costs, so that nothing is to be expected there."""
_BY_LUCK = {
    _LUCK: (Outcome(0.8, 3, "terminated"), Outcome(0.8, 3, "terminated")),
    _BAD_LUCK: (Outcome(-0.8, 3, "terminated"), Outcome(-0.8, 3, "terminated")),
}
_LOOKS = {_LUCK: 3, _BAD_LUCK: 3}


def _in_turn(*rooms: int) -> dict[tuple[int, bool], int]:
    """Episodes start in these rooms one after the other, once one has ended by a yes in the first of them."""
    pairs = itertools.pairwise(rooms)
    return {(room, choice): following for room, following in pairs for choice in (room == 0, True)}


LATER = World({0: (_LEAVES, Outcome(0.0, 1)), 1: _PAYS}, starts=(0, 1), answers={0: True})
"""In room 0, no pays 0.5 and ends; yes pays nothing and leads to room 1, where anything pays 1."""
CUT = World({0: (_LEAVES, Outcome(0.0, 1, "truncated")), 1: _PAYS}, starts=(0, 1), answers={0: True})
"""The same, but the episode is cut short on the way to room 1, so that its worth must be expected."""
UNLUCKY = World(
    {**CUT.outcomes, **_BY_LUCK},
    starts=(0, 1),
    answers={0: True},
    starts_after=_in_turn(0, _BAD_LUCK, _LUCK),
    looks=_LOOKS,
)
"""The same, and the next episode costs something by bad luck, which no yes has earned."""
_WAY = (Outcome(0.0, 0), Outcome(0.0, 0))
FAR_CUT, FAR_UNLUCKY = (
    replace(each, outcomes={**each.outcomes, 2: _WAY}, starts=(2, 1)) for each in (CUT, UNLUCKY)
)
"""The same two, but room 2 is on the way to room 0, so that steps of an episode may wait when it is cut."""
_AFTER_LUCK, _AFTER_BAD_LUCK = 7, 8
ENDED = World(
    {
        0: (_LEAVES, Outcome(0.0, 1, "terminated")),
        1: _PAYS,
        2: _IS_LEFT,
        _LUCK: (Outcome(0.8, _AFTER_LUCK), Outcome(0.8, _AFTER_LUCK)),
        _BAD_LUCK: (Outcome(-0.8, _AFTER_BAD_LUCK), Outcome(-0.8, _AFTER_BAD_LUCK)),
        _AFTER_LUCK: _IS_LEFT,
        _AFTER_BAD_LUCK: _IS_LEFT,
    },
    starts=(0, 2),
    answers={0: False},
    starts_after=_in_turn(0, _LUCK) | _in_turn(_AFTER_LUCK, 1, _BAD_LUCK),
    looks={**_LOOKS, _AFTER_LUCK: 2, _AFTER_BAD_LUCK: 2},
)
"""The same, but the game ends on the way to room 1; new ones that pay begin then, some of two steps."""
_LEAVES_FOR_LESS = Outcome(0.25, 2, "terminated")
_OTHER = 6
STOPPED = World(
    {
        0: (_LEAVES_FOR_LESS, Outcome(0.0, 2, "stopped")),
        2: _IS_LEFT,
        **_BY_LUCK,
        _OTHER: (_LEAVES_FOR_LESS, Outcome(0.0, 2, "terminated")),
    },
    starts=(0, 0, _OTHER, 2),
    answers={0: False},
    starts_after=_in_turn(0, _LUCK, _BAD_LUCK),
    looks={**_LOOKS, _OTHER: 0},
)
"""In room 0, no pays 0.25 and ends; yes pays nothing, and ends or, more often, lets all episodes be cut, and
one begins that pays by luck."""
STOPPED_BY_AN_END = replace(
    STOPPED, outcomes={**STOPPED.outcomes, 0: (_LEAVES_FOR_LESS, Outcome(0.0, 2, "terminated"))}
)
"""The same, and yes always ends."""
_OFTEN_STOPPED, _NEVER_STOPPED = (
    replace(each, starts=(0,) * 8 + (_OTHER, 2)) for each in (STOPPED, STOPPED_BY_AN_END)
)
STOPPED_BESIDE = (
    (replace(_OFTEN_STOPPED, first_starts=(2,)), replace(_NEVER_STOPPED, first_starts=(2,))),
    (replace(_OFTEN_STOPPED, last_starts=(2,)), replace(_NEVER_STOPPED, last_starts=(2,))),
)
"""The same two, where nothing happens in the first of several environments, and in the last one."""
_COSTS_ON = Outcome(-0.2, 2)
_COSTS_BACK = Outcome(-0.2, 1)
FORBIDDEN = World(
    {
        0: (Outcome(-0.9, 2, "terminated"), Outcome(0.0, 1)),
        1: (_COSTS_ON, _COSTS_ON),
        2: (_COSTS_BACK, _COSTS_BACK),
        3: (Outcome(1.0, 3, "terminated"), Outcome(1.0, 3, "terminated")),
    },
    starts=(0,),
    answers={0: False},
    forced=frozenset({2}),
    limit=10,
    first_starts=(3,),
)
"""In room 0, no costs 0.9 and ends; yes leads to rooms 1 and 2 in turn, where each step costs 0.2, and in
room 2 only no is allowed. The first of several environments is always in room 3, where anything pays 1."""
COSTLY = replace(FORBIDDEN, forced=frozenset())
"""The same, but nothing is forbidden."""
SOON_FORBIDDEN = World(
    {
        0: (Outcome(-0.5, 2, "terminated"), Outcome(0.0, 1)),
        1: (Outcome(-1.0, 2, "terminated"), Outcome(-1.0, 2, "terminated")),
    },
    starts=(0,),
    answers={0: False},
    forced=frozenset({1}),
)
"""In room 0, no costs 0.5 and ends; yes leads to room 1, where only no is allowed, which costs 1 and ends."""
SOON_COSTLY = replace(SOON_FORBIDDEN, forced=frozenset())
"""The same, but nothing is forbidden: both choices cost 1 in room 1."""
APART = replace(COSTLY, first_starts=())
"""The same, and the first environment is like the others."""
FORBIDDEN_APART = replace(FORBIDDEN, first_starts=())
"""What is forbidden, where the first environment is like the others."""


def _chain(worth: float, ends: str) -> World:
    """Room 3 pays and ends, and each room before it leads to the next, whatever the choice."""
    on = {room: (Outcome(0.0, room + 1, ends),) * 2 for room in range(3)}
    end = (Outcome(worth, 3, "terminated"),) * 2
    return World({**on, 3: end}, starts=(0, 1, 2, 3))


CHAINS = {(worth, ends): _chain(worth, ends) for worth in (1.0, 0.0) for ends in ("", "truncated")}
"""Chains of rooms, of which the last one pays, by what it pays and whether every step is cut short."""
TURNS = World(
    {0: (_LEAVES, Outcome(0.0, 1)), 1: (Outcome(0.0, 3), Outcome(-1.0, 3)), 3: _PAYS},
    starts=(0,),
    answers={0: True},
    forced=frozenset({1}),
)
"""In room 0, no pays 0.5 and ends; yes leads to room 1, where it is the other player's turn and only no is
allowed; then anything pays 1 in room 3."""
FREE_TURNS = World({**TURNS.outcomes, 1: (Outcome(0.0, 3), Outcome(0.0, 3))}, starts=(0,), answers={0: True})
"""The same, but nothing is forbidden in room 1, and either choice leads on."""
NEAR, NEAR_CUT = (
    World(
        {0: (Outcome(0.3, 2, "terminated"), Outcome(0.0, 1, ends)), 1: _PAYS},
        starts=(0, 1),
        answers={0: True},
    )
    for ends in ("", "truncated")
)
"""In room 0, no pays 0.3 and ends; yes leads to room 1, where anything pays 1, or is cut short on the way."""
PAIRS = World({0: (Outcome(0.0, 1), Outcome(0.0, 1)), 1: _PAYS}, starts=(0,))
"""Every episode has two steps, of which the second pays."""
ENDLESS = World({room: (Outcome(0.0, 0), Outcome(0.1, 1)) for room in (0, 1)}, starts=(0, 1))
"""No episode ever ends."""
CORRIDOR = World(
    {room: (Outcome(-0.1, max(0, room - 1)), Outcome(-0.1, room + 1)) for room in (0, 1)}
    | {2: (Outcome(-0.1, 1), Outcome(1.0, 3, "terminated"))},
    starts=(0, 1),
    answers={0: True, 1: True, 2: True},
    limit=8,
)
"""Yes goes on, no goes back; each step costs 0.1, the end pays 1, and patience ends after 8 steps."""
