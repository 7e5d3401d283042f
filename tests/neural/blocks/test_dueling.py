"""DuelingBlock by hand."""

import torch

from csai_neural import DuelingBlock


def test_dueling_by_hand():
    block = DuelingBlock(2, 3, hidden_size=None)
    with torch.no_grad():
        block.value[0].weight.copy_(torch.tensor([[1.0, 0.0]]))
        block.advantage[0].weight.copy_(torch.tensor([[0.0, 1.0], [0.0, 2.0], [0.0, 6.0]]))
        for head in (block.value, block.advantage):
            head[0].bias.zero_()
    # V = 10; A = (1, 2, 6) with mean 3, so Q = (8, 9, 13).
    assert block(torch.tensor([[10.0, 1.0]])).tolist() == [[8, 9, 13]]
