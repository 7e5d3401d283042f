"""Batches of what was lived through: taken at positions, and split into parts."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from csai_neural.sequences import Layout, Sequences
from csai_train.buffers.experience import RolloutBatch


def batch(count, **changes):
    numbers = np.arange(count, dtype=np.float32)
    observation = {"x": np.stack([numbers, numbers + 10], axis=1)}
    return RolloutBatch(observation, numbers, None, returns=numbers, **changes)


@pytest.mark.parametrize(
    ("count", "parts", "sizes"), [(7, 3, [2, 2, 3]), (6, 3, [2, 2, 2]), (2, 5, [1, 1]), (5, 1, [5])]
)
def test_parts_hold_everything_once_and_in_order(count, parts, sizes):
    split = list(batch(count).split(parts))
    assert [len(part) for part in split] == sizes
    assert np.concatenate([part.returns for part in split]).tolist() == list(range(count))
    observed = np.concatenate([part.observation["x"] for part in split])
    assert observed[:, 0].tolist() == list(range(count))


def test_rows_are_taken_of_every_field_and_what_is_none_stays_so():
    taken = batch(5, advantage=torch.arange(5.0)).take(np.array([3, 0, 3]))
    assert taken.observation["x"].tolist() == [[3, 13], [0, 10], [3, 13]]
    assert taken.advantage.tolist() == [3, 0, 3]
    assert taken.action_mask is taken.log_prob is None


def test_rows_are_taken_on_the_device_that_tensors_are_on():
    taken = batch(5, advantage=torch.zeros(5, device="meta")).take(np.array([3, 0]))
    assert taken.advantage.device.type == "meta"
    assert taken.advantage.shape == (2,)


def test_explained_variance_by_hand():
    assert batch(3, value=np.arange(3.0)).explained_variance == 1.0
    assert batch(3, value=np.ones(3)).explained_variance == 0.0
    assert batch(3, value=np.array([0.0, 1.0, 0.0])).explained_variance == pytest.approx(
        1 - (8 / 9) / (2 / 3)
    )
    assert batch(1, value=np.ones(1)).explained_variance == 0.0


def test_minibatches_hold_sequences_whole():
    starts = np.zeros((3, 4), bool)  # three steps of four environments, and an episode that begins in one
    starts[1, 2] = True
    layout = Layout.of_lanes(starts)
    steps = np.arange(12.0)
    sequences = Sequences(steps[:, None], {"h": np.arange(5.0)[:, None]}, layout)
    whole = RolloutBatch(sequences, steps, None, returns=steps)
    parts, again = (list(whole.minibatches(2, np.random.default_rng(1))) for _ in range(2))
    assert [part.returns.tolist() for part in parts] == [part.returns.tolist() for part in again]
    assert [len(part) for part in parts] == [6, 6]
    assert sorted(np.concatenate([part.returns for part in parts])) == steps.tolist()
    for part in parts:
        rows = part.returns.astype(int)
        assert part.observation.observation[:, 0].tolist() == part.returns.tolist()
        assert len(set(rows % 4)) == 2  # both environments with all of their steps
        assert part.observation.layout.time.tolist() == layout.time[rows].tolist()
        kept = np.unique(layout.sequence[rows])
        assert part.observation.state["h"][:, 0].tolist() == kept.tolist()
    assert len(list(whole.minibatches(3, np.random.default_rng(1)))) == 3


def test_minibatches_of_single_steps_are_drawn_from_all():
    parts = list(batch(7).minibatches(3, np.random.default_rng(2)))
    assert [len(part) for part in parts] == [2, 2, 3]
    returns = np.concatenate([part.returns for part in parts]).tolist()
    assert sorted(returns) == list(range(7)) != returns
