"""Examples one by one: transforms that draw the same again, and what is found wrong on the way."""

from __future__ import annotations

import pytest
import torch
from PIL import Image

from csai_train.datasets.learning.epoch_order import shuffled
from csai_train.datasets.learning.loaders import StreamingLoader
from csai_train.errors import InvalidDataError


def stream(examples, transform=None):
    return StreamingLoader(examples, transform, 3, 0, torch.device("cpu"), "the training set")


def test_a_transform_draws_the_same_for_the_same_epoch_and_leaves_the_generator_alone():
    loader = stream([(Image.new("L", (7, 5)), label % 3) for label in range(6)], lambda image: torch.rand(3))
    before = torch.get_rng_state()
    one, other = (list(loader.batches(shuffled(6, 4, seed=1, epoch=2))) for _ in range(2))
    assert all(torch.equal(a[0], b[0]) for a, b in zip(one, other, strict=True))
    assert torch.equal(before, torch.get_rng_state())
    rest = list(loader.batches(shuffled(6, 4, seed=1, epoch=2, first=1)))
    assert torch.equal(rest[0][0], one[1][0])
    assert not torch.equal(next(loader.batches(shuffled(6, 4, seed=1, epoch=3)))[0], one[0][0])


def test_labels_out_of_range_are_found_on_the_way():
    loader = stream([(torch.zeros(2), 1), (torch.zeros(2), 7)])
    with pytest.raises(InvalidDataError, match="Example 1 of the training set has the label 7"):
        list(loader.test_batches())


@pytest.mark.parametrize("value", [object(), "word", Image.new("L", (7, 5))])
def test_inputs_that_are_no_numbers_are_refused(value):
    loader = stream([(value, 1)], lambda each: each)
    with pytest.raises(InvalidDataError, match="The inputs of the training set are"):
        list(loader.test_batches())
