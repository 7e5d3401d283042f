"""ONNX: onnxruntime gives what the net gives."""

import sys

import numpy as np
import pytest
import torch
from gymnasium import spaces
from gymnasium.vector.utils import batch_space

from csai_core import ObsAttribute
from csai_core.errors import MissingExtraError
from csai_neural import (
    ActorCritic,
    ConvBlock,
    InputBlock,
    JoinBlock,
    LinearBlock,
    Net,
    OutputBlock,
    RecurrentBlock,
    default_body,
)


def run(path, feed):
    runtime = pytest.importorskip("onnxruntime", reason="the extra `onnx` and onnxruntime are not installed")
    session = runtime.InferenceSession(path)
    names = [each.name for each in session.get_outputs()]
    return dict(zip(names, session.run(None, feed), strict=True))


def make_net(*blocks, **settings):
    net = Net(**settings)
    for block in blocks:
        net.add_block(block)
    net.compile()
    return net.eval()


@pytest.fixture
def _extra():
    for name in ("onnx", "onnxscript", "onnxruntime"):
        pytest.importorskip(name, reason="the extra `onnx` and onnxruntime are not installed")


@pytest.mark.usefixtures("_extra")
def test_a_dictionary_network(tmp_path):
    net = make_net(
        InputBlock(ObsAttribute("image", spaces.Box(0, 255, (8, 8, 3), np.uint8))),
        ConvBlock(depth=1, desired_output_size=4),
        InputBlock(ObsAttribute("heading", spaces.Discrete(4, start=1))),
        LinearBlock(hidden_size=[4]),
        JoinBlock(method="sum"),
        OutputBlock(num_classes=2),
        is_dict_network=True,
    )
    net.export_onnx(tmp_path / "net.onnx")
    rng = np.random.default_rng(0)
    feed = {
        "image": rng.integers(0, 255, (5, 8, 8, 3), dtype=np.uint8),
        "heading": rng.integers(1, 5, 5),
    }
    output = run(tmp_path / "net.onnx", feed)["output"]
    np.testing.assert_allclose(output, net(feed).detach(), atol=1e-6)


@pytest.mark.usefixtures("_extra")
def test_an_image_network(tmp_path):
    net = make_net(InputBlock(spaces.Box(0, 1, (1, 9, 9))), ConvBlock(), OutputBlock(num_classes=3))
    net.export_onnx(tmp_path / "deep" / "net.onnx")
    x = np.random.default_rng(0).random((7, 1, 9, 9), dtype=np.float32)
    output = run(tmp_path / "deep" / "net.onnx", {"observation": x})["output"]
    np.testing.assert_allclose(output, net(x).detach(), atol=1e-6)


@pytest.mark.usefixtures("_extra")
def test_a_network_that_remembers(tmp_path):
    net = make_net(InputBlock(spaces.Box(-1, 1, (5,))), RecurrentBlock(hidden_size=4, cell="lstm"))
    net.export_onnx(tmp_path / "net.onnx")
    x = np.random.default_rng(0).normal(size=(2, 3, 5)).astype(np.float32)
    state = net.initial_state(3)
    memory = {"state_recurrent": state["recurrent"].numpy()}
    for observation in x:
        found = run(tmp_path / "net.onnx", {"observation": observation, **memory})
        output, state = net.step(torch.from_numpy(observation), state)
        np.testing.assert_allclose(found["output"], output.detach(), atol=1e-6)
        memory = {"state_recurrent": found["new_state_recurrent"]}


@pytest.mark.usefixtures("_extra")
def test_a_policy_that_remembers(tmp_path):
    space = spaces.Box(-1, 1, (5,))
    body = make_net(InputBlock(space), RecurrentBlock(hidden_size=4))
    network = ActorCritic(space, spaces.Discrete(3), body, []).eval()
    network.export_onnx(tmp_path / "policy.onnx")
    x = np.random.default_rng(0).normal(size=(2, 3, 5)).astype(np.float32)
    state = network.initial_state(3)
    memory = {"state_recurrent": state["recurrent"].numpy()}
    for observation in x:
        found = run(tmp_path / "policy.onnx", {"observation": observation, **memory})
        (policy, value), state = network.step(torch.from_numpy(observation), state)
        np.testing.assert_allclose(found["policy"], policy.detach(), atol=1e-6)
        np.testing.assert_allclose(found["value"], value.detach(), atol=1e-6)
        memory = {"state_recurrent": found["new_state_recurrent"]}


def test_without_onnx_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    net = make_net(InputBlock(spaces.Box(-1, 1, (5,))), OutputBlock(num_classes=1))
    with pytest.raises(MissingExtraError, match=r"csai-neural\[onnx\]"):
        net.export_onnx(tmp_path / "net.onnx")


@pytest.mark.usefixtures("_extra")
@pytest.mark.parametrize("shape", [(5,), (1, 9, 9)])
def test_an_actor_critic_gives_policy_and_value(tmp_path, shape):
    network = ActorCritic(spaces.Box(0, 1, shape), spaces.Discrete(3), net_arch=[8, {"pi": [4]}]).eval()
    network.export_onnx(tmp_path / "policy.onnx")
    x = np.random.default_rng(0).random((7, *shape), dtype=np.float32)
    found = run(tmp_path / "policy.onnx", {"observation": x})
    policy, value = network(x)
    np.testing.assert_allclose(found["policy"], policy.detach(), atol=1e-6)
    np.testing.assert_allclose(found["value"], value.detach(), atol=1e-6)


@pytest.mark.usefixtures("_extra")
def test_branches_of_parts_of_parts(tmp_path):
    image = spaces.Box(0, 1, (1, 9, 9))
    space = spaces.Dict(arm=spaces.Dict(camera=image, grip=spaces.Discrete(3)), speed=spaces.Box(-1, 1, (2,)))
    body = default_body(space).eval()
    body.export_onnx(tmp_path / "body.onnx")
    x = batch_space(space, 4).sample()
    feed = {"arm_camera": x["arm"]["camera"], "arm_grip": x["arm"]["grip"], "speed": x["speed"]}
    np.testing.assert_allclose(run(tmp_path / "body.onnx", feed)["output"], body(x).detach(), atol=1e-6)
