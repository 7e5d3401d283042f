"""Losses and gradients worked out by hand, against the losses in torch and autograd."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - as everywhere in torch code
from hypothesis import given, settings
from hypothesis import strategies as st

from csai_train.algorithms import losses
from csai_train.backends import numpy_losses

SIZE = 64


def numbers(seed, count=1, spread=1.0):
    random = np.random.default_rng(seed)
    return [(spread * random.normal(size=SIZE)).astype(np.float32) for _ in range(count)]


def tensors(*arrays):
    return [torch.tensor(array, requires_grad=i == 0) for i, array in enumerate(arrays)]


def same(by_hand, loss, variable):
    loss.backward()
    assert by_hand[0] == pytest.approx(loss.item(), rel=1e-5, abs=1e-6)
    np.testing.assert_allclose(by_hand[1], variable.grad, rtol=1e-4, atol=1e-7)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**31), clip_range=st.floats(0.01, 0.5))
def test_clipped_surrogate(seed, clip_range):
    log_prob, old_log_prob, advantage = numbers(seed, 3, 0.4)
    by_hand = numpy_losses.clipped_surrogate(log_prob, old_log_prob, advantage, clip_range=clip_range)
    variable, *others = tensors(log_prob, old_log_prob, advantage)
    same(by_hand, losses.clipped_surrogate(variable, *others, clip_range=clip_range), variable)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**31), clip_range=st.none() | st.floats(0.01, 2.0))
def test_value_loss(seed, clip_range):
    value, returns, old_value = numbers(seed, 3)
    by_hand = numpy_losses.value_loss(value, returns, old_value, clip_range=clip_range)
    variable, *others = tensors(value, returns, old_value)
    same(by_hand, losses.value_loss(variable, *others, clip_range=clip_range), variable)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**31), is_weighted=st.booleans())
def test_huber(seed, is_weighted):
    value, target, weight = numbers(seed, 3, 1.5)
    by_hand = numpy_losses.huber(value, target, np.abs(weight) if is_weighted else None)
    variable, other, factor = tensors(value, target, np.abs(weight))
    each = F.smooth_l1_loss(variable, other, reduction="none")
    same(by_hand, (each * factor if is_weighted else each).mean(), variable)


def test_approximate_kl():
    log_prob, old_log_prob = numbers(0, 2)
    expected = losses.approximate_kl(torch.tensor(log_prob), torch.tensor(old_log_prob)).item()
    assert numpy_losses.approximate_kl(log_prob, old_log_prob) == pytest.approx(expected, rel=1e-5)


def test_policy_gradient():
    log_prob, advantage = numbers(3, 2)
    by_hand = numpy_losses.policy_gradient(log_prob, advantage)
    variable, other = tensors(log_prob, advantage)
    same(by_hand, losses.policy_gradient(variable, other), variable)


@pytest.mark.parametrize("count", [1, 2, SIZE])
def test_normalized(count):
    (advantage,) = numbers(4)
    expected = losses.normalized(torch.tensor(advantage[:count]))
    np.testing.assert_allclose(numpy_losses.normalized(advantage[:count]), expected, rtol=1e-5, atol=1e-6)
