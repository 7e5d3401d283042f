"""Policies in numpy are those of csai-neural: what they draw, how likely that is, and every derivative."""

import numpy as np
import pytest
import torch
from gymnasium import spaces

from csai_core.errors import SpaceError
from csai_neural import policies as in_torch
from csai_neural.errors import ShapeError
from csai_neural.policies import PLAIN, GaussianSettings
from csai_train.backends.numpy_policies import make_policy

SIZE = 12
SPACES = {
    "discrete": spaces.Discrete(3, start=4),
    "multi_discrete": spaces.MultiDiscrete([2, 3], start=[1, 0]),
    "matrix": spaces.MultiDiscrete([[2, 3], [4, 2]]),
    "multi_binary": spaces.MultiBinary((2, 2)),
    "box": spaces.Box(-1, 1, (2, 2)),
    "number": spaces.Box(-1, 1, ()),
    "scaled": spaces.Box(np.array([0, -2]), np.array([100, np.inf]), dtype=np.float64),
    "dict": spaces.Dict(
        a=spaces.Discrete(2), b=spaces.Box(-1, 1, (2,)), c=spaces.MultiBinary(2), d=spaces.Box(0, 9, (1,))
    ),
}


def numbers(policy, seed=0):
    random = np.random.default_rng(seed)
    outputs = random.normal(0, 2, (SIZE, policy.num_outputs)).astype(np.float32)
    return outputs, random.normal(-0.3, 0.5, policy.num_deviations).astype(np.float32)


def tensors(tree):
    return {k: tensors(v) for k, v in tree.items()} if isinstance(tree, dict) else torch.from_numpy(tree)


def assert_same(one, other):
    if isinstance(one, dict):
        for name in one:
            assert_same(one[name], other[name])
    else:
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)


CASES = [(space, PLAIN) for space in SPACES.values()] + [
    (SPACES[name], settings)
    for name in ("box", "number", "scaled", "dict")
    for settings in (
        GaussianSettings(squash=True),
        GaussianSettings(state_dependent_std=True, log_std_init=-0.5),
        GaussianSettings(squash=True, state_dependent_std=True),
    )
]


@pytest.fixture(params=CASES, ids=str)
def policies(request):
    space, gaussian = request.param
    return space, make_policy(space, gaussian), in_torch.make_policy(space, gaussian)


def test_sizes_modes_and_actions_of_the_environment(policies):
    space, policy, other = policies
    for name in ("num_outputs", "num_deviations", "num_choices"):
        assert getattr(policy, name) == getattr(other, name)
    outputs, log_std = numbers(policy)
    assert_same(policy.mode(outputs), other.mode(torch.from_numpy(outputs)))
    drawn = policy.draw(outputs, log_std, np.random.default_rng(1))
    taken = policy.to_environment(drawn)
    assert_same(taken, other.to_environment(tensors(drawn)))
    for i in range(SIZE):
        one = {name: part[i] for name, part in taken.items()} if isinstance(taken, dict) else taken[i]
        assert space.contains(np.asarray(one) if isinstance(space, spaces.Box) else one)


def test_log_probabilities_entropies_and_derivatives(policies):
    _, policy, other = policies
    outputs, log_std = numbers(policy)
    action = policy.draw(outputs, log_std, np.random.default_rng(1))
    distribution = policy.distribution(outputs.copy(), log_std)
    variables = [torch.tensor(outputs, requires_grad=True), torch.tensor(log_std, requires_grad=True)]
    log_prob = other.log_prob(*variables, tensors(action))
    entropy = other.entropy(*variables)
    np.testing.assert_allclose(distribution.log_prob(action), log_prob.detach(), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(distribution.entropy, entropy.detach(), rtol=1e-5, atol=1e-5)
    to_log_prob = np.random.default_rng(2).normal(size=SIZE).astype(np.float32)
    total = (log_prob * torch.from_numpy(to_log_prob)).sum() + 0.3 * entropy.sum()
    expected = torch.autograd.grad(total, variables, allow_unused=True, materialize_grads=True)
    for one, wanted in zip(distribution.gradient(action, to_log_prob, 0.3), expected, strict=True):
        np.testing.assert_allclose(one, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("space", "mask"),
    [
        (spaces.Discrete(3), [1, 0, 1]),
        (spaces.MultiDiscrete([2, 3]), [0, 1, 1, 0, 1]),
        (spaces.MultiBinary(3), [1, 0, 1]),
        (spaces.Dict(a=spaces.Discrete(2), b=spaces.MultiBinary(2)), {"a": [0, 1], "b": None}),
    ],
    ids=str,
)
def test_masks(space, mask):
    policy, other = make_policy(space), in_torch.make_policy(space)
    outputs, log_std = numbers(policy)
    if isinstance(mask, dict):
        masks = {k: None if v is None else np.tile(np.array(v, np.int8), (SIZE, 1)) for k, v in mask.items()}
    else:
        masks = np.tile(np.array(mask, dtype=np.int8), (SIZE, 1))
    masked = policy.masked(outputs, masks)
    expected = other.masked(torch.from_numpy(outputs), masks)
    np.testing.assert_array_equal(masked, expected)
    variable = expected.clone().requires_grad_()
    action = policy.draw(masked, log_std, np.random.default_rng(0))
    distribution = policy.distribution(masked, log_std)
    log_prob, entropy = (
        other.log_prob(variable, torch.from_numpy(log_std), tensors(action)),
        other.entropy(variable, torch.from_numpy(log_std)),
    )
    np.testing.assert_allclose(distribution.log_prob(action), log_prob.detach(), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(distribution.entropy, entropy.detach(), rtol=1e-4, atol=1e-5)
    (log_prob.sum() + 0.3 * entropy.sum()).backward()
    gradient, _ = distribution.gradient(action, np.ones(SIZE, np.float32), 0.3)
    np.testing.assert_allclose(gradient, variable.grad, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("mask", [np.ones((SIZE, 2)), np.zeros((SIZE, 3)), np.ones(4)])
def test_masks_that_cannot_be_kept_to_are_refused(mask):
    policy = make_policy(spaces.Discrete(3))
    with pytest.raises(ShapeError, match=r"mask for Discrete\(3\)"):
        policy.masked(numbers(policy)[0], mask)
    with pytest.raises(ShapeError, match="take no mask"):
        make_policy(spaces.Box(-1, 1, (3,))).masked(np.zeros((SIZE, 3), np.float32), mask)


def test_draws_follow_the_probabilities():
    random, none = np.random.default_rng(0), np.zeros(0, np.float32)
    logits = np.tile(np.log(np.array([0.1, 0.2, 0.7], dtype=np.float32)), (20_000, 1))
    drawn = make_policy(spaces.Discrete(3)).draw(logits, none, random)
    np.testing.assert_allclose(np.bincount(drawn) / 20_000, [0.1, 0.2, 0.7], atol=0.015)
    both = make_policy(spaces.MultiDiscrete([3, 3])).draw(np.hstack([logits, logits[:, ::-1]]), none, random)
    np.testing.assert_allclose(np.bincount(both[:, 1]) / 20_000, [0.7, 0.2, 0.1], atol=0.015)
    bits = make_policy(spaces.MultiBinary(2)).draw(np.tile(np.float32([0, 2]), (20_000, 1)), none, random)
    np.testing.assert_allclose(bits.mean(axis=0), [0.5, 1 / (1 + np.exp(-2))], atol=0.015)
    log_std = np.log(np.array([0.5, 2.0], dtype=np.float32))
    values = make_policy(spaces.Box(-1, 1, (2,))).draw(
        np.tile(np.float32([3, -1]), (20_000, 1)), log_std, random
    )
    np.testing.assert_allclose(values.mean(axis=0), [3, -1], atol=0.06)
    np.testing.assert_allclose(values.std(axis=0), [0.5, 2.0], rtol=0.03)


def test_squashed_and_state_dependent_by_hand():
    space = spaces.Box(0, 100, (1,))
    settings = GaussianSettings(squash=True, state_dependent_std=True, log_std_init=-1.0)
    policy = make_policy(space, settings)
    # The mean 0.5; the log of the deviation -1 + 0.3; and one that stays at its limit.
    outputs = np.array([[0.5, 0.3], [0.0, 50.0]], np.float32)
    assert policy.to_environment(policy.mode(outputs))[0] == pytest.approx(50 + 50 * np.tanh(0.5))
    mean, deviation = policy.chances(outputs, np.zeros(0, np.float32))
    assert mean[0] == pytest.approx(50 + 50 * np.tanh(0.5))
    assert deviation[0] == pytest.approx(50 * np.exp(-0.7) * (1 - np.tanh(0.5) ** 2))
    assert deviation[1] == pytest.approx(50 * np.exp(2.0))
    gradient, none = policy.distribution(outputs, np.zeros(0, np.float32)).gradient(
        np.array([[0.5], [3.0]], np.float32), np.ones(2, np.float32), 0.0
    )
    assert gradient[0].tolist() == [0.0, -1.0]  # at the mean, a smaller deviation makes it likelier
    assert gradient[1, 1] == 0.0
    assert none.size == 0


@pytest.mark.parametrize("gaussian", [PLAIN, GaussianSettings(state_dependent_std=True)])
def test_numbers_of_a_dict_take_no_room_in_its_mask(gaussian):
    space = spaces.Dict(a=spaces.Box(-1, 1, (2,)), b=spaces.Discrete(3))
    policy = make_policy(space, gaussian)
    masked = policy.masked(np.zeros((2, policy.num_outputs), np.float32), np.array([[1, 0, 1]] * 2, np.int8))
    assert (masked < -1).sum(axis=0).tolist() == [0] * (policy.num_outputs - 3) + [0, 2, 0]


def test_other_spaces_are_refused():
    with pytest.raises(SpaceError, match="no policy for actions of"):
        make_policy(spaces.Text(3))
