"""Sequences: a network unrolled over many steps gives what it gives step by step."""

import numpy as np
import pytest
import torch
from gymnasium import spaces

from csai_neural import (
    ActorCritic,
    Block,
    InputBlock,
    JoinBlock,
    Layout,
    LinearBlock,
    Net,
    RecurrentBlock,
    Sequences,
)
from csai_neural.networks import recurrent

VECTOR = spaces.Box(-1, 1, (3,))
STARTS = np.zeros((6, 4), dtype=bool)
STARTS[[2, 3, 5], [0, 0, 1]] = True  # lane 0 ends after steps 1 and 2, lane 1 after step 4
STARTS[4, 3] = True


class SumBlock(Block):
    """A stranger's memory: the sum of all it was given."""

    is_recurrent = True

    def build(self, input_shape):
        return input_shape

    @property
    def state_shape(self):
        return self.input_shape

    def forward(self, x, state=None):
        total = x if state is None else x + state
        return total, total


def step_by_step(network, x, state):
    """(steps, lanes, …): what a network gives, with its memory set to zero where a sequence starts."""
    outputs = []
    for t in range(len(x)):
        if t:
            goes_on = torch.from_numpy(~STARTS[t]).float()
            state = {name: torch.einsum("i...,i->i...", each, goes_on) for name, each in state.items()}
        output, state = network.step(x[t], state)
        outputs.append(output[0] if isinstance(output, tuple) else output)
    return torch.stack(outputs)


def unrolled(network, x, state):
    layout = Layout.of_lanes(STARTS)
    first = {name: torch.zeros(layout.num_sequences, *each.shape[1:]) for name, each in state.items()}
    for name, each in state.items():
        first[name][layout.sequence[: x.shape[1]]] = each
    return Sequences(x.flatten(0, 1), first, layout)


def nets():
    two = Net("two")
    inputs = InputBlock(VECTOR)
    left, right = RecurrentBlock(hidden_size=4), RecurrentBlock(hidden_size=5, cell="lstm", num_layers=2)
    inputs.join_block(left)
    inputs.join_block(right)
    for block in (inputs, JoinBlock(), LinearBlock(hidden_size=[4]), RecurrentBlock(hidden_size=2)):
        two.add_block(block)
    sums = Net("sums")
    for block in (InputBlock(VECTOR), SumBlock(), LinearBlock(hidden_size=[4])):
        sums.add_block(block)
    for net in (two, sums):
        net.compile()
    return [two, sums, recurrent(VECTOR), ActorCritic(VECTOR, spaces.Discrete(2), recurrent(VECTOR), [5])]


@pytest.mark.parametrize("which", range(4))
def test_unrolled_is_step_by_step_with_ends_in_the_middle(which):
    torch.manual_seed(0)
    network = nets()[which]
    x = torch.randn(6, 4, 3)
    state = {name: torch.randn_like(each) for name, each in network.initial_state(4).items()}
    with torch.no_grad():
        expected = step_by_step(network, x, state)
        found = network(unrolled(network, x, state))
    found = found[0] if isinstance(found, tuple) else found
    assert torch.allclose(found.reshape(expected.shape), expected, atol=1e-6)


@pytest.mark.parametrize("which", range(3))
def test_gradients_of_sequences_are_those_of_the_steps(which):
    torch.manual_seed(1)
    network = nets()[which]
    x = torch.randn(6, 4, 3)
    weight = torch.randn(24, network.output_size)
    state = {name: torch.randn_like(each) for name, each in network.initial_state(4).items()}
    gradients = []
    for output in (step_by_step(network, x, state), network(unrolled(network, x, state))):
        network.zero_grad()
        (output.reshape(24, -1) * weight).sum().backward()
        gradients.append([parameter.grad.clone() for parameter in network.parameters()])
    for one, other in zip(*gradients, strict=True):
        assert torch.allclose(one, other, atol=1e-5)


def test_a_gradient_reaches_back_two_steps_and_not_over_an_end():
    net = nets()[1]
    x = torch.randn(2, 1, 3, requires_grad=True)
    for starts, reach in (([[True], [False]], 1.0), ([[True], [True]], 0.0)):
        layout = Layout.of_lanes(np.array(starts))
        first = {"sum": torch.zeros(layout.num_sequences, 3)}
        features = net.trace(Sequences(x.flatten(0, 1), first, layout))["sum"]
        (by_hand,) = torch.autograd.grad(features[1].sum(), x)
        assert torch.equal(by_hand[:, 0], torch.tensor([[reach] * 3, [1.0] * 3]))


def test_a_layout_by_hand():
    layout = Layout.of_lanes(np.array([[0, 0], [0, 1], [0, 0]], dtype=bool))
    assert layout.sequence.tolist() == [0, 1, 0, 2, 0, 2]
    assert layout.time.tolist() == [0, 0, 1, 0, 2, 1]
    assert layout.lane.tolist() == [0, 1, 0, 1, 0, 1]
    assert layout.longest_first.tolist() == [0, 2, 1]
    assert layout.order.tolist() == [0, 3, 1, 2, 5, 4]
    assert layout.batch_sizes.tolist() == [3, 2, 1]


def test_whole_lanes_and_whole_sequences_are_taken():
    layout = Layout.of_lanes(STARTS)
    random = np.random.default_rng(0)
    first, second = layout.minibatches(2, random)
    assert sorted([*first, *second]) == list(range(24))
    assert len(set(first % 4)) == len(set(second % 4)) == 2
    assert len(layout.minibatches(9, random)) == 4
    states = {"h": torch.arange(layout.num_sequences)[:, None]}
    part = Sequences(torch.arange(24), states, layout).take(np.flatnonzero(layout.lane == 1))
    assert part.observation.tolist() == [1, 5, 9, 13, 17, 21]
    assert part.layout.sequence.tolist() == [0, 0, 0, 0, 0, 1]
    assert part.state["h"].flatten().tolist() == np.unique(layout.sequence[1::4]).tolist()


def test_one_lane_never_reaches_another():
    network = recurrent(VECTOR)
    x = torch.randn(6, 4, 3, requires_grad=True)
    output = network(unrolled(network, x, network.initial_state(4)))
    (reach,) = torch.autograd.grad(output.reshape(6, 4, -1)[:, 2].sum(), x)
    assert reach[:, 2].abs().sum() > 0
    assert not reach[:, [0, 1, 3]].any()


def test_single_steps_are_no_sequences():
    network = recurrent(VECTOR)
    x, state = torch.randn(4, 3), {"recurrent": torch.randn(4, 2, 128)}
    with torch.no_grad():
        found = network(Sequences(x, state, Layout.of_lanes(np.ones((1, 4), dtype=bool))))
        assert torch.allclose(found, network.step(x, state)[0], atol=1e-6)


def test_sequences_are_their_own_lanes_where_none_are_told():
    assert Layout(np.array([0, 0, 1]), np.array([0, 1, 0])).lane.tolist() == [0, 0, 1]


def test_rows_that_are_taken_stay_in_their_lanes():
    layout = Layout.of_lanes(STARTS)
    rows = np.flatnonzero(np.isin(layout.lane, [1, 3]))
    taken, _ = layout.take(rows)
    assert taken.lane.tolist() == [1, 3] * 6


def test_a_slice_of_sequences_is_these_rows_of_them():
    x, state = torch.randn(4, 3), torch.randn(4, 2)
    taken = Sequences(x, {"sum": state}, Layout.of_lanes(np.ones((1, 4), dtype=bool))).take(slice(1, 3))
    assert torch.equal(taken.observation, x[1:3])
    assert torch.equal(taken.state["sum"], state[1:3])
    assert taken.layout.sequence.tolist() == [0, 1]


def test_a_burn_in_is_not_given():
    output = torch.randn(4, 2)
    layout = Layout(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), kept=np.array([1, 3]))
    assert torch.equal(Sequences(None, None, layout).given(output), output[[1, 3]])


def test_a_memory_is_of_the_type_of_what_is_unrolled():
    x, types = torch.randn(4, 3), []

    def unroll(x, state, batch_sizes):
        types.append(state.dtype)
        return x

    layout = Layout.of_lanes(np.ones((1, 4), dtype=bool))
    Sequences(x, {"sum": np.zeros((4, 3))}, layout).unroll("sum", unroll, x)
    assert types == [torch.float32]
