"""The seed's example of a network for pictures of digits, with only its import lines changed."""

import pytest
import torch

from csai_core import BoxType, ObsAttribute
from csai_neural import ConvBlock, InputBlock, Net, OutputBlock
from csai_neural.errors import DeviceError


def digits_network(device):
    image = ObsAttribute(name="img", space=BoxType(-1, 1, shape=(1, 28, 28)))
    input_block = InputBlock(in_attribute=image, device=device)
    conv_block = ConvBlock(
        input_shape=input_block.in_attribute.space.shape, num_channels=1, depth=4, device=device
    )
    out_block = OutputBlock(input_size=conv_block.output_size, num_classes=10, device=device)
    net = Net(device=device)

    for block in (input_block, conv_block, out_block):
        net.add_block(block)

    net.compile()
    return net


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_a_network_for_digits(device):
    if device == "cuda" and not torch.cuda.is_available():
        with pytest.raises(DeviceError, match="use 'cpu'"):
            digits_network(device)
        return
    net = digits_network(device)
    output = net(torch.rand(5, 1, 28, 28))
    assert output.shape == (5, 10)
    assert output.device.type == net.device.type == device
