"""Whatever a public function or class is given that cannot work is refused, and never by a raw error."""

from __future__ import annotations

import inspect

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium import spaces

import csai_train
from csai_core.errors import CsaiError
from csai_neural import ActorCritic, InputBlock, Net, OutputBlock
from csai_train.errors import CallbackError, TrainingWarning

SMALL = {"num_envs": 1, "num_steps": 16, "num_minibatches": 1, "hidden_sizes": (4,)}


def net():
    made = Net()
    for block in (InputBlock(cart().observation_space), OutputBlock(num_classes=2)):
        made.add_block(block)
    made.compile()
    return made


def cart():
    return gymnasium.make("CartPole-v1")


def actor_critic():
    return ActorCritic(cart().observation_space, spaces.Discrete(2), net_arch=[4])


def trained():
    return csai_train.train("q_learning", "FrozenLake-v1", total_steps=1)


def of_functions():
    """What both of the functions for networks of one's own are given."""
    parts = {"agent": None, "environment": cart(), "buffer": csai_train.ReplayBuffer()}
    return {**parts, "num_episodes": 1, "batch_size": 8}


BASE = {
    "train": lambda: {
        **{"algorithm": "ppo", "environment": "CartPole-v1", "total_steps": 16},
        **{"config": SMALL, "preset": None},
    },
    "resume": lambda: {"run_dir": "nowhere"},
    "fork": lambda: {"run": "nowhere", "at": 1, "changes": {}},
    "evaluate": lambda: {"run_or_agent": trained(), "episodes": 1},
    "compare": lambda: {"runs": ["nowhere"]},
    "deep_q_learning": lambda: {**of_functions(), "q_network": net(), "target_q_network": net()},
    "PPO": lambda: {**of_functions(), "actor_critic_net": actor_critic(), "minibatch_size": 4},
    "QLearning": lambda: {"actions": [0, 1]},
    "ReplayBuffer": dict,
    "BasicReplayBuffer": dict,
    "DictReplayBuffer": dict,
    "PrioritizedReplayBuffer": dict,
    "RolloutBuffer": lambda: {"num_steps": 2, "num_envs": 2},
    "one_of": lambda: {"envs": gymnasium.make_vec("CartPole-v1", num_envs=2, vectorization_mode="sync")},
}
"""How each of them is given what works."""
ELSEWHERE = {
    *("A2CConfig", "DeepQLearningConfig", "PPOConfig", "QLearningConfig", "ReinforceConfig"),
    *(
        "Start",
        "Callback",
        "Episode",
        "Evaluation",
        "History",
        "ProgressBar",
        "Run",
        "TrainedAgent",
        "Training",
        "Transitions",
    ),
    *("resume_on_dataset", "train_on_dataset", "train_seeds", "tune"),
}
"""What nobody calls, and what the tests of configs, datasets and studies give nonsense to."""
NUMBERS = ["x", float("nan"), float("inf"), True, [], 1j]
NONSENSE = {"int": [-1, 1.5, *NUMBERS], "float": NUMBERS, "bool": ["no", 5, []], "str": [5, [], b"x"]}
RIGHT = {("deep_q_learning", "fps"): [1.5], ("PPO", "fps"): [1.5]}


def cases():
    for name in BASE:
        for argument, parameter in inspect.signature(getattr(csai_train, name)).parameters.items():
            kinds = str(parameter.annotation).split(" | ")
            values = [value for kind in kinds for value in NONSENSE.get(kind, [])] or [object(), 5]
            if "None" not in kinds and parameter.default is not None and argument not in ("agent", "config"):
                values = [*values, None]
            yield pytest.param(
                *(name, argument, [v for v in values if v not in RIGHT.get((name, argument), [])]),
                id=f"{name}-{argument}",
            )


@pytest.mark.parametrize(("name", "argument", "values"), list(cases()))
def test_nonsense_is_refused(name, argument, values):
    base = BASE[name]()
    for value in values:
        with pytest.raises(CsaiError) as caught:
            getattr(csai_train, name)(**{**base, argument: value})
        assert not isinstance(caught.value, CallbackError)


@pytest.mark.parametrize("name", [name for name in BASE if name not in ("compare", "resume", "fork")])
def test_what_works_is_taken_and_so_are_seeds_of_numpy(name):
    function = getattr(csai_train, name)
    given = {"seed": np.int64(3)} if "seed" in inspect.signature(function).parameters else {}
    function(**{**BASE[name](), **given})


def test_everything_public_is_looked_at():
    assert {*csai_train.__all__} == BASE.keys() | ELSEWHERE


def test_one_environment_twice_is_refused():
    env = cart()
    for twice in ([env, env], [env, gymnasium.wrappers.TimeLimit(env, 5)]):
        with pytest.raises(CsaiError, match="one and the same environment more than once"):
            csai_train.train("ppo", twice, total_steps=16, config=SMALL)


@pytest.mark.parametrize("epsilon", [0.0, 0.005])
def test_epsilon_never_rises(epsilon):
    table = csai_train.QLearning([0, 1], epsilon=epsilon)
    for _ in range(3):
        table.update_q_table(0, 0, 1.0, 1)
    assert table.epsilon == epsilon
    for algorithm in ("q_learning", "deep_q_learning"):
        with pytest.raises(CsaiError, match=r"epsilon_end is 0.\d+; it must be at most epsilon_start"):
            csai_train.train(algorithm, "FrozenLake-v1", total_steps=9, config={"epsilon_start": 0.0})


def test_epsilon_stops_falling():
    table = csai_train.QLearning([0, 1], epsilon=0.5, epsilon_decay=0.1)
    seen = []
    for _ in range(3):
        table.update_q_table(0, 0, 1.0, 1)
        seen.append(table.epsilon)
    assert seen == [0.05, 0.01, 0.01]


@pytest.mark.parametrize("name", ["deep_q_learning", "PPO"])
def test_the_functions_limit_torchs_threads_only_while_they_train(name):
    seen = []

    class Looks(csai_train.Callback):
        def step(self, training):
            seen.append(torch.get_num_threads())

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        getattr(csai_train, name)(**BASE[name](), callbacks=[Looks()])
        assert {*seen} == {1}
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize(
    "config", [{"hidden_sizes": (4,)}, csai_train.PPOConfig(num_envs=1, num_steps=16, hidden_sizes=(4,))]
)
def test_sizes_of_layers_along_with_a_network_are_refused(config):
    plan = {"total_steps": 16, "config": config, "preset": None}
    with pytest.raises(CsaiError, match="hidden_sizes was given along with a network"):
        csai_train.train("ppo", "CartPole-v1", network="mlp", **plan)


def test_what_there_is_to_say_about_a_network_is_said():
    plan = {"total_steps": 16, "config": {"num_envs": 1, "num_steps": 16}, "preset": None}
    with pytest.warns(TrainingWarning, match="no more than its 2 numbers"):
        csai_train.train("ppo", "CartPole-v1", network=net(), **plan)
