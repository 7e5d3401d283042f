"""Actions drawn from any network's numbers."""

import math

import pytest
import torch
from gymnasium import spaces
from torch.distributions import Categorical, Normal

from csai_core import ActionAttribute, DiscreteType
from csai_core.errors import SpaceError
from csai_neural import ActorCritic, sample_distribution
from csai_neural.errors import ShapeError


def test_choices_are_drawn_as_likely_as_the_logits_say():
    logits = torch.tensor([[0.0, math.log(3.0)]]).expand(4000, 2)
    log_prob, action = sample_distribution(
        logits, ActionAttribute("move", DiscreteType(2)), generator=torch.Generator().manual_seed(0)
    )
    assert action.double().mean().item() == pytest.approx(0.75, abs=0.03)
    assert torch.allclose(log_prob, Categorical(logits=logits).log_prob(action))


def test_numbers_are_drawn_around_means_with_deviations_of_their_own():
    means, log_std = torch.tensor([[1.0, -2.0]]), torch.tensor([[0.0, math.log(0.1)]])
    outputs = torch.cat([means, log_std], dim=1).expand(4000, 4).clone().requires_grad_()
    log_prob, action = sample_distribution(outputs, spaces.Box(-9, 9, (2,)))
    assert torch.allclose(action.mean(0), means[0], atol=0.1)
    assert torch.allclose(action.std(0), log_std[0].exp(), atol=0.1)
    assert torch.allclose(log_prob, Normal(means, log_std.exp()).log_prob(action).sum(1), atol=1e-4)
    log_prob.sum().backward()
    assert outputs.grad.abs().sum() > 0


def test_every_space_of_actions():
    space = spaces.Dict(
        {"turn": spaces.MultiDiscrete([2, 3]), "push": spaces.Box(-1, 1), "on": spaces.MultiBinary(2)}
    )
    outputs = torch.randn(5, 5 + 1 + 2 + 1)
    log_prob, action = sample_distribution(outputs, space)
    assert log_prob.shape == (5,)
    assert {name: tuple(each.shape) for name, each in action.items()} == {
        "turn": (5, 2), "push": (5, 1), "on": (5, 2),
    }  # fmt: skip


def test_what_does_not_fit():
    with pytest.raises(
        ShapeError, match=r"Discrete\(2\) are drawn from outputs of shape \(batch, 2\).*\(3, 4\)"
    ):
        sample_distribution(torch.zeros(3, 4), spaces.Discrete(2))
    with pytest.raises(SpaceError, match="no policy"):
        sample_distribution(torch.zeros(3, 4), spaces.Text(3))


@pytest.mark.parametrize(
    ("actions", "components"),
    [(spaces.Discrete(3), 1), (spaces.MultiDiscrete([2, 3]), 2), (spaces.Box(-1, 1, (2,)), 1),
     (spaces.Dict({"a": spaces.MultiDiscrete([2, 2]), "b": spaces.Box(-1, 1)}), 3)],
)  # fmt: skip
def test_an_actor_critic_gives_log_probabilities_by_component(actions, components):
    net = ActorCritic(spaces.Box(-1, 1, (4,)), actions, net_arch=[8])
    observations = torch.rand(6, 4)
    log_probs, action, values = net.get_sample_and_values(observations, torch.Generator().manual_seed(1))
    evaluated = net.evaluate_actions(observations, action)
    assert len(log_probs) == components
    assert torch.allclose(sum(log_probs), evaluated.log_prob)
    assert torch.equal(values, evaluated.value)
    assert all(each.requires_grad for each in (*log_probs, values))
    with pytest.raises(ShapeError, match="takes a batch"):
        net.get_sample_and_values(observations[0])
