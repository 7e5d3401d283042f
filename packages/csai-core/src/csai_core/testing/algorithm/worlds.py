"""Small worlds with known answers: a few rooms, in each of which there are two choices, no and yes."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

NUM_ROOMS = 4
"""As many as the largest world has, so that all worlds have the same spaces."""


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
