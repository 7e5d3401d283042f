"""The gradient of deep Q-learning by hand is that of `q_loss` and autograd."""

import numpy as np
import pytest
import torch
from gymnasium import spaces

from csai_train.algorithms.deep_q_learning import q_loss
from csai_train.algorithms.networks import build_network
from csai_train.backends.flat import FlatParameters
from csai_train.backends.numpy_dqn import q_gradient
from csai_train.backends.numpy_layers import in_numpy
from csai_train.backends.torch import as_tensors
from csai_train.buffers.replay import Transitions


def transitions(size, **changes):
    random = np.random.default_rng(size)

    def normal(*shape):
        return random.normal(size=shape).astype(np.float32)

    return Transitions(
        observation=normal(size, 5),
        action=random.integers(3, size=size),
        reward=2 * normal(size),
        next_observation=normal(size, 5),
        terminated=random.random(size) < 0.3,
        truncated=np.zeros(size, dtype=np.bool_),
        log_prob=normal(size),
        value=normal(size),
        num_steps=random.integers(1, 4, size=size).astype(np.int16),
    )._replace(**changes)


@pytest.mark.parametrize("double", [False, True])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"weight": np.linspace(0.1, 1, 128, dtype=np.float32)},
        {"next_action_mask": np.tile(np.array([1, 0, 1], dtype=np.int8), (128, 1))},
        # After a game's end nothing may be allowed, and that must not matter.
        {"next_action_mask": np.zeros((128, 3), dtype=np.int8), "terminated": np.ones(128, dtype=np.bool_)},
        {"num_steps": 1},
    ],
)
def test_loss_values_errors_and_gradient_are_the_same(changes, double):
    networks = [build_network(spaces.Box(-1, 1, (5,)), 3, (120, 84), seed=seed) for seed in (1, 2)]
    parameters = FlatParameters(networks[0])
    batch = transitions(128, **changes)
    in_tensors = as_tensors(batch, torch.device("cpu"))
    loss, (value, error) = q_loss(*networks, in_tensors, gamma=0.9, double=double)
    parameters.differentiate(loss)
    expected = parameters.gradients.clone()
    parameters.gradients.fill_(7.0)
    in_arrays = [in_numpy([network]) for network in networks]
    loss_by_hand, (value_by_hand, error_by_hand) = q_gradient(*in_arrays, batch, gamma=0.9, double=double)
    assert loss_by_hand == pytest.approx(loss.item(), rel=1e-5)
    np.testing.assert_allclose(value_by_hand, value, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(error_by_hand, error, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(parameters.gradients, expected, rtol=1e-4, atol=1e-6)
