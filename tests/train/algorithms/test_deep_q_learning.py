"""Deep Q-learning: its update by hand, its behavior in worlds whose answer is known, its options."""

import copy

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium import spaces

from csai_core import DiscreteType, ObsAttribute
from csai_core.algorithm import Step
from csai_core.errors import ConfigError
from csai_neural import DuelingBlock, InputBlock, Net, OutputBlock
from csai_train import BasicReplayBuffer, ReplayBuffer, Training, train
from csai_train.algorithms.deep_q_learning import DeepQLearning, DeepQLearningConfig, q_loss
from csai_train.algorithms.networks import build_network
from csai_train.backends.torch import as_tensors
from csai_train.buffers.replay import Transitions
from csai_train.environments.serial import SerialVectorEnv
from csai_train.errors import NonFiniteError

QUICK = {
    "hidden_sizes": (16,),
    "learning_rate": 1e-2,
    "batch_size": 32,
    "learning_starts": 100,
    "train_every": 2,
    "target_every": 50,
}


class Copycat(gymnasium.Env):
    """Pays 1 for the action that is shown, else 0; each episode has eight steps."""

    observation_space = spaces.Discrete(3)
    action_space = spaces.Discrete(3)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.count = 0
        self.shown = int(self.np_random.integers(3))
        return self.shown, {}

    def step(self, action):
        reward = float(action == self.shown)
        self.shown = int(self.np_random.integers(3))
        self.count += 1
        return self.shown, reward, self.count == 8, False, {}


def network(num_observations=3, num_actions=3, seed=0):
    torch.manual_seed(seed)
    net = Net()
    net.add_block(InputBlock(ObsAttribute("shown", DiscreteType(num_observations))))
    net.add_block(OutputBlock(num_observations, num_actions))
    net.compile()
    return net


def some_transitions(count=1, **changes):
    fields = {
        "observation": np.zeros(count, dtype=np.int64),
        "action": np.zeros(count, dtype=np.int64),
        "reward": np.ones(count, dtype=np.float32),
        "next_observation": np.ones(count, dtype=np.int64),
        "terminated": np.zeros(count, dtype=bool),
        "truncated": np.zeros(count, dtype=bool),
        "log_prob": np.full(count, np.nan, dtype=np.float32),
        "value": np.full(count, np.nan, dtype=np.float32),
    }
    return Transitions(**{**fields, **changes})


@pytest.mark.parametrize(("terminated", "truncated"), [(False, False), (True, False), (False, True)])
def test_the_loss_is_the_one_on_paper(terminated, truncated):
    q_network, target_network = network(seed=1), network(seed=2)
    batch = some_transitions(terminated=np.array([terminated]), truncated=np.array([truncated]))
    loss, (value, _) = q_loss(q_network, target_network, in_tensors(batch), gamma=0.9)
    expected_value = q_network(np.array([0]))[0, 0].item()
    following = 0.0 if terminated else 0.9 * target_network(np.array([1])).max().item()
    error = abs(1.0 + following - expected_value)
    assert value.item() == pytest.approx(expected_value)
    assert loss.item() == pytest.approx(0.5 * error**2 if error < 1 else error - 0.5, rel=1e-5)


def table(rows):
    """A network whose values are those in a table: one row for each observation."""
    net = network(len(rows), len(rows[0]))
    with torch.no_grad():
        weight, bias = net.parameters()
        weight.copy_(torch.tensor(rows).T)
        bias.zero_()
    return net


def test_double_lets_the_network_choose_and_the_target_judge():
    online, target = table([[0.0, 0.0], [1.0, 5.0]]), table([[0.0, 0.0], [7.0, 3.0]])
    batch = some_transitions()
    _, (_, error) = q_loss(online, target, in_tensors(batch), gamma=0.5)
    assert error.item() == pytest.approx(1 + 0.5 * 7)
    _, (_, error) = q_loss(online, target, in_tensors(batch), gamma=0.5, double=True)
    assert error.item() == pytest.approx(1 + 0.5 * 3)


def test_what_lies_several_steps_ahead_is_discounted_for_all_of_them():
    target = table([[0.0, 0.0], [8.0, 4.0]])
    batch = some_transitions(2, num_steps=np.array([1, 3], dtype=np.int16))
    _, (_, error) = q_loss(table([[0.0, 0.0]] * 2), target, in_tensors(batch), gamma=0.5)
    assert error.tolist() == pytest.approx([1 + 0.5 * 8, 1 + 0.125 * 8])


def test_weights_make_transitions_count_less():
    nothing = table([[0.0, 0.0]] * 2)
    batch = some_transitions(
        2, reward=np.array([1.0, 0.5], np.float32), weight=np.array([0.1, 1.0], np.float32)
    )
    loss, _ = q_loss(nothing, nothing, in_tensors(batch), gamma=0.5)
    assert loss.item() == pytest.approx((0.1 * 0.5 * 1.0**2 + 0.5 * 0.5**2) / 2)


OPTIONS = [
    {"double": True},
    {"dueling": True},
    {"dueling": True, "hidden_sizes": ()},
    {"n_step": 3},
    {"prioritized": True},
    {"buffer": "prioritized"},
    {"anneal_learning_rate": True},
    {"polyak": 0.05},
    {"double": True, "dueling": True, "n_step": 3, "prioritized": True, "polyak": 0.05, "num_envs": 2},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_learns_with_every_option(options):
    envs = [Copycat() for _ in range(options.get("num_envs", 1))]
    config = {**QUICK, "gamma": 0.0, **options}
    training = train("deep_q_learning", envs, total_steps=1_200, seed=0, config=config)
    assert training.algorithm.act(np.arange(3), explore=False).action.tolist() == [0, 1, 2]


@pytest.mark.parametrize("options", [{}, *OPTIONS], ids=str)
def test_a_saved_one_goes_on_identically(options):
    def play(learner, numbers):
        for number in numbers:
            observation, following = (np.array([n % 3, n // 2 % 3]) for n in (number, number + 1))
            decision = learner.act(observation, explore=True)
            ended = [np.array([number % 7 == at, False]) for at in (3, 5)]
            learner.learn(Step(observation, decision.action, np.array([number % 4, 1.0]), *ended, following))

    def make(seed):
        config = {**QUICK, "num_envs": 2, "learning_starts": 10, **options}
        return DeepQLearning(
            spaces.Discrete(3), spaces.Discrete(3), DeepQLearningConfig(**config), total_steps=200, seed=seed
        )

    learner, other = make(0), make(1)
    play(learner, range(41))
    other.load_state_dict(copy.deepcopy(learner.state_dict()))
    for each in (learner, other):
        play(each, range(41, 80))
    assert torch.equal(learner.backend.parameters.values, other.backend.parameters.values)
    assert torch.equal(learner.backend.all_parameters[1].values, other.backend.all_parameters[1].values)


def learner_after(num_steps, **options):
    """A learner that has seen the observation `number % 3` at step `number`, with rewards 1, 2, …"""
    config = {"hidden_sizes": (4,), "learning_starts": 0, "train_every": 1, "batch_size": 4, **options}
    learner = DeepQLearning(
        spaces.Discrete(3), spaces.Discrete(2), DeepQLearningConfig(**config), total_steps=10, seed=0
    )
    for number in range(num_steps):
        observation, following = np.array([number % 3]), np.array([(number + 1) % 3])
        decision = learner.act(observation, explore=True)
        no = np.array([False])
        learner.learn(Step(observation, decision.action, np.array([number + 1.0]), no, no, following))
    return learner


def test_n_step_stores_sums_of_rewards_and_where_they_lead():
    stored = learner_after(5, n_step=3, gamma=0.5).buffer.in_order()
    assert stored.observation.tolist() == [0, 1, 2]
    assert stored.reward.tolist() == [1 + 1 + 0.75, 2 + 1.5 + 1, 3 + 2 + 1.25]
    assert stored.next_observation.tolist() == [0, 1, 2]
    assert stored.num_steps.tolist() == [3, 3, 3]


def test_polyak_moves_the_target_by_a_share_at_each_update():
    learner = learner_after(3, polyak=0.25, target_every=1)
    before = learner.backend.all_parameters[1].values.clone()
    learner.update(learner.buffer.sample())
    expected = before + 0.25 * (learner.backend.parameters.values - before)
    torch.testing.assert_close(learner.backend.all_parameters[1].values, expected)


def test_prioritized_draws_by_the_errors_and_makes_up_for_it_more_and_more():
    learner = learner_after(4, prioritized=True, importance_exponent=0.4)
    assert learner.buffer.beta == pytest.approx(0.4 + 0.6 * 4 / 10)
    batch = learner.buffer.sample()
    _, (_, error) = q_loss(learner.q_network, learner.target_network, in_tensors(batch), gamma=0.99)
    learner.update(batch)
    priorities = learner.buffer._tree[batch.position]
    assert priorities.tolist() == pytest.approx((error.abs().numpy() ** 0.6).tolist(), rel=1e-3)


def test_a_dueling_network_adds_value_and_advantages():
    net = build_network(spaces.Discrete(3), 2, (8, 5), seed=0, dueling=True)
    block = list(net.blocks.values())[-1]
    assert isinstance(block, DuelingBlock)
    assert block.hidden_size == 5
    with torch.no_grad():
        for parameter in block.advantage.parameters():
            parameter.zero_()
    values = net(np.arange(3))
    torch.testing.assert_close(values[:, 0], values[:, 1])


def test_a_dueling_network_acts_by_its_own_values():
    space = spaces.Box(-1, 1, (3,))
    learner = DeepQLearning(
        space, spaces.Discrete(4), DeepQLearningConfig(dueling=True), total_steps=10, seed=0
    )
    space.seed(0)
    observation = np.array([space.sample() for _ in range(20)])
    expected = learner.q_network(observation).argmax(dim=1).tolist()
    assert learner.act(observation, explore=False).action.tolist() == expected


def test_learns_to_do_what_is_shown():
    training = train("deep_q_learning", Copycat(), total_steps=1_500, seed=0, config={**QUICK, "gamma": 0.0})
    actions = training.algorithm.act(np.arange(3), explore=False).action
    assert actions.tolist() == [0, 1, 2]


def test_values_converge_to_the_known_ones_where_episodes_are_cut_short():
    class Loop(gymnasium.Env):
        observation_space = spaces.Discrete(1)
        action_space = spaces.Discrete(1)

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            return 0, {}

        def step(self, action):
            return 0, 1.0, False, False, {}

    env = gymnasium.wrappers.TimeLimit(Loop(), max_episode_steps=3)
    training = train("deep_q_learning", env, total_steps=3_000, seed=0, config={**QUICK, "gamma": 0.5})
    assert training.algorithm.q_network(np.array([0])).item() == pytest.approx(2.0, abs=0.05)


def test_actions_that_do_not_count_from_zero():
    class Shifted(Copycat):
        action_space = spaces.Discrete(3, start=5)

        def step(self, action):
            return super().step(action - 5)

    training = train("deep_q_learning", Shifted(), total_steps=1_500, seed=0, config={**QUICK, "gamma": 0.0})
    assert training.algorithm.act(np.arange(3), explore=False).action.tolist() == [5, 6, 7]


def test_masked_actions_are_never_taken():
    learner = DeepQLearning(
        spaces.Discrete(3), spaces.Discrete(4), DeepQLearningConfig(), total_steps=10, seed=0
    )
    mask = np.array([[0, 1, 0, 1]] * 200, dtype=np.int8)
    observation = np.zeros(200, dtype=np.int64)
    assert set(learner.act(observation, explore=True, action_mask=mask).action) == {1, 3}
    assert set(learner.act(observation, explore=False, action_mask=mask).action) <= {1, 3}


def test_same_seed_same_weights_and_the_global_generator_is_left_alone():
    def weights(seed):
        learner = train("deep_q_learning", Copycat(), total_steps=400, seed=seed, config=QUICK).algorithm
        return torch.cat([p.detach().ravel() for p in learner.q_network.parameters()])

    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    assert torch.equal(weights(1), weights(1))
    assert torch.equal(torch.rand(1), expected)
    assert not torch.equal(weights(1), weights(2))


@pytest.mark.filterwarnings("ignore:For want of better")
def test_images_and_dicts_are_observed_too():
    for space in (
        spaces.Box(0, 255, (3, 12, 12), np.uint8),
        spaces.Dict(a=spaces.Discrete(3), b=spaces.Box(-1, 1, (2, 2))),
    ):

        class Anything(gymnasium.Env):
            observation_space = space
            action_space = spaces.Discrete(2)

            def reset(self, *, seed=None, options=None):
                super().reset(seed=seed)
                self.observation_space.seed(0)
                return self.observation_space.sample(), {}

            def step(self, action):
                return self.observation_space.sample(), 0.0, False, True, {}

        training = train("deep_q_learning", Anything(), total_steps=150, seed=0, config=QUICK)
        assert training.metrics["loss"] >= 0


def test_other_action_spaces_are_refused():
    with pytest.raises(ConfigError, match="Discrete action space"):
        DeepQLearning(
            spaces.Discrete(3), spaces.Box(-1, 1, (1,)), DeepQLearningConfig(), total_steps=1, seed=0
        )


@pytest.mark.parametrize(
    "values",
    [
        {"gamma": -0.1},
        {"batch_size": 0},
        {"learning_rate": 0.0},
        {"hidden_sizes": (0,)},
        {"learning_starts": -1},
        {"batch_size": 9, "buffer_capacity": 8},
        {"epsilon_decay": 1.1},
        {"epsilon_decay": 0.0},
        {"target_every_episodes": 0},
    ],
)
def test_settings_that_cannot_work_are_refused(values):
    with pytest.raises(ConfigError, match=next(iter(values))):
        DeepQLearningConfig(**values)


def test_a_loss_that_is_no_number_leaves_the_weights_alone():
    learner = DeepQLearning(
        spaces.Discrete(3), spaces.Discrete(3), DeepQLearningConfig(), total_steps=10, seed=0
    )
    before = learner.backend.parameters.values.clone()
    with pytest.raises(NonFiniteError, match="nan"):
        learner.update(some_transitions(reward=np.array([np.nan], dtype=np.float32)))
    assert torch.equal(learner.backend.parameters.values, before)


def in_tensors(batch):
    return as_tensors(batch, torch.device("cpu"))


class Trap(gymnasium.Env):
    """Two steps, two actions; the second step allows action 0 alone, for nothing, and the masks say so."""

    observation_space = spaces.Discrete(2)
    action_space = spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.count = 0
        return 0, {"action_mask": np.array([1, 1], dtype=np.int8)}

    def step(self, action):
        self.count += 1
        return 1, 0.0, self.count == 2, False, {"action_mask": np.array([1, 0], dtype=np.int8)}


@pytest.mark.parametrize("settings", [{}, {"double": True}, {"n_step": 2}, {"prioritized": True}])
def test_nothing_is_expected_of_forbidden_actions(settings):
    config = {"learning_starts": 10, "train_every": 4, "hidden_sizes": (8,), "buffer_capacity": 200}
    training = train(
        "deep_q_learning", [Trap(), Trap()], total_steps=100, seed=0, config={**config, **settings}
    )
    learner = training.algorithm
    batch = learner.buffer.sample(100)
    assert (batch.next_action_mask == [1, 0]).all()
    with torch.no_grad():
        for network in (learner.q_network, learner.target_network):
            network(np.arange(2))  # the forbidden action would pay most:
            list(network.parameters())[-1].copy_(torch.tensor([0.0, 1e6]))
            list(network.parameters())[-2].zero_()
    _, (value, error) = q_loss(
        learner.q_network,
        learner.target_network,
        in_tensors(batch),
        gamma=0.9,
        double=bool(settings.get("double")),
    )
    assert (value + error).abs().max() == 0.0


def test_transitions_without_a_mask_are_remembered_as_allowing_every_action():
    no, flags = np.zeros(1), [np.zeros(1, bool)] * 2
    buffer = ReplayBuffer(capacity=10)
    for mask in (None, np.array([[1, 0]], np.int8), None):
        buffer.extend(Step(no, no, no, *flags, no, next_action_mask=mask))
    assert buffer.in_order().next_action_mask.tolist() == [[1, 1], [1, 0], [1, 1]]


def test_the_buffer_is_the_one_that_is_named():
    def buffer_of(**settings):
        config = DeepQLearningConfig(batch_size=7, buffer_capacity=9, priority_exponent=0.3, **settings)
        made = DeepQLearning(spaces.Discrete(2), spaces.Discrete(2), config, total_steps=10, seed=0).buffer
        assert (made.batch_size, made.capacity) == (7, 9)
        return made

    assert type(buffer_of(buffer="basic")) is BasicReplayBuffer
    assert buffer_of(buffer="prioritized").alpha == buffer_of(prioritized=True).alpha == 0.3


def test_an_annealed_learning_rate_falls_to_zero():
    config = {"learning_starts": 10, "train_every": 1, "learning_rate": 0.01, "anneal_learning_rate": True}
    training = train("deep_q_learning", Copycat(), total_steps=100, seed=0, config=config)
    assert training.algorithm.optimizer.learning_rate == pytest.approx(0.0)
    halfway = DeepQLearningConfig(**config)
    learner = DeepQLearning(spaces.Discrete(2), spaces.Discrete(2), halfway, total_steps=100, seed=0)
    learner.memory.num_steps = 50
    learner.update(some_transitions(2))
    assert learner.optimizer.learning_rate == pytest.approx(0.005)


def test_schedules_that_count_episodes():
    config = DeepQLearningConfig(
        epsilon_start=0.8, epsilon_end=0.25, epsilon_decay=0.5, target_every_episodes=2, learning_starts=0,
        train_every=1, batch_size=1, target_every=1,
    )  # fmt: skip
    learner = DeepQLearning(spaces.Discrete(3), spaces.Discrete(3), config, total_steps=10, seed=0)
    epsilons, copied = [], []
    zero, one = np.zeros(1, np.int64), np.ones(1)
    for ended in ([False], [True], [False], [True], [True]):
        learner.learn(Step(zero, zero, one, np.array(ended), np.zeros(1, bool), zero))
        networks = learner.q_network(zero), learner.target_network(zero)
        epsilons.append(learner.epsilon)
        copied.append(torch.equal(*networks))
    assert epsilons == [0.8, 0.4, 0.4, 0.25, 0.25]
    assert copied == [False, False, False, True, False]


def test_networks_buffers_and_optimizers_made_elsewhere():
    q_network, target = network(), network(seed=9)
    buffer = BasicReplayBuffer(batch_size=3)
    optimizer = torch.optim.SGD(q_network.parameters(), lr=0.1)
    config = DeepQLearningConfig(learning_starts=0, train_every=1, batch_size=5)
    learner = DeepQLearning(
        spaces.Discrete(3), spaces.Discrete(3), config, total_steps=10, seed=0,
        q_network=q_network, target_network=target, buffer=buffer, optimizer=optimizer,
    )  # fmt: skip
    assert torch.equal(target(np.arange(3)), q_network(np.arange(3)))
    before = q_network(np.arange(3)).tolist()
    zero = np.zeros(1, np.int64)
    learner.learn(Step(zero, zero, np.ones(1), np.ones(1, bool), np.zeros(1, bool), zero))
    assert buffer.size() == 1
    assert q_network(np.arange(3)).tolist() != before == target(np.arange(3)).tolist()


def test_a_whole_network_is_taken_as_it_is():
    whole = network()
    config = {name: value for name, value in QUICK.items() if name != "hidden_sizes"}
    training = train("deep_q_learning", Copycat(), total_steps=200, seed=0, config=config, network=whole)
    assert training.algorithm.q_network is whole


def test_the_memory_hears_where_it_is_trained_and_when_episodes_are_cut():
    class Listening(ReplayBuffer):
        def __init__(self):
            super().__init__(capacity=100)
            self.heard = []

        def set_envs(self, envs):
            self.heard.append(envs)

        def cut_episodes(self):
            self.heard.append("cut")

    envs = SerialVectorEnv([Copycat()])
    spaces = envs.single_observation_space, envs.single_action_space
    algorithm = DeepQLearning(*spaces, DeepQLearningConfig(), total_steps=9, seed=0, buffer=Listening())
    Training(algorithm, envs, total_steps=9, seed=0)
    algorithm.cut_episodes()
    assert algorithm.buffer.heard == [envs, "cut"]
