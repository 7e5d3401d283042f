"""Trainings in threads of one program learn what the same trainings learn one by one, bit for bit."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import torch
from gymnasium import spaces
from torch import nn

from csai_core.plugins import installed
from csai_core.testing.compare import difference
from csai_neural import DropoutBlock, InputBlock, LinearBlock, Net, OutputBlock, load_network
from csai_train import train
from csai_train.algorithms.networks import build_actor_critic, build_network
from csai_train.datasets import find_learning_rate, overfit_one_batch, train_on_dataset

NUM_THREADS = 3
PLACE = spaces.Box(-1, 1, (4,), np.float32)


def with_dropout(space):
    return body(
        InputBlock(space), LinearBlock(hidden_size=[8]), DropoutBlock(0.3), LinearBlock(hidden_size=[8])
    )


def body(*blocks):
    net = Net("body")
    for block in blocks:
        net.add_block(block)
    net.compile()
    return net


def plain_module(space):
    return nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.2), nn.Tanh())


ENVIRONMENTS = {"q_learning": "FrozenLake-v1", "sac": "Pendulum-v1", "td3": "Pendulum-v1"}


def trained(algorithm, network=None, **config):
    environment = ENVIRONMENTS.get(algorithm, "CartPole-v1")

    def carry_out(seed):
        training = train(
            algorithm, environment, total_steps=160, seed=seed, config=config, network=network, preset=None
        )
        return training.algorithm.state_dict()

    return carry_out


class Examples:
    num_classes = 3

    def __init__(self):
        random = np.random.default_rng(0)
        inputs = random.normal(size=(60, 4)).astype(np.float32)
        self.trainset = [
            (torch.from_numpy(x), int(y)) for x, y in zip(inputs, random.integers(0, 3, 60), strict=True)
        ]
        self.testset = self.trainset[:10]


def classifier(seed):
    def make(space):
        return body(
            InputBlock(space), LinearBlock(hidden_size=[8]), DropoutBlock(0.3), OutputBlock(num_classes=3)
        )

    return load_network(make, PLACE, seed=seed)


def learned(seed):
    net = classifier(seed)
    train_on_dataset(net, Examples(), epochs=2, seed=seed)
    return weights(net)


def weights(net):
    return {name: tensor.numpy() for name, tensor in net.state_dict().items()}


def test_every_algorithm_is_among_the_work():
    ours = {name for name, entry in installed().entries("algorithms").items() if entry.plugin == "csai_train"}
    assert ours <= {name.partition(",")[0] for name in WORK}


SMALL_DQN = {"learning_starts": 40, "batch_size": 8}
WORK = {
    "q_learning": trained("q_learning"),
    "deep_q_learning": trained("deep_q_learning", **SMALL_DQN),
    "deep_q_learning, dropout": trained("deep_q_learning", with_dropout, **SMALL_DQN),
    "deep_q_learning, a torch module": trained("deep_q_learning", plain_module, **SMALL_DQN),
    "reinforce": trained("reinforce"),
    "reinforce, dropout": trained("reinforce", with_dropout),
    "a2c": trained("a2c"),
    "a2c, dropout": trained("a2c", with_dropout),
    "ppo": trained("ppo", num_steps=16, num_envs=2),
    "ppo, dropout": trained("ppo", with_dropout, num_steps=16, num_envs=2),
    "ppo, a torch module": trained("ppo", plain_module, num_steps=16, num_envs=2),
    "sac": trained("sac", hidden_sizes=(8,), **SMALL_DQN),
    "sac, dropout": trained("sac", with_dropout, **SMALL_DQN),
    "td3": trained("td3", hidden_sizes=(8,), **SMALL_DQN),
    "a dataset": learned,
    "a learning rate": lambda seed: (
        find_learning_rate(classifier(seed), Examples(), seed=seed, num_batches=10).losses
    ),
    "one batch": lambda seed: overfit_one_batch(classifier(seed), Examples(), seed=seed).losses,
    "Q-networks": lambda seed: weights(build_network(PLACE, 2, (64, 64), seed=seed, dueling=True)),
    "actor-critics": lambda seed: weights(build_actor_critic(PLACE, spaces.Discrete(2), (64, 64), seed=seed)),
    "networks of functions": lambda seed: weights(load_network(with_dropout, PLACE, seed=seed)),
}


@pytest.mark.filterwarnings("ignore::csai_train.errors.TrainingWarning")
@pytest.mark.parametrize("name", WORK)
def test_what_is_done_in_threads_is_what_is_done_one_by_one(name):
    state = torch.get_rng_state()
    alone = [WORK[name](seed) for seed in range(NUM_THREADS)]
    together = in_threads(WORK[name])
    for seed in range(NUM_THREADS):
        assert not difference(alone[seed], together[seed], f"seed {seed}")
    assert torch.equal(torch.get_rng_state(), state)


def in_threads(work):
    results = {}
    barrier = threading.Barrier(NUM_THREADS)

    def carry_out(seed):
        barrier.wait()
        results[seed] = work(seed)

    threads = [threading.Thread(target=carry_out, args=(seed,)) for seed in range(NUM_THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
