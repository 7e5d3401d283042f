"""The conformance suites over every buffer and algorithm that csai-train registers."""

import pytest

from csai_core import options
from csai_core.plugins import installed
from csai_core.testing import AlgorithmSuite, BufferSuite
from csai_neural import InputBlock, Net, RecurrentBlock
from csai_neural.generators import seeded


class TestBasic(BufferSuite):
    entry_name = "basic"


class TestDict(BufferSuite):
    entry_name = "dict"


class TestPrioritized(BufferSuite):
    entry_name = "prioritized"


class TestQLearning(AlgorithmSuite):
    entry_name = "q_learning"
    learning_steps = 500


class TestDeepQLearning(AlgorithmSuite):
    entry_name = "deep_q_learning"
    config = {  # noqa: RUF012
        "hidden_sizes": [16],
        "learning_rate": 1e-2,
        "batch_size": 16,
        "learning_starts": 20,
        "target_every": 100,
    }
    learning_steps = 1_000


class TestReinforce(AlgorithmSuite):
    entry_name = "reinforce"
    config = {"num_envs": 2, "episodes_per_update": 8, "hidden_sizes": [16], "learning_rate": 1e-2}  # noqa: RUF012
    learning_steps = 1_500


class TestA2C(AlgorithmSuite):
    entry_name = "a2c"
    config = {"num_envs": 2, "num_steps": 8, "hidden_sizes": [16], "learning_rate": 1e-2}  # noqa: RUF012
    learning_steps = 1_500


class TestPPO(AlgorithmSuite):
    entry_name = "ppo"
    config = {"num_envs": 2, "num_steps": 16, "hidden_sizes": [16], "learning_rate": 1e-2}  # noqa: RUF012
    learning_steps = 1_500


class TestSAC(AlgorithmSuite):
    entry_name = "sac"
    config = {"hidden_sizes": [16], "learning_rate": 1e-2, "batch_size": 16, "learning_starts": 20}  # noqa: RUF012
    learning_steps = 400


class TestTD3(AlgorithmSuite):
    entry_name = "td3"
    config = {"hidden_sizes": [16], "learning_rate": 1e-2, "batch_size": 16, "learning_starts": 20}  # noqa: RUF012
    learning_steps = 400


class WithMemory(AlgorithmSuite):
    """An algorithm whose network is recurrent."""

    def make(self, env, *, total_steps, seed):
        target = installed().find("algorithms", self.entry_name).load()
        config = options.build(self.config_class(), self.config)
        with seeded(seed):
            net = Net("remembering")
            net.add_block(InputBlock(env.observation_space))
            net.add_block(RecurrentBlock(hidden_size=8))
            net.compile()
        spaces = env.observation_space, env.action_space
        return target(*spaces, config, total_steps=total_steps, seed=seed, network=net)


class TestPPOWithMemory(WithMemory):
    entry_name = "ppo"
    config = {"num_envs": 2, "num_steps": 16, "num_minibatches": 2}  # noqa: RUF012


class TestDeepQLearningWithMemory(WithMemory):
    entry_name = "deep_q_learning"
    config = {"batch_size": 16, "learning_starts": 20, "sequence_length": 8, "burn_in": 4}  # noqa: RUF012


@pytest.mark.parametrize(("kind", "suite"), [("buffers", BufferSuite), ("algorithms", AlgorithmSuite)])
def test_nothing_that_is_registered_goes_unchecked(kind, suite):
    registered = {name for name, entry in installed().entries(kind).items() if entry.plugin == "csai_train"}
    checked = {
        each.entry_name
        for each in globals().values()
        if isinstance(each, type) and issubclass(each, suite) and each.entry_name
    }
    assert checked == registered
