"""The losses against sums done by hand."""

import math

import pytest
import torch

from csai_train.algorithms.losses import (
    approximate_kl,
    clip_fraction,
    clipped_surrogate,
    normalized,
    policy_gradient,
    td_target,
    value_loss,
    value_of,
)


def test_td_target_by_hand():
    target = td_target(
        torch.tensor([1.0, 1.0]), torch.tensor([10.0, 10.0]), torch.tensor([False, True]), gamma=0.9
    )
    assert target.tolist() == pytest.approx([10.0, 1.0])


def test_value_of_takes_the_column_of_each_action():
    values = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    assert value_of(values, torch.tensor([2, 0])).tolist() == [3.0, 4.0]


@pytest.mark.parametrize(
    ("ratio", "advantage", "expected", "can_move"),
    [
        (1.1, 2.0, -2.2, True),  # within the range: the ratio counts
        (1.5, 2.0, -2.4, False),  # a better action made likelier by enough: nothing more to gain
        (0.5, 2.0, -1.0, True),  # a better action made less likely: that must be undone
        (0.5, -2.0, 1.6, False),  # a worse action made less likely by enough
        (1.5, -2.0, 3.0, True),  # a worse action made likelier
    ],
)
def test_clipped_surrogate_by_hand(ratio, advantage, expected, can_move):
    log_prob = torch.tensor([math.log(ratio)], requires_grad=True)
    loss = clipped_surrogate(log_prob, torch.zeros(1), torch.tensor([advantage]), clip_range=0.2)
    loss.backward()
    assert loss.item() == pytest.approx(expected)
    assert bool(log_prob.grad) == can_move


def test_the_ratio_is_that_to_the_old_probability():
    log_prob, old_log_prob = torch.tensor([math.log(0.55)]), torch.tensor([math.log(0.5)])
    loss = clipped_surrogate(log_prob, old_log_prob, torch.tensor([2.0]), clip_range=0.2)
    assert loss.item() == pytest.approx(-2.2)


def test_clipped_surrogate_is_the_mean_over_the_batch():
    log_prob = torch.tensor([math.log(1.1), math.log(0.5)])
    loss = clipped_surrogate(log_prob, torch.zeros(2), torch.tensor([1.0, 3.0]), clip_range=0.2)
    assert loss.item() == pytest.approx(-(1.1 + 1.5) / 2)


def test_value_loss_by_hand():
    value, returns = torch.tensor([1.0, 4.0]), torch.tensor([3.0, 3.0])
    assert value_loss(value, returns).item() == pytest.approx(0.5 * (4 + 1) / 2)
    old_value = torch.tensor([0.0, 4.0])
    assert value_loss(value, returns, old_value).item() == pytest.approx(0.5 * (4 + 1) / 2)
    # The first may move to 0.5 only, from where its error is 2.5; the second has not moved.
    clipped = value_loss(value, returns, old_value, clip_range=0.5).item()
    assert clipped == pytest.approx(0.5 * (6.25 + 1) / 2)


def test_a_value_that_falls_is_clipped_as_one_that_rises():
    value, returns, old_value = torch.tensor([1.0]), torch.tensor([3.0]), torch.tensor([5.0])
    # It may fall to 4.5 only, from where its error is 1.5; the present one's is 2.
    assert value_loss(value, returns, old_value, clip_range=0.5).item() == pytest.approx(0.5 * 4)
    far = value_loss(torch.tensor([2.9]), returns, old_value, clip_range=0.5).item()
    assert far == pytest.approx(0.5 * 1.5**2)


def test_advantages_get_mean_0_and_deviation_1():
    assert normalized(torch.tensor([1.0, 2.0, 3.0])).tolist() == pytest.approx([-1.0, 0.0, 1.0])
    assert normalized(torch.tensor([4.0, 4.0])).tolist() == [0.0, 0.0]
    assert normalized(torch.tensor([7.0])).tolist() == [7.0]
    by_hand = normalized(torch.tensor([0.0, 2.0]), epsilon=1.0)  # a deviation of sqrt(2), and 1 more
    assert by_hand.tolist() == pytest.approx([-1 / (2**0.5 + 1), 1 / (2**0.5 + 1)])


def test_clipping_a_value_never_makes_its_error_smaller():
    value, returns, old_value = torch.tensor([5.0]), torch.tensor([0.0]), torch.tensor([0.0])
    assert value_loss(value, returns, old_value, clip_range=0.5).item() == pytest.approx(12.5)


def test_approximate_kl_by_hand():
    log_prob = torch.tensor([math.log(2.0), math.log(0.5)])
    expected = ((2 - 1 - math.log(2)) + (0.5 - 1 + math.log(2))) / 2
    assert approximate_kl(log_prob, torch.zeros(2)).item() == pytest.approx(expected)
    assert approximate_kl(log_prob, log_prob).item() == 0.0


def test_approximate_kl_estimates_the_true_one():
    old, new = torch.tensor([0.5, 0.3, 0.2]), torch.tensor([0.4, 0.4, 0.2])
    actions = torch.multinomial(old, 200_000, replacement=True, generator=torch.Generator().manual_seed(0))
    estimate = approximate_kl(new.log()[actions], old.log()[actions]).item()
    assert estimate == pytest.approx((old * (old / new).log()).sum().item(), rel=0.05)


def test_policy_gradient_by_hand():
    log_prob = torch.tensor([-1.0, -2.0], requires_grad=True)
    loss = policy_gradient(log_prob, torch.tensor([3.0, -1.0]))
    loss.backward()
    assert loss.item() == -(-1 * 3 + -2 * -1) / 2
    assert log_prob.grad.tolist() == [-1.5, 0.5]


def test_clip_fraction_counts_ratios_that_are_out_of_range():
    log_prob, old = torch.tensor([0.5, 1.5, 0.9, 1.0]).log(), torch.zeros(4)
    assert float(clip_fraction(log_prob, old, clip_range=0.2)) == 0.5
    assert float(clip_fraction(old, old, clip_range=0.0)) == 0.0  # what is just at its end is within
