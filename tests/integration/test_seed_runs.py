"""Runs of the seed's functions: kept, stopped, and gone on with as if nothing had happened."""

import gymnasium
import numpy as np
import pytest
import torch

import csai_envs  # noqa: F401 - registers the games
from csai_core import Agent
from csai_core.errors import ConfigError
from csai_neural import ActorCritic, InputBlock, LinearBlock, Net, OutputBlock
from csai_train import (
    PPO,
    BasicReplayBuffer,
    Callback,
    PrioritizedReplayBuffer,
    ReplayBuffer,
    Run,
    deep_q_learning,
    evaluate,
    resume,
)
from csai_train.errors import RunError
from csai_train.training.verify import verify


def environment():
    return gymnasium.make("CSAI/SimpleGrid-v0")


def q_network(space, num_actions=4, seed=0):
    torch.manual_seed(seed)
    net = Net()
    for block in (InputBlock(space), LinearBlock(hidden_size=[16]), OutputBlock(num_classes=num_actions)):
        net.add_block(block)
    net.compile()
    return net


def dqn(run_dir=None, agent=None, env=None, net=None, buffer=None, **options):
    env = environment() if env is None else env
    net = q_network(gymnasium_space(env, options)) if net is None else net
    settings = {"num_episodes": 30, "max_steps_per_episode": 20, "update_target_every": 3, "seed": 0}
    buffer = BasicReplayBuffer(capacity=1_000) if buffer is None else buffer
    deep_q_learning(agent, env, net, net.copy(), buffer, run_dir=run_dir, **{**settings, **options})
    return net


def gymnasium_space(env, options):
    shown = options.get("attributes")
    one = env[0] if isinstance(env, list) else env
    return one.observation_space if shown is None else one.unwrapped.get_attribute(shown).space


def ppo(run_dir=None, agent=None, env=None, net=None, buffer=None, **options):
    env = [environment(), environment()] if env is None else env
    if net is None:
        torch.manual_seed(0)
        net = ActorCritic(gymnasium_space(env, options), env[0].action_space, net_arch=[16])
    settings = {"num_episodes": 30, "max_steps_per_episode": 20, "batch_size": 24, "seed": 0}
    buffer = BasicReplayBuffer() if buffer is None else buffer
    PPO(agent, env, net, buffer, run_dir=run_dir, **{**settings, **options})
    return net


class StopAfter(Callback):
    def __init__(self, steps):
        self.steps = steps

    def step(self, training):
        training.stop_requested |= training.steps >= self.steps


def weights(net):
    return torch.cat([each.detach().ravel() for each in net.parameters()])


VARIANTS = {
    "dqn": (dqn, {}),
    "dqn, everything": (
        dqn,
        {
            "attributes": "cell",
            "optimizer": torch.optim.RMSprop,
            "optimizer_kwargs": {"momentum": 0.5},
            "buffer": lambda: PrioritizedReplayBuffer(capacity=900, alpha=0.7, beta=0.5, seed=7),
        },
    ),
    "dqn, plain buffer": (dqn, {"buffer": lambda: ReplayBuffer(capacity=500, seed=3)}),
    "ppo": (ppo, {}),
    "ppo, everything": (
        ppo,
        {
            "attributes": "cell",
            "optimizer": torch.optim.SGD,
            "running_reward_std": 3.0,
            "log_frequency": 1,
        },
    ),
}


def started(name, run_dir=None, **more):
    train, options = VARIANTS[name]
    options = {**options, **more}
    if callable(options.get("buffer")):
        options["buffer"] = options["buffer"]()
    return train(run_dir, **options)


@pytest.mark.parametrize("name", VARIANTS)
def test_a_run_that_was_stopped_ends_as_one_that_never_was(tmp_path, name):
    expected = started(name, tmp_path / "whole")
    assert verify(Run.open(tmp_path / "whole"), steps=200).difference == ""
    started(name, tmp_path / "run", callbacks=[StopAfter(150)])
    training = resume(tmp_path / "run")
    net = getattr(training.algorithm, "net", None) or training.algorithm.q_network
    assert torch.equal(weights(net), weights(expected))
    assert training.num_episodes >= 30 > 0
    assert training.is_complete
    assert training.steps < training.total_steps
    assert Run.open(tmp_path / "run").total_episodes == 30


def test_a_run_is_evaluated_and_extended_by_steps(tmp_path):
    dqn(tmp_path / "run", callbacks=["evaluation"])
    assert len(evaluate(tmp_path / "run", episodes=3, seed=0).returns) == 3
    assert resume(tmp_path / "run").num_episodes == 30, "there is nothing left to do"
    planned = Run.open(tmp_path / "run").total_steps
    training = resume(tmp_path / "run", total_steps=planned + 50)
    assert training.steps >= planned + 50
    assert training.num_episodes > 30


def test_without_a_run_the_same_is_learned(tmp_path):
    assert torch.equal(weights(ppo()), weights(ppo(tmp_path / "run")))


class Backwards(Agent):
    def get_actions(self):
        return [3, 2, 1, 0]


class Studying(Agent):
    def update(self, state, action, next_state, reward):
        """Learn."""


class OwnOptimizer(torch.optim.SGD):
    """An optimizer of somebody's."""


class OwnBuffer(BasicReplayBuffer):
    """A buffer of somebody's."""


def filled():
    buffer = BasicReplayBuffer()
    buffer.store_memory(np.zeros(2, np.float32), 0, None, None, 0.0, True)
    return buffer


@pytest.mark.parametrize("train", [dqn, ppo])
@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"agent": Backwards()}, "an agent that"),
        ({"agent": Studying()}, "an agent that"),
        ({"optimizer": OwnOptimizer}, "optimizer"),
        ({"buffer": OwnBuffer()}, "not registered"),
    ],
)
def test_what_nobody_could_resume_is_refused(tmp_path, train, options, word):
    with pytest.raises(ConfigError, match=f"run_dir was given along with .*{word}"):
        train(tmp_path / "run", **options)
    assert not (tmp_path / "run").exists()
    train(None, **{**options, "num_episodes": 2})


def test_what_deep_q_learning_alone_could_not_resume(tmp_path):
    env = environment()
    open_end = Net()
    for block in (InputBlock(env.observation_space), LinearBlock(hidden_size=[4])):
        open_end.add_block(block)
    open_end.compile()
    with pytest.raises(ConfigError, match="does not end in an OutputBlock"):
        dqn(tmp_path / "run", net=open_end)
    with pytest.raises(ConfigError, match="something is already"):
        dqn(tmp_path / "run", buffer=filled())


def test_environments_that_nobody_could_make_again(tmp_path):
    same_step = gymnasium.vector.AutoresetMode.SAME_STEP
    vector = gymnasium.vector.VectorWrapper(
        gymnasium.vector.SyncVectorEnv([environment], autoreset_mode=same_step)
    )
    net = q_network(vector.single_observation_space)
    with pytest.raises(RunError, match="list of environments"):
        dqn(tmp_path / "run", env=vector, net=net)
    with pytest.raises(RunError, match=r"gymnasium\.make"):
        dqn(
            tmp_path / "run",
            env=[environment(), gymnasium.make("CSAI/SimpleGrid-v0", max_episode_steps=9)],
            net=net,
        )
