"""Worlds, to be seen and acted on in every kind of space.

What happens is the world's (see `worlds`). How a room is seen (`SIGHTS`) and how a choice is said (`HANDS`)
is another matter: as a number, a vector, an image, a dict; by an action of two, numbers in a Box, switches.
So one world with a known answer serves for every algorithm.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from csai_core.testing.algorithm.worlds import NUM_ROOMS, World

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
_UNLIKE = spaces.Box(np.array([0.2, -9.0], np.float32), np.array([0.7, 1.0], np.float32))
_UNIT = spaces.Box(0.0, 1.0, (NUM_ROOMS,), np.float32)
_MATRIX = spaces.Box(-1.0, 1.0, (2, 3), np.float32)
_DIGITS = ((2, 0, 0), (0, 1, 0), (0, 0, 3), (1, 0, 0))
"""Some of these are one number where places are counted by the sizes of other digits, or digits are added."""
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
    "digits": Sight(spaces.MultiDiscrete([3, 2, 4]), lambda room: np.array(_DIGITS[room], dtype=np.int64)),
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
    "numbers with bounds of their own": Hand(_UNLIKE, _share(_UNLIKE)),
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
