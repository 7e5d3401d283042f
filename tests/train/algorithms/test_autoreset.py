"""However environments reset, every algorithm learns from the same transitions."""

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.wrappers.vector import RecordEpisodeStatistics

from csai_core import RandomAgent
from csai_core.options import build
from csai_core.plugins import installed
from csai_neural import ActorCritic
from csai_train import PPO, Callback, Training
from csai_train.algorithms import ppo as ppo_algorithm
from csai_train.algorithms.ppo import PPOConfig, ProximalPolicyOptimization, ppo_loss
from csai_train.algorithms.q_learning import QLearningConfig, TabularQLearning
from csai_train.buffers.replay import BasicReplayBuffer
from csai_train.environments.episode_limit import EpisodeLimit
from csai_train.errors import TrainingWarning

LENGTHS = (3, 2, 4)
"""How long the first, second and third episode last, and then over again."""


class Script(gymnasium.Env):
    """Episodes of set lengths, whatever is done; every observation says which step of which it is.

    Every third episode terminates, the others are cut short; the reward of the i-th step is i.
    """

    def __init__(self, num_actions=1, lengths=LENGTHS):
        self.observation_space = spaces.Discrete(16)
        self.action_space = spaces.Discrete(num_actions)
        self.lengths = lengths
        self.number = -1

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.number, self.at = (self.number + 1) % len(self.lengths), 0
        return self._observe(), {"score": -1}

    def step(self, action):
        self.at += 1
        is_over = self.at == self.lengths[self.number]
        terminates = self.number == len(self.lengths) - 1
        return (
            self._observe(),
            float(self.at),
            is_over and terminates,
            is_over and not terminates,
            {"score": self.number},
        )

    def _observe(self):
        return np.int64(5 * self.number + self.at)


def train(algorithm, mode, total_steps, config, envs=2):
    config_class = installed().find("algorithms", algorithm).load_config()
    vector = SyncVectorEnv([Script] * envs, autoreset_mode=mode)
    learner = (
        installed()
        .find("algorithms", algorithm)
        .load()(
            vector.single_observation_space,
            vector.single_action_space,
            build(config_class, {"num_envs": envs, **config}),
            total_steps=total_steps,
            seed=0,
        )
    )
    training = Training(learner, vector, total_steps=total_steps, seed=0)
    training.run()
    return training


OTHER_MODES = [AutoresetMode.NEXT_STEP, AutoresetMode.DISABLED]


@pytest.mark.parametrize("mode", OTHER_MODES)
@pytest.mark.parametrize("rule", ["q_learning", "sarsa", "expected_sarsa"])
def test_tables_are_the_same(mode, rule):
    tables = [
        train("q_learning", each, 60, {"rule": rule}).algorithm.table.q_table
        for each in (mode, AutoresetMode.SAME_STEP)
    ]
    assert tables[0] == tables[1]
    assert len(tables[0]) == sum(LENGTHS)


@pytest.mark.parametrize("mode", OTHER_MODES)
@pytest.mark.parametrize(
    "options", [{}, {"n_step": 3}, {"prioritized": True}, {"n_step": 3, "prioritized": True}]
)
def test_deep_q_learning_is_the_same(mode, options):
    config = {"learning_starts": 10, "train_every": 2, "batch_size": 4, "hidden_sizes": (8,), **options}
    one, other = (
        train("deep_q_learning", each, 60, config).algorithm for each in (mode, AutoresetMode.SAME_STEP)
    )
    for mine, theirs in zip(one.buffer.in_order(), other.buffer.in_order(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert torch.equal(one.backend.parameters.values, other.backend.parameters.values)
    assert one.num_steps == other.num_steps == 60


@pytest.mark.parametrize("mode", OTHER_MODES)
def test_reinforce_is_the_same(mode):
    one, other = (
        train("reinforce", each, 60, {"episodes_per_update": 3}).algorithm
        for each in (mode, AutoresetMode.SAME_STEP)
    )
    assert torch.equal(one.backend.parameters.values, other.backend.parameters.values)


@pytest.mark.parametrize("algorithm", ["a2c", "ppo"])
def test_an_update_from_a_rollout_is_the_same(algorithm):
    """Nine steps and the two rows in between, in one rollout."""
    config = {"num_minibatches": 1} if algorithm == "ppo" else {}
    rows = {AutoresetMode.NEXT_STEP: 11, AutoresetMode.SAME_STEP: 9, AutoresetMode.DISABLED: 9}
    learners = [
        train(algorithm, mode, 18, {"num_steps": count, **config}).algorithm for mode, count in rows.items()
    ]
    for learner in learners[1:]:
        assert learner.num_steps == learners[0].num_steps == 18
        assert learner.optimizer.learning_rate == learners[0].optimizer.learning_rate
        torch.testing.assert_close(learner.backend.parameters.values, learners[0].backend.parameters.values)


class StopAfter(Callback):
    def __init__(self, rows):
        self.rows = rows

    def step(self, training):
        self.rows -= 1
        training.stop_requested = self.rows == 0


def by_hand(rewards, values, next_values, ended, terminated, gamma, gae_lambda):
    """The advantages of one environment's steps, by the sums of their definition."""
    advantages = []
    for t in range(len(rewards)):
        total, weight = 0.0, 1.0
        for k in range(t, len(rewards)):
            following = 0.0 if terminated[k] else next_values[k]
            total += weight * (rewards[k] + gamma * following - values[k])
            weight *= gamma * gae_lambda
            if ended[k]:
                break
        advantages.append(total)
    return advantages


@pytest.mark.parametrize("num_steps", [5, 7, 8])
def test_what_ppo_learns_from_rows_of_episodes_of_different_lengths(num_steps):
    envs = SyncVectorEnv(
        [lambda: Script(2), lambda: Script(2, (1, 5))], autoreset_mode=AutoresetMode.NEXT_STEP
    )
    config = PPOConfig(num_envs=2, num_steps=num_steps, num_minibatches=1, hidden_sizes=(8,))
    learner = ProximalPolicyOptimization(
        envs.single_observation_space, envs.single_action_space, config, total_steps=1000, seed=0
    )
    seen, judged = [], []
    learn, judge = learner.learn, learner._experience
    learner.learn = lambda step: seen.append(step) or learn(step)
    learner._experience = lambda *config: judged.append(judge(*config)) or judged[-1]
    weights = learner.backend.parameters.values.clone()
    training = Training(learner, envs, total_steps=1000, seed=0)
    training.callbacks = [StopAfter(num_steps)]
    training.run()
    [batch] = judged
    learner.backend.parameters.values.copy_(weights)  # what the rollout was judged with
    expected = {}
    for i in range(2):
        steps = [s for s in seen if s.is_reset is None or not s.is_reset[i]]
        observations = np.array([s.observation[i] for s in steps])
        next_observations = np.array([s.next_observation[i] for s in steps])
        advantages = by_hand(
            [s.reward[i] for s in steps],
            learner.net.get_value(observations).tolist(),
            learner.net.get_value(next_observations).tolist(),
            [s.terminated[i] or s.truncated[i] for s in steps],
            [s.terminated[i] for s in steps],
            config.gamma,
            config.gae_lambda,
        )
        for step, advantage in zip(steps, advantages, strict=True):
            expected.setdefault((int(step.observation[i]), int(step.action[i])), []).append(advantage)
    found = {}
    for observation, action, advantage in zip(
        batch.observation.tolist(), batch.action.tolist(), batch.advantage.tolist(), strict=True
    ):
        found.setdefault((observation, action), []).append(advantage)
    assert found.keys() == expected.keys()
    for key, advantages in expected.items():
        np.testing.assert_allclose(sorted(found[key]), sorted(advantages), rtol=1e-4, atol=1e-5)


def test_the_last_row_of_a_rollout_bootstraps_from_where_it_led():
    """An episode cut short in a rollout's last row is worth what its own last observation is."""
    envs = SyncVectorEnv([Script], autoreset_mode=AutoresetMode.NEXT_STEP)
    config = PPOConfig(num_envs=1, num_steps=3, num_minibatches=1, hidden_sizes=(8,), gae_lambda=0.0)
    learner = ProximalPolicyOptimization(
        envs.single_observation_space, envs.single_action_space, config, total_steps=3, seed=0
    )
    judged = []
    judge = learner._experience
    learner._experience = lambda *config: judged.append(judge(*config)) or judged[-1]
    values = learner.net.get_value(np.arange(4)).detach().numpy()
    Training(learner, envs, total_steps=3, seed=0).run()
    np.testing.assert_allclose(judged[0].returns, [1, 2, 3] + config.gamma * values[1:], rtol=1e-5)


def test_the_classic_ppo_leaves_reset_rows_out(monkeypatch):
    last_observations = {3, 7, 14}
    learned, told = [], []

    def spy(net, batch, **settings):
        learned.extend(batch.observation.tolist())
        return ppo_loss(net, batch, **settings)

    class Student(RandomAgent):
        def update(self, state, action, next_state, reward):
            told.append(int(state))

    monkeypatch.setattr(ppo_algorithm, "ppo_loss", spy)
    envs = SyncVectorEnv([lambda: Script(2)] * 2, autoreset_mode=AutoresetMode.NEXT_STEP)
    net = ActorCritic(envs.single_observation_space, envs.single_action_space, net_arch=[8])
    # In a wrapper it is used as it is, and not taken apart.
    wrapped = RecordEpisodeStatistics(envs)
    with pytest.warns(TrainingWarning, match="spy has no derivative"):
        PPO(
            Student(envs.single_action_space),
            wrapped,
            net,
            BasicReplayBuffer(),
            20,
            100,
            batch_size=12,
            seed=0,
        )
    for observations in (learned, told):
        assert len(set(observations)) == sum(LENGTHS)
        assert not last_observations & set(observations)


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_a_limit_of_steps_holds_in_every_mode(mode):
    """Episodes of 3, 2 and 4 steps, cut short after 3: none is longer, none is empty, none is mixed up."""
    limited = EpisodeLimit(SyncVectorEnv([Script] * 2, autoreset_mode=mode), 3)
    config = QLearningConfig(num_envs=2)
    learner = TabularQLearning(
        limited.single_observation_space, limited.single_action_space, config, total_steps=90, seed=0
    )
    training = Training(learner, limited, total_steps=90, seed=0)
    training.run()
    assert {1, 2, 3} >= {episode.length for episode in training.recent} >= {2, 3}
    assert not {3, 7, 14} & set(learner.table.q_table), "nothing is done where an episode has ended"
