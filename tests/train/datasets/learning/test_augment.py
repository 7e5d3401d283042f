"""Augmentation changes images as it says, and follows from its generator."""

from __future__ import annotations

import pytest
import torch

from csai_train.datasets.learning import augment

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
