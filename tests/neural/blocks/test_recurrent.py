"""RecurrentBlock against torch's own layers, and its memory."""

import pytest
import torch
from gymnasium import spaces

from csai_core.errors import UnknownNameError
from csai_neural import LinearBlock, RecurrentBlock
from csai_neural.errors import ShapeError

VECTOR = spaces.Box(-1, 1, (5,))


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_recurrent_steps_as_torchs_own_layer_reads_a_sequence(cell, make_net):
    net = make_net(VECTOR, RecurrentBlock(hidden_size=4, num_layers=2, cell=cell))
    x = torch.randn(3, 6, 5)
    expected, _ = net.blocks["recurrent"].layers(x)
    state = net.initial_state(3)
    for step in range(6):
        output, state = net.step(x[:, step], state)
        assert torch.allclose(output, expected[:, step], atol=1e-6)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_a_sequence_ends_where_its_steps_do(cell, make_net):
    net = make_net(spaces.Box(-1, 1, (6, 5)), RecurrentBlock(hidden_size=4, cell=cell))
    x = torch.randn(3, 6, 5)
    assert torch.allclose(net(x), net.blocks["recurrent"].layers(x)[0][:, -1])
    first, state = net.step(x, net.initial_state(3))
    second, _ = net.step(x, state)
    twice = net.blocks["recurrent"].layers(torch.cat([x, x], dim=1))[0]
    assert torch.allclose(first, twice[:, 5], atol=1e-6)
    assert torch.allclose(second, twice[:, 11], atol=1e-6)


def test_a_row_of_zeros_starts_one_game_again(make_net):
    net = make_net(VECTOR, RecurrentBlock(hidden_size=4))
    x = torch.randn(2, 5)
    _, state = net.step(x, net.initial_state(2))
    state["recurrent"][1] = 0
    output, _ = net.step(x, state)
    assert torch.allclose(output[1], net(x)[1])
    assert not torch.allclose(output[0], net(x)[0])


def test_a_state_that_does_not_fit(make_net):
    net = make_net(VECTOR, RecurrentBlock(hidden_size=4))
    for state in ({}, net.initial_state(3), {"other": torch.zeros(2, 1, 4)}, torch.zeros(2, 1, 4), None):
        with pytest.raises(ShapeError, match="initial_state"):
            net.step(torch.zeros(2, 5), state)
    with pytest.raises(ShapeError, match="one batch axis"):
        net.step(torch.zeros(2, 2, 5), net.initial_state(2))
    assert make_net(VECTOR, LinearBlock()).initial_state(2) == {}


def test_an_unknown_cell():
    with pytest.raises(UnknownNameError, match="gru"):
        RecurrentBlock(cell="gruu")
