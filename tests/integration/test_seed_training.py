"""The seed's examples of training, with only their import lines changed, on an environment and networks."""

import json

import pytest

from csai_core import Agent, RandomAgent
from csai_core.errors import ConfigError
from csai_envs import SimpleGridEnv, SnakeEnv
from csai_neural import ActorCritic, InputBlock, LinearBlock, Net, OutputBlock
from csai_train import PPO, BasicReplayBuffer, QLearning, deep_q_learning


def network(environment):
    """What the seed's `Net()` stands for, ready to use."""
    net = Net()
    net.add_block(InputBlock(environment.observation_space))
    net.add_block(LinearBlock(num_hidden_layers=1, hidden_size=16))
    net.add_block(OutputBlock(num_classes=int(environment.action_space.n)))
    net.compile()
    return net


class Walker(Agent):
    """Knows what may be done; what is done, the learner decides."""

    def get_actions(self):
        return [0, 1, 2, 3]

    def get_next_action(self, state):
        return 0

    def update(self, state, action, next_state, reward):
        self.last = (action, reward)


def test_deep_q_learning():
    """As written, save for the number of episodes."""
    agent = Walker()
    environment = SimpleGridEnv(attributes="agent_pos")
    q_network = network(environment)
    target_q_network = network(environment)
    buffer = BasicReplayBuffer()
    before = q_network.forward(environment.reset(seed=0)[0]).tolist()

    deep_q_learning(
        agent,
        environment,
        q_network,
        target_q_network,
        buffer,
        num_episodes=10,
        max_steps_per_episode=100,
        gamma=0.99,
        update_target_every=10,
        batch_size=32,
        epsilon=0.9,
        epsilon_decay=0.997,
        stop_epsilon=0.01,
        alpha=0.01,
        fps=120,
    )

    assert q_network.forward(environment.reset(seed=0)[0]).tolist() != before
    assert 40 <= buffer.size() <= 1000
    assert agent.last[0] in agent.get_actions()


def test_q_learning(tmp_path, monkeypatch):
    """As written, save that Gymnasium's `step` gives the next state first and says more."""
    monkeypatch.chdir(tmp_path)
    agent = Walker()
    environment = SimpleGridEnv(attributes="cell")
    environment.reset(seed=0)

    q_learner = QLearning(agent.get_actions())
    state = environment.get_state()
    action = q_learner.choose_action(state)
    next_state, reward, *_ = environment.step(action)
    q_learner.update_q_table(state, action, reward, next_state)
    q_learner.save_q_table("q_table.json")
    q_learner.load_q_table("q_table.json")

    assert q_learner.q_table[int(state)][action] == pytest.approx(0.5 * reward)
    assert json.loads((tmp_path / "q_table.json").read_text())["actions"] == [0, 1, 2, 3]


def test_ppo_with_every_argument_by_its_name():
    """The seed shows PPO's signature alone; its defaults are given here, save for the number of episodes."""
    environment = SnakeEnv(width=6, height=6, attributes="senses")
    heard = []
    net = ActorCritic(environment.observation_space, environment.action_space, net_arch=(16,))
    before = [parameter.detach().clone() for parameter in net.parameters()]
    PPO(
        agent=None,
        environment=[environment, SnakeEnv(width=6, height=6, attributes="senses")],
        actor_critic_net=net,
        buffer=BasicReplayBuffer(),
        num_episodes=20,
        max_steps_per_episode=100,
        gamma=0.99,
        batch_size=32,
        clip_epsilon=0.2,
        alpha=0.001,
        epsilon=0.0001,
        entropy_coef=0.005,
        critic_coef=0.8,
        attributes=None,
        optimizer=None,
        optimizer_kwargs=None,
        ppo_epochs=4,
        minibatch_size=16,
        fps=120,
        max_grad_norm=1.0,
        reward_norm_coef=1.0,
        reward_normalization=True,
        running_reward_std=1.0,
        log_frequency=10,
        logging_callback=lambda *news: heard.append(news),
    )
    assert heard
    changes = [(a - b).abs().max().item() for a, b in zip(net.parameters(), before, strict=True)]
    assert max(changes) > 0


def test_an_agent_that_names_other_actions_than_the_network_has():
    environment = SimpleGridEnv(attributes="agent_pos")
    nets = network(environment), network(environment)

    class Lame(Walker):
        def get_actions(self):
            return [0, 1]

    with pytest.raises(ConfigError, match="4 outputs for the 2 actions"):
        deep_q_learning(Lame(), environment, *nets, BasicReplayBuffer(), num_episodes=1)
    deep_q_learning(
        RandomAgent(environment.action_space), environment, *nets, BasicReplayBuffer(), num_episodes=3
    )
