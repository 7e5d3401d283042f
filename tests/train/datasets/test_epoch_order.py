"""Passes and augmentation: every example once, the same again for the same seed, and taken up anywhere."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from csai_train.datasets.learning import augment
from csai_train.datasets.learning.epoch_order import count_batches, derive_seed, shuffled
from csai_train.datasets.sources.images import Rescale


@given(size=st.integers(1, 80), batch_size=st.integers(1, 30), epoch=st.integers(0, 3))
def test_every_example_is_in_exactly_one_batch(size, batch_size, epoch):
    order = shuffled(size, batch_size, seed=1, epoch=epoch)
    batches = [chosen for _, chosen in order.batches()]
    assert len(batches) == order.num_batches == count_batches(size, batch_size)
    found = torch.cat(batches).tolist()
    assert len(set(found)) == len(found)
    # Only a last batch of a single example is left out.
    assert len(found) == size or (len(found) == size - 1 and size % batch_size == 1)
    assert all(len(batch) > 1 for batch in batches) or batch_size == 1 or size == 1


@given(first=st.integers(0, 8))
def test_a_pass_is_taken_up_where_it_was_left(first):
    whole = list(shuffled(40, 5, seed=3, epoch=1).batches())
    rest = list(shuffled(40, 5, seed=3, epoch=1, first=first).batches())
    assert [(number, chosen.tolist()) for number, chosen in rest] == [
        (number, chosen.tolist()) for number, chosen in whole[first:]
    ]


def test_epochs_and_seeds_differ():
    orders = [shuffled(30, 5, seed=s, epoch=e).order.tolist() for s in (0, 1) for e in (0, 1)]
    assert len({tuple(order) for order in orders}) == 4
    assert derive_seed(1, 2) != derive_seed(2, 1)


def test_rescaling_by_hand():
    assert Rescale().batch(torch.tensor([0, 51, 255], dtype=torch.uint8)).tolist() == pytest.approx(
        [-1, -0.6, 1]
    )


IMAGES = torch.arange(5 * 2 * 8 * 8, dtype=torch.uint8).reshape(5, 2, 8, 8)


@pytest.mark.parametrize("name", ["crop", "flip", "cutout"])
def test_augmentation_keeps_shape_and_type_and_follows_from_its_generator(name):
    change = augment.chain([name])
    one, other = (change(IMAGES, torch.Generator().manual_seed(4)) for _ in range(2))
    third = change(IMAGES, torch.Generator().manual_seed(5))
    assert one.shape == IMAGES.shape
    assert one.dtype == torch.uint8
    assert torch.equal(one, other)
    assert not torch.equal(one, third)
    assert not torch.equal(one, IMAGES)


def test_flip_mirrors_some_and_leaves_the_others():
    flipped = augment.flip(IMAGES, torch.Generator().manual_seed(0))
    same = (flipped == IMAGES).flatten(1).all(dim=1)
    mirrored = (flipped == IMAGES.flip(-1)).flatten(1).all(dim=1)
    assert bool((same ^ mirrored).all())
    assert bool(same.any())
    assert bool(mirrored.any())


def test_crop_moves_all_channels_of_an_image_alike_and_mirrors_at_the_edge():
    images = IMAGES.clone()
    images[:, 1] = 255 - images[:, 0]
    moved = augment.crop(images, torch.Generator().manual_seed(1))
    assert torch.equal(moved[:, 1], 255 - moved[:, 0])
    for before, after in zip(images[:, 0], moved[:, 0], strict=True):
        padded = torch.nn.functional.pad(before[None, None].float(), (1, 1, 1, 1), mode="reflect")[0, 0]
        windows = [padded[y : y + 8, x : x + 8] for y in range(3) for x in range(3)]
        assert any(torch.equal(after.float(), window) for window in windows)


def test_cutout_hides_one_square_of_each_image():
    hidden = augment.cutout(torch.zeros(5, 3, 8, 8, dtype=torch.uint8), torch.Generator().manual_seed(1))
    assert (hidden == 128).sum(dim=(1, 2, 3)).tolist() == [3 * 2 * 2] * 5


def test_no_augmentation_is_none():
    assert augment.chain([]) is None
