"""Sequences of steps, joined and laid out: by hand, and against plain lists of each episode."""

import copy

import numpy as np
import pytest

from csai_core import tree_codec, trees
from csai_core.algorithm import Step
from csai_core.errors import ConfigError
from csai_core.testing.compare import difference
from csai_neural.sequences import Sequences
from csai_train import ReplayBuffer
from csai_train.buffers.sequences import SequenceJoiner, errors_by_sequence, laid_out

NUM_ENVS = 3


def test_sequences_by_hand():
    """One environment, five steps of an episode and one of the next; two to learn from, one burn-in."""
    joiner, found = SequenceJoiner(2, 1), []
    for t in range(6):
        row = np.array([float(t)])
        step = Step(row, row, row, row == 4, row > 9, row + 1, memo={"h": row[:, None] * 10})
        found += [joined for joined, _ in joiner.join(step)]
    found += [joined for joined, _ in joiner.cut()]
    told = [
        (
            each.reward[0].tolist(),
            int(each.observation["count"][0]),
            int(each.observation["burn_in"][0]),
            float(each.observation["remembered"]["h"][0, 0]),
            float(each.next_observation[0]),
        )
        for each in found
    ]
    assert [(*each[1:],) for each in told] == [(2, 0, 0, 2), (3, 1, 10, 4), (2, 1, 30, 5), (1, 0, 50, 6)]
    assert [each[0][-each[1] :] for each in told] == [[0, 1], [1, 2, 3], [3, 4], [5]]


def test_the_error_of_a_sequence_by_hand():
    places, error = errors_by_sequence(np.array([7, 2, 7]), np.array([1.0, -4.0, -3.0]))
    assert places.tolist() == [2, 7]
    assert error == pytest.approx([4.0, 0.9 * 3 + 0.1 * 2])


def random_steps(seed, count, *, has_masks):
    """Steps of three environments that end at random, some with a row that is no step afterwards."""
    random = np.random.default_rng(seed)
    is_reset = np.zeros(NUM_ENVS, bool)
    for t in range(count):
        number = 10.0 * t + np.arange(NUM_ENVS) + 1
        end = random.integers(6, size=NUM_ENVS)
        terminated, truncated = (end == 0) & ~is_reset, (end == 1) & ~is_reset
        yield Step(
            observation={"a": number[:, None] * [1, 2], "b": (number.astype(int),)},
            action=number.astype(int) + 100,
            reward=number + 200,
            terminated=terminated,
            truncated=truncated,
            next_observation={"a": number[:, None] * [3, 4], "b": (number.astype(int) + 5,)},
            action_mask=np.ones((NUM_ENVS, 2), np.int8) if has_masks else None,
            next_action_mask=np.stack([number.astype(int) % 2, number.astype(int) % 3], axis=1)
            if has_masks
            else None,
            is_reset=is_reset if is_reset.any() else None,
            memo=(number[:, None] + 300,),
        )
        is_reset = (terminated | truncated) & (random.random(NUM_ENVS) < 0.5)


def fields_of(step):
    """What a step has a row of for each environment, but for what says which were reset."""
    return {name: each for name, each in step._asdict().items() if each is not None and name != "is_reset"}


def rows_of(step, env):
    return trees.apply(lambda each: copy.copy(each[env]), fields_of(step))


def expected(steps, length, burn_in):
    """The sequences that the steps of each environment make, what is cut after the last of them included."""
    found = []
    for env in range(NUM_ENVS):
        episode, new = [], 0
        for t, step in enumerate(steps):
            if step.is_reset is None or not step.is_reset[env]:
                episode.append(rows_of(step, env))
                new += 1
            is_over = bool(step.terminated[env] | step.truncated[env])
            is_full = new == length or (new and is_over)
            if is_full or (new and t == len(steps) - 1):
                found.append((t, not is_full, env, new, episode[-(new + burn_in) :]))
                new = 0
            if is_over:
                episode = []
    return sorted(found, key=lambda each: each[:3])


@pytest.mark.parametrize(("length", "burn_in"), [(1, 0), (2, 0), (3, 2), (4, 7)])
@pytest.mark.parametrize("has_masks", [False, True])
def test_every_step_is_in_one_sequence_of_its_episode(length, burn_in, has_masks):
    steps = [*random_steps(7, 40, has_masks=has_masks)]
    joiner, found = SequenceJoiner(length, burn_in), []
    for step in copy.deepcopy(steps):  # what is kept of it is the joiner's own
        found += [joined for joined, count in joiner.join(step) if count == 1]
        trees.apply(lambda each: each.fill(1), fields_of(step))
    found += [joined for joined, count in joiner.cut() if count == 1]
    assert not list(joiner.cut())
    rows = [(joined, i) for joined in found for i in range(len(joined.reward))]
    wanted = expected(steps, length, burn_in)
    assert len(rows) == len(wanted)
    for (joined, i), (*_, new, members) in zip(rows, wanted, strict=True):
        count = len(members)
        assert joined.observation["count"][i] == count
        first = steps[0]
        assert joined.observation["seen"]["b"][0].dtype == first.observation["b"][0].dtype
        assert (joined.action.dtype, joined.terminated.dtype) == (first.action.dtype, first.terminated.dtype)
        assert joined.observation["burn_in"][i] == count - new
        assert joined.observation["remembered"][0][i] == members[0]["memo"][0]
        assert (
            trees.take(joined.next_observation, i)["a"].tolist()
            == members[-1]["next_observation"]["a"].tolist()
        )
        assert joined.next_observation["b"][0][i] == members[-1]["next_observation"]["b"][0]
        slots = {
            "action": joined.action,
            "reward": joined.reward,
            "terminated": joined.terminated,
            "truncated": joined.truncated,
            **({"next_action_mask": joined.next_action_mask} if has_masks else {}),
        }
        for name, values in slots.items():
            assert values.shape[1] == length + burn_in
            assert values[i][-count:].tolist() == [np.asarray(each[name]).tolist() for each in members]
        seen = joined.observation["seen"]
        assert seen["a"][i][-count:].tolist() == [each["observation"]["a"].tolist() for each in members]
        assert seen["b"][0][i][-count:].tolist() == [each["observation"]["b"][0] for each in members]
        assert has_masks or joined.next_action_mask is None
        assert (joined.action_mask, joined.memo, joined.is_reset) == (None, None, None)


def test_it_goes_on_from_its_state_and_from_no_others():
    one, other = SequenceJoiner(3, 2), SequenceJoiner(3, 2)
    steps = [*random_steps(2, 12, has_masks=True)]
    for step in steps[:7]:
        list(one.join(step))
        for kept in one.state_dict()["steps"]:  # and nothing that nobody needs
            assert (kept["memo"], kept["action_mask"], kept["is_reset"]) == (None, None, None)
    assert any(step.is_reset is not None for step in steps[:7])
    other.load_state_dict(tree_codec.from_file(*tree_codec.to_file(one.state_dict())))
    for step in steps[7:]:
        found, again = (
            [joined._asdict() for joined, _ in each.join(copy.deepcopy(step))] for each in (one, other)
        )
        assert not difference({"all": found}, {"all": again}, "joined")
    for length, burn_in in ((2, 2), (3, 1)):
        with pytest.raises(
            ConfigError, match=f"Sequences of 3 steps with a burn-in of 2 cannot .* {length} and"
        ):
            SequenceJoiner(length, burn_in).load_state_dict(one.state_dict())


def test_sequences_are_laid_out_flat_with_those_to_learn_from_marked():
    """Two sequences of up to three slots: two steps without burn-in, and three of which one is burn-in."""
    joiner, buffer = SequenceJoiner(2, 1), ReplayBuffer(capacity=8)
    for t in range(4):
        row = np.array([float(t)])
        mask = np.array([[1, t % 2]], np.int8)
        step = Step(row, row + 10, row + 20, row == 3, row > 9, row + 1, next_action_mask=mask)
        step = step._replace(memo={"h": row[:, None] + 30})
        for joined, count in joiner.join(step):
            buffer.extend(joined, num_steps=count)
    batch = buffer.in_order()._replace(weight=np.array([0.5, 0.25]), position=np.array([4, 6]))
    flat = laid_out(batch)
    assert isinstance(flat.observation, Sequences)
    assert flat.observation.observation.tolist() == [0, 1, 1, 2, 3]
    assert flat.observation.layout.sequence.tolist() == [0, 0, 1, 1, 1]
    assert flat.observation.layout.time.tolist() == [0, 1, 0, 1, 2]
    assert flat.observation.layout.kept.tolist() == [0, 1, 3, 4]
    assert flat.observation.state["h"].tolist() == [[30], [31]]
    assert flat.next_observation.observation.tolist() == [0, 1, 2, 1, 2, 3, 4]
    assert flat.next_observation.layout.time.tolist() == [0, 1, 2, 0, 1, 2, 3]
    assert flat.next_observation.layout.kept.tolist() == [1, 2, 5, 6]
    assert flat.next_observation.state["h"].tolist() == [[30], [31]]
    assert flat.action.tolist() == [10, 11, 12, 13]
    assert flat.reward.tolist() == [20, 21, 22, 23]
    assert flat.terminated.tolist() == [False, False, False, True]
    assert flat.truncated.tolist() == [False] * 4
    assert flat.weight.tolist() == [0.5, 0.5, 0.25, 0.25]
    assert flat.position.tolist() == [4, 4, 6, 6]
    assert flat.next_action_mask.tolist() == [[1, 0], [1, 1], [1, 0], [1, 1]]
    assert flat.num_steps == 1
    bare = laid_out(batch._replace(weight=None, position=None, next_action_mask=None))
    assert (bare.weight, bare.position, bare.next_action_mask) == (None, None, None)


def test_parts_of_observations_are_laid_out_each():
    joiner, buffer = SequenceJoiner(2, 0), ReplayBuffer(capacity=8)
    for step in random_steps(1, 6, has_masks=False):
        for joined, count in joiner.join(step):
            buffer.extend(joined, num_steps=count)
    flat = laid_out(buffer.in_order())
    for name, numbers in (
        ("a", flat.observation.observation["a"][:, 0]),
        ("b", flat.observation.observation["b"][0]),
    ):
        assert numbers.tolist() == (flat.reward - 200).tolist(), name
    ends = flat.next_observation.layout
    last = [np.flatnonzero(ends.sequence == each)[-1] for each in range(ends.num_sequences)]
    led_to = flat.next_observation.observation["b"][0][last]
    assert all(number - 5 in flat.observation.observation["b"][0] for number in led_to)
