"""REINFORCE and A2C: their update by hand, and their behavior in worlds whose answer is known."""

import copy
import math

import numpy as np
import pytest
import torch
from gymnasium import spaces

from csai_core.algorithm import Step
from csai_core.errors import ConfigError, SpaceError
from csai_train import train
from csai_train.algorithms.a2c import A2CConfig, AdvantageActorCritic
from csai_train.algorithms.reinforce import Reinforce, ReinforceConfig
from csai_train.errors import NonFiniteError, TrainingWarning

BOTH = ["reinforce", "a2c"]
CLASSES = {"reinforce": (Reinforce, ReinforceConfig), "a2c": (AdvantageActorCritic, A2CConfig)}
QUICK = {
    "reinforce": {
        "num_envs": 4,
        "learning_rate": 1e-2,
        "entropy_coef": 0.0,
        "gamma": 0.0,
        "hidden_sizes": (32,),
    },
    "a2c": {
        "num_envs": 4,
        "num_steps": 16,
        "learning_rate": 1e-2,
        "gae_lambda": 1.0,
        "max_grad_norm": 0.5,
        "entropy_coef": 0.0,
        "gamma": 0.0,
        "hidden_sizes": (32,),
    },
}
EVERY_ACTION = [
    (spaces.Discrete(3, start=5), 3_000, 0.99),
    (spaces.MultiDiscrete([3, 2]), 4_000, 0.99),
    (spaces.MultiBinary(2), 3_000, 0.99),
    (spaces.Box(-1, 1, (1,)), 12_000, 0.9),
    (spaces.Dict(a=spaces.Discrete(2), b=spaces.MultiBinary(1)), 3_000, 0.99),
]


def make(name, seed=0, space=None, total_steps=1_000, **config):
    learner_class, config_class = CLASSES[name]
    space = space or spaces.Discrete(3)
    settings = config_class(**{**QUICK[name], **config})
    return learner_class(space, spaces.Discrete(3), settings, total_steps=total_steps, seed=seed)


def one_step(learner, observation, reward=1.0, terminated=False, truncated=False, mask=None, following=None):
    count = len(observation)
    decision = learner.act(observation, explore=True, action_mask=mask)
    flags = [np.full(count, flag) for flag in (terminated, truncated)]
    following = observation if following is None else following
    what = (observation, decision.action, np.full(count, float(reward)), *flags, following)
    return learner.learn(Step(*what, action_mask=mask, memo=decision.memo))


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize(("space", "total_steps", "enough"), EVERY_ACTION, ids=lambda each: str(each)[:20])
def test_learns_to_copy_in_every_action_space(copycat, skill, name, space, total_steps, enough):
    envs = [copycat(space) for _ in range(4)]
    training = train(name, envs, total_steps=total_steps, seed=0, config=QUICK[name])
    assert skill(training.algorithm, space) > enough


@pytest.mark.parametrize("name", BOTH)
def test_values_converge_to_the_known_ones_where_episodes_are_cut_short(loop, name):
    config = {**QUICK[name], "gamma": 0.5, "num_envs": 1}
    training = train(name, loop, total_steps=2_000, seed=0, config=config)
    assert training.algorithm.net.get_value(np.array([0])).item() == pytest.approx(2.0, abs=0.1)


def test_reinforce_by_hand():
    """Two episodes, one of which is cut short: returns, and the gradient of the loss."""
    learner = make("reinforce", num_envs=2, episodes_per_update=2, gamma=0.5, normalize_advantage=False)
    reference = copy.deepcopy(learner.net)
    observed = [np.array([0, 1]), np.array([1, 2])]
    taken = []
    for t, reward in enumerate([1.0, 2.0]):
        decision = learner.act(observed[t], explore=True)
        taken.append(decision.action)
        ended = [np.array([t == 1, False]), np.array([False, t == 1])]
        step = Step(
            observed[t], decision.action, np.full(2, reward), *ended, np.array([2, 0]), memo=decision.memo
        )
        if t == 1:
            beyond = reference.get_value(np.array([0])).item()
        metrics = learner.learn(step)
    returns = torch.tensor([1 + 0.5 * 2, 2.0, 1 + 0.5 * (2 + 0.5 * beyond), 2 + 0.5 * beyond])
    observation = torch.tensor([0, 1, 1, 2])
    actions = torch.tensor([taken[0][0], taken[1][0], taken[0][1], taken[1][1]])
    log_prob, entropy, value = reference.evaluate_actions(observation, actions)
    policy = -(log_prob * (returns - value)).mean().item()
    assert metrics["policy_loss"] == pytest.approx(policy, rel=1e-4)
    assert metrics["value_loss"] == pytest.approx(0.5 * (returns - value).square().mean().item(), rel=1e-4)
    assert metrics["entropy"] == pytest.approx(entropy.mean().item(), rel=1e-4)


def test_reinforce_waits_for_enough_episodes():
    learner = make("reinforce", num_envs=1, episodes_per_update=3)
    learned = [bool(one_step(learner, np.array([0]), terminated=t % 2 == 1)) for t in range(12)]
    assert [t for t, has in enumerate(learned) if has] == [5, 11]


def test_a2c_by_hand():
    learner = make("a2c", num_envs=1, num_steps=2, gamma=0.5)
    reference = copy.deepcopy(learner.net)
    actions = []
    for t in range(2):
        decision = learner.act(np.array([t]), explore=True)
        actions.append(int(decision.action[0]))
        no = np.array([False])
        what = (np.array([t]), decision.action, np.array([1.0 + t]), no, no, np.array([t + 1]))
        metrics = learner.learn(Step(*what, memo=decision.memo))
    log_prob, _, value = reference.evaluate_actions(torch.tensor([0, 1]), torch.tensor(actions))
    beyond = reference.get_value(np.array([2])).item()
    returns = torch.tensor([1 + 0.5 * (2 + 0.5 * beyond), 2 + 0.5 * beyond])
    assert metrics["policy_loss"] == pytest.approx(-(log_prob * (returns - value)).mean().item(), rel=1e-4)
    assert metrics["value_loss"] == pytest.approx(0.5 * (returns - value).square().mean().item(), rel=1e-4)


def test_a2c_takes_smaller_steps_toward_the_end():
    learner = make("a2c", num_envs=1, num_steps=5, total_steps=20)
    rates = []
    for _ in range(20):
        if one_step(learner, np.array([0])):
            rates.append(learner.optimizer.learning_rate)
    assert rates == pytest.approx([1e-2, 0.75e-2, 0.5e-2, 0.25e-2])


@pytest.mark.parametrize("name", BOTH)
def test_masked_actions_are_never_taken(copycat, name):
    mask = np.array([0, 1, 1, 0], dtype=np.int8)
    envs = [copycat(spaces.Discrete(4), mask) for _ in range(4)]
    training = train(name, envs, total_steps=400, seed=0, config=QUICK[name])
    assert {int(action) for env in envs for action in env.taken} == {1, 2}
    assert training.metrics["entropy"] <= math.log(2) + 1e-6


@pytest.mark.parametrize("name", BOTH)
def test_every_setting_has_an_effect(name):
    def weights(**config):
        learner = make(name, num_envs=1, **config)
        for number in range(64):
            one_step(
                learner,
                np.array([number % 3]),
                reward=float(number % 4),
                terminated=number % 8 == 7,
            )
        return learner.backend.parameters.values

    plain = weights()
    changes = [
        {"learning_rate": 1e-3},
        {"gamma": 0.9},
        {"entropy_coef": 0.5},
        {"value_coef": 5.0},
        {"max_grad_norm": 1e-3},
        {"normalize_advantage": name == "a2c"},
        {"episodes_per_update": 2} if name == "reinforce" else {"num_steps": 4},
    ]
    for change in changes:
        assert not torch.equal(weights(**change), plain), change


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("reward", [math.nan, math.inf])
def test_a_reward_that_is_no_number_leaves_the_weights_alone(name, reward):
    learner = make(
        name, num_envs=1, **({"episodes_per_update": 1} if name == "reinforce" else {"num_steps": 2})
    )
    before = learner.backend.parameters.values.clone()
    one_step(learner, np.array([0]), reward=reward)
    with pytest.raises(NonFiniteError, match=r"(nan|inf)"):
        one_step(learner, np.array([0]), terminated=True)
    assert torch.equal(learner.backend.parameters.values, before)


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("masked", [False, True])
def test_a_saved_one_goes_on_identically(name, masked):
    space = spaces.Dict(a=spaces.Box(-1, 1, (2,)), b=spaces.Discrete(3))

    def play(learner, numbers):
        for number in numbers:
            observation = {"a": np.full((2, 2), number / 50, np.float32), "b": np.array([number % 3, 1])}
            one_step(
                learner,
                observation,
                reward=number % 4,
                truncated=number % 5 == 4,
                mask=np.array([[1, 0, 1]] * 2, dtype=np.int8) if masked else None,
            )

    def one_step(learner, observation, reward, truncated, mask):
        decision = learner.act(observation, explore=True, action_mask=mask)
        flags = [np.full(2, False), np.full(2, truncated)]
        what = (observation, decision.action, np.full(2, float(reward)), *flags, observation)
        learner.learn(Step(*what, action_mask=mask, memo=decision.memo))

    learner, other = (make(name, seed, space, num_envs=2) for seed in (0, 1))
    play(learner, range(23))
    other.load_state_dict(copy.deepcopy(learner.state_dict()))
    for each in (learner, other):
        play(each, range(23, 60))
    assert torch.equal(learner.backend.parameters.values, other.backend.parameters.values)


@pytest.mark.parametrize("name", BOTH)
def test_same_seed_same_weights(copycat, name):
    def weights(seed):
        envs = [copycat(spaces.Discrete(3)) for _ in range(4)]
        return train(
            name, envs, total_steps=400, seed=seed, config=QUICK[name]
        ).algorithm.backend.parameters.values

    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))


@pytest.mark.parametrize("name", BOTH)
def test_settings_that_cannot_work_are_refused(name):
    for field, value in (("gamma", 1.5), ("num_envs", 0), ("learning_rate", 0.0), ("hidden_sizes", (0,))):
        with pytest.raises(ConfigError, match=field):
            make(name, **{field: value})
    learner_class, config_class = CLASSES[name]
    with pytest.raises(SpaceError, match="no policy"):
        learner_class(spaces.Discrete(2), spaces.Text(3), config_class(), total_steps=1, seed=0)


def test_reinforce_does_not_wait_for_ever_for_the_end_of_an_episode(monkeypatch):
    monkeypatch.setattr("csai_train.algorithms.reinforce.LONGEST_EPISODE", 5)
    learner = make("reinforce", num_envs=2, episodes_per_update=2)
    for _ in range(4):
        assert not one_step(learner, np.array([0, 1]))
    with pytest.warns(TrainingWarning, match=r"has lasted 100,000 steps.* a2c and ppo need not wait"):
        assert one_step(learner, np.array([0, 1]))
    assert learner.num_unlearned() == 0
