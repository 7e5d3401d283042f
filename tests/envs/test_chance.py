"""The same draws from plain Python and from numpy, and draws that are spread evenly."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from csai_core.games import keyed_random

keys = st.integers(0, 2**64 - 1)


@given(st.lists(st.tuples(keys, st.integers(0, 2**40), st.integers(1, 2**32 - 1)), min_size=1, max_size=20))
def test_one_game_and_many_games_draw_the_same(draws):
    columns = (np.array(column, np.uint64) for column in zip(*draws, strict=True))
    assert keyed_random.draw_many(*columns).tolist() == [keyed_random.draw(*each) for each in draws]


@given(st.lists(keys, min_size=1, max_size=20))
def test_one_game_and_many_games_have_the_same_next_keys(some_keys):
    assert keyed_random.next_keys(np.array(some_keys, np.uint64)).tolist() == [
        keyed_random.next_key(key) for key in some_keys
    ]


@given(keys, st.lists(st.integers(1, 2**32 - 1), min_size=1, max_size=4))
def test_first_draws_are_the_draws_of_each_game(key, outcomes):
    first_draws = keyed_random.FirstDraws(*outcomes)
    for _ in range(70):  # more than it looks ahead
        assert first_draws.of(key) == [keyed_random.draw(key, k, n) for k, n in enumerate(outcomes)]
        key = keyed_random.next_key(key)
    assert first_draws.of(5) == [keyed_random.draw(5, k, n) for k, n in enumerate(outcomes)]


def test_draws_reproduce_the_published_generator():
    # The first numbers of SplitMix64 seeded with 1234567, as its authors' C program prints them.
    published = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    top_halves = [keyed_random.draw(1234567, k, 2**32 - 1) for k in range(3)]
    assert top_halves == [((number >> 32) * (2**32 - 1)) >> 32 for number in published]


def test_draws_are_spread_evenly_over_games_and_over_draws():
    for key, k in ((np.arange(40_000), np.zeros(40_000)), (np.full(40_000, 7), np.arange(40_000))):
        counts = np.bincount(
            keyed_random.draw_many(key.astype(np.uint64), k.astype(np.uint64), 10).astype(int)
        )
        assert counts.size == 10
        assert abs(counts - 4000).max() < 5 * np.sqrt(3600)  # five standard deviations


def test_a_seeded_generator_gives_the_same_key_again():
    first, second = (keyed_random.new_key(np.random.default_rng(5)) for _ in range(2))
    assert first == second != keyed_random.new_key(np.random.default_rng(6))
