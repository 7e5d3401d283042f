"""What tests of blocks share."""

import pytest

from csai_neural import InputBlock, Net


@pytest.fixture
def make_net():
    """Makes a compiled net of an input of some space and blocks behind it."""

    def make_net(space, *blocks, **settings):
        net = Net()
        for block in (InputBlock(space, **settings), *blocks):
            net.add_block(block)
        net.compile()
        return net

    return make_net
