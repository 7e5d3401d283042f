"""The sum tree against plain sums, and the prioritized buffer against the paper's formulas."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csai_core.errors import ConfigError
from csai_train import PrioritizedReplayBuffer
from csai_train.buffers.sum_tree import SumTree


@given(st.lists(st.integers(0, 9), min_size=1, max_size=20), st.data())
def test_the_tree_finds_what_a_sum_from_the_left_finds(numbers, data):
    tree = SumTree(len(numbers))
    tree[np.arange(len(numbers))] = numbers
    changed = data.draw(st.integers(0, len(numbers) - 1))
    numbers[changed] = 5
    tree[np.array([changed])] = 5
    assert tree.total == sum(numbers)
    sums = np.arange(sum(numbers)) + 0.5
    expected = np.searchsorted(np.cumsum(numbers), sums, side="right")
    assert np.array_equal(tree.find(sums), expected)
    assert tree[0 : len(numbers)].tolist() == numbers


def test_rounding_never_leads_to_where_nothing_is():
    tree = SumTree(5)
    tree[np.arange(2)] = [0.1, 0.2]
    assert tree.find(np.array([tree.total, tree.total * (1 + 1e-9)])).tolist() == [1, 1]


def filled(rewards=(0, 1, 2, 3), capacity=8, **settings):
    buffer = PrioritizedReplayBuffer(4, capacity, seed=0, **settings)
    for reward in rewards:
        buffer.store_memory(np.array([reward]), 0, None, None, reward, False, np.array([reward + 1]))
    return buffer


def test_draws_in_proportion_to_the_power_of_the_errors():
    buffer = filled(alpha=0.5)
    buffer.update_priorities(np.arange(4), [1.0, -4.0, 9.0, 16.0])
    drawn = np.bincount(buffer.sample(10_000).reward.astype(int)) / 10_000
    assert drawn.tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4], abs=1e-3)


def test_weights_are_those_of_the_paper():
    buffer = filled(alpha=1.0, beta=0.5)
    buffer.update_priorities(np.arange(4), [1.0, 1.0, 2.0, 4.0])
    batch = buffer.sample(400)
    # N P(i) is 1/2, 1/2, 1 and 2; its power -1/2, divided by the largest, 2^(1/2).
    expected = np.array([1.0, 1.0, 0.5**0.5, 0.5])
    assert batch.weight.dtype == np.float32
    assert np.allclose(batch.weight, expected[batch.position], rtol=1e-5)
    assert np.array_equal(batch.reward, batch.position)


def test_without_beta_all_weights_are_one():
    buffer = filled(beta=0.0)
    buffer.update_priorities(np.arange(4), [1.0, 5.0, 2.0, 4.0])
    assert set(buffer.sample(20).weight) == {1.0}


def test_new_transitions_come_first():
    buffer = filled()
    buffer.update_priorities(np.arange(4), [50.0, 1e-4, 1e-4, 1e-4])
    buffer.store_memory(np.array([9]), 0, None, None, 9.0, False, np.array([10]))
    counts = np.bincount(buffer.sample(1_000).reward.astype(int), minlength=10)
    assert counts[9] == pytest.approx(counts[0], abs=2)
    assert counts[9] > 490


def test_what_is_overwritten_takes_its_priority_along():
    buffer = filled(range(8), alpha=1.0)
    buffer.update_priorities(np.arange(8), [1_000.0] + [1.0] * 7)
    buffer._largest = 1.0
    buffer.store_memory(np.array([8]), 0, None, None, 8.0, False, np.array([9]))
    assert np.bincount(buffer.sample(800).reward.astype(int), minlength=9)[8] == pytest.approx(100, abs=2)


def test_what_waits_for_its_next_state_is_not_drawn():
    buffer = filled()
    buffer.store_memory(np.array([9]), 0, None, None, 9.0, False)
    assert 9 not in buffer.sample(100).reward
    buffer.store_memory(np.array([10]), 0, None, None, 10.0, False)
    drawn = buffer.sample(100)
    assert {9} <= set(drawn.reward) <= {0, 1, 2, 3, 9}
    assert drawn.next_observation[drawn.reward == 9].ravel()[0] == 10


def test_saved_and_restored_it_draws_the_same():
    buffer = filled()
    buffer.update_priorities(np.arange(4), [1.0, 5.0, 2.0, 4.0])
    other = PrioritizedReplayBuffer(4, capacity=8)
    other.load_state_dict(buffer.state_dict())
    for _ in range(3):
        assert np.array_equal(buffer.sample(7).position, other.sample(7).position)


def test_forgets_priorities_too():
    buffer = filled()
    buffer.update_priorities(np.arange(4), [9.0] * 4)
    buffer.clear_memory()
    with pytest.raises(ConfigError, match="no complete transition"):
        buffer.sample()
    buffer.store_memory(np.array([7]), 0, None, None, 7.0, True)
    assert set(buffer.sample(5).reward) == {7.0}


class Surprises(PrioritizedReplayBuffer):
    pass


@pytest.mark.parametrize("name", ["alpha", "beta"])
@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_numbers_that_cannot_work_are_refused(name, value):
    with pytest.raises(ConfigError, match=f"^Surprises was given {name}={value}; it must be .* 0 .* 1"):
        Surprises(**{name: value})


def test_without_settings_it_is_as_the_documents_say():
    buffer = PrioritizedReplayBuffer()
    assert (buffer.batch_size, buffer.capacity) == (32, 100_000)


def test_a_sum_at_the_edge_between_two_numbers_belongs_to_the_right_one():
    tree = SumTree(4)
    tree[np.arange(4)] = [1.0, 2.0, 1.0, 1.0]
    assert tree.find(np.array([0.0, 1.0, 3.0, 4.0])).tolist() == [0, 1, 2, 3]
    assert tree[1:3].tolist() == [2.0, 1.0]


def test_one_is_drawn_from_each_of_equal_parts_at_places_of_their_own():
    buffer = PrioritizedReplayBuffer(4, capacity=400, seed=0)
    for number in range(400):
        buffer.store_memory(np.array([number]), 0, None, None, number, True)
    position = buffer.sample().position
    assert (position // 100).tolist() == [0, 1, 2, 3]
    assert len(set(position % 100)) > 1


def test_the_same_seed_draws_the_same():
    one, other = filled(range(400), 400), filled(range(400), 400)
    assert np.array_equal(one.sample(50).position, other.sample(50).position)
    assert not np.array_equal(one.sample(50).position, one.sample(50).position)


def test_what_was_no_error_at_all_is_still_drawn():
    buffer = filled(alpha=1.0)
    buffer.update_priorities(np.arange(4), [0.0] * 4)
    assert set(buffer.sample(400).position) == {0, 1, 2, 3}


@pytest.mark.parametrize("when", ["new", "cleared", "loaded"])
def test_a_new_transition_weighs_as_much_as_the_largest_error_so_far(when):
    buffer, largest = filled((0,), alpha=1.0), 1.0
    if when == "cleared":
        buffer.update_priorities(np.arange(1), [50.0])
        buffer.clear_memory()
        buffer.store_memory(np.array([0]), 0, None, None, 0.0, True)
    if when == "loaded":
        buffer.update_priorities(np.arange(1), [3.0])
        state, buffer = buffer.state_dict(), filled((), alpha=1.0)
        buffer.load_state_dict(state)
        largest = 3.0
    buffer.update_priorities(np.arange(1), [0.5])
    buffer.store_memory(np.array([1]), 0, None, None, 1.0, True)
    counts = np.bincount(buffer.sample(3_500).position, minlength=2)
    assert counts[1] / counts[0] == pytest.approx(largest / 0.5, rel=0.01)
