"""ActorCritic: a network that chooses actions and says how good the present is."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeGuard

import torch
from gymnasium import spaces
from torch import Tensor, nn

from csai_core import Attribute
from csai_core.errors import ConfigError
from csai_core.spaces import decode_space, encode_space
from csai_neural import codec, files
from csai_neural.activations import Activation, as_setting
from csai_neural.blocks.block import Block
from csai_neural.blocks.conv import ConvBlock
from csai_neural.blocks.flatten import FlattenBlock
from csai_neural.blocks.input import InputBlock
from csai_neural.blocks.linear import LinearBlock
from csai_neural.devices import Device, find_device
from csai_neural.errors import ShapeError
from csai_neural.initialization import orthogonal
from csai_neural.net import Net
from csai_neural.policies import Policy, make_policy
from csai_neural.structure import describe_net

NetArch = Sequence[int | Mapping[str, Sequence[int]]] | Mapping[str, Sequence[int]]
POLICY_GAIN = 0.01
VALUE_GAIN = 1.0


class Decision(NamedTuple):
    """What `ActorCritic.act` gives for a batch, or for a single observation without the batch axis."""

    action: Any
    """Actions as tensors, each (batch, *shape of the space); a dict of them for a Dict space."""
    log_prob: Tensor
    """(batch,): the log-probability of each action."""
    value: Tensor
    """(batch,): the estimated return from each observation."""


class Judgement(NamedTuple):
    """What `ActorCritic.evaluate_actions` gives; gradients flow through all of it."""

    log_prob: Tensor
    """(batch,): the log-probability of the given actions."""
    entropy: Tensor
    """(batch,): the entropy of the policy, in nats."""
    value: Tensor
    """(batch,): the estimated return."""


class ActorCritic(nn.Module):
    """Features, then shared layers, then two branches: the policy and the value.

    Args:
        observation_space: what it sees; any space that an InputBlock takes.
        action_space: what it does: Discrete, MultiDiscrete, MultiBinary, Box or a Dict of these, or an
            attribute with such a space.
        features_extractor: a compiled Net that ends in a vector; None makes convolutions for images and
            lays everything else out flat.
        net_arch: the layers' sizes. Numbers are layers shared by both; a dict at the end has layers for
            "pi" (policy) and "vf" (value) alone. `{"pi": [64, 64], "vf": [64, 64]}` shares none.
        features_extractor_file: a file written by `Net.save` to load the features extractor from.
        train_features_extractor: whether the features extractor learns too.
        device: where it lives; None stays where the features extractor is.
        activation_fnc: of the layers: a name, a torch.nn class or layer, or a function; None is ReLU.
        actor_activation_fnc: of the policy's own layers; None is `activation_fnc`.
        critic_activation_fnc: of the value's own layers; None is `activation_fnc`.
        log_std_init: for Box actions, the log of the standard deviation to start with. Larger explores
            more; -1 to 0.
        orthogonal_init: whether to start with orthogonal weights, and a small last layer for the policy.

    Raises:
        SpaceError: if there is no encoding or no policy for a space.
        ShapeError: if the features extractor takes other observations, or does not end in a vector.
        ConfigError: if `net_arch` cannot be read.
    """

    def __init__(
        self,
        observation_space: spaces.Space[Any],
        action_space: spaces.Space[Any] | Attribute,
        features_extractor: Net | None = None,
        net_arch: NetArch = (256, 128, {"pi": (64, 64), "vf": (64, 64)}),
        features_extractor_file: str | Path | None = None,
        train_features_extractor: bool = True,
        device: Device = None,
        activation_fnc: Activation = None,
        actor_activation_fnc: Activation = None,
        critic_activation_fnc: Activation = None,
        *,
        log_std_init: float = 0.0,
        orthogonal_init: bool = True,
    ) -> None:
        super().__init__()
        self._settings = {
            "net_arch": net_arch,
            "train_features_extractor": train_features_extractor,
            "activation_fnc": as_setting(activation_fnc),
            "actor_activation_fnc": as_setting(actor_activation_fnc),
            "critic_activation_fnc": as_setting(critic_activation_fnc),
            "log_std_init": log_std_init,
        }
        self.observation_space = observation_space
        self.action_space = action_space.space if isinstance(action_space, Attribute) else action_space
        self.policy: Policy = make_policy(self.action_space)
        if features_extractor_file is not None:
            features_extractor = Net.load(features_extractor_file)
        if features_extractor is None:
            features_extractor = make_features_extractor(observation_space)
        _check_extractor(features_extractor, observation_space)
        self.features_extractor = features_extractor
        shared, actor, critic = read_net_arch(net_arch)
        size = features_extractor.output_size
        self.shared, size = _layers(size, shared, activation_fnc)
        self.actor, actor_size = _layers(size, actor, actor_activation_fnc or activation_fnc)
        self.critic, critic_size = _layers(size, critic, critic_activation_fnc or activation_fnc)
        self.policy_head = nn.Linear(actor_size, self.policy.num_outputs)
        self.value_head = nn.Linear(critic_size, 1)
        log_std = torch.full((self.policy.num_deviations,), float(log_std_init))
        if self.policy.num_deviations:
            self.log_std = nn.Parameter(log_std)
        else:
            self.register_buffer("log_std", log_std, persistent=False)
        if orthogonal_init:
            orthogonal(self)
            orthogonal(self.policy_head, POLICY_GAIN)
            orthogonal(self.value_head, VALUE_GAIN)
        self.features_extractor.requires_grad_(train_features_extractor)
        self.to(find_device(device) or features_extractor.device)

    def forward(self, x: Any) -> tuple[Tensor, Tensor]:
        """The policy's numbers and the value.

        Args:
            x: observations, single or with batch axes, as `Net.forward` takes them.

        Returns:
            (*batch axes, policy.num_outputs), which for Discrete actions are the logits; and (*batch axes).
        """
        features = self.shared(self.features_extractor(x))
        return self.policy_head(self.actor(features)), self.value_head(self.critic(features)).squeeze(-1)

    @torch.no_grad()
    def act(
        self,
        observation: Any,
        deterministic: bool = False,
        mask: Any = None,
        generator: torch.Generator | None = None,
    ) -> Decision:
        """Choose actions, without gradients.

        Args:
            observation: one, or a batch.
            deterministic: whether to take the likeliest action rather than draw one.
            mask: True for each allowed choice: (batch, number of choices), those of all components one
                after the other; for MultiBinary, for each bit that may be one; for Dict, a dict.
            generator: where randomness comes from; None is torch's global one.

        Raises:
            ShapeError: if the observation or the mask does not fit.
        """
        outputs, value = self(observation)
        is_single = value.ndim == 0
        if is_single:
            outputs, value = outputs.unsqueeze(0), value.unsqueeze(0)
        if mask is not None:
            outputs = self.policy.masked(outputs, mask)
        if deterministic:
            action = self.policy.mode(outputs)
        else:
            action = self.policy.sample(outputs, self.log_std, generator)
        log_prob = self.policy.log_prob(outputs, self.log_std, action)
        if is_single:
            return Decision(_first(action), log_prob[0], value[0])
        return Decision(action, log_prob, value)

    def evaluate_actions(self, observation: Any, action: Any, mask: Any = None) -> Judgement:
        """Log-probabilities of actions taken earlier, the entropy and the value, for learning.

        Args:
            observation: a batch.
            action: the actions that `act` gave for it, as tensors.
            mask: the mask that `act` was given.

        Raises:
            ShapeError: if the observation or the mask does not fit.
        """
        outputs, value = self(observation)
        if mask is not None:
            outputs = self.policy.masked(outputs, mask)
        return Judgement(
            self.policy.log_prob(outputs, self.log_std, action),
            self.policy.entropy(outputs, self.log_std),
            value,
        )

    def get_policy_outputs(self, observation: Any) -> Tensor:
        """The policy's numbers alone, (*batch axes, policy.num_outputs); see `forward`."""
        outputs: Tensor = self.policy_head(self.actor(self.shared(self.features_extractor(observation))))
        return outputs

    def get_value(self, observation: Any) -> Tensor:
        """The estimated return, (*batch axes)."""
        value: Tensor = self.value_head(self.critic(self.shared(self.features_extractor(observation))))
        return value.squeeze(-1)

    def sample(self, observation: Any) -> Any:
        """Actions drawn for observations, as the environment takes them: numpy, within the space."""
        action = self.act(observation).action
        return self.to_environment(action)

    def to_environment(self, action: Any) -> Any:
        """Actions from `act` as the environment takes them: numpy, of the space's dtype, within bounds."""
        return self.policy.to_environment(action)

    def copy(self) -> Self:
        """An independent network with the same settings and weights."""
        return copy.deepcopy(self)

    def save(self, path: str | Path) -> None:
        """Write spaces, settings, features extractor and weights to one safetensors file.

        Raises:
            ConfigError: if there is a setting that a file cannot hold, such as a function of yours.
        """
        structure = {
            "observation_space": encode_space(self.observation_space),
            "action_space": encode_space(self.action_space),
            "settings": codec.encode(self._settings, "The settings of an ActorCritic"),
            "features_extractor": describe_net(self.features_extractor),
        }
        files.write(path, "actor_critic", structure, self.state_dict())

    @classmethod
    def load(cls, path: str | Path, device: Device = None, blocks: Iterable[type[Block]] = ()) -> Self:
        """The network in a file that `save` wrote; as `Net.load`.

        Raises:
            FileNotFoundError: if there is no such file.
            NetFileError: if it holds something else, or is damaged.
            UnknownNameError: if it needs a block that is not installed.
        """
        structure, weights = files.read(path, "actor_critic")
        extractor = Net.from_structure(structure["features_extractor"], blocks, path)
        with torch.random.fork_rng(devices=[]):
            network = cls(
                decode_space(structure["observation_space"]),
                decode_space(structure["action_space"]),
                extractor,
                orthogonal_init=False,
                **codec.decode(structure["settings"]),
            )
        network.to(extractor.input_blocks[0].dtype)
        files.load_weights(network, weights, path)
        return network.to(find_device(device) or torch.device("cpu"))


def make_features_extractor(observation_space: spaces.Space[Any]) -> Net:
    """A Net from observations to a vector: convolutions for images, everything else laid out flat."""
    net = Net("features")
    input_block = InputBlock(observation_space)
    net.add_block(input_block)
    shape = input_block.output_shape or ()
    if len(shape) == 3 and min(shape[1:]) >= 4:
        net.add_block(ConvBlock())
    elif len(shape) != 1:
        net.add_block(FlattenBlock())
    net.compile()
    return net


def read_net_arch(net_arch: NetArch) -> tuple[list[int], list[int], list[int]]:
    """Sizes of the shared layers, the policy's and the value's.

    Raises:
        ConfigError: if it is not a list of sizes that may end with a dict of "pi" and "vf".
    """
    shared = [net_arch] if isinstance(net_arch, Mapping) else list(net_arch)
    branches = shared.pop() if shared and isinstance(shared[-1], Mapping) else {}
    if not isinstance(branches, Mapping) or not {*branches} <= {"pi", "vf"} or not _are_sizes(shared):
        raise ConfigError(
            f"net_arch={net_arch!r} cannot be read; write the sizes of shared layers, and at the end, if "
            'wanted, a dict: [256, 128, {"pi": [64, 64], "vf": [64, 64]}].'
        )
    return shared, list(branches.get("pi", ())), list(branches.get("vf", ()))


def _are_sizes(sizes: Sequence[Any]) -> TypeGuard[list[int]]:
    return all(isinstance(size, int) for size in sizes)


def _layers(size: int, hidden_sizes: list[int], activation: Activation) -> tuple[nn.Module, int]:
    """A row of layers, and how many numbers it gives; nothing at all for no sizes."""
    if not hidden_sizes:
        return nn.Identity(), size
    return LinearBlock(size, hidden_size=hidden_sizes, activation=activation), hidden_sizes[-1]


def _check_extractor(extractor: Net, observation_space: spaces.Space[Any]) -> None:
    if len(extractor.output_shape) != 1:
        raise ShapeError(
            f"The features extractor {extractor.name!r} gives {extractor.output_shape}; it must give "
            "vectors. Add a FlattenBlock() at its end."
        )
    inputs = extractor.input_blocks
    if not extractor.is_dict_network and inputs[0].space.shape != observation_space.shape:
        raise ShapeError(
            f"The features extractor {extractor.name!r} takes {inputs[0].space}, and the observations are "
            f"{observation_space}. Make its InputBlock for that space."
        )


def _first(action: Any) -> Any:
    """The only action of a batch of one, without its batch axis."""
    if isinstance(action, Mapping):
        return {name: _first(part) for name, part in action.items()}
    return action[0]
