"""Policies: log-probabilities, entropies and samples against `torch.distributions` and by hand."""

import math

import numpy as np
import pytest
import torch
from gymnasium import spaces
from torch.distributions import Bernoulli, Categorical, Independent, Normal

from csai_core.errors import SpaceError
from csai_neural.errors import ShapeError
from csai_neural.policies import make_policy

NO_STD = torch.zeros(0)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_categorical():
    policy = make_policy(spaces.Discrete(4, start=3))
    logits = torch.randn(6, 4)
    reference = Categorical(logits=logits)
    action = policy.sample(logits, NO_STD, generator())
    assert action.shape == (6,)
    assert torch.allclose(policy.log_prob(logits, NO_STD, action), reference.log_prob(action - 3))
    assert torch.allclose(policy.entropy(logits, NO_STD), reference.entropy())
    assert torch.equal(policy.mode(logits), logits.argmax(1) + 3)


def test_categorical_by_hand():
    policy = make_policy(spaces.Discrete(2))
    logits = torch.tensor([[0.0, math.log(3.0)]])
    assert policy.log_prob(logits, NO_STD, torch.tensor([1])).exp().item() == pytest.approx(0.75)
    entropy = -(0.25 * math.log(0.25) + 0.75 * math.log(0.75))
    assert policy.entropy(logits, NO_STD).item() == pytest.approx(entropy)


@pytest.mark.parametrize("nvec", [[2, 3], [[2, 3], [4, 2]]])
def test_multi_categorical(nvec):
    space = spaces.MultiDiscrete(nvec, start=np.ones_like(nvec))
    policy = make_policy(space)
    sizes = np.ravel(nvec).tolist()
    logits = torch.randn(5, sum(sizes))
    action = policy.sample(logits, NO_STD, generator())
    assert action.shape == (5, *np.shape(nvec))
    parts = [Categorical(logits=part) for part in logits.split(sizes, 1)]
    flat = action.reshape(5, -1) - 1
    log_prob = sum(part.log_prob(flat[:, i]) for i, part in enumerate(parts))
    assert torch.allclose(policy.log_prob(logits, NO_STD, action), log_prob)
    assert torch.allclose(policy.entropy(logits, NO_STD), sum(part.entropy() for part in parts))


@pytest.mark.parametrize("shape", [3, (2, 2)])
def test_bernoulli(shape):
    space = spaces.MultiBinary(shape)
    policy = make_policy(space)
    logits = 3 * torch.randn(5, policy.num_outputs)
    reference = Independent(Bernoulli(logits=logits), 1)
    action = policy.sample(logits, NO_STD, generator())
    assert action.shape == (5, *space.shape)
    bits = action.reshape(5, -1).float()
    assert torch.allclose(policy.log_prob(logits, NO_STD, action), reference.log_prob(bits))
    assert torch.allclose(policy.entropy(logits, NO_STD), reference.entropy(), atol=1e-6)
    assert torch.equal(policy.mode(logits).reshape(5, -1), (logits > 0).long())


def test_gaussian():
    policy = make_policy(spaces.Box(-1, 1, (2, 2)))
    mean, log_std = torch.randn(5, 4), torch.randn(4)
    reference = Independent(Normal(mean, log_std.exp()), 1)
    action = policy.sample(mean, log_std, generator())
    assert action.shape == (5, 2, 2)
    assert torch.allclose(
        policy.log_prob(mean, log_std, action), reference.log_prob(action.reshape(5, 4)), rtol=1e-4
    )
    assert torch.allclose(policy.entropy(mean, log_std), reference.entropy())


def test_gaussian_by_hand():
    policy = make_policy(spaces.Box(-9, 9, (1,)))
    log_prob = policy.log_prob(torch.tensor([[1.0]]), torch.tensor([math.log(2.0)]), torch.tensor([[3.0]]))
    density = math.exp(-0.5) / (2.0 * math.sqrt(2.0 * math.pi))
    assert log_prob.exp().item() == pytest.approx(density)


def test_a_dict_is_the_sum_of_its_parts():
    space = spaces.Dict(
        a=spaces.Discrete(3), b=spaces.Box(-1, 1, (2,)), c=spaces.Dict(d=spaces.MultiBinary(2))
    )
    policy = make_policy(space)
    outputs, log_std = torch.randn(4, 3 + 2 + 2), torch.randn(2)
    action = policy.sample(outputs, log_std, generator())
    parts = [make_policy(space["a"]), make_policy(space["b"]), make_policy(space["c"]["d"])]
    actions = [action["a"], action["b"], action["c"]["d"]]
    stds = [NO_STD, log_std, NO_STD]
    rows = zip(parts, outputs.split([3, 2, 2], 1), stds, actions, strict=True)
    each = [(p.log_prob(o, s, a), p.entropy(o, s)) for p, o, s, a in rows]
    assert torch.allclose(policy.log_prob(outputs, log_std, action), sum(pair[0] for pair in each))
    assert torch.allclose(policy.entropy(outputs, log_std), sum(pair[1] for pair in each))
    assert policy.mode(outputs)["a"].shape == (4,)


@pytest.mark.parametrize(
    ("space", "probabilities"),
    [(spaces.Discrete(3), [0.1, 0.2, 0.7]), (spaces.MultiBinary(3), [0.1, 0.5, 0.9])],
)
def test_samples_are_as_frequent_as_they_are_likely(space, probabilities):
    policy = make_policy(space)
    p = torch.tensor(probabilities)
    logits = p.log() if isinstance(space, spaces.Discrete) else p.logit()
    action = policy.sample(logits.expand(20_000, 3), NO_STD, generator())
    counts = action.bincount() if action.ndim == 1 else action.sum(0)
    assert (counts / 20_000).tolist() == pytest.approx(probabilities, abs=0.015)


def test_gaussian_samples_have_the_right_spread():
    policy = make_policy(spaces.Box(-1, 1, (1,)))
    action = policy.sample(torch.full((20_000, 1), 2.0), torch.tensor([math.log(0.5)]), generator())
    assert action.mean().item() == pytest.approx(2.0, abs=0.02)
    assert action.std().item() == pytest.approx(0.5, abs=0.02)


def test_the_same_generator_gives_the_same_actions():
    policy = make_policy(spaces.Discrete(5))
    logits = torch.zeros(30, 5)
    draws = [policy.sample(logits, NO_STD, generator(seed)).tolist() for seed in (1, 1, 2)]
    assert draws[0] == draws[1] != draws[2]


# --- masks


def test_masked_choices_have_no_probability():
    policy = make_policy(spaces.Discrete(4))
    logits = torch.randn(50, 4)
    mask = torch.tensor([True, False, True, False]).expand(50, 4)
    masked = policy.masked(logits, mask)
    reference = Categorical(logits=logits[:, [0, 2]])
    assert torch.allclose(policy.entropy(masked, NO_STD), reference.entropy(), atol=1e-6)
    action = policy.sample(masked, NO_STD, generator())
    assert set(action.tolist()) == {0, 2}
    assert torch.allclose(policy.log_prob(masked, NO_STD, action), reference.log_prob(action // 2))
    assert (policy.log_prob(masked, NO_STD, torch.ones(50, dtype=torch.int64)).exp() == 0).all()


def test_gradients_through_a_mask_are_finite():
    policy = make_policy(spaces.MultiDiscrete([2, 3]))
    logits = torch.randn(4, 5, requires_grad=True)
    masked = policy.masked(logits, [True, False, True, True, False])
    (policy.log_prob(masked, NO_STD, policy.mode(masked)) + policy.entropy(masked, NO_STD)).sum().backward()
    assert logits.grad.isfinite().all()
    assert (logits.grad[:, [1, 4]] == 0).all()


def test_masked_bits_stay_zero():
    policy = make_policy(spaces.MultiBinary(3))
    logits = torch.randn(50, 3)
    masked = policy.masked(logits, [True, False, True])
    action = policy.sample(masked, NO_STD, generator())
    assert (action[:, 1] == 0).all()
    reference = Independent(Bernoulli(logits=logits[:, [0, 2]]), 1)
    assert torch.allclose(policy.entropy(masked, NO_STD), reference.entropy(), atol=1e-6)
    assert torch.allclose(
        policy.log_prob(masked, NO_STD, action), reference.log_prob(action[:, [0, 2]].float()), atol=1e-6
    )


def test_masks_in_a_dict():
    policy = make_policy(spaces.Dict(a=spaces.Discrete(2), b=spaces.Box(0, 1, (1,))))
    outputs = torch.randn(3, 3)
    masked = policy.masked(outputs, {"a": [False, True]})
    assert policy.mode(masked)["a"].tolist() == [1, 1, 1]
    assert torch.equal(masked[:, 2], outputs[:, 2])
    with pytest.raises(ShapeError, match="keys among"):
        policy.masked(outputs, {"z": [True, True]})


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        ([True, True, False], "shape"),
        ([[True, False]] * 2, "shape"),
        ([False, False], "forbids every choice"),
    ],
)
def test_masks_that_cannot_work(mask, words):
    with pytest.raises(ShapeError, match=words):
        make_policy(spaces.Discrete(2)).masked(torch.zeros(3, 2), mask)


def test_numbers_take_no_mask():
    with pytest.raises(ShapeError, match="no mask"):
        make_policy(spaces.Box(0, 1, (2,))).masked(torch.zeros(1, 2), [True, True])


@pytest.mark.parametrize(
    "space",
    [spaces.Text(3), spaces.Box(0, 9, (2,), np.int64), spaces.Tuple([spaces.Discrete(2)]), spaces.Dict()],
)
def test_spaces_without_a_policy(space):
    with pytest.raises(SpaceError, match="no policy"):
        make_policy(space)
