"""A net is a plain torch module: hooks, surgery, torch's compiler and training work as on any other."""

import os
import pickle
import shutil

import numpy as np
import pytest
import torch
from gymnasium import spaces
from torch import nn

from csai_neural import (
    ActorCritic,
    AttentionBlock,
    ConvBlock,
    DuelingBlock,
    InputBlock,
    LinearBlock,
    Net,
    NormBlock,
    OutputBlock,
    RecurrentBlock,
    ResidualBlock,
)

VECTOR = spaces.Box(-1, 1, (4,))


def make_net(*blocks, space=VECTOR, **settings):
    net = Net()
    net.add_block(InputBlock(space, **settings))
    for block in blocks:
        net.add_block(block)
    net.compile()
    return net


@pytest.fixture
def net():
    return make_net(LinearBlock(hidden_size=[8]), OutputBlock(num_classes=2))


# --- the short way through a plain net leaves nothing out


@pytest.mark.parametrize("shape", [(3, 4), (4,), (2, 3, 4)])
@pytest.mark.parametrize("find", [lambda n: n.blocks["linear"], lambda n: n.blocks["linear"].layers[1]])
def test_hooks_are_called_once(net, find, shape):
    seen = []
    x = torch.randn(shape, requires_grad=True)
    module = find(net)
    handles = [
        module.register_forward_pre_hook(lambda module, given: seen.append("before")),
        module.register_forward_hook(lambda module, given, output: seen.append("after")),
        module.register_full_backward_hook(lambda module, given, output: seen.append("back")),
    ]
    net(x).sum().backward()
    assert seen == ["before", "after", "back"]
    for handle in handles:
        handle.remove()
    net(x)
    assert len(seen) == 3


def test_a_hook_on_the_input_is_called(net):
    seen = []
    net.blocks["input"].register_forward_hook(lambda module, given, output: seen.append(output))
    x = torch.randn(3, 4)
    net(x)
    net(x.numpy())
    assert len(seen) == 2
    assert torch.equal(seen[0], x)


def test_a_hook_may_change_what_flows(net):
    net.blocks["linear"].register_forward_hook(lambda module, given, output: torch.zeros_like(output))
    assert torch.equal(net(torch.randn(1, 4))[0], net.blocks["output"].layers[0].bias)


@pytest.mark.parametrize("is_copy", [False, True])
def test_global_hooks_see_every_block(net, is_copy):
    net = net.copy() if is_copy else net
    seen = []
    register = nn.modules.module.register_module_forward_hook
    handle = register(lambda module, *_: seen.append(type(module).__name__))
    try:
        net(torch.randn(1, 4))
    finally:
        handle.remove()
    linear = ["Linear", "ReLU", "Sequential", "LinearBlock"]
    assert seen == ["InputBlock", *linear, "Linear", "Sequential", "OutputBlock", "Net"]


@pytest.mark.parametrize(
    "renew", [lambda n: n.copy(), lambda n: pickle.loads(pickle.dumps(n)), lambda n: n.double()]
)
def test_hooks_and_exchanged_layers_of_a_copy(net, renew):
    seen = []
    twin = renew(net)
    twin.blocks["linear"].register_forward_hook(lambda *_: seen.append("hook"))
    x = torch.randn(1, 4, dtype=next(twin.parameters()).dtype)
    twin(x)
    assert seen == ["hook"]
    twin.blocks["output"].layers[0] = nn.Linear(8, 7, dtype=x.dtype)
    assert twin(x).shape == (1, 7)


def test_exchanged_layers_are_used(net):
    x = torch.randn(3, 4)
    net.blocks["linear"].layers[1] = nn.Tanh()
    layers = [*net.blocks["linear"].layers, *net.blocks["output"].layers]
    assert torch.equal(net(x), nn.Sequential(*layers)(x))
    net.blocks["output"].layers = nn.Sequential(nn.Linear(8, 5))
    assert net(x).shape == (3, 5)


def test_parametrised_weights_are_used(net):
    x = torch.randn(3, 4)
    nn.utils.parametrizations.weight_norm(net.blocks["linear"].layers[0])
    before = net(x)
    with torch.no_grad():
        net.blocks["linear"].layers[0].parametrizations.weight.original0.mul_(2)
    assert not torch.equal(net(x), before)


def test_a_net_without_hooks_gives_what_its_blocks_give(net):
    x = torch.randn(3, 4)
    assert torch.equal(net(x), net.blocks["output"](net.blocks["linear"](x)))


def test_vmap_over_copies_of_a_net(net):
    weights = [dict(each.named_parameters()) for each in (net, net.copy())]
    stacked = {name: torch.stack([each[name] for each in weights]).detach() for name in weights[0]}
    x = torch.randn(3, 4)
    both = torch.vmap(lambda w: torch.func.functional_call(net, w, (x,)))(stacked)
    assert torch.allclose(both[0], net(x), atol=1e-6)


def test_it_learns_the_sign_of_a_sum():
    torch.manual_seed(0)
    net = make_net(LinearBlock(hidden_size=[32]), OutputBlock(num_classes=2))
    optimizer = torch.optim.Adam(net.parameters(), 0.01)
    for _ in range(150):
        x = torch.randn(64, 4)
        loss = nn.functional.cross_entropy(net(x), (x.sum(1) > 0).long())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    x = torch.randn(1000, 4)
    assert (net(x).argmax(1) == (x.sum(1) > 0)).float().mean() > 0.95


# --- torch.compile

IMAGES = spaces.Box(0, 255, (12, 12, 3), np.uint8)
PARTS = spaces.Dict(image=IMAGES, heading=spaces.Discrete(4), bits=spaces.MultiBinary(3))
NETS = {
    "vectors": (VECTOR, lambda: make_net(LinearBlock(), OutputBlock(num_classes=2))),
    "images": (IMAGES, lambda: make_net(ConvBlock(), DuelingBlock(num_actions=3), space=IMAGES)),
    "parts": (PARTS, lambda: make_net(ResidualBlock(), NormBlock(), space=PARTS)),
    "sequences": (
        spaces.Box(-1, 1, (4, 8)),
        lambda: make_net(AttentionBlock(), RecurrentBlock(), space=spaces.Box(-1, 1, (4, 8))),
    ),
}


@pytest.mark.parametrize(("space", "make"), NETS.values(), ids=NETS.keys())
def test_torchs_compiler_sees_one_graph(space, make):
    net = make()
    torch.compiler.reset()
    x = tensors(space, 3)
    # Left to itself, torch refuses its own recurrent layers.
    with torch._dynamo.config.patch(allow_rnn=True):
        fast = torch.compile(net, fullgraph=True, backend="eager")
        assert torch.allclose(fast(x), net(x), atol=1e-6)


def test_torchs_compiler_sees_one_graph_of_an_actor_critic():
    network = ActorCritic(VECTOR, spaces.MultiDiscrete([2, 3]))
    torch.compiler.reset()
    fast = torch.compile(network.evaluate_actions, fullgraph=True, backend="eager")
    x, action = torch.randn(5, 4), torch.ones(5, 2, dtype=torch.int64)
    for ours, theirs in zip(network.evaluate_actions(x, action), fast(x, action), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-6)


@pytest.mark.filterwarnings("ignore")  # the compiler's own
def test_a_net_compiled_to_machine_code_gives_the_same(net):
    compiler = os.environ.get("CXX", "g++")
    if shutil.which(compiler) is None:
        pytest.skip(f"there is no C++ compiler ({compiler})")
    torch.compiler.reset()
    x = torch.randn(3, 4)
    expected = net(x)
    net.torch_compile(fullgraph=True)
    assert torch.allclose(net(x), expected, atol=1e-6)
    assert torch.allclose(net.copy()(x), expected, atol=1e-6)


def tensors(space, size):
    if isinstance(space, spaces.Dict):
        return {key: tensors(part, size) for key, part in space.spaces.items()}
    return torch.as_tensor(np.stack([np.asarray(space.sample()) for _ in range(size)]))
