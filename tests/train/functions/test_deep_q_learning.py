"""The function `deep_q_learning`: each of its arguments does what its name says."""

from typing import ClassVar

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium import spaces
from gymnasium.vector import AutoresetMode

from csai_core import ActionAttribute, Agent, ClassicView, DiscreteType, ObsAttribute, Shell
from csai_core.errors import ConfigError
from csai_neural import FlattenBlock, InputBlock, Net, OutputBlock
from csai_neural.errors import ShapeError
from csai_train import BasicReplayBuffer, Callback, PrioritizedReplayBuffer, ReplayBuffer, deep_q_learning
from csai_train.errors import TrainingWarning


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


class Studying(Agent):
    """Names the actions backwards, and writes down what it is told."""

    def __init__(self):
        super().__init__()
        self.told = []

    def get_actions(self):
        return [2, 1, 0]

    def update(self, state, action, next_state, reward):
        self.told.append((state, action, next_state, reward))


def learn(agent=None, environment=None, **options):
    q_network = options.pop("q_network", None) or network()
    target = options.pop("target_q_network", None) or network(seed=9)
    buffer = options.pop("buffer", None) or BasicReplayBuffer(capacity=5_000, seed=0)
    settings = {"num_episodes": 100, "gamma": 0.0, "seed": 0, "epsilon_decay": 0.97, **options}
    deep_q_learning(agent, environment or Copycat(), q_network, target, buffer, **settings)
    return q_network, target, buffer


def test_the_seeds_function_learns():
    q_network, _, _ = learn(alpha=0.02)
    assert q_network(np.arange(3)).argmax(dim=1).tolist() == [0, 1, 2]


def test_the_agent_names_the_actions_and_is_told_of_every_transition():
    agent = Studying()
    q_network, _, buffer = learn(agent, alpha=0.02)
    assert q_network(np.arange(3)).argmax(dim=1).tolist() == [2, 1, 0]
    assert len(agent.told) == buffer.size() == 800
    state, action, _, reward = agent.told[0]
    assert reward == float(state == action)


def test_a_prioritized_buffer_is_told_of_errors():
    buffer = PrioritizedReplayBuffer(capacity=5_000, alpha=1.0, seed=0)
    q_network, _, _ = learn(buffer=buffer, alpha=0.02)
    assert q_network(np.arange(3)).argmax(dim=1).tolist() == [0, 1, 2]
    assert buffer._tree[0 : buffer.size()].min() < 0.5


def test_an_agent_with_another_number_of_actions_is_refused():
    with pytest.raises(ConfigError, match="2 outputs for the 3 actions"):
        learn(q_network=network(3, 2), target_q_network=network(3, 2))


@pytest.mark.parametrize("names", [["left", "stay", "right"], [1, 2, 3]])
def test_an_agent_with_actions_that_the_environment_has_not_is_refused(names):
    with pytest.raises(ConfigError, match=r"not all in Discrete\(3\)"):
        learn(type("Naming", (Studying,), {"get_actions": lambda self: names})())


def test_a_plain_agent_changes_nothing():
    q_network, _, _ = learn(Agent(), num_episodes=5)
    expected, _, _ = learn(None, num_episodes=5)
    assert torch.equal(q_network(np.arange(3)), expected(np.arange(3)))


def test_the_target_is_copied_every_so_many_episodes():
    q_network, target, _ = learn(num_episodes=4, update_target_every=2)
    assert torch.equal(q_network(np.arange(3)), target(np.arange(3)))
    q_network, target, _ = learn(num_episodes=5, update_target_every=2)
    assert not torch.equal(q_network(np.arange(3)), target(np.arange(3)))


def test_episodes_are_cut_short_and_marked_truncated():
    _, _, buffer = learn(num_episodes=2, max_steps_per_episode=3, batch_size=4)
    everything = buffer.generate_batches()[0]
    assert buffer.size() == 6
    assert everything.truncated.sum() == 2
    assert not everything.terminated.any()


def test_no_update_before_a_batch_is_there():
    class Updates(Callback):
        def update(self, training, metrics):
            self.first = min(getattr(self, "first", training.steps), training.steps)

    updates = Updates()
    learn(num_episodes=2, batch_size=9, callbacks=[updates])
    assert updates.first == 9


def test_a_training_with_too_few_steps_for_a_batch_is_refused():
    buffer = BasicReplayBuffer()
    with pytest.raises(
        ConfigError, match=r"of 8 steps is too short .* deep_q_learning learns .* after 9 steps"
    ):
        learn(num_episodes=1, max_steps_per_episode=8, batch_size=9, buffer=buffer)
    assert buffer.size() == 0
    with pytest.warns(TrainingWarning, match=r"nothing was learned: in its 8 steps, .* 1 .*Train for longer"):
        learn(num_episodes=1, max_steps_per_episode=20, batch_size=9)  # it could have been enough


def test_epsilon_decay_and_the_callback():
    seen = []
    learn(
        num_episodes=4,
        epsilon=0.8,
        epsilon_decay=0.5,
        stop_epsilon=0.25,
        logging_callback=lambda *news: seen.append(news),
    )
    assert [episode for episode, _, _ in seen] == [0, 1, 2, 3]
    assert [epsilon for _, _, epsilon in seen] == [0.8, 0.4, 0.25, 0.25]
    assert all(0 <= total <= 8 for _, total, _ in seen)


@pytest.mark.parametrize("optimizer", [None, torch.optim.SGD, torch.optim.Adam])
def test_any_optimizer_with_its_own_arguments(optimizer):
    q_network, _, _ = learn(num_episodes=10, optimizer=optimizer, optimizer_kwargs={"weight_decay": 0.1})
    assert not torch.equal(q_network(np.arange(3)), network()(np.arange(3)))


def test_an_optimizer_made_already_is_used_and_takes_no_more_arguments():
    net = network()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.0)
    q_network, _, _ = learn(q_network=net, optimizer=optimizer, num_episodes=5)
    assert torch.equal(q_network(np.arange(3)), network()(np.arange(3)))
    with pytest.raises(ConfigError, match="made already"):
        learn(q_network=net, optimizer=optimizer, optimizer_kwargs={"lr": 1.0})


def test_a_target_that_is_the_network_itself_is_refused():
    net = network()
    with pytest.raises(ConfigError, match=r"Give network\.copy\(\)"):
        learn(q_network=net, target_q_network=net)


def test_an_optimizer_over_another_network_is_refused():
    with pytest.raises(ConfigError, match="not over the parameters of the network that learn"):
        learn(optimizer=torch.optim.SGD(network().parameters(), lr=0.1))


@pytest.mark.parametrize("wrong", [{"threads": 0}, {"threads": None}, {"callbacks": [5]}])
def test_a_start_that_is_refused_leaves_no_run(tmp_path, wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        learn(environment=gymnasium.make("FrozenLake-v1"), q_network=network(16, 4),
              target_q_network=network(16, 4), run_dir=tmp_path / "run", **wrong)  # fmt: skip
    assert not (tmp_path / "run").exists()


class Lamp(Shell):
    """A lamp with two attributes, of which only one is of use."""

    def __init__(self):
        super().__init__()
        self.lit = 0
        self.register_attribute(ObsAttribute("lit", DiscreteType(2), lambda: self.lit))
        self.register_attribute(ObsAttribute("noise", DiscreteType(7), lambda: 3))
        self.register_attribute(ActionAttribute("press", DiscreteType(2)))

    def start_episode(self, options):
        self.lit = int(self.np_random.integers(2))

    def advance(self, action, d_t):
        self.reward = float(action == self.lit)
        self.lit = int(self.np_random.integers(2))

    def get_current_reward(self, action, current_state):
        return self.reward, False


def test_attributes_choose_what_is_observed():
    q_network, _, buffer = learn(
        environment=Lamp(),
        q_network=network(2, 2),
        target_q_network=network(2, 2),
        attributes="lit",
        max_steps_per_episode=10,
        alpha=0.02,
    )
    assert q_network(np.arange(2)).argmax(dim=1).tolist() == [0, 1]
    assert set(buffer.sample(50).observation.tolist()) == {0, 1}


def test_a_tuple_of_attributes_is_a_dict_observation():
    lamp = Lamp()
    net = Net()
    net.add_block(InputBlock(lamp.get_attribute(("lit", "noise"))))
    net.add_block(FlattenBlock())
    net.add_block(OutputBlock(num_classes=2))
    net.compile()
    learn(
        environment=lamp,
        q_network=net,
        target_q_network=net.copy(),
        buffer=ReplayBuffer(capacity=500),
        attributes=("lit", "noise"),
        num_episodes=5,
        max_steps_per_episode=10,
    )


def test_attributes_of_an_environment_that_has_none():
    with pytest.raises(ConfigError, match="no Shell"):
        learn(attributes="lit")


def test_nothing_waits_without_a_window(monkeypatch):
    def refuse(seconds):
        raise AssertionError(f"slept {seconds} seconds with nobody watching")

    monkeypatch.setattr("time.sleep", refuse)
    learn(num_episodes=2, batch_size=8, fps=1)


def test_a_buffer_smaller_than_a_batch_is_refused():
    with pytest.raises(ConfigError, match=r"batch_size is 32; .* at most 20"):
        learn(buffer=BasicReplayBuffer(capacity=20))


@pytest.mark.parametrize(
    "name", ["num_episodes", "max_steps_per_episode", "update_target_every", "batch_size"]
)
def test_counts_must_be_at_least_1(name):
    with pytest.raises(ConfigError, match=name):
        learn(**{name: 0})


def test_what_is_in_the_buffer_already_is_learned_from():
    filled = learn(num_episodes=3, batch_size=8)[2]
    q_network, _, _ = learn(buffer=filled, num_episodes=1, batch_size=24)
    assert not torch.equal(q_network(np.arange(3)), network()(np.arange(3)))


def test_a_target_with_other_layers_is_refused():
    with pytest.raises(ShapeError, match="must have the layers"):
        learn(target_q_network=network(4, 3))


@pytest.mark.parametrize("kind", ["list", "sync", "vector"])
def test_learns_in_several_environments(kind):
    envs = [Copycat() for _ in range(3)]
    if kind != "list":
        envs = gymnasium.vector.SyncVectorEnv([Copycat] * 3, autoreset_mode=AutoresetMode.NEXT_STEP)
    if kind == "vector":
        envs = gymnasium.vector.VectorWrapper(envs)  # which is not taken apart
    seen = []
    q_network, _, buffer = learn(
        environment=envs, num_episodes=100, alpha=0.02, logging_callback=lambda *news: seen.append(news)
    )
    assert q_network(np.arange(3)).argmax(dim=1).tolist() == [0, 1, 2]
    assert [episode for episode, _, _ in seen] == list(range(100))
    assert len({epsilon for _, _, epsilon in seen[:3]}) == 1, "they were played side by side"
    assert buffer.size() == 34 * 3 * 8


def test_forbidden_actions_are_never_taken():
    class Masked(Copycat):
        taken: ClassVar = set()

        def reset(self, **options):
            return super().reset(**options)[0], {"action_mask": np.array([0, 1, 1], np.int8)}

        def step(self, action):
            self.taken.add(int(action))
            return (*super().step(action)[:4], {"action_mask": np.array([0, 1, 1], np.int8)})

    learn(environment=Masked(), num_episodes=20)
    assert Masked.taken == {1, 2}


def test_threads_are_limited_while_it_trains():
    seen = []

    class Looking(Callback):
        def step(self, training):
            seen.append(torch.get_num_threads())

    learn(num_episodes=1, batch_size=8, callbacks=[Looking()], threads=2)
    assert set(seen) == {2}


class Pushes(gymnasium.Env):
    """Pays for pushing as far as is shown; what may be pushed, the agent says."""

    observation_space = spaces.Discrete(3)
    action_space = spaces.Box(-1, 1, (1,))

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.shown, self.count = int(self.np_random.integers(3)), 0
        return self.shown, {}

    def step(self, action):
        assert self.action_space.contains(action)
        reward = 1.0 - abs(float(action[0]) - (self.shown - 1))
        self.shown, self.count = int(self.np_random.integers(3)), self.count + 1
        return self.shown, reward, self.count == 8, False, {}


def test_an_agent_may_name_actions_of_any_space():
    class Pusher(Agent):
        def get_actions(self):
            return [np.array([push], np.float32) for push in (-1, 0, 1)]

    q_network, _, _ = learn(Pusher(), Pushes(), alpha=0.02)
    assert q_network(np.arange(3)).argmax(dim=1).tolist() == [0, 1, 2]
    with pytest.raises(ConfigError, match="needs a Discrete space"):
        learn(None, Pushes())


@pytest.mark.parametrize(
    ("name", "value"),
    [("alpha", 0.0), ("epsilon", 2.0), ("stop_epsilon", -1.0), ("epsilon_decay", 1.5), ("gamma", 2.0)],
)
def test_values_that_cannot_work_are_refused_by_the_name_that_they_have_here(name, value):
    with pytest.raises(ConfigError, match=rf"(\.|Here it is called |was given ){name}"):
        learn(**{name: value})


class ClassicCopycat(Shell):
    """Written for the classic loop: copying the observation pays 1."""

    def __init__(self):
        super().__init__()
        self.shown = 0
        self.register_attribute(ObsAttribute("shown", DiscreteType(3), lambda: self.shown))
        self.register_attribute(ActionAttribute("copy", DiscreteType(3)))

    def reset(self, attributes=None):
        self.shown = int(self.np_random.integers(3))
        self.update_env_attributes()
        return self.get_observation(attributes)

    def step(self, action, d_t, attributes=None):
        reward = float(action == self.shown)
        return self.reset(attributes), reward, True


class PlainAgent:
    """Written for the classic loop, without a base class."""

    def get_next_action(self, state):
        return 0


class DeclaredCopycat(ClassicCopycat):
    """Says what it is written for."""

    is_classic = True


@pytest.mark.parametrize("attributes", [None, "shown"])
@pytest.mark.parametrize(
    "environment", [lambda: ClassicView(ClassicCopycat), DeclaredCopycat], ids=["view", "declared"]
)
def test_environments_of_the_classic_loop_are_learned_in(environment, attributes):
    net = Net()
    for block in (InputBlock(spaces.Discrete(3)), OutputBlock(num_classes=3)):
        net.add_block(block)
    net.compile()
    deep_q_learning(
        PlainAgent(), environment(), net, net.copy(), BasicReplayBuffer(capacity=1000, seed=0),
        num_episodes=300, alpha=0.02, attributes=attributes, seed=0,
    )  # fmt: skip
    assert [int(net(shown).argmax()) for shown in range(3)] == [0, 1, 2]
