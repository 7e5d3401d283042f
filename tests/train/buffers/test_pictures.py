"""Columns of pictures: whatever is done, what they give is what an array would have given, in less memory."""

import copy
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from csai_core import tree_codec, trees
from csai_core.algorithm import Step
from csai_core.errors import ConfigError
from csai_core.testing import BufferSuite
from csai_core.testing.buffer.numbered import FORMS
from csai_core.testing.compare import arrays_in, difference
from csai_train import PrioritizedReplayBuffer, ReplayBuffer
from csai_train.buffers import pictures as module
from csai_train.buffers.n_step import NStepAccumulator
from csai_train.buffers.pictures import PictureColumn, Pictures, picture_shape

SIDE = 32
SEVERAL = 3
CAPACITY = 11
SHOWN = ("observation", "next_observation")


def picture(number):
    """Numbers from 0 to 4 alone, so that the same picture comes again and again."""
    return np.full((SIDE, SIDE), number, np.uint8)


@pytest.mark.parametrize(
    ("shape", "dtype", "found"),
    [
        ((4, 84, 84), np.uint8, (84, 84)),
        ((16, 32, 32), np.uint8, (32, 32)),
        ((17, 32, 32), np.uint8, (17, 32, 32)),
        ((84, 84, 3), np.uint8, (84, 84, 3)),
        ((4, 84, 84, 3), np.uint8, (84, 84, 3)),
        ((32, 32), np.uint8, (32, 32)),
        ((31, 33), np.uint8, None),
        ((4, 31, 33), np.uint8, (4, 31, 33)),
        ((2, 10, 5), np.uint8, None),
        ((4, 2000), np.uint8, (4, 2000)),
        ((4096,), np.uint8, None),
        ((), np.uint8, None),
        ((4, 84, 84), np.int8, None),
        ((4, 84, 84), np.float32, None),
    ],
)
def test_what_is_a_picture(shape, dtype, found):
    assert picture_shape(np.zeros((2, *shape), dtype)) == found


@pytest.mark.parametrize("shape", [(3, SIDE, SIDE), (SIDE, SIDE)], ids=str)
@pytest.mark.parametrize("is_hashed_badly", [False, True])
@given(data=st.data())
@settings(max_examples=40)
def test_a_column_is_as_an_array_is(shape, is_hashed_badly, data):
    with pytest.MonkeyPatch.context() as patch:
        if is_hashed_badly:
            patch.setattr(module, "hash", lambda data: data[0] % 2, raising=False)
        kept = Pictures((SIDE, SIDE))
        columns = [PictureColumn(kept, 5, shape) for _ in range(2)]
        arrays = [np.zeros((5, *shape), np.uint8) for _ in range(2)]
        written = [set(), set()]
        for _ in range(data.draw(st.integers(1, 15))):
            which = data.draw(st.integers(0, 1))
            positions = data.draw(st.lists(st.integers(0, 4), max_size=4))
            shown = [data.draw(st.lists(st.integers(0, 4), min_size=3, max_size=3)) for _ in positions]
            stacks = np.array([[picture(number) for number in each] for each in shown], np.uint8)
            values = stacks.reshape(-1, 3, SIDE, SIDE)[:, : shape[0] if len(shape) == 3 else 1]
            values = values.reshape(-1, *shape)
            index = np.array(positions, np.int64)
            if len(positions) == 1:
                index = slice(positions[0], positions[0] + 1)
            kept.make_room(3 * len(positions))
            columns[which][index] = values
            arrays[which][index] = values
            written[which].update(positions)
            different = set()
            for column, array, rows in zip(columns, arrays, written, strict=True):
                where = np.array(sorted(rows), np.int64)
                taken = column.take(where)
                assert taken.dtype == np.uint8
                assert np.array_equal(taken, array[where])
                different.update(array[where][..., 0, 0].ravel().tolist())
            if not is_hashed_badly:
                assert len(kept) == len(different)


def test_pictures_that_nobody_refers_to_make_room_for_others():
    kept = Pictures((SIDE, SIDE))
    column = PictureColumn(kept, 2, (SIDE, SIDE))
    for number in range(200):
        kept.make_room(1)
        column[slice(number % 2, number % 2 + 1)] = picture(number)[None]
    assert len(kept) == 2
    assert len(kept._pictures) <= 4


def test_a_copy_of_a_column_is_one_of_its_own():
    kept = Pictures((SIDE, SIDE))
    column = PictureColumn(kept, 2, (2, SIDE, SIDE))
    kept.make_room(2)
    column[slice(0, 1)] = np.stack([picture(1), picture(2)])[None]
    other = copy.deepcopy(column)
    other.pictures.make_room(2)
    other[slice(0, 1)] = np.stack([picture(3), picture(4)])[None]
    assert column.take(np.array([0]))[0, :, 0, 0].tolist() == [1, 2]
    assert other.take(np.array([0]))[0, :, 0, 0].tolist() == [3, 4]


# --- buffers


class AnyPlace(ReplayBuffer):
    """Puts transitions anywhere once it is full, several at one place too, and leaves some out."""

    def place(self, rows, env):
        number = self.num_stored + np.arange(len(env))
        return np.where(number < self.capacity, number, self.random.integers(-1, self.capacity, len(env)))


def as_numbers(step):
    """The same step, with bytes in which no pictures are seen."""
    return step._replace(
        **{name: trees.apply(lambda each: each.view(np.int8), getattr(step, name)) for name in SHOWN}
    )


def require_equal(one, other):
    """That two batches hold the same, byte for byte."""
    plain = {name: trees.apply(lambda each: each.view(np.uint8), getattr(other, name)) for name in SHOWN}
    given, wanted = one._asdict(), other._replace(**plain)._asdict()
    assert not difference(given, wanted, "batch")
    types = ([(where, each.dtype) for where, each in arrays_in(batch, "")] for batch in (given, wanted))
    assert next(types) == next(types)


class BesideArrays(RuleBasedStateMachine):
    """Whatever is done to both buffers, the one of pictures gives what the one of numbers gives."""

    @initialize(
        make=st.sampled_from([ReplayBuffer, PrioritizedReplayBuffer, AnyPlace]),
        num_envs=st.integers(1, SEVERAL),
        n_step=st.integers(1, 3),
        is_dict=st.booleans(),
    )
    def begin(self, make, num_envs, n_step, is_dict):
        self.make = lambda: make(batch_size=4, capacity=CAPACITY, seed=1)
        self.pictures, self.numbers = self.make(), self.make()
        self.num_envs, self.n_step, self.is_dict = num_envs, n_step, is_dict
        self.joiner = NStepAccumulator(n_step, 0.9)
        self.frames = [[0, 0, 0] for _ in range(num_envs)]
        self.is_over = [False] * num_envs

    def shown(self, frames):
        stacks = np.stack([[picture(number) for number in each] for each in frames])
        return {"camera": stacks, "other": stacks[:, 0] + 9} if self.is_dict else stacks

    def extend(self, steps):
        for step, count in steps:
            self.pictures.extend(step, num_steps=count)
            self.numbers.extend(as_numbers(step), num_steps=count)

    @rule(data=st.data(), has_masks=st.booleans())
    def step(self, data, has_masks):
        before, after, ends = [each[:] for each in self.frames], [], []
        is_reset = np.array(self.is_over)
        for env in range(self.num_envs):
            seen = data.draw(st.integers(0, 4))
            fresh = is_reset[env]
            after.append([seen] * 3 if fresh else [*before[env][1:], seen])
            ends.append("" if fresh else data.draw(st.sampled_from(["", "", "terminated", "truncated"])))
            self.is_over[env] = bool(ends[env]) and data.draw(st.booleans())
            ended = ends[env] and not self.is_over[env]  # the next episode begins without a row of its own
            self.frames[env] = [data.draw(st.integers(0, 4))] * 3 if ended else after[env]
        count = self.num_envs
        step = Step(
            self.shown(before),
            np.arange(count),
            np.arange(count) + float(before[0][0]),
            np.array([end == "terminated" for end in ends]),
            np.array([end == "truncated" for end in ends]),
            self.shown(after),
            next_action_mask=np.array(after)[:, :2].astype(np.int8) if has_masks else None,
            is_reset=is_reset if is_reset.any() else None,
        )
        self.extend(self.joiner.join(step) if self.n_step > 1 else [(step, 1)])

    @rule(data=st.data(), done=st.booleans(), is_told=st.booleans())
    def store_one(self, data, done, is_told):
        numbers = data.draw(st.lists(st.integers(0, 4), min_size=4, max_size=4))
        state, after = (trees.take(self.shown([each]), 0) for each in (numbers[:3], numbers[1:]))
        if self.pictures._waiting is not None:
            is_told = True
        for buffer, kind in ((self.pictures, np.uint8), (self.numbers, np.int8)):
            now, then = (
                trees.apply(lambda each, kind=kind: each.view(kind), each) for each in (state, after)
            )
            buffer.store_memory(now, 1, None, 0.5, 2.0, done, then if is_told else None)
            if buffer._waiting is not None:
                buffer.store_memory(then, 0, None, 0.5, 3.0, done=True)

    @rule()
    def cut(self):
        if self.n_step > 1:
            self.extend(self.joiner.cut())
        self.pictures.cut_episodes()
        self.numbers.cut_episodes()

    @rule()
    def forget(self):
        self.pictures.clear_memory()
        self.numbers.clear_memory()

    @rule()
    def save_and_restore(self):
        restored = []
        for buffer in (self.pictures, self.numbers):
            other = self.make()
            state = buffer.state_dict()
            other.load_state_dict(tree_codec.from_file(*tree_codec.to_file(state)))
            assert not difference(other.state_dict(), state, "state_dict()")
            restored.append(other)
        self.pictures, self.numbers = restored

    @rule(n=st.integers(1, 9), error=st.floats(0, 9))
    def sample(self, n, error):
        if not self.numbers.num_drawable:
            with pytest.raises(ConfigError):
                self.pictures.sample(n)
            return
        one, other = self.pictures.sample(n), self.numbers.sample(n)
        require_equal(one, other)
        for buffer, batch in ((self.pictures, one), (self.numbers, other)):
            buffer.update_priorities(batch.position, np.linspace(0, error, n))

    @invariant()
    def both_hold_the_same(self):
        assert self.pictures.size() == self.numbers.size()
        if self.numbers.num_drawable:
            require_equal(self.pictures.in_order(), self.numbers.in_order())
            batches = zip(self.pictures.generate_batches(), self.numbers.generate_batches(), strict=True)
            for one, other in batches:
                require_equal(one, other)


TestBesideArrays = BesideArrays.TestCase
TestBesideArrays.settings = settings(max_examples=60, stateful_step_count=30)


class PicturesInEveryCheck:
    """Has the suite check everything with pictures, which it otherwise takes for one check alone."""

    def _form(self):
        [form] = [form for form in FORMS if form.name == "stacked pictures"]
        return form


class TestReplay(PicturesInEveryCheck, BufferSuite):
    entry_name = "basic"


class TestPrioritized(PicturesInEveryCheck, BufferSuite):
    entry_name = "prioritized"


def steps_of_games(count, *, num_envs=4, length=100, stacked=4, side=84):
    """Steps of games whose observations are the newest pictures, each of which is like no other."""
    seen = np.zeros((num_envs, stacked, side, side), np.uint8)
    no = np.zeros(num_envs, bool)
    number = 0

    def show():
        nonlocal number
        for env in range(num_envs):
            number += 1
            seen[env, :-1] = seen[env, 1:]
            seen[env, -1, 0, :4] = np.frombuffer(number.to_bytes(4, "little"), np.uint8)

    for step in range(count):
        if step % length == 0:
            seen[:] = 0
            show()
        before = seen.copy()
        show()
        ends = no | (step % length == length - 1)
        yield Step(before, np.zeros(num_envs, int), np.zeros(num_envs), ends, no, seen.copy())


def test_a_stack_of_four_takes_less_than_a_sixth_of_the_memory():
    plain = 5_000 * 8 * 84 * 84
    buffer = ReplayBuffer(capacity=5_000)
    tracemalloc.start()
    try:
        for step in steps_of_games(1_500):
            buffer.extend(step)
        assert buffer.num_stored == 6_000
        assert tracemalloc.get_traced_memory()[0] < plain / 6
        assert sum(each.nbytes for _, each in arrays_in(buffer.state_dict(), "")) < plain / 6
        tracemalloc.reset_peak()
        for step in steps_of_games(100):
            buffer.extend(step)
        assert tracemalloc.get_traced_memory()[1] < plain / 6
    finally:
        tracemalloc.stop()


def test_pictures_for_which_there_is_no_memory_are_refused_and_leave_no_trace(monkeypatch):
    buffer = PrioritizedReplayBuffer(batch_size=4, capacity=100, seed=0)
    steps = [*steps_of_games(12, num_envs=1, side=SIDE)]
    for step in steps[:4]:
        buffer.extend(step)
    monkeypatch.setattr("csai_core.memory._memory_of_machine", lambda: 16 * SIDE * SIDE)
    with pytest.raises(
        ConfigError, match=r"in which \d+ pictures are different so far needs .*smaller capac"
    ):
        [buffer.extend(step) for step in steps[4:]]
    stored = buffer.size()
    assert 4 <= stored < 12
    monkeypatch.undo()
    for step in steps[stored:]:
        buffer.extend(step)
    assert np.array_equal(buffer.in_order().observation, np.concatenate([step.observation for step in steps]))


def test_pictures_of_several_sizes_are_kept_apart():
    buffer, restored = ReplayBuffer(capacity=4), ReplayBuffer(capacity=4)
    no = np.zeros(1, bool)
    for number in range(4):
        now, then = (
            {name: np.full((1, side, SIDE), value, np.uint8) for name, side in (("near", 40), ("far", SIDE))}
            for value in (number, number + 1)
        )
        buffer.extend(Step(now, np.zeros(1, int), np.zeros(1), no, no, then))
    restored.load_state_dict(tree_codec.from_file(*tree_codec.to_file(buffer.state_dict())))
    for each in (buffer, restored):
        seen = each.in_order()
        for name, side in (("near", 40), ("far", SIDE)):
            assert seen.observation[name].shape == (4, side, SIDE)
            assert seen.observation[name][:, 0, 0].tolist() == [0, 1, 2, 3]
            assert seen.next_observation[name][:, -1, -1].tolist() == [1, 2, 3, 4]


def test_what_was_saved_before_pictures_were_kept_once_is_taken_over():
    steps = [*steps_of_games(90, num_envs=2, length=7, side=SIDE)]
    buffer, older, restored = (ReplayBuffer(capacity=150, seed=2) for _ in range(3))
    for step in steps:
        buffer.extend(step)
        older.extend(as_numbers(step))
    state = older.state_dict()
    state["columns"].update({name: state["columns"][name].view(np.uint8) for name in SHOWN})
    restored.load_state_dict(state)
    assert not difference(restored.state_dict(), buffer.state_dict(), "state_dict()")
    require_equal(restored.sample(50), older.sample(50))
