"""EmbeddingBlock: the table and what it refuses."""

import numpy as np
import pytest
import torch
from gymnasium import spaces

from csai_core.errors import ConfigError
from csai_neural import EmbeddingBlock, InputBlock, LinearBlock
from csai_neural.errors import ShapeError


def test_embedding_looks_its_numbers_up(make_net):
    net = make_net(spaces.Discrete(4, start=5), EmbeddingBlock(embedding_size=3), as_indices=True)
    table = net.blocks["embedding"].layers[0].weight
    assert table.shape == (4, 3)
    assert torch.equal(net(np.array([5, 8])), table[[0, 3]])


def test_an_embedding_with_too_few_rows_or_without_numbers(make_net):
    with pytest.raises(ShapeError, match=r"num_categories=3.*Say num_categories=4"):
        make_net(spaces.Discrete(4), EmbeddingBlock(3), as_indices=True)
    with pytest.raises(ShapeError, match="as_indices=True"):
        make_net(spaces.Discrete(4), EmbeddingBlock())
    with pytest.raises(ShapeError, match="EmbeddingBlock"):
        make_net(spaces.Discrete(4), LinearBlock(), as_indices=True)
    with pytest.raises(ConfigError, match="is_module_dict"):
        InputBlock(spaces.Dict(a=spaces.Discrete(2)), as_indices=True)
