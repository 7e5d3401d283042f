"""The replay buffer against a plain list."""

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from csai_core.algorithm import Step
from csai_core.errors import ConfigError, ContractError
from csai_train import BasicReplayBuffer, DictReplayBuffer, ReplayBuffer


def store(buffer, number, **changes):
    """Store a transition whose every field tells its number."""
    values = {
        "state": np.array([number, -number], dtype=np.float32),
        "action": number % 4,
        "probs": -float(number),
        "vals": float(number) / 2,
        "reward": float(number),
        "done": number % 5 == 0,
        "next_state": np.array([number + 1, -number - 1], dtype=np.float32),
        "truncated": number % 7 == 0,
    }
    buffer.store_memory(**{**values, **changes})


def numbers(batch):
    """The numbers of the transitions in a batch, after checking that each one's fields belong together."""
    found = batch.reward.astype(int)
    assert np.array_equal(batch.observation, np.stack([found, -found], axis=1))
    assert np.array_equal(batch.next_observation, np.stack([found + 1, -found - 1], axis=1))
    assert np.array_equal(batch.action, found % 4)
    assert np.array_equal(batch.terminated, found % 5 == 0)
    assert np.array_equal(batch.truncated, found % 7 == 0)
    assert np.array_equal(batch.log_prob, -found)
    assert np.array_equal(batch.value, found / 2)
    return found.tolist()


class AgainstAList(RuleBasedStateMachine):
    """Whatever is done to the buffer, it holds the newest transitions of a list."""

    def __init__(self):
        super().__init__()
        self.buffer = BasicReplayBuffer(batch_size=3, capacity=7, seed=0)
        self.stored = []
        self.next_number = 1

    @rule(count=st.integers(1, 10))
    def store_one_by_one(self, count):
        for _ in range(count):
            store(self.buffer, self.next_number)
            self.stored.append(self.next_number)
            self.next_number += 1

    @rule(count=st.integers(1, 7))
    def store_a_step_of_several_environments(self, count):
        found = np.arange(self.next_number, self.next_number + count)
        step = Step(
            np.stack([found, -found], axis=1).astype(np.float32),
            found % 4,
            found.astype(np.float64),
            found % 5 == 0,
            found % 7 == 0,
            np.stack([found + 1, -found - 1], axis=1).astype(np.float32),
        )
        self.buffer.extend(step, -found.astype(np.float32), found.astype(np.float32) / 2)
        self.stored += found.tolist()
        self.next_number += count

    @rule()
    def forget(self):
        self.buffer.clear_memory()
        self.stored = []

    @rule()
    def save_and_restore(self):
        other = BasicReplayBuffer(batch_size=3, capacity=7)
        other.load_state_dict(self.buffer.state_dict())
        self.buffer = other

    @precondition(lambda self: self.stored)
    @rule(n=st.integers(1, 20))
    def sample(self, n):
        drawn = numbers(self.buffer.sample(n))
        assert len(drawn) == n
        assert set(drawn) <= set(self.stored[-7:])

    @invariant()
    def holds_the_newest(self):
        batches = self.buffer.generate_batches()
        assert sorted(n for batch in batches for n in numbers(batch)) == self.stored[-7:]
        assert all(len(batch.reward) == 3 for batch in batches[:-1])
        assert self.buffer.size() == len(self.stored[-7:])


TestAgainstAList = AgainstAList.TestCase


def test_samples_every_transition_about_equally_often():
    buffer = BasicReplayBuffer(capacity=4, seed=0)
    for number in range(1, 11):
        store(buffer, number)
    counts = np.bincount(numbers(buffer.sample(4_000)), minlength=11)
    assert counts[:7].sum() == 0
    assert counts[7:].min() > 900


def test_same_seed_same_draws():
    drawn = []
    for _ in range(2):
        buffer = BasicReplayBuffer(seed=3)
        for number in range(1, 50):
            store(buffer, number)
        drawn.append(numbers(buffer.sample()) + [n for b in buffer.generate_batches() for n in numbers(b)])
    assert drawn[0] == drawn[1]


def test_a_missing_next_state_is_the_one_stored_next():
    buffer = BasicReplayBuffer(capacity=3)
    store(buffer, 1, next_state=None)
    with pytest.raises(ConfigError, match="no complete transition"):
        buffer.sample()
    for number in (2, 3, 4):
        store(buffer, number, next_state=None)
    assert sorted(numbers(buffer.generate_batches()[0])) == [1, 2, 3]
    assert set(numbers(buffer.sample(30))) == {1, 2, 3}
    assert buffer.size() == 3
    store(buffer, 5, next_state=None, done=False)
    assert set(numbers(buffer.sample(30))) == {2, 3, 4}


def test_a_missing_next_state_may_be_a_number_or_a_dict():
    for make in (int, lambda number: {"a": number, "b": np.array([number, 0])}):
        buffer = ReplayBuffer()
        for number in range(3):
            buffer.store_memory(make(number), 0, None, None, 0.0, False)
        following = buffer.in_order().next_observation
        if isinstance(following, dict):
            assert following["b"].tolist() == [[1, 0], [2, 0]]
            following = following["a"]
        assert following.tolist() == [1, 2]


def test_a_missing_next_state_is_not_needed_where_the_game_ended():
    buffer = BasicReplayBuffer()
    store(buffer, 5, next_state=None, done=True)
    store(buffer, 8)
    batch = buffer.generate_batches()[0]
    ended = batch.next_observation[batch.reward == 5]
    assert ended.tolist() == [[5.0, -5.0]]


def test_a_missing_next_state_cannot_be_guessed_where_an_episode_was_cut_short():
    with pytest.raises(ConfigError, match="truncated"):
        store(BasicReplayBuffer(), 1, next_state=None, truncated=True)


def test_bytes_stay_bytes():
    buffer = BasicReplayBuffer()
    image = np.full((3, 4, 4), 200, dtype=np.uint8)
    buffer.store_memory(image, 0, None, None, 1.0, False, image)
    batch = buffer.sample(2)
    assert batch.observation.dtype == np.uint8
    assert batch.observation.shape == (2, 3, 4, 4)
    assert batch.log_prob is None


def test_what_is_given_later_is_unknown_before():
    buffer = ReplayBuffer(capacity=3)
    observation = np.zeros(2, np.float32)
    buffer.store_memory(observation, 0, None, None, 1.0, True)
    buffer.store_memory(observation, 0, -0.5, 0.25, 2.0, True)
    buffer.store_memory(observation, 0, None, None, 3.0, True)
    stored = buffer.in_order()
    np.testing.assert_array_equal(stored.log_prob, np.array([np.nan, -0.5, np.nan], np.float32))
    np.testing.assert_array_equal(stored.value, np.array([np.nan, 0.25, np.nan], np.float32))
    assert stored.num_steps == 1


def test_dicts_are_stored_by_key():
    buffer = ReplayBuffer(capacity=2, seed=0)
    for number in range(3):
        observation = {"a": np.array([number]), "b": (number, np.array([[number]]))}
        buffer.store_memory(observation, {"x": number}, None, None, 0.0, False, observation)
    batch = buffer.sample(8)
    assert set(batch.observation["a"].ravel()) == {1, 2}
    assert np.array_equal(batch.observation["b"][0], batch.observation["b"][1].ravel())
    assert np.array_equal(batch.action["x"], batch.observation["b"][0])


def test_the_dict_buffer_has_the_seeds_methods():
    buffer = DictReplayBuffer(2)
    for number in range(5):
        state = {"a": np.array([number]), "b": number}
        buffer.store_memory(state, {"x": number, "y": np.full(2, number)}, -0.5, 1.0, number, False, state)
    generated = buffer.generate_batches()
    assert [len(batch.reward) for batch in generated] == [2, 2, 1]
    for batch in generated:
        for column in (batch.observation["b"], batch.action["x"], batch.action["y"][:, 1], batch.reward):
            assert np.array_equal(batch.observation["a"].ravel(), column)
    buffer.clear_memory()
    assert buffer.size() == 0
    assert buffer.generate_batches() == []


@pytest.mark.parametrize(
    "state",
    [
        {"a": np.array([1.5]), "b": 1},  # a fraction, where whole numbers were stored
        {"a": np.array([1, 2]), "b": 1},
        {"a": np.array([1])},
        {"a": np.array([1]), "b": 1, "c": 1},
        (np.array([1]), 1),
        np.array([1]),
    ],
)
def test_a_state_of_another_kind_is_refused_and_nothing_stored(state):
    buffer = ReplayBuffer()
    good = {"a": np.array([1]), "b": 1}
    buffer.store_memory(good, 0, None, None, 0.0, False, good)
    for states in ((state, good), (good, state)):
        with pytest.raises(ConfigError, match=r"observations of \{'a'"):
            buffer.store_memory(states[0], 0, None, None, 0.0, False, states[1])
    assert buffer.size() == 1


def test_the_order_of_keys_does_not_matter():
    buffer = DictReplayBuffer()
    for state in ({"a": 1, "b": np.array([2.5])}, {"b": np.array([2.5]), "a": 1}):
        buffer.store_memory(state, 0, None, None, 0.0, True)
    assert buffer.in_order().observation["b"].ravel().tolist() == [2.5, 2.5]


def test_everything_in_the_order_it_came():
    buffer = BasicReplayBuffer(capacity=3)
    with pytest.raises(ConfigError, match="no complete"):
        buffer.in_order()
    for number in range(1, 6):
        store(buffer, number)
    assert numbers(buffer.in_order()) == [3, 4, 5]


def test_a_step_of_several_environments_cannot_tell_a_missing_next_state():
    buffer = BasicReplayBuffer()
    store(buffer, 1, next_state=None)
    step = Step(np.zeros((1, 2)), np.zeros(1), np.zeros(1), *[np.zeros(1, bool)] * 2, np.zeros((1, 2)))
    with pytest.raises(ConfigError, match="next_state"):
        buffer.extend(step)


def test_what_is_sampled_is_not_touched_by_what_is_stored_later():
    buffer = BasicReplayBuffer(capacity=1)
    store(buffer, 1)
    batch = buffer.sample(1)
    store(buffer, 2)
    assert numbers(batch) == [1]


def test_errors_say_what_would_work():
    with pytest.raises(ConfigError, match="capacity=0"):
        BasicReplayBuffer(capacity=0)
    with pytest.raises(ConfigError, match="batch_size=0"):
        BasicReplayBuffer(0)
    with pytest.raises(ConfigError, match="use a DictReplayBuffer"):
        BasicReplayBuffer().store_memory({"a": np.zeros(1)}, 0, None, None, 0.0, False)
    with pytest.raises(ConfigError, match="use a DictReplayBuffer"):
        BasicReplayBuffer().store_memory(np.zeros(1), {"a": 0}, None, None, 0.0, False)
    with pytest.raises(ConfigError, match="use a BasicReplayBuffer"):
        DictReplayBuffer().store_memory(np.zeros(1), 0, None, None, 0.0, False)
    buffer = BasicReplayBuffer()
    store(buffer, 1)
    with pytest.raises(ConfigError, match=r"This BasicReplayBuffer holds observations of shape \(2,\)"):
        store(buffer, 2, state=np.zeros(3))


class Diary(BasicReplayBuffer):
    pass


@pytest.mark.parametrize("name", ["batch_size", "capacity"])
def test_sizes_are_at_least_one_and_errors_name_the_class(name):
    assert getattr(Diary(**{name: 1}), name) == 1
    with pytest.raises(ConfigError, match=f"^Diary was given {name}=0; it must be an integer of 1 or more"):
        Diary(**{name: 0})


def test_a_seed_that_is_none_is_refused_where_it_was_given():
    with pytest.raises(ConfigError, match=r"^Diary was given seed=-1"):
        Diary(seed=-1)
    with pytest.raises(ConfigError, match=r"^Diary\.seed was given seed=-1"):
        Diary().seed(-1)


def test_without_settings_it_is_as_the_documents_say():
    assert (ReplayBuffer().batch_size, ReplayBuffer().capacity) == (32, 100_000)


def test_numbers_of_steps_are_kept_in_two_bytes():
    buffer = ReplayBuffer(capacity=4)
    buffer.extend(step_of(1), num_steps=3)
    assert buffer.sample(3).num_steps.dtype == np.int16


def test_a_buffer_that_cannot_fit_is_refused_with_numbers():
    buffer = BasicReplayBuffer(capacity=10**12)
    with pytest.raises(ConfigError, match=r"needs [\d,.]+ GiB .* this machine has .*smaller capacity"):
        store(buffer, 1)


def test_a_buffer_that_is_seeded_draws_as_one_that_is_made_with_the_seed():
    seeded, made = BasicReplayBuffer(), BasicReplayBuffer(seed=5)
    for buffer in (seeded, made):
        for number in range(30):
            buffer.store_memory(number, 0, None, None, 0.0, True)
    seeded.seed(5)
    assert seeded.sample(20).observation.tolist() == made.sample(20).observation.tolist()


def step_of(number, **changes):
    """A step of two environments whose numbers tell it and the environment."""
    numbers = number + np.arange(2) / 10
    no = np.array([False, False])
    return Step(numbers, numbers, numbers, no, no, numbers + 1)._replace(**changes)


def test_masks_of_what_follows_are_kept_with_their_transitions():
    buffer = ReplayBuffer()
    mask = np.array([[1, 0], [0, 1]], np.int8)
    buffer.extend(step_of(1, next_action_mask=mask))
    buffer.extend(step_of(2, next_action_mask=mask[::-1]))
    assert buffer.in_order().next_action_mask.tolist() == [[1, 0], [0, 1], [0, 1], [1, 0]]


def test_how_many_steps_a_transition_spans_is_kept_once_it_is_more_than_one():
    buffer = ReplayBuffer()
    buffer.extend(step_of(1))
    assert buffer.in_order().num_steps == 1
    buffer.extend(step_of(2), num_steps=2)
    assert buffer.in_order().num_steps.tolist() == [1, 1, 2, 2]
    assert buffer.in_order().num_steps.dtype == np.int16


def test_rows_that_are_no_steps_are_left_out():
    buffer = ReplayBuffer()
    buffer.extend(step_of(1, is_reset=np.array([True, False])))
    assert buffer.in_order().observation.tolist() == [1.1]


@pytest.mark.parametrize("number_of_old_ones", [1, 2, 3, 4])
def test_a_next_state_that_came_later_reaches_no_other_transition(number_of_old_ones):
    buffer = ReplayBuffer(capacity=4)
    for number in range(number_of_old_ones):
        store(buffer, 10 * number)
    store(buffer, 70, next_state=None, truncated=False, done=False)
    store(buffer, 80)
    found = buffer.in_order()
    assert found.next_observation[:, 0].tolist() == [
        80.0 if reward == 70 else reward + 1 for reward in found.reward
    ]


@pytest.mark.parametrize("wrong", [(np.zeros(2),), (np.zeros(2), np.zeros(3), np.zeros(1)), np.zeros(2)])
def test_an_observation_of_another_form_than_the_first_is_refused(wrong):
    buffer = ReplayBuffer()
    store(buffer, 1, state=(np.zeros(2), np.zeros(3)), next_state=(np.zeros(2), np.zeros(3)))
    with pytest.raises(ConfigError, match="holds observations of"):
        store(buffer, 2, state=wrong)
    assert buffer.size() == 1


class Reservoir(ReplayBuffer):
    """Keeps a transition of each two in a random place, once it is full."""

    def place(self, rows, env):
        self.seen = [*getattr(self, "seen", []), (rows["reward"].tolist(), env.tolist())]
        number = self.num_stored + np.arange(len(env))
        return np.where(number < self.capacity, number, np.where(number % 2, number % self.capacity, -1))


def test_a_buffer_of_another_kind_says_where_transitions_go():
    buffer = Reservoir(capacity=4, seed=0)
    for number in range(0, 8, 2):
        buffer.extend(step_of(number))
    # Numbers 4 to 7 of those stored were 4, 4.1, 6 and 6.1; the odd ones were kept, at places 1 and 3.
    assert buffer.in_order().reward.tolist() == pytest.approx([0, 4.1, 2, 6.1])
    assert (buffer.size(), buffer.num_stored) == (4, 8)


def test_a_single_transition_may_be_left_out():
    buffer = Reservoir(capacity=1)
    for number in range(3):
        buffer.store_memory(number, 0, None, None, float(number), True)
    assert buffer.in_order().reward.tolist() == [1.0]


def test_where_transitions_go_may_depend_on_what_they_are_and_where_they_come_from():
    buffer = Reservoir()
    buffer.extend(step_of(1, is_reset=np.array([True, False])))
    buffer.store_memory(1.0, 2.0, None, None, 3.0, True)
    assert buffer.seen == [([pytest.approx(1.1)], [1]), ([3.0], [0])]


def test_a_step_of_nothing_but_resets_places_nothing():
    buffer = Reservoir()
    buffer.extend(step_of(1, is_reset=np.array([True, True])))
    assert not hasattr(buffer, "seen")
    assert buffer.size() == 0


def test_a_buffer_of_another_kind_says_which_are_drawn():
    class Newest(ReplayBuffer):
        def draw(self, n):
            return np.full(n, self.num_drawable - 1)

    buffer = Newest(3)
    with pytest.raises(ConfigError, match="no complete transition"):
        buffer.sample()
    for number in range(1, 5):
        store(buffer, number)
    batch = buffer.sample()
    assert numbers(batch) == [4, 4, 4]
    assert batch.position.tolist() == [3, 3, 3]


def test_what_another_kind_of_buffer_dropped_is_dropped_in_a_saved_one_too():
    buffer, other = Reservoir(capacity=3), Reservoir(capacity=3)
    for number in range(0, 6, 2):
        buffer.extend(step_of(number))
    other.load_state_dict(buffer.state_dict())
    for each in (buffer, other):
        each.extend(step_of(8))
    assert np.array_equal(buffer.in_order().reward, other.in_order().reward)
    assert buffer.num_stored == other.num_stored == 8


def test_what_waits_for_its_next_state_is_a_copy_and_is_saved():
    buffer, other, state = ReplayBuffer(), ReplayBuffer(), np.zeros(1)
    buffer.store_memory(state, 0, None, None, 1.0, False)
    state[:] = 9
    other.load_state_dict(buffer.state_dict())
    for each in (buffer, other):
        each.store_memory(np.ones(1), 0, None, None, 2.0, True)
        assert each.in_order().observation.tolist() == [[0.0], [1.0]]
        assert each.in_order().next_observation.tolist() == [[1.0], [1.0]]
    buffer.store_memory(np.ones(1), 0, None, None, 2.0, False)
    buffer.clear_memory()
    buffer.store_memory(np.ones(1), 0, None, None, 3.0, True)  # as nothing waits any more
    assert buffer.in_order().reward.tolist() == [3.0]


@pytest.mark.parametrize("position", [[4], [2], [0, 1], 0, np.zeros((1, 1), int)])
def test_a_place_that_is_none_is_named(position):
    class Astray(ReplayBuffer):
        def place(self, rows, env):
            return np.array(position) if self.num_stored else np.zeros(1, int)

    buffer = Astray(capacity=4)
    store(buffer, 1)
    with pytest.raises(ContractError, match=r"Astray\.place gave the positions.*now 1 is the next"):
        store(buffer, 2)
    assert numbers(buffer.in_order()) == [1]


@pytest.mark.parametrize("position", [[0, 2], [-1, 0], [0], [[0, 1]]])
def test_draws_of_what_is_not_there_are_named(position):
    class Greedy(ReplayBuffer):
        def draw(self, n):
            return position

    buffer = Greedy()
    store(buffer, 1)
    store(buffer, 2)
    with pytest.raises(ContractError, match=r"Greedy\.draw gave the positions.*from 0 to 1"):
        buffer.sample(2)


def test_what_was_not_kept_before_it_was_full_is_never_handed_out():
    class EverySecond(ReplayBuffer):
        def place(self, rows, env):
            number = self.num_stored + np.arange(len(env))
            return np.where(number % 2 == 0, number // 2, -1)

    buffer = EverySecond(batch_size=2, capacity=10)
    for number in range(7):
        buffer.store_memory(np.array([number]), 0, None, None, 0.0, False, np.array([number + 1]))
    kept = np.concatenate([batch.observation for batch in buffer.generate_batches()])
    assert sorted(kept.ravel().tolist()) == [0, 2, 4, 6]
