"""The network passes csai's conformance suite, and is made for images."""

import pytest
from csai_neural import load_network
from csai_neural.errors import ShapeError
from csai_neural.testing import NetworkSuite
from gymnasium.spaces import Box


class TestTelescope(NetworkSuite):
    """Everything a network should pass, for the images that it takes."""

    entry_name = "telescope"


@pytest.mark.parametrize("shape", [(1, 24, 24), (3, 8, 8), (4, 84, 84)])
def test_it_looks_at_images(shape):
    space = Box(0, 1, shape)
    assert load_network("telescope", space, seed=1)(space.sample()).shape == (64,)


def test_it_looks_at_nothing_else():
    with pytest.raises(ShapeError, match=r"CoordinatesBlock.*it takes images"):
        load_network("telescope", Box(0, 1, (6,)), seed=1)
