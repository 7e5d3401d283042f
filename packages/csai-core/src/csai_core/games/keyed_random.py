"""Random numbers that can be recomputed: they depend on a game's key and on how many it drew before.

A game carries a 64-bit key, and its k-th draw is a hash of the key and k; the key of the game after it is a
fixed step further on. One game in plain Python and thousands of games in numpy therefore draw the same
numbers, in whatever order they are played, which a generator shared by all games could not give.

The hash is the finalizer of SplitMix64 over a Weyl sequence that starts at the key: Steele, Lea and
Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014, doi:10.1145/2660193.2660195.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core.shell import AttributeNames, Shell

_MASK = (1 << 64) - 1
_WEYL = 0x9E3779B97F4A7C15
_NEXT_GAME = 0xC13FA9A902A6328F
"""2**64 divided by the plastic number, as `_WEYL` is by the golden ratio: multiples of the two stay apart."""
_FIRST = 0xBF58476D1CE4E5B9
_SECOND = 0x94D049BB133111EB
_NUM_AHEAD = 128
"""For how many games `FirstDraws` looks ahead."""
# The same as arrays of one number, which numpy takes without converting anything.
_ONE, _HALF, _WEYL_STEP, _GAME_STEP = (np.array(each, np.uint64) for each in (1, 32, _WEYL, _NEXT_GAME))
_SHIFTS = tuple(np.array(each, np.uint64) for each in (30, 27, 31))
_FACTORS = tuple(np.array(each, np.uint64) for each in (_FIRST, _SECOND))


def new_key(generator: np.random.Generator) -> int:
    """A key for a game that is seeded from a generator."""
    return int(generator.integers(1 << 64, dtype=np.uint64))


def next_key(key: int) -> int:
    """The key of the game that follows the game with this key."""
    return (key + _NEXT_GAME) & _MASK


def draw(key: int, k: int, n: int) -> int:
    """The k-th draw of the game with this key, an integer from 0 to n - 1.

    Args:
        key: the game's key.
        k: how many draws the game has made before.
        n: how many outcomes there are, below 2**32. They are equally likely to within n / 2**32.
    """
    bits = (key + (k + 1) * _WEYL) & _MASK
    bits = ((bits ^ (bits >> 30)) * _FIRST) & _MASK
    bits = ((bits ^ (bits >> 27)) * _SECOND) & _MASK
    return (((bits ^ (bits >> 31)) >> 32) * n) >> 32


def next_keys(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """`next_key` of many games at once; arrays of shape (num_games,)."""
    return keys + _GAME_STEP


def draw_many(
    keys: NDArray[np.uint64], k: NDArray[np.uint64], n: int | NDArray[np.uint64]
) -> NDArray[np.uint64]:
    """`draw` of many games at once, by numpy's rules of broadcasting.

    Args:
        keys: the games' keys, of shape (num_games,), or (num_games, 1) for several draws of each.
        k: how many draws each game has made before.
        n: how many outcomes there are.
    """
    bits = k + _ONE
    bits *= _WEYL_STEP
    bits = bits + keys
    other = bits >> _SHIFTS[0]
    bits ^= other
    bits *= _FACTORS[0]
    bits ^= np.right_shift(bits, _SHIFTS[1], out=other)
    bits *= _FACTORS[1]
    bits ^= np.right_shift(bits, _SHIFTS[2], out=other)
    bits >>= _HALF
    bits *= np.asarray(n, np.uint64)
    bits >>= _HALF
    return bits


class FirstDraws:
    """The first draws of one game after another, made for many games at once.

    Plain Python takes as long for one `draw` as for half a step of a simple game; numpy makes two for each
    of 128 games in the time of 48.

    Args:
        *outcomes: how many outcomes the game's first draw has, its second, and so on.
    """

    def __init__(self, *outcomes: int) -> None:
        self._k = np.arange(len(outcomes), dtype=np.uint64)
        self._n = np.array(outcomes, np.uint64)
        self._steps = np.arange(_NUM_AHEAD, dtype=np.uint64) * _GAME_STEP
        self._coming: dict[int, list[int]] = {}

    def of(self, key: int) -> list[int]:
        """What `draw(key, k, outcomes[k])` gives for each k."""
        draws = self._coming.pop(key, None)
        if draws is None:
            keys = self._steps + np.uint64(key)
            made = draw_many(keys[:, np.newaxis], self._k, self._n)
            self._coming = dict(zip(keys.tolist(), made.tolist(), strict=True))
            draws = self._coming.pop(key)
        return draws


class KeyedRandom:
    """The random numbers of one environment: the key of its present game, and how many that game drew."""

    def __init__(self) -> None:
        self.key = 0
        self.num_draws = 0
        self.is_seeded = False
        """Whether the next game's key follows from this one's, instead of being drawn from a generator."""

    def seed(self, generator: np.random.Generator) -> None:
        """Begin with a key drawn from a generator."""
        self.key, self.num_draws, self.is_seeded = new_key(generator), 0, True

    def next_game(self) -> None:
        """Go on to the key of the next game."""
        self.key, self.num_draws = (self.key + _NEXT_GAME) & _MASK, 0  # next_key, without the call

    def draw(self, n: int) -> int:
        """The next number from 0 to n - 1."""
        self.num_draws += 1
        return draw(self.key, self.num_draws - 1, n)


class KeyedShell(Shell):
    """A Shell that draws its random numbers by `self.keyed_random.draw`, as a `BatchedEnv` of it can too.

    A subclass begins its `start_episode` with `super().start_episode(options)`.

    Args:
        *args: those of `Shell`.
        **settings: those of `Shell`.
    """

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.keyed_random = KeyedRandom()

    def reset(
        self,
        attributes: AttributeNames | None = None,
        *,
        seed: int | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        """Start an episode; see `Shell.reset`."""
        if seed is not None:
            self.keyed_random.is_seeded = False
        return super().reset(attributes, seed=seed, options=options)

    def start_episode(self, options: dict[str, Any]) -> None:
        """Go on to the random numbers of the next game."""
        if self.keyed_random.is_seeded:
            self.keyed_random.next_game()
        else:
            self.keyed_random.seed(self.np_random)
