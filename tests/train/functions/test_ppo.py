"""The function `PPO`: each of its arguments does what its name says."""

import logging
import math

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium import spaces

from csai_core import ActionAttribute, Agent, BoxType, DiscreteType, ObsAttribute, Shell
from csai_core.algorithm import Decision
from csai_core.errors import ConfigError, EnvironmentFailedError, UnknownNameError
from csai_core.schedules import Schedule
from csai_neural import ActorCritic
from csai_neural.errors import ShapeError
from csai_train import PPO, BasicReplayBuffer, DictReplayBuffer
from csai_train.algorithms import ppo as ppo_algorithm
from csai_train.errors import NonFiniteError
from csai_train.events import Callback

THREE = spaces.Discrete(3)


def make_net(observation_space=THREE, action_space=THREE, seed=0, **settings):
    torch.manual_seed(seed)
    return ActorCritic(observation_space, action_space, net_arch=[16], **settings)


def learn(environment, net=None, agent=None, buffer=None, **options):
    net = make_net() if net is None else net
    buffer = BasicReplayBuffer() if buffer is None else buffer
    settings = {"num_episodes": 4, "gamma": 0.0, "alpha": 0.01, "seed": 0, **options}
    PPO(agent, environment, net, buffer, **settings)
    return net


class StopAt(Callback):
    """Stops after so many steps, when what was seen still waits for an update."""

    def __init__(self, steps):
        self.steps = steps

    def step(self, training):
        training.stop_requested = training.steps >= self.steps


def weights(net):
    return torch.cat([p.detach().ravel() for p in net.parameters()])


def choices(net, count=3):
    return net.to_environment(net.act(np.arange(count), deterministic=True).action).tolist()


# --- what is learned, and where


def test_learns_in_one_environment_with_nothing_but_defaults(copycat):
    net = make_net()
    PPO(None, copycat(THREE), net, BasicReplayBuffer(), 300, seed=0)
    assert choices(net) == [0, 1, 2]


@pytest.mark.parametrize("kind", ["list", "sync", "vector"])
def test_learns_in_several_environments(copycat, kind):
    envs = [copycat(THREE) for _ in range(3)]
    if kind == "sync":
        envs = gymnasium.vector.SyncVectorEnv([lambda env=env: env for env in envs])
    if kind == "vector":
        same_step = gymnasium.vector.AutoresetMode.SAME_STEP
        envs = gymnasium.vector.VectorWrapper(
            gymnasium.vector.SyncVectorEnv([lambda env=env: env for env in envs], autoreset_mode=same_step)
        )
    assert choices(learn(envs, num_episodes=150, batch_size=96, minibatch_size=32)) == [0, 1, 2]


def test_dict_actions_and_observations(copycat, skill):
    space = spaces.Dict(a=spaces.Discrete(2), b=spaces.Box(-1, 1, (1,)))
    net = make_net(space, space, log_std_init=-0.5)
    learn(
        [copycat(space) for _ in range(4)],
        net,
        buffer=DictReplayBuffer(),
        num_episodes=500,
        batch_size=128,
        minibatch_size=32,
    )

    class Greedy:
        def act(self, observation, explore):
            return Decision(net.to_environment(net.act(observation, deterministic=True).action))

    assert skill(Greedy(), space) > 0.92


def test_masks_are_kept_to(copycat):
    env = copycat(THREE, mask=np.array([0, 1, 1], dtype=np.int8))
    learn(env, num_episodes=30)
    assert set(env.taken) == {1, 2}


def test_values_converge_to_the_known_ones_where_episodes_are_cut_short(loop):
    net = make_net(spaces.Discrete(1), spaces.Discrete(1))
    learn(
        loop.unwrapped, net, num_episodes=300, max_steps_per_episode=3, gamma=0.5, reward_normalization=False
    )
    assert net.get_value(np.array([0])).item() == pytest.approx(2.0, abs=0.05)


def test_vector_environments_are_cut_short_without_being_reset(loop):
    same_step = gymnasium.vector.AutoresetMode.SAME_STEP
    envs = gymnasium.vector.VectorWrapper(
        gymnasium.vector.SyncVectorEnv([lambda: loop.unwrapped] * 2, autoreset_mode=same_step)
    )
    net = make_net(spaces.Discrete(1), spaces.Discrete(1))
    seen = []
    learn(
        envs,
        net,
        num_episodes=400,
        max_steps_per_episode=3,
        gamma=0.5,
        reward_normalization=False,
        log_frequency=1,
        logging_callback=lambda *news: seen.append(news[1]),
    )
    assert set(seen) == {3.0}
    assert net.get_value(np.array([0])).item() == pytest.approx(2.0, abs=0.05)


def test_same_seed_same_weights(copycat):
    one, two, other = (learn(copycat(THREE), num_episodes=10, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(weights(one), weights(two))
    assert not torch.equal(weights(one), weights(other))


# --- the agent


class Studying(Agent):
    """Names the actions backwards, and writes down what it is told."""

    def __init__(self):
        super().__init__()
        self.told = []

    def get_actions(self):
        return [2, 1, 0]

    def update(self, state, action, next_state, reward):
        self.told.append((state, action, next_state, reward))


def test_the_agent_names_the_actions_and_is_told_of_every_transition(copycat):
    agent = Studying()
    envs = [copycat(THREE), copycat(THREE)]
    net = learn(envs, agent=agent, num_episodes=200)
    assert choices(net) == [2, 1, 0]
    assert len(agent.told) == 200 * 8
    assert all(reward == float(state == action) for state, action, _, reward in agent.told)


def test_an_agent_with_another_number_of_actions_is_refused(copycat):
    with pytest.raises(ConfigError, match="2 outputs for the 3 actions"):
        learn(copycat(THREE), make_net(action_space=spaces.Discrete(2)), agent=Studying())


def test_a_plain_agent_changes_nothing(copycat):
    assert torch.equal(weights(learn(copycat(THREE), agent=Agent())), weights(learn(copycat(THREE))))


def test_a_network_for_other_actions_is_refused(copycat):
    with pytest.raises(ShapeError, match=r"Discrete\(2\).*Discrete\(3\)"):
        learn(copycat(THREE), make_net(action_space=spaces.Discrete(2)))


# --- episodes, batches and epochs


@pytest.fixture
def updates(monkeypatch):
    """The sizes of all minibatches, in order."""
    sizes = []
    loss = ppo_algorithm.ppo_loss

    def watched(net, batch, **options):
        sizes.append(len(batch.advantage))
        return loss(net, batch, **options)

    monkeypatch.setattr(ppo_algorithm, "ppo_loss", watched)
    return sizes


@pytest.mark.filterwarnings("ignore:.*watched has no derivative")
def test_batch_size_minibatch_size_and_ppo_epochs(copycat, updates):
    learn(copycat(THREE), num_episodes=3, batch_size=10, minibatch_size=4, ppo_epochs=2)
    assert updates == [3, 3, 4] * 2 * 2  # 24 steps are two batches of 10, gone over twice


@pytest.mark.filterwarnings("ignore:.*watched has no derivative")
def test_batch_size_is_counted_over_all_environments(copycat, updates):
    envs = [copycat(THREE) for _ in range(4)]
    learn(envs, num_episodes=4, batch_size=10, minibatch_size=100, ppo_epochs=1)
    assert updates == [12, 12]  # 32 steps


def test_num_episodes_is_counted_over_all_environments(copycat):
    seen = []
    envs = [copycat(THREE) for _ in range(3)]
    learn(envs, num_episodes=5, log_frequency=1, logging_callback=lambda *news: seen.append(news))
    assert [count for count, _, _ in seen] == [1, 2, 3, 4, 5]
    assert all(len(env.taken) == 16 for env in envs)


def test_episodes_are_cut_short(copycat):
    env = copycat(THREE)
    learn(env, num_episodes=5, max_steps_per_episode=3, batch_size=5)
    assert len(env.taken) == 15


def test_the_buffer_is_emptied_first_and_after_each_update(copycat):
    buffer = BasicReplayBuffer()
    for _ in range(5):
        buffer.store_memory(np.int64(0), np.int64(0), None, None, 0.0, False, np.int64(0))
    learn(copycat(THREE), buffer=buffer, num_episodes=3, batch_size=10)
    assert buffer.size() == 4
    assert buffer.in_order().reward.shape == (4,)


def test_the_buffer_must_hold_a_batch(copycat):
    with pytest.raises(ConfigError, match="larger capacity"):
        learn(copycat(THREE), buffer=BasicReplayBuffer(capacity=20))


@pytest.mark.parametrize(
    "name",
    ["num_episodes", "max_steps_per_episode", "batch_size", "ppo_epochs", "minibatch_size", "log_frequency"],
)
def test_counts_must_be_at_least_1(copycat, name):
    with pytest.raises(ConfigError, match=name):
        learn(copycat(THREE), **{name: 0})


# --- the loss and its parts


@pytest.mark.parametrize(
    "change",
    [
        {"gamma": 0.9},
        {"clip_epsilon": 1e-4},
        {"alpha": 0.02},
        {"epsilon": 10.0},
        {"entropy_coef": 0.5},
        {"critic_coef": 5.0},
        {"max_grad_norm": 1e-3},
        {"reward_norm_coef": 3.0},
        {"reward_normalization": False},
        {"running_reward_std": 50.0},
        {"gae_lambda": 0.5, "gamma": 0.9},
    ],
)
def test_every_number_has_an_effect(copycat, change):
    def trained(**options):
        return weights(learn(copycat(THREE), num_episodes=8, optimizer=torch.optim.SGD, **options))

    base = {"gamma": 0.9} if "gae_lambda" in change else {}
    assert not torch.equal(trained(**change), trained(**base))


def test_rewards_are_normalized_by_the_running_deviation(copycat):
    """The first steps by hand: discount 0, so that a sum is the reward itself."""

    class Paying(gymnasium.Env):
        observation_space, action_space = THREE, THREE

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            self.rewards = iter([4.0, 0.0, 2.0])
            return 0, {}

        def step(self, action):
            return 0, next(self.rewards), False, False, {}

    buffer = BasicReplayBuffer()
    options = {"num_episodes": 50, "max_steps_per_episode": 3, "epsilon": 0.5, "buffer": buffer}
    options["callbacks"] = [StopAt(3)]
    learn(Paying(), running_reward_std=3.0, reward_norm_coef=2.0, **options)
    # The start counts as one reward of variance 9 around 0; after 4: mean 2, variance (9 + 16) / 2 - 4.
    stds = [math.sqrt(25 / 2 - 4), math.sqrt(25 / 3 - (4 / 3) ** 2), math.sqrt(29 / 4 - 1.5**2)]
    expected = [2 * reward / (std + 0.5) for reward, std in zip([4, 0, 2], stds, strict=True)]
    assert buffer.in_order().reward.tolist() == pytest.approx(expected)
    learn(Paying(), reward_normalization=False, **options)
    assert buffer.in_order().reward.tolist() == [4.0, 0.0, 2.0]


@pytest.mark.parametrize("optimizer", [None, torch.optim.SGD, torch.optim.Adam])
def test_any_optimizer_with_its_own_arguments(copycat, optimizer):
    plain = learn(copycat(THREE), optimizer=optimizer)
    decaying = learn(copycat(THREE), optimizer=optimizer, optimizer_kwargs={"weight_decay": 0.5})
    assert not torch.equal(weights(plain), weights(decaying))
    assert not torch.equal(weights(plain), weights(make_net()))


def test_an_optimizer_made_already_is_used_and_takes_no_more_arguments(copycat):
    net = make_net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.0)
    learn(copycat(THREE), net, optimizer=optimizer)
    assert torch.equal(weights(net), weights(make_net()))
    with pytest.raises(ConfigError, match="made already"):
        learn(copycat(THREE), net, optimizer=optimizer, optimizer_kwargs={"lr": 1.0})


def test_a_reward_that_is_no_number_stops_with_the_weights_untouched(copycat):
    env = copycat(THREE)
    env.step = lambda action: (0, math.nan, False, False, {})
    net = make_net()
    with pytest.raises(EnvironmentFailedError, match="reward"):
        learn(env, net)
    assert torch.equal(weights(net), weights(make_net()))


def test_a_loss_that_is_no_number_stops_with_the_weights_untouched(copycat):
    net = make_net()
    with torch.no_grad():
        net.value_head.bias.fill_(1e30)
    before = weights(net)
    with pytest.raises(NonFiniteError, match="loss is inf"):
        learn(copycat(THREE), net)
    assert torch.equal(weights(net), before)


# --- reports and windows


def test_reports_every_so_many_episodes(copycat, caplog):
    seen = []
    with caplog.at_level(logging.INFO, logger="csai"):
        learn(
            copycat(THREE),
            num_episodes=7,
            log_frequency=3,
            batch_size=20,
            logging_callback=lambda *news: seen.append(news),
        )
    assert [count for count, _, _ in seen] == [3, 6]
    assert all(0 <= mean_return <= 8 for _, mean_return, _ in seen)
    assert set(seen[0][2]) == {
        *("policy_loss", "value_loss", "entropy", "kl"),
        *("clip_fraction", "explained_variance"),
    }
    assert [record.message.split(",")[0] for record in caplog.records] == [
        "PPO: 3 episodes",
        "PPO: 6 episodes",
    ]


def test_waits_between_steps_only_where_a_window_shows_the_game(copycat, monkeypatch):
    waited = []
    monkeypatch.setattr("time.sleep", waited.append)
    env = copycat(THREE)
    learn(env, num_episodes=1, batch_size=8, fps=50)
    assert waited == []
    env.render_mode = "human"
    learn(env, num_episodes=1, batch_size=8, fps=50)
    assert waited == [0.02] * 8
    learn(env, num_episodes=1, batch_size=8, fps=0)
    assert len(waited) == 8


# --- attributes of a Shell


class Lamp(Shell):
    """A lamp with two attributes, of which only one is of use."""

    def __init__(self):
        super().__init__()
        self.lit = 0
        self.register_attribute(ObsAttribute("lit", DiscreteType(2), lambda: self.lit))
        self.register_attribute(ObsAttribute("noise", BoxType(0, 1, (2,)), lambda: self.np_random.random(2)))
        self.register_attribute(ActionAttribute("press", DiscreteType(2)))

    def start_episode(self, options):
        self.lit = int(self.np_random.integers(2))

    def advance(self, action, d_t):
        self.reward = float(action == self.lit)
        self.lit = int(self.np_random.integers(2))

    def get_current_reward(self, action, current_state):
        return self.reward, False


TWO = spaces.Discrete(2)


@pytest.mark.parametrize("num_envs", [1, 2])
def test_attributes_choose_what_is_observed(num_envs):
    envs = [Lamp() for _ in range(num_envs)]
    net = make_net(TWO, TWO)
    learn(
        envs[0] if num_envs == 1 else envs,
        net,
        attributes="lit",
        num_episodes=80,
        max_steps_per_episode=10,
    )
    assert choices(net, 2) == [0, 1]


@pytest.mark.parametrize("attributes", [None, ("noise", "lit")])
def test_several_attributes_are_a_dict(attributes):
    lamp = Lamp()
    buffer = DictReplayBuffer()
    net = make_net(lamp.observation_space, TWO)
    learn(lamp, net, buffer=buffer, attributes=attributes, num_episodes=50, callbacks=[StopAt(10)])
    assert set(buffer.in_order().observation) == {"lit", "noise"}


def test_attributes_that_cannot_be_observed(copycat):
    with pytest.raises(ConfigError, match="no Shell"):
        learn(copycat(THREE), attributes="lit")
    with pytest.raises(UnknownNameError, match="lit"):
        learn(Lamp(), attributes="light")
    same_step = gymnasium.vector.AutoresetMode.SAME_STEP
    vector = gymnasium.vector.VectorWrapper(gymnasium.vector.SyncVectorEnv([Lamp], autoreset_mode=same_step))
    with pytest.raises(ConfigError, match="vector environment"):
        learn(vector, attributes="lit")


# --- saving


def test_what_it_learns_can_be_saved_mid_rollout(copycat):
    """The training inside is an `Algorithm` like any other."""
    saved = {}

    class Saving(Callback):
        def step(self, training):
            if training.steps == 20:
                saved["state"] = training.algorithm.state_dict()
                training.algorithm.load_state_dict(saved["state"])

    expected = learn(copycat(THREE), num_episodes=6, batch_size=24)
    found = learn(copycat(THREE), num_episodes=6, batch_size=24, callbacks=[Saving()])
    assert torch.equal(weights(found), weights(expected))
    assert saved["state"]["rollout"]["memory"]["total"] == 20


@pytest.mark.parametrize("name", ["alpha", "gamma", "clip_epsilon"])
@pytest.mark.parametrize("value", ["linear:0.2->0.1", Schedule("linear", 0.2, 0.1)])
def test_what_ends_after_episodes_follows_no_schedule(copycat, name, value):
    with pytest.raises(ConfigError, match=r"must be a finite number|how many steps its episodes will take"):
        learn(copycat(THREE), **{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [("alpha", 0.0), ("clip_epsilon", -1.0), ("running_reward_std", 0.0), ("epsilon", -1.0), ("gamma", 2.0)],
)
def test_values_that_cannot_work_are_refused_by_the_name_that_they_have_here(copycat, name, value):
    with pytest.raises(ConfigError, match=rf"(\.|Here it is called |was given ){name}"):
        learn(copycat(THREE), **{name: value})
