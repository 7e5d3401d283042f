"""The same draws from plain Python and from numpy, and draws that are spread evenly."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from csai_core import ActionAttribute, DiscreteType, ObsAttribute
from csai_core.games import KeyedRandom, KeyedShell, keyed_random

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
    for _ in range(140):  # more than it looks ahead
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


class DieEnv(KeyedShell):
    """Each step rolls a die."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.face = 0
        self.register_attribute(ObsAttribute("face", DiscreteType(6), lambda: self.face))
        self.register_attribute(ActionAttribute("roll", DiscreteType(1)))

    def start_episode(self, options):
        super().start_episode(options)
        self.face = self.keyed_random.draw(6)

    def advance(self, action, d_t):
        self.face = self.keyed_random.draw(6)

    def get_current_reward(self, action, current_state):
        return 0.0, False


def faces(env, num_steps=5):
    return [env.reset()[0], *(env.step(0)[0] for _ in range(num_steps))]


def test_a_keyed_shell_draws_by_the_key_of_its_game():
    env = DieEnv()
    first, _ = env.reset(seed=3)
    key = keyed_random.new_key(np.random.default_rng(3))
    assert first == keyed_random.draw(key, 0, 6)
    assert [env.step(0)[0] for _ in range(3)] == [keyed_random.draw(key, k, 6) for k in (1, 2, 3)]
    assert faces(env) == [keyed_random.draw(keyed_random.next_key(key), k, 6) for k in range(6)]


def test_a_new_seed_starts_a_keyed_shell_again():
    env = DieEnv()
    env.reset(seed=3)
    expected = [faces(env) for _ in range(4)]
    env.reset(seed=3)
    assert [faces(env) for _ in range(4)] == expected
    env.reset(seed=4)
    assert [faces(env) for _ in range(4)] != expected


def test_a_saved_keyed_shell_draws_the_same_numbers():
    env, other = DieEnv(), DieEnv()
    env.reset(seed=3)
    env.step(0)
    other.load_state_dict(env.state_dict())
    for _ in range(3):
        assert other.step(0)[0] == env.step(0)[0]
    assert faces(other) == faces(env)


def test_without_a_game_keyed_random_draws_by_key_zero():
    assert KeyedRandom().draw(1000) == keyed_random.draw(0, 0, 1000)
