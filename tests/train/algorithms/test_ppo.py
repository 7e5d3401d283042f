"""PPO: its loss by hand, and its behavior in worlds whose answer is known."""

import copy
import math

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium import spaces

from csai_core.algorithm import Step
from csai_core.errors import ConfigError, SpaceError
from csai_neural import ActorCritic
from csai_train import train
from csai_train.algorithms.ppo import PPOConfig, ProximalPolicyOptimization, ppo_loss
from csai_train.buffers.experience import RolloutBatch
from csai_train.errors import NonFiniteError

QUICK = {
    "num_envs": 4,
    "num_steps": 32,
    "learning_rate": 1e-2,
    "gamma": 0.0,
    "entropy_coef": 0.0,
    "hidden_sizes": (32,),
}
EVERY_ACTION = [
    (spaces.Discrete(3), 3_000, 0.99),
    (spaces.Discrete(3, start=5), 3_000, 0.99),
    (spaces.MultiDiscrete([3, 2]), 4_000, 0.99),
    (spaces.MultiBinary(3), 4_000, 0.99),
    (spaces.Box(-1, 1, (2,)), 10_000, 0.97),
    (spaces.Dict(a=spaces.Discrete(2), b=spaces.Box(-1, 1, (1,))), 8_000, 0.97),
]


def make(observation_space=None, action_space=None, total_steps=1_000, seed=0, **config):
    return ProximalPolicyOptimization(
        observation_space or spaces.Discrete(3),
        action_space or spaces.Discrete(3),
        PPOConfig(**{**QUICK, **config}),
        total_steps=total_steps,
        seed=seed,
    )


def one_step(learner, observation, reward=1.0, terminated=False, truncated=False, mask=None):
    """Let the learner act, and show it what followed: the same observation again."""
    count = learner.config.num_envs
    decision = learner.act(observation, explore=True, action_mask=mask)
    full = [np.full(count, value) for value in (reward, terminated, truncated)]
    return learner.learn(
        Step(
            observation,
            decision.action,
            full[0].astype(float),
            *full[1:],
            observation,
            action_mask=mask,
            memo=decision.memo,
        )
    )


# --- the loss


def experience(**changes):
    fields = {
        "observation": torch.zeros(2, dtype=torch.int64),
        "action": torch.tensor([0, 1]),
        "action_mask": None,
        "log_prob": torch.tensor([-1.0, -1.0]),
        "value": torch.zeros(2),
        "advantage": torch.tensor([1.0, -2.0]),
        "returns": torch.tensor([3.0, 1.0]),
    }
    return RolloutBatch(**{**fields, **changes})


def test_the_loss_is_the_one_on_paper():
    net = ActorCritic(spaces.Discrete(1), spaces.Discrete(2), net_arch=[4])
    with torch.no_grad():
        net.policy_head.bias.copy_(torch.tensor([math.log(3.0), 0.0]))
        net.policy_head.weight.zero_()
        net.value_head.weight.zero_()
        net.value_head.bias.fill_(2.0)
    settings = {"clip_range": 0.2, "value_clip_range": None, "normalize_advantage": False}
    loss, measured = ppo_loss(net, experience(), value_coef=0.5, entropy_coef=0.1, **settings)
    # Probabilities 3/4 and 1/4, once 1/e each. Ratios 2.04, which is clipped to 1.2, and 0.68, to 0.8.
    policy = -(1.2 * 1.0 + 0.8 * -2.0) / 2
    value = 0.5 * ((2 - 3) ** 2 + (2 - 1) ** 2) / 2
    entropy = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    ratios = (0.75 * math.e, 0.25 * math.e)
    kl = sum(ratio - 1 - math.log(ratio) for ratio in ratios) / 2
    assert measured.tolist() == pytest.approx([policy, value, entropy, kl, 1.0], rel=1e-5)
    assert loss.item() == pytest.approx(policy + 0.5 * value - 0.1 * entropy, rel=1e-5)


def test_advantages_are_brought_to_mean_0_and_deviation_1():
    net = ActorCritic(spaces.Discrete(1), spaces.Discrete(2), net_arch=[4])
    settings = {"clip_range": 0.2, "value_clip_range": None, "value_coef": 0.0, "entropy_coef": 0.0}
    same = [
        ppo_loss(net, experience(advantage=torch.tensor(each)), normalize_advantage=True, **settings)[0]
        for each in ([1.0, -2.0], [107.0, 101.0])
    ]
    torch.testing.assert_close(same[0], same[1])


def test_a_batch_of_one_is_not_normalized():
    net = ActorCritic(spaces.Discrete(1), spaces.Discrete(2), net_arch=[4])
    batch = experience().take(np.array([1]))
    settings = {"clip_range": 0.2, "value_clip_range": None, "value_coef": 0.5, "entropy_coef": 0.0}
    loss, _ = ppo_loss(net, batch, normalize_advantage=True, **settings)
    assert torch.isfinite(loss)


def test_explained_variance():
    assert experience(value=torch.tensor([3.0, 1.0])).explained_variance == 1.0
    assert experience(value=torch.tensor([2.0, 2.0])).explained_variance == 0.0
    assert experience(returns=torch.tensor([2.0, 2.0])).explained_variance == 0.0


# --- what is learned


@pytest.mark.parametrize(("space", "total_steps", "enough"), EVERY_ACTION, ids=lambda each: str(each)[:20])
def test_learns_to_copy_in_every_action_space(copycat, skill, space, total_steps, enough):
    envs = [copycat(space) for _ in range(4)]
    training = train("ppo", envs, total_steps=total_steps, seed=0, config=QUICK)
    assert skill(training.algorithm, space) > enough


@pytest.mark.parametrize("options", [{"share_layers": True}, {"activation": "relu"}, {"hidden_sizes": ()}])
def test_learns_with_every_kind_of_network(copycat, skill, options):
    space = spaces.Discrete(3)
    config = {**QUICK, "num_envs": 1, "num_steps": 64, "learning_rate": 3e-2, **options}
    training = train("ppo", copycat(space), total_steps=3_000, seed=0, config=config)
    assert skill(training.algorithm, space) > 0.99


@pytest.mark.filterwarnings("ignore:For want of better")
def test_nested_observations_and_images(copycat):
    space = spaces.Dict(
        a=spaces.Tuple([spaces.Discrete(3), spaces.Box(-1, 1, (2, 2))]),
        b=spaces.Dict(c=spaces.MultiBinary(2)),
    )
    for observation_space in (space, spaces.Box(0, 255, (3, 12, 12), np.uint8)):
        env = copycat(spaces.Discrete(2))
        env.observation_space = observation_space
        env.step = lambda action, env=env: (env.observation_space.sample(), 1.0, False, True, {})
        training = train("ppo", env, total_steps=128, seed=0, config={**QUICK, "num_envs": 1})
        assert training.metrics["entropy"] > 0


def test_values_converge_to_the_known_ones_where_episodes_are_cut_short(loop):
    config = {**QUICK, "gamma": 0.5, "num_envs": 1, "num_steps": 30}
    training = train("ppo", loop, total_steps=3_000, seed=0, config=config)
    assert training.algorithm.net.get_value(np.array([0])).item() == pytest.approx(2.0, abs=0.05)


def test_the_rollouts_own_judgment_by_hand():
    """Three steps, the second of which ends an episode in one of three ways."""
    for terminated, truncated in ((False, False), (True, False), (False, True)):
        learner = make(num_envs=1, num_steps=3, num_minibatches=1, gamma=0.5, gae_lambda=1.0)
        values = [learner.net.get_value(np.array([i])).item() for i in range(3)]
        for t, (now, following) in enumerate([(0, 1), (1, 2), (0, 1)]):
            decision = learner.act(np.array([now]), explore=True)
            ends = t == 1
            learner.rollout.add(
                *decision.memo,
                np.array([1.0 + t]),
                np.array([ends and terminated]),
                np.array([ends and truncated]),
                np.array([following]),
            )
        last = 3.0 + 0.5 * values[1]
        middle = 2.0 + 0.5 * (0.0 if terminated else values[2] if truncated else last)
        first = 1.0 + 0.5 * middle
        judged = learner._experience(learner.config)
        assert judged.returns.tolist() == pytest.approx([first, middle, last], rel=1e-5)


def test_same_seed_same_weights_and_the_global_generator_is_left_alone(copycat):
    def weights(seed):
        envs = [copycat(spaces.MultiBinary(2)) for _ in range(4)]
        training = train("ppo", envs, total_steps=300, seed=seed, config=QUICK)
        return training.algorithm.backend.parameters.values.clone()

    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    assert torch.equal(weights(1), weights(1))
    assert torch.equal(torch.rand(1), expected)
    assert not torch.equal(weights(1), weights(2))


# --- masks


def test_masked_actions_are_never_taken_and_learned_from_as_masked(copycat, skill):
    mask = np.array([0, 1, 1, 0], dtype=np.int8)
    envs = [copycat(spaces.Discrete(4), mask) for _ in range(4)]
    training = train("ppo", envs, total_steps=2_000, seed=0, config=QUICK)
    assert {int(action) for env in envs for action in env.taken} == {1, 2}
    observation = np.array([1, 2, 0, 3])
    masks = np.array([mask] * 4)
    assert training.algorithm.act(observation, explore=False, action_mask=masks).action[:2].tolist() == [1, 2]
    # Two actions are left, so the policy starts with an entropy of log 2, not of log 4.
    assert training.metrics["entropy"] <= math.log(2) + 1e-6


def test_a_mask_of_every_component(copycat):
    mask = np.array([1, 0, 0, 1, 1], dtype=np.int8)
    env = copycat(spaces.MultiDiscrete([3, 2]), mask)
    train("ppo", env, total_steps=64, seed=0, config={**QUICK, "num_envs": 1})
    assert {int(action[0]) for action in env.taken} == {0}
    assert {int(action[1]) for action in env.taken} == {0, 1}


def test_masks_that_come_late_are_kept_for_the_steps_that_have_them():
    learner = make(num_envs=1, num_steps=2, num_minibatches=1)
    one_step(learner, np.array([0]))
    one_step(learner, np.array([0]), mask=np.array([[1, 0, 0]], dtype=np.int8))
    assert learner.rollout.action_mask.tolist() == [[[1, 1, 1]], [[1, 0, 0]]]


# --- settings


def weights_after(learner, steps=64, observation=None):
    observation = np.zeros(learner.config.num_envs, dtype=np.int64) if observation is None else observation
    metrics = {}
    for _ in range(steps):
        metrics = one_step(learner, observation) or metrics
    return learner.backend.parameters.values, metrics


def test_the_update_ends_when_the_policy_has_moved_far_enough(monkeypatch):
    def num_steps_of(**config):
        learner = make(num_steps=8, num_minibatches=2, num_epochs=5, learning_rate=0.1, **config)
        taken = []
        step = learner.optimizer.step
        monkeypatch.setattr(learner.optimizer, "step", lambda: (taken.append(1), step()))
        for number in range(8):
            one_step(learner, np.arange(4) % 3, reward=float(number % 3))
        return len(taken)

    assert num_steps_of(target_kl=None) == 10
    assert num_steps_of(target_kl=1e-9) == 2


def test_learning_rate_and_clip_range_fall_over_the_training(monkeypatch):
    from csai_train.algorithms import ppo

    seen = []

    def watched(*arguments, clip_range, **options):
        seen.append(clip_range)
        return ppo_loss(*arguments, clip_range=clip_range, **options)

    monkeypatch.setattr(ppo, "ppo_loss", watched)
    learner = make(
        total_steps=40, num_envs=1, num_steps=10, num_epochs=1, num_minibatches=1, anneal_clip_range=True
    )
    rates = []
    for _ in range(50):
        if one_step(learner, np.array([0])):
            rates.append(learner.optimizer.learning_rate)
    assert rates == pytest.approx([1e-2, 0.75e-2, 0.5e-2, 0.25e-2, 0.0])
    assert seen == pytest.approx([0.2, 0.15, 0.1, 0.05, 0.0])


def test_schedules_can_be_switched_off():
    learner = make(total_steps=40, num_envs=1, num_steps=10, anneal_learning_rate=False)
    weights_after(learner, 40)
    assert learner.optimizer.learning_rate == 1e-2


def test_every_setting_of_the_loss_has_an_effect():
    def weights(**config):
        learner = make(num_envs=1, num_steps=16, anneal_learning_rate=False, share_layers=True, **config)
        for number in range(16):
            one_step(learner, np.array([number % 3]), reward=float(number % 4))
        return learner.backend.parameters.values

    plain = weights()
    for change in (
        {"value_clip_range": 1e-3},
        {"entropy_coef": 0.1},
        {"value_coef": 5.0},
        {"max_grad_norm": 1e-3},
        {"normalize_advantage": False},
        {"clip_range": 1e-3},
        {"gamma": 0.9},
        {"num_epochs": 1},
    ):
        assert not torch.equal(weights(**change), plain), change


def test_observations_are_scaled_alike_while_acting_and_learning(copycat):
    space = spaces.Box(90, 110, (2,))
    env = copycat(spaces.Discrete(2))
    env.observation_space = space
    training = train(
        "ppo", env, total_steps=200, seed=0, config={**QUICK, "num_envs": 1, "normalize_observation": True}
    )
    observed = training.algorithm.rollout.observation
    assert abs(observed.mean()) < 0.5
    assert np.abs(observed).max() < 5


@pytest.mark.parametrize(
    "values",
    [
        {"gamma": 1.5},
        {"clip_range": 0.0},
        {"num_steps": 0},
        {"entropy_coef": -1.0},
        {"target_kl": 0.0},
        {"value_clip_range": 0.0},
        {"num_minibatches": 2_000},
        {"hidden_sizes": (0,)},
    ],
)
def test_settings_that_cannot_work_are_refused(values):
    with pytest.raises(ConfigError, match=next(iter(values))):
        PPOConfig(**values)


def test_other_action_spaces_are_refused():
    with pytest.raises(SpaceError, match="no policy"):
        make(action_space=spaces.Text(3))


def test_minibatches_are_of_even_size_where_they_do_not_divide():
    learner = make(num_envs=1, num_steps=5, num_minibatches=4, num_epochs=1)
    weights_after(learner, 5)


# --- NaN, infinity, and going on


@pytest.mark.parametrize("reward", [math.nan, math.inf, -math.inf])
def test_a_reward_that_is_no_number_leaves_the_weights_alone(reward):
    learner = make(num_envs=1, num_steps=4)
    before = learner.backend.parameters.values.clone()
    for number in range(3):
        one_step(learner, np.array([0]), reward=reward if number == 1 else 1.0)
    with pytest.raises(NonFiniteError, match=r"reward of step 1, .*(nan|inf)"):
        one_step(learner, np.array([0]))
    assert torch.equal(learner.backend.parameters.values, before)


def test_a_loss_that_is_no_number_leaves_the_weights_alone(monkeypatch):
    learner = make(num_envs=1, num_steps=4)
    before = learner.backend.parameters.values.clone()
    monkeypatch.setattr(
        "csai_train.algorithms.ppo.ppo_loss",
        lambda net, batch, **settings: (net.value_head.bias.sum() * math.nan, torch.zeros(4)),
    )
    with pytest.raises(NonFiniteError, match="weights were left"):
        weights_after(learner, 4)
    assert torch.equal(learner.backend.parameters.values, before)


@pytest.mark.parametrize("normalize_observation", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_a_state_taken_mid_rollout_goes_on_identically(normalize_observation, masked):
    space = spaces.Box(-1, 1, (2,))
    config = {"num_steps": 8, "num_envs": 2, "normalize_observation": normalize_observation}
    random = np.random.default_rng(0)
    observations = random.normal(size=(40, 2, 2)).astype(np.float32)

    def play(learner, numbers):
        for number in numbers:
            one_step(
                learner,
                observations[number],
                reward=float(number % 3),
                truncated=number % 5 == 4,
                mask=np.array([[1, 0, 1]] * 2, dtype=np.int8) if masked else None,
            )

    learner = make(space, **config)
    play(learner, range(21))
    state = copy.deepcopy(learner.state_dict())
    play(learner, range(21, 40))
    other = make(space, seed=5, **config)
    other.load_state_dict(state)
    play(other, range(21, 40))
    assert torch.equal(learner.backend.parameters.values, other.backend.parameters.values)
    assert np.array_equal(learner.rollout.observation, other.rollout.observation)


def test_the_loop_is_driven_by_gymnasiums_vector_environment_too(copycat):
    envs = gymnasium.vector.SyncVectorEnv([lambda: copycat(spaces.Discrete(3))] * 2)
    training = train("ppo", envs, total_steps=200, seed=0, config=QUICK)
    assert training.algorithm.config.num_envs == 2


# --- parts made elsewhere, and rewards


def test_rewards_are_normalized_if_asked_for():
    def rewards(**config):
        learner = make(num_envs=1, num_steps=8, num_minibatches=1, gamma=0.0, **config)
        for reward in (4.0, 0.0):
            one_step(learner, np.zeros(1, np.int64), reward)
        return learner.rollout.reward[:2, 0].tolist()

    assert rewards() == [4.0, 0.0]
    # The start counts as one reward of variance 1 around 0; after 4: mean 2, variance (1 + 16) / 2 - 4.
    assert rewards(normalize_reward=True)[0] == pytest.approx(4 / math.sqrt(17 / 2 - 4))
    assert rewards(normalize_reward=True, reward_coef=3.0)[0] == pytest.approx(12 / math.sqrt(17 / 2 - 4))
    changed = rewards(normalize_reward=True, initial_reward_std=5.0, normalization_epsilon=0.5)
    assert changed[0] == pytest.approx(4 / (math.sqrt((25 + 16) / 2 - 4) + 0.5))


def test_a_buffer_in_which_steps_wait_changes_nothing_by_itself(copycat):
    def weights(**config):
        config = {**QUICK, "normalize_reward": True, **config}
        envs = [copycat(spaces.Discrete(3)) for _ in range(2)]
        learner = train("ppo", envs, total_steps=256, seed=0, config=config).algorithm
        return learner.backend.parameters.values

    assert torch.equal(weights(buffer="basic"), weights())
    assert not torch.equal(weights(optimizer="SGD(momentum=0.5)"), weights())


def test_networks_and_optimizers_made_elsewhere():
    net = ActorCritic(spaces.Discrete(3), spaces.Discrete(3), net_arch=[8])
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    config = PPOConfig(num_envs=1, num_steps=2, num_minibatches=1)
    learner = ProximalPolicyOptimization(
        spaces.Discrete(3),
        spaces.Discrete(3),
        config,
        total_steps=9,
        seed=0,
        network=net,
        optimizer=optimizer,
    )
    before = [each.detach().clone() for each in net.parameters()]
    for reward in (1.0, 0.0):
        one_step(learner, np.zeros(1, np.int64), reward)
    assert learner.net is net
    assert not all(torch.equal(*pair) for pair in zip(net.parameters(), before, strict=True))
