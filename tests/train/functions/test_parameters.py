"""Every parameter of the seed's functions has an effect: its change changes something that can be seen."""

import inspect

import gymnasium
import pytest
import torch
from gymnasium import spaces

from csai_core import ActionAttribute, Agent, DiscreteType, ObsAttribute, Shell
from csai_neural import ActorCritic, InputBlock, LinearBlock, Net, OutputBlock
from csai_train import PPO, BasicReplayBuffer, Callback, deep_q_learning

TWO = spaces.Discrete(2)


class Lamp(Shell):
    """A lamp with two attributes, of which only one is of use."""

    def __init__(self, **options):
        super().__init__(**options)
        self.lit = self.noise = 0
        self.register_attribute(ObsAttribute("lit", DiscreteType(2), lambda: self.lit))
        self.register_attribute(ObsAttribute("noise", DiscreteType(2), lambda: self.noise))
        self.register_attribute(ActionAttribute("press", DiscreteType(2)))

    def start_episode(self, options):
        self.flicker()

    def advance(self, action, d_t):
        self.reward = 1.0 + float(action == self.lit)
        self.flicker()

    def flicker(self):
        self.lit, self.noise = (int(each) for each in self.np_random.integers(2, size=2))

    def get_current_reward(self, action, current_state):
        return self.reward, False


@pytest.fixture
def lamp():
    gymnasium.register("Testing/Lamp-v0", entry_point=Lamp)
    yield lambda: gymnasium.make("Testing/Lamp-v0")
    del gymnasium.registry["Testing/Lamp-v0"]


def q_network(seed):
    torch.manual_seed(seed)
    net = Net()
    for block in (InputBlock(TWO), LinearBlock(hidden_size=[4]), OutputBlock(num_classes=2)):
        net.add_block(block)
    net.compile()
    return net


def actor_critic(seed):
    torch.manual_seed(seed)
    return ActorCritic(TWO, TWO, net_arch=[8])


class Backwards(Agent):
    def get_actions(self):
        return [1, 0]


class Doubling(BasicReplayBuffer):
    """Remembers rewards twice as large."""

    def extend(self, step, *more, **others):
        super().extend(step._replace(reward=3 * step.reward - 1), *more, **others)


class Watching(Callback):
    """Counts steps and episodes, and looks at the threads."""

    def __init__(self):
        self.seen = []

    def step(self, training):
        self.seen = [training.steps, training.num_episodes, torch.get_num_threads()]


CHANGES = {
    "agent": Backwards(),
    "environment": lambda make: [make(), make()],
    "buffer": Doubling(seed=0),
    "num_episodes": 3,
    "max_steps_per_episode": 7,
    "gamma": 0.5,
    "batch_size": 8,
    "alpha": 0.02,
    "attributes": "noise",
    "optimizer": torch.optim.SGD,
    "optimizer_kwargs": {"weight_decay": 0.5},
    "fps": 25,
    "seed": 1,
    "logging_callback": None,
    "callbacks": (),
    "threads": 2,
}
OF_DQN = {
    "q_network": q_network(1),
    "target_q_network": q_network(2),
    "update_target_every": 2,
    "epsilon": 0.1,
    "epsilon_decay": 0.5,
    "stop_epsilon": 0.95,
}
OF_PPO = {
    "actor_critic_net": actor_critic(1),
    "clip_epsilon": 1e-4,
    "epsilon": 10.0,
    "entropy_coef": 0.5,
    "critic_coef": 5.0,
    "ppo_epochs": 2,
    "minibatch_size": 5,
    "max_grad_norm": 1e-3,
    "reward_norm_coef": 3.0,
    "reward_normalization": False,
    "running_reward_std": 50.0,
    "log_frequency": 2,
    "gae_lambda": 0.5,
}


def play(function, lamp, monkeypatch, **changes):
    """Everything that can be seen of a training with some changes."""
    waited, reported, watching = [], [], Watching()
    monkeypatch.setattr("time.sleep", waited.append)
    environment = changes.pop("environment", lambda make: make())(lamp)
    monkeypatch.setattr(gymnasium.Wrapper, "render_mode", "human")
    networks = [q_network(0), q_network(9)] if function is deep_q_learning else [actor_critic(0)]
    names = list(inspect.signature(function).parameters)
    arguments = dict(zip(names[2:], networks, strict=False)) | {
        "agent": None, "environment": environment, "buffer": BasicReplayBuffer(seed=0), "num_episodes": 4,
        "max_steps_per_episode": 8, "batch_size": 10, "gamma": 0.9, "alpha": 0.05, "attributes": "lit",
        "fps": 50, "seed": 0, "callbacks": [watching], "threads": 1,
        "logging_callback": lambda *news: reported.append([n for n in news if not isinstance(n, dict)]),
    }  # fmt: skip
    if function is PPO:
        arguments |= {"log_frequency": 1}
    function(**{**arguments, **changes})
    return {
        "weights": [each.tolist() for net in networks for each in net.parameters()],
        "waited": waited,
        "reported": reported,
        "watched": watching.seen,
    }


@pytest.mark.parametrize(
    ("function", "name"),
    [
        *((deep_q_learning, name) for name in inspect.signature(deep_q_learning).parameters),
        *((PPO, name) for name in inspect.signature(PPO).parameters),
    ],
)
def test_every_parameter_has_an_effect(function, name, lamp, monkeypatch, tmp_path):
    changes = {**CHANGES, **(OF_DQN if function is deep_q_learning else OF_PPO)}
    plain = play(function, lamp, monkeypatch)
    if name == "run_dir":
        assert play(function, lamp, monkeypatch, run_dir=tmp_path / "run") == plain
        assert (tmp_path / "run" / "checkpoints").is_dir()
    else:
        assert play(function, lamp, monkeypatch, **{name: changes[name]}) != plain


@pytest.mark.parametrize("function", [deep_q_learning, PPO])
def test_the_same_again_is_the_same(function, lamp, monkeypatch):
    assert play(function, lamp, monkeypatch) == play(function, lamp, monkeypatch)


@pytest.mark.parametrize("function", [PPO, deep_q_learning])
def test_dropout_is_on_around_the_loss_alone_and_never_in_the_target(function, lamp):
    """However the networks come, nothing is dropped out while acting, and learning drops out."""
    seen = {"learns": [], "target": []}

    def restless(name):
        net = Net()
        for block in (InputBlock(TWO), LinearBlock(hidden_size=[8], dropout=0.5)):
            net.add_block(block)
        if function is deep_q_learning:
            net.add_block(OutputBlock(num_classes=2))
        net.compile()
        net.train()
        for module in net.modules():
            if isinstance(module, torch.nn.Dropout):
                module.register_forward_hook(
                    lambda module, *_: seen[name].append((module.training, torch.is_grad_enabled()))
                )
        return net

    class Acts(Callback):
        def step(self, training):
            before = {name: len(calls) for name, calls in seen.items()}
            actions = [training.agent().get_next_action(lit) for lit in (0, 1) for _ in range(3)]
            assert len({*actions[:3]}) == len({*actions[3:]}) == 1
            assert not any(is_on for is_on, _ in seen["learns"][before["learns"] :])

    settings = {"num_episodes": 2, "max_steps_per_episode": 20, "batch_size": 16, "seed": 0}
    settings["attributes"] = "lit"
    if function is PPO:
        nets = [ActorCritic(TWO, TWO, restless("learns"), net_arch=[4])]
    else:
        nets = [restless("learns"), restless("target")]
    function(None, lamp(), *nets, BasicReplayBuffer(), callbacks=[Acts()], **settings)
    assert (True, True) in seen["learns"]  # around the loss
    assert (False, True) not in seen["learns"]
    assert not any(is_on for is_on, _ in seen["target"])
    assert bool(seen["target"]) == (function is deep_q_learning)
