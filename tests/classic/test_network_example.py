"""The document's example of a network for Snake, word for word."""

from __future__ import annotations

import torch as th


def test_a_network_for_snake(document):
    namespace = {}
    exec(document("Example Usage"), namespace)
    net, copy_net = namespace["net"], namespace["copy_net"]
    assert namespace["conv_block"].output_size == 32 * 8 * 8
    assert namespace["output_test"].shape == (5,)
    assert th.equal(namespace["output_test"], namespace["output_copy_test"])
    assert [type(block).__name__ for block in net.added_blocks] == ["InputBlock", "ConvBlock", "OutputBlock"]
    with th.no_grad():
        next(copy_net.parameters()).add_(1.0)
    assert not th.equal(copy_net(namespace["input_sample"]), namespace["output_test"])
    assert th.equal(net(namespace["input_sample"]), namespace["output_test"])
