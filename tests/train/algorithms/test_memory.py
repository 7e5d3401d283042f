"""Recurrent networks: what is remembered in an episode, and nowhere else, and what is learned by it."""

from dataclasses import replace

import gymnasium
import numpy as np
import pytest
import torch
from click.testing import CliRunner
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from csai_core import trees
from csai_core.algorithm import Algorithm, Decision, Step
from csai_core.commands import main
from csai_core.episode_memory import EpisodeMemory, misfit
from csai_core.errors import ConfigError
from csai_core.play import Game, play_episode
from csai_core.testing.compare import difference
from csai_neural import ActorCritic, InputBlock, Net, RecurrentBlock
from csai_train import PPO, BasicReplayBuffer, Run, TrainedAgent, evaluate, resume, train
from csai_train.algorithms.a2c import A2CConfig
from csai_train.algorithms.deep_q_learning import DeepQLearning, DeepQLearningConfig
from csai_train.algorithms.ppo import PPOConfig, ProximalPolicyOptimization
from csai_train.buffers.sequences import laid_out
from csai_train.events import Callback
from csai_train.training.loop import Training


class Recall(gymnasium.Env):
    """Shows a bit at the start, and asks for it at the end: nothing but memory helps.

    Args:
        length: how many steps an episode has.
        is_cut: whether it ends by being truncated.
        parts: whether observations are dicts, and a mask forbids a third action.
    """

    def __init__(self, length=4, is_cut=False, parts=False):
        self.length, self.is_cut, self.parts = length, is_cut, parts
        box = spaces.Box(-1, 1, (2,), np.float32)
        self.observation_space = spaces.Dict({"signs": box, "time": spaces.Discrete(12)}) if parts else box
        self.action_space = spaces.Discrete(3 if parts else 2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.bit, self.at = int(self.np_random.integers(2)), 0
        return self._see(), self._info()

    def step(self, action):
        self.at += 1
        is_over = self.at == self.length
        reward = (1.0 if action == self.bit else -1.0) if is_over else 0.0
        return self._see(), reward, is_over and not self.is_cut, is_over and self.is_cut, self._info()

    def _see(self):
        bit = 2.0 * self.bit - 1 if self.at == 0 else 0.0
        signs = np.array([bit, self.at == self.length - 1], dtype=np.float32)
        return {"signs": signs, "time": self.at} if self.parts else signs

    def _info(self):
        return {"action_mask": np.array([1, 1, 0], dtype=np.int8)} if self.parts else {}


class StopAt(Callback):
    def __init__(self, steps):
        self.steps = steps

    def step(self, training):
        training.stop_requested = training.steps >= self.steps


def memory_net(space, cell="gru"):
    net = Net("small")
    for block in (InputBlock(space), RecurrentBlock(hidden_size=16, cell=cell)):
        net.add_block(block)
    net.compile()
    return net


def weights_of(training):
    algorithm = training.algorithm
    return (algorithm.net if hasattr(algorithm, "net") else algorithm.q_network).parameters()


def vector(mode, count=3, **options):
    return SyncVectorEnv([lambda: Recall(**options)] * count, autoreset_mode=mode)


CONFIG = PPOConfig(
    num_envs=8, num_steps=32, learning_rate=1e-2, entropy_coef=0.001, gamma=0.9, normalize_advantage=True
)
MODES = [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP, AutoresetMode.DISABLED]


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_a_bit_is_remembered(cell):
    envs = [Recall() for _ in range(8)]
    network = memory_net(envs[0].observation_space, cell)
    training = train("ppo", envs, total_steps=6_000, seed=1, config=CONFIG, network=network)
    assert evaluate(training, Recall(), episodes=40, seed=5).returns.min() == 1.0


def test_without_memory_it_is_not():
    training = train("ppo", [Recall() for _ in range(8)], total_steps=6_000, seed=1, config=CONFIG)
    assert abs(evaluate(training, Recall(), episodes=200, seed=5).returns.mean()) < 0.25


# --- what is remembered while playing is what is learned from


class Spy(ProximalPolicyOptimization):
    """Notes what it thought of each step, and what of the step after, from the memory it had there."""

    def act(self, observation, **asked):
        decision = super().act(observation, **asked)
        outlook = self.explain(observation, asked["action_mask"], asked["memory"])
        self.noted.append((outlook.state_value, decision.memory))
        return decision

    def learn(self, step):
        self.led_to.append(trees.copy(step.next_observation))
        return super().learn(step)

    def _experience(self, config):
        batch = super()._experience(config)
        values, memories = zip(*self.noted, strict=True)
        self.found.append((self.rollout.taken(), np.concatenate(values), batch.value))
        following = self.rollout.next_values(np.stack(values), self.backend.network.value)
        for t, memory in enumerate(memories):
            value = self.explain(self.led_to[t], None, memory).state_value
            is_real = ~self.rollout.terminated[t]
            is_real &= True if self.rollout.is_reset is None else ~self.rollout.is_reset[t]
            np.testing.assert_allclose(following[t][is_real], value[is_real], atol=1e-5)
        self.noted, self.led_to = [], []
        return batch


def spying(env, num_envs, **settings):
    config = PPOConfig(num_envs=num_envs, num_steps=7, num_minibatches=2, **settings)
    network = memory_net(env.single_observation_space, "lstm")
    spy = Spy(
        env.single_observation_space,
        env.single_action_space,
        config,
        total_steps=63,
        seed=0,
        network=network,
    )
    spy.noted, spy.led_to, spy.found = [], [], []
    return spy


@pytest.mark.parametrize("parts", [False, True])
@pytest.mark.parametrize("is_cut", [False, True])
@pytest.mark.parametrize("mode", MODES)
def test_a_rollout_is_gone_through_as_it_was_played(mode, is_cut, parts):
    envs = vector(mode, is_cut=is_cut, parts=parts)
    spy = spying(envs, 3)
    Training(spy, envs, total_steps=63, seed=3).run()
    assert len(spy.found) >= 2
    for taken, played, learned in spy.found:
        np.testing.assert_allclose(learned, played[taken], atol=1e-5)


@pytest.mark.parametrize("mode", MODES)
def test_memory_begins_again_with_every_episode(mode):
    envs = vector(mode, length=2)
    spy = spying(envs, 3)
    training = Training(spy, envs, total_steps=63, seed=3)
    training.run()
    training.pause_at = 0
    is_first = envs.envs[0].unwrapped.at == 0
    assert is_first != (training.memory["recurrent"] != 0).any()


def test_no_lane_reaches_another():
    envs = vector(AutoresetMode.SAME_STEP)
    spy = spying(envs, 3)
    observation, _ = envs.reset(seed=1)
    memory = {"recurrent": np.random.default_rng(0).normal(size=(3, 2, 16)).astype(np.float32)}
    together = spy.act(observation, explore=False, action_mask=None, memory=memory)
    for lane in range(3):
        alone = super(Spy, spy).act(
            observation[[lane]], explore=False, memory=trees.take(memory, np.array([lane]))
        )
        np.testing.assert_allclose(
            alone.memory["recurrent"][0], together.memory["recurrent"][lane], atol=1e-6
        )
        assert alone.action[0] == together.action[lane]


def test_the_memory_of_episodes_by_hand():
    class Counting:
        def initial_memory(self, num_envs):
            return {"count": np.zeros((num_envs, 1)), "nested": (np.full((num_envs,), 5),)}

    memory = EpisodeMemory(Counting(), 3)
    first = memory.now
    decision = Decision(None, memory={"count": np.arange(1.0, 4)[:, None], "nested": (np.arange(3),)})
    none, one = np.zeros(3, dtype=bool), np.array([False, True, False])
    reward = np.zeros(3)
    memory.follow(decision, Step(None, None, reward, none, one, None, is_reset=np.array([1, 0, 0], bool)))
    assert memory.now["count"].ravel().tolist() == [0, 0, 3]
    assert memory.now["nested"][0].tolist() == [5, 5, 2]
    assert decision.memory["count"].ravel().tolist() == [1, 2, 3]  # the decision's stays as it was
    assert first["count"].sum() == 0
    memory.keep(Decision(None, memory=trees.take(decision.memory, np.array([1]))), np.array([2]))
    assert memory.given(np.array([2, 0]))["memory"]["count"].ravel().tolist() == [2, 0]
    memory.load(decision.memory)
    with pytest.raises(ValueError, match="memory"):
        memory.load({"count": np.zeros((2, 1))})


@pytest.mark.parametrize(
    ("memory", "words"),
    [
        ({"a": np.zeros(3), "b": (np.zeros((3, 2)),)}, ""),
        (None, "memory is None and not a dict with 'a', 'b'"),
        ({"a": np.zeros(3)}, "memory is a dict with 'a' and not a dict with 'a', 'b'"),
        (
            {"a": np.zeros(2), "b": (np.zeros((3, 2)),)},
            "memory['a'] is an array of float64 in the shape (2,) and not an array of float64 in",
        ),
        ({"a": np.zeros(3), "b": (np.zeros((3, 2), np.float32),)}, "memory['b'][0] is an array of float32 "),
        ({"a": np.zeros(3), "b": ()}, "memory['b'] is a tuple of 0 and not a tuple of 1"),
        ({"a": [0, 0, 0], "b": (np.zeros((3, 2)),)}, "memory['a'] is of type list and not "),
    ],
)
def test_how_a_memory_differs_in_form(memory, words):
    found = misfit(memory, {"a": np.ones(3), "b": (np.ones((3, 2)),)})
    assert found.startswith(words)
    assert bool(found) == bool(words)


def test_an_algorithm_without_memory_is_given_none():
    training = train("ppo", Recall(), total_steps=64, seed=0, config=PPOConfig(num_envs=1, num_steps=64))
    memory = EpisodeMemory(training.algorithm, 1)
    assert training.memory is None
    assert memory.given() == {}
    memory.load(None)
    with pytest.raises(ValueError, match="memory"):
        memory.load({"recurrent": np.zeros((1, 1, 16))})


# --- sequences in a replay memory


REPLAYED = DeepQLearningConfig(
    num_envs=8,
    learning_starts=400,
    train_every=8,
    learning_rate=5e-3,
    target_every=400,
    gamma=0.9,
    sequence_length=4,
    burn_in=2,
)


@pytest.mark.parametrize("prioritized", [False, True])
def test_deep_q_learning_remembers_a_bit(prioritized):
    config = replace(REPLAYED, prioritized=prioritized, double=True)
    envs = [Recall() for _ in range(8)]
    network = memory_net(envs[0].observation_space)
    training = train("deep_q_learning", envs, total_steps=6_000, seed=1, config=config, network=network)
    assert evaluate(training, Recall(), episodes=40, seed=5).returns.min() == 1.0


@pytest.mark.parametrize("parts", [False, True])
@pytest.mark.parametrize("is_cut", [False, True])
@pytest.mark.parametrize("mode", MODES)
def test_what_is_replayed_is_what_was_played(mode, is_cut, parts):
    """Before the weights change, a sequence gives the very values that the steps had when they were taken."""
    envs = vector(mode, length=7, is_cut=is_cut, parts=parts)
    config = replace(REPLAYED, num_envs=3, learning_starts=10_000, sequence_length=3)
    learner = DeepQLearning(
        envs.single_observation_space,
        envs.single_action_space,
        config,
        total_steps=120,
        seed=0,
        network=memory_net(envs.single_observation_space, "lstm"),
    )
    played = {}
    remember, now = learner.learn, iter(range(1_000))

    def learn(step):
        after = learner.act(step.observation, explore=False, memory=step.memo).memory
        value = learner.explain(step.observation, memory=step.memo).action_values
        following = learner.explain(step.next_observation, memory=after).action_values
        rewards = 3.0 * next(now) + np.arange(3.0)  # by which a step is known again
        for i in range(3):
            if step.is_reset is None or not step.is_reset[i]:
                played[rewards[i]] = value[i], following[i], step.terminated[i], step.action[i]
        return remember(step._replace(reward=rewards))

    learner.learn = learn
    training = Training(learner, envs, total_steps=1_000, seed=3)
    training.pause_at = 120
    training.run()
    learner.cut_episodes()
    batch = laid_out(learner.memory.buffer.in_order())
    with torch.no_grad():
        values = learner.q_network(batch.observation).numpy()
        following = learner.q_network(batch.next_observation).numpy()
    assert sorted(batch.reward.tolist()) == sorted(played)  # each once
    for i, reward in enumerate(batch.reward.tolist()):
        value, after, is_terminated, action = played[reward]
        np.testing.assert_allclose(values[i], value, atol=1e-5)
        np.testing.assert_allclose(following[i], after, atol=1e-5)
        assert batch.terminated[i] == is_terminated
        assert batch.action[i] == action


def test_deep_q_learning_with_memory_refuses_what_somebody_else_decided():
    """As nobody can say what was remembered before it; nothing of the step is kept."""
    space = Recall().observation_space
    learner = DeepQLearning(
        space, spaces.Discrete(2), REPLAYED, total_steps=400, seed=0, network=memory_net(space)
    )
    before = learner.state_dict()
    seen, never = np.zeros((8, 2), np.float32), np.zeros(8, bool)
    with pytest.raises(ConfigError, match=r"without the memo of its decision.*networks without memory"):
        learner.learn(Step(seen, np.zeros(8, np.int64), np.zeros(8), never, never, seen))
    assert not difference(before, learner.state_dict(), "state_dict()")


# --- everybody who plays


@pytest.fixture(scope="module")
def trained():
    envs = [Recall(length=6) for _ in range(8)]
    network = memory_net(envs[0].observation_space)
    return train("ppo", envs, total_steps=2_048, seed=1, config=CONFIG, network=network)


def test_games_side_by_side_go_as_one_by_one(trained):
    together = evaluate(trained, Recall(length=6), episodes=12, seed=5)
    agent = trained.agent()
    alone = [[*play_episode(Recall(length=6), agent, 5 + i)][-1].total_reward for i in range(12)]
    assert together.returns.tolist() == alone
    gymnasium.register("tests/Recall-v0", entry_point=Recall, kwargs={"length": 6})
    try:
        assert evaluate(trained, "tests/Recall-v0", episodes=12, seed=5).returns.tolist() == alone
    finally:
        del gymnasium.registry["tests/Recall-v0"]


def test_an_agent_remembers_what_it_saw_in_a_game_whoever_played(trained):
    agent = trained.agent()
    told = []
    for _ in range(2):
        game = Game(Recall(length=6), seed=3)
        before = [game.present(agent).explain(game.observation).value]
        mark = game.snapshot()
        for action in (0, 1, 0):  # a person's
            game.step(action)
            before.append(game.present(agent).explain(game.observation).value)
        told.append(before)
        game.put_back(mark)
        first_again = game.present(agent)
        assert first_again is agent
    assert told[0] == told[1]
    assert told[0][1] != agent.explain(game.observation * 0).value
    seen = np.array([1.0, 0.0], dtype=np.float32)
    remembering = agent.after(seen)
    assert agent.memory is None
    several = remembering.explain_all([seen, seen * 0])
    assert several[1].value == pytest.approx(remembering.explain(seen * 0).value, abs=1e-6)


class Silent(Algorithm):
    """Does what it saw last, and tells nothing of it."""

    def initial_memory(self, num_envs):
        return np.zeros(num_envs, np.int64)

    def act(self, observation, *, explore, action_mask=None, memory=None):
        return Decision(memory, memory=(observation[:, 0] > 0).astype(np.int64))

    def learn(self, step):
        return {}

    def state_dict(self):
        return {}

    def load_state_dict(self, state):
        pass


def test_an_agent_that_remembers_may_tell_nothing():
    agent = TrainedAgent(Silent(), Recall().observation_space, spaces.Discrete(2))
    told = agent.after(np.array([1.0, 0.0], np.float32)).explain(np.zeros(2, np.float32))
    assert told.action == 1
    assert told.value is None


def test_drawing_agents_remember_too(trained):
    agent = trained.agent().sampling(seed=1)
    *_, game = play_episode(Recall(length=6), agent, 2)
    assert game.present(agent).random is agent.random
    assert game.present(agent).memory is not None


@pytest.mark.parametrize(
    ("algorithm", "config"),
    [
        ("ppo", PPOConfig(num_envs=2, num_steps=16, num_minibatches=2)),
        ("deep_q_learning", replace(REPLAYED, num_envs=2, learning_starts=30, prioritized=True)),
    ],
)
def test_a_training_goes_on_exactly_in_the_middle_of_an_episode(tmp_path, algorithm, config):
    gymnasium.register("tests/Recall-v0", entry_point=Recall, kwargs={"length": 11, "parts": True})
    settings = {"seed": 4, "config": config, "network": "recurrent"}

    def learn(folder, *callbacks):
        place = tmp_path / folder
        return train(
            algorithm, "tests/Recall-v0", total_steps=160, run_dir=place, callbacks=callbacks, **settings
        )

    try:
        whole, cut = learn("whole"), learn("cut", StopAt(74))
        assert cut.steps == 74
        assert cut.memory["recurrent"].any()
        resumed = resume(tmp_path / "cut")
        for one, other in zip(*(weights_of(each) for each in (whole, resumed)), strict=True):
            assert torch.equal(one, other)
        assert np.array_equal(whole.memory["recurrent"], resumed.memory["recurrent"])
    finally:
        del gymnasium.registry["tests/Recall-v0"]


# --- who trains it, and who does not


def test_a2c_learns_with_memory_too():
    envs = [Recall(length=3) for _ in range(16)]
    config = A2CConfig(num_envs=16, num_steps=6, learning_rate=1e-2, gamma=0.9)
    network = memory_net(envs[0].observation_space)
    training = train("a2c", envs, total_steps=15_000, seed=1, config=config, network=network)
    assert evaluate(training, Recall(length=3), episodes=40, seed=5).returns.min() == 1.0


def test_the_seeds_ppo_takes_a_network_that_remembers():
    env = Recall(length=3)
    net = ActorCritic(env.observation_space, env.action_space, memory_net(env.observation_space), [])
    before = net.copy()
    PPO(None, env, net, BasicReplayBuffer(), num_episodes=30, batch_size=24, seed=1)
    moved = [not torch.equal(*pair) for pair in zip(net.parameters(), before.parameters(), strict=True)]
    assert all(moved)


@pytest.mark.parametrize(
    ("algorithm", "environment"),
    [
        ("reinforce", "CartPole-v1"),
        ("sac", "Pendulum-v1"),
        ("td3", "Pendulum-v1"),
    ],
)
def test_others_refuse_it(algorithm, environment):
    with pytest.raises(
        ConfigError, match=f"has memory .*, which {algorithm} does not train.*a2c, deep_q_learning, ppo"
    ):
        train(algorithm, environment, total_steps=2_000, network="recurrent", preset=None)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"n_step": 3}, "Take n_step=1"),
        ({"buffer": "dict"}, "Leave the buffer out"),
    ],
)
def test_replay_settings_that_do_not_go_with_memory(config, words):
    config = DeepQLearningConfig(**config)
    with pytest.raises(ConfigError, match=words):
        train("deep_q_learning", "CartPole-v1", total_steps=2_000, network="recurrent", config=config)


def test_no_more_minibatches_than_environments():
    with pytest.raises(ConfigError, match="num_minibatches=4 is more than num_envs=2"):
        train("ppo", "CartPole-v1", total_steps=500, config=PPOConfig(num_envs=2), network="recurrent")


def test_numpy_says_that_it_cannot():
    with pytest.raises(ConfigError, match="backend='numpy' computes linear layers"):
        train("ppo", "CartPole-v1", total_steps=2_000, network="recurrent", backend="numpy", preset=None)


def test_minibatches_hold_whole_environments():
    envs = vector(AutoresetMode.NEXT_STEP, count=4)
    spy = spying(envs, 4)
    seen = []
    differentiate = spy._differentiate
    spy._differentiate = lambda batch, *rest: seen.append(batch) or differentiate(batch, *rest)
    Training(spy, envs, total_steps=25, seed=3).run()
    lanes = [np.unique(batch.observation.layout.lane).tolist() for batch in seen]
    assert all(len(each) == 2 for each in lanes)
    assert sorted(lanes[0] + lanes[1]) == [0, 1, 2, 3]
    assert all(len(batch) == len(batch.observation.layout.time) for batch in seen)


def test_the_command_trains_a_network_that_remembers(tmp_path):
    words = "train CartPole-v1 --algorithm ppo --net recurrent --total-steps 1024 --num-envs 4 --num-steps 64"
    for line in (f"{words} --run-dir {tmp_path}/run", f"evaluate {tmp_path}/run --episodes 3"):
        result = CliRunner().invoke(main, line.split())
        assert result.exit_code == 0, result.output
    assert Run.open(tmp_path / "run").agent().algorithm.net.has_memory
