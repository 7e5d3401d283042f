"""The block passes csai's conformance suite, and says where a pixel is."""

import torch
from csai_neural.testing import BlockSuite
from gymnasium.spaces import Box

from csai_night_sky.coordinates import CoordinatesBlock


class TestCoordinates(BlockSuite):
    """Everything a block should pass."""

    entry_name = "coordinates"
    input_spaces = (Box(-1, 1, (3, 8, 9)), Box(0, 255, (1, 5, 1)))
    refused_spaces = (Box(-1, 1, (6,)),)


def test_it_says_where_each_pixel_is():
    block = CoordinatesBlock()
    block.fit((1, 3, 5))
    assert block.output_shape == (3, 3, 5)
    image = torch.rand(2, 1, 3, 5)
    seen = block(image)
    assert torch.equal(seen[:, :1], image)
    assert seen[1, 1, 2].tolist() == [-1.0, -0.5, 0.0, 0.5, 1.0]
    assert seen[1, 2, :, 4].tolist() == [-1.0, 0.0, 1.0]


def test_in_one_row_all_is_in_the_middle():
    block = CoordinatesBlock()
    block.fit((1, 1, 2))
    assert block(torch.zeros(1, 1, 1, 2))[0, 2].tolist() == [[0.0, 0.0]]
