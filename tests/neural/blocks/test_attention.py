"""AttentionBlock against torch's own layer."""

import pytest
import torch
from torch import nn

from csai_neural import AttentionBlock
from csai_neural.errors import ShapeError


def test_attention_is_torchs_own_layer():
    block = AttentionBlock(num_heads=2, feed_forward_size=12, input_shape=(4, 8))
    layer = nn.TransformerEncoderLayer(
        8, 2, 12, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
    )
    with torch.no_grad():
        layer.self_attn.in_proj_weight.copy_(block.query_key_value.weight)
        layer.self_attn.in_proj_bias.copy_(block.query_key_value.bias)
        layer.self_attn.out_proj.load_state_dict(block.mix_heads.state_dict())
        layer.norm1.load_state_dict(block.attention_norm.state_dict())
        layer.norm2.load_state_dict(block.feed_forward[0].state_dict())
        layer.linear1.load_state_dict(block.feed_forward[1].state_dict())
        layer.linear2.load_state_dict(block.feed_forward[3].state_dict())
    x = torch.randn(3, 4, 8)
    assert torch.allclose(block(x), layer(x), atol=1e-5)


def test_attention_knows_no_order_unless_it_learns_positions():
    x = torch.randn(2, 4, 8)
    block = AttentionBlock(pool="mean", input_shape=(4, 8))
    assert torch.allclose(block(x), block(x.flip(1)), atol=1e-5)
    block = AttentionBlock(pool="mean", learn_positions=True, input_shape=(4, 8))
    nn.init.normal_(block.positions)
    assert not torch.allclose(block(x), block(x.flip(1)), atol=1e-3)


def test_heads_that_do_not_divide_the_features():
    with pytest.raises(ShapeError, match=r"num_heads=4.*\[1, 2, 3, 6\]"):
        AttentionBlock(input_shape=(4, 6))
