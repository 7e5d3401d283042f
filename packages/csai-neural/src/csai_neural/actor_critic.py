"""ActorCritic: a network that chooses actions and says how good the present is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeGuard

import torch
from gymnasium import spaces
from torch import Tensor, nn

from csai_core import Attribute
from csai_core.arguments import is_integer
from csai_core.errors import ConfigError
from csai_core.memory import summed
from csai_core.spaces import decode_space, encode_space
from csai_neural import codec
from csai_neural.activations import Activation, as_setting
from csai_neural.blocks.block import Block
from csai_neural.blocks.linear import LinearBlock
from csai_neural.blocks.output import OutputBlock
from csai_neural.blocks.sizes import make_layer
from csai_neural.bodies import as_body, default_body
from csai_neural.devices import Device, find_device
from csai_neural.errors import ShapeError
from csai_neural.flow import State
from csai_neural.initialization import orthogonal
from csai_neural.net import Net
from csai_neural.network import Network
from csai_neural.policies import GaussianSettings, Policy, make_policy
from csai_neural.structure import Json, freeze, frozen
from csai_neural.wiring import Node

NetArch = Sequence[int | Mapping[str, Sequence[int]]] | Mapping[str, Sequence[int]]
POLICY_GAIN = 0.01
VALUE_GAIN = 1.0


class ActionSample(NamedTuple):
    """What `ActorCritic.act` gives for a batch, or for a single observation without the batch axis."""

    action: Any
    """Actions as tensors, each (batch, *shape of the space); a dict of them for a Dict space. Those of a Box
    are as they were drawn; `ActorCritic.to_environment` gives what the environment takes."""
    log_prob: Tensor
    """(batch,): the log-probability of each action."""
    value: Tensor
    """(batch,): the estimated return from each observation."""


class EvaluatedAction(NamedTuple):
    """What `ActorCritic.evaluate_actions` gives; gradients flow through all of it."""

    log_prob: Tensor
    """(batch,): the log-probability of the given actions."""
    entropy: Tensor
    """(batch,): the entropy of the policy, in nats."""
    value: Tensor
    """(batch,): the estimated return."""


class ActorCritic(Network):
    """Features, then shared layers, then two branches: the policy and the value.

    Box actions are drawn from a normal distribution in which -1 and 1 stand for the bounds; `to_environment`
    puts them into the space's own units. Means, deviations, probabilities and entropies are of what is drawn.

    Args:
        observation_space: what it sees; any space that an InputBlock takes.
        action_space: what it does: Discrete, MultiDiscrete, MultiBinary, Box or a Dict of these, or an
            attribute with such a space.
        features_extractor: the body: a Net, or a plain torch module from encoded observations to
            (batch, features); see `bodies.as_body`. None makes convolutions for images and lays everything
            else out flat. Its weights are left as they are.
        net_arch: the layers' sizes. Numbers are layers shared by both; a dict at the end has layers for
            "pi" (policy) and "vf" (value) alone. `{"pi": [64, 64], "vf": [64, 64]}` shares none.
        features_extractor_file: a file written by `Net.save` to load the features extractor from.
        train_features_extractor: whether the features extractor learns too.
        device: where it lives; None stays where the features extractor is.
        activation_fnc: of the layers: a name, a torch.nn class or layer, or a function; None is ReLU.
        actor_activation_fnc: of the policy's own layers; None is `activation_fnc`.
        critic_activation_fnc: of the value's own layers; None is `activation_fnc`.
        log_std_init: for Box actions, the log of the standard deviation to start with; 0 is half of the
            range between the bounds. Larger explores more; -1 to 0.
        squash: for Box actions, whether tanh brings what is drawn into the bounds; see `GaussianSettings`.
        state_dependent_std: for Box actions, whether the deviations depend on the observation; likewise.
        orthogonal_init: whether the layers that are made here start with orthogonal weights, and the policy
            with a small last layer.

    Raises:
        SpaceError: if there is no encoding or no policy for a space.
        ShapeError: if the features extractor takes other observations.
        ConfigError: if `net_arch` cannot be read.
    """

    kind = "actor_critic"
    output_names = ("policy", "value")
    name = "actor_critic"

    @summed()
    def __init__(
        self,
        observation_space: spaces.Space[Any],
        action_space: spaces.Space[Any] | Attribute,
        features_extractor: nn.Module | None = None,
        net_arch: NetArch = (256, 128, {"pi": (64, 64), "vf": (64, 64)}),
        features_extractor_file: str | Path | None = None,
        train_features_extractor: bool = True,
        device: Device = None,
        activation_fnc: Activation = None,
        actor_activation_fnc: Activation = None,
        critic_activation_fnc: Activation = None,
        *,
        log_std_init: float = 0.0,
        squash: bool = False,
        state_dependent_std: bool = False,
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
            "squash": squash,
            "state_dependent_std": state_dependent_std,
        }
        self.observation_space = observation_space
        self.action_space = action_space.space if isinstance(action_space, Attribute) else action_space
        self.gaussian = GaussianSettings(squash, state_dependent_std, float(log_std_init))
        self.policy: Policy = make_policy(self.action_space, self.gaussian)
        if features_extractor_file is not None:
            features_extractor = Net.load(features_extractor_file)
        is_own = features_extractor is None
        body = (
            default_body(observation_space)
            if features_extractor is None
            else as_body(features_extractor, observation_space)
        )
        self.features_extractor = body
        self.is_dict_network = body.is_dict_network
        self.notes += body.notes
        shared, actor, critic = read_net_arch(net_arch)
        self.shared, size = _layers("shared", body.output_size, shared, activation_fnc)
        self.actor, actor_size = _layers("pi", size, actor, actor_activation_fnc or activation_fnc)
        self.critic, critic_size = _layers("vf", size, critic, critic_activation_fnc or activation_fnc)
        self.policy_head = make_layer(nn.Linear, actor_size, self.policy.num_outputs)
        self.value_head = make_layer(nn.Linear, critic_size, 1)
        log_std = torch.full((self.policy.num_deviations,), float(log_std_init))
        if self.policy.num_deviations:
            self.log_std = nn.Parameter(log_std)
        else:
            self.register_buffer("log_std", log_std, persistent=False)
        if orthogonal_init:
            for part in self.children():
                if is_own or part is not body:
                    orthogonal(part)
            orthogonal(self.policy_head, POLICY_GAIN)
            orthogonal(self.value_head, VALUE_GAIN)
        if not train_features_extractor:
            body.requires_grad_(False)
        self.to(find_device(device) or body.device)

    def forward(self, x: Any) -> tuple[Tensor, Tensor]:
        """The policy's numbers and the value.

        Args:
            x: observations, single or with batch axes, or `Sequences`, as `Net.forward` takes them.

        Returns:
            (*batch axes, policy.num_outputs), which for Discrete actions are the logits, for Box the means
            of what is drawn; and (*batch axes).
        """
        return self._judge(self.features_extractor(x))

    def step(self, x: Any, state: State) -> tuple[tuple[Tensor, Tensor], State]:
        """What `forward` gives, and the new state, of a network whose body has memory; see `Net.step`."""
        features, new_state = self.features_extractor.step(x, state)
        return self._judge(features), new_state

    def step_policy(self, x: Any, state: State) -> tuple[Tensor, State]:
        """The policy's numbers alone, and the new state; see `step`."""
        features, new_state = self.features_extractor.step(x, state)
        return self.policy_head(self.actor(self.shared(features))), new_state

    def initial_state(self, batch_size: int | None = None) -> State:
        """What its body remembers at the start; see `Net.initial_state`."""
        return self.features_extractor.initial_state(batch_size)

    def _judge(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """The policy's numbers and the value, from what the body gives."""
        features = self.shared(features)
        return self.policy_head(self.actor(features)), self.value_head(self.critic(features)).squeeze(-1)

    @torch.no_grad()
    def act(
        self,
        observation: Any,
        deterministic: bool = False,
        mask: Any = None,
        generator: torch.Generator | None = None,
    ) -> ActionSample:
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
            return ActionSample(_first(action), log_prob[0], value[0])
        return ActionSample(action, log_prob, value)

    def get_sample_and_values(
        self, observation: Any, generator: torch.Generator | None = None
    ) -> tuple[list[Tensor], Any, Tensor]:
        """Draw actions for a batch, with log-probabilities and values through which gradients flow.

        Args:
            observation: a batch.
            generator: where randomness comes from; None is torch's global one.

        Returns:
            The log-probabilities, (batch,) for each component of the action, which add up to that of the
            whole; the actions, as `act` gives them; and the values, (batch,).

        Raises:
            ShapeError: if the observation does not fit, or is a single one.
        """
        outputs, value = self(observation)
        if value.ndim != 1:
            raise ShapeError(
                f"get_sample_and_values takes a batch of observations, with one batch axis, not {value.ndim}."
            )
        with torch.no_grad():
            action = self.policy.sample(outputs, self.log_std, generator)
        return self.policy.log_probs(outputs, self.log_std, action), action, value

    def evaluate_actions(self, observation: Any, action: Any, mask: Any = None) -> EvaluatedAction:
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
        return EvaluatedAction(
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

    # --- what it is made of

    @property
    def nodes(self) -> list[Node]:
        """The features extractor's blocks, `shared`, `pi` and `vf` as far as there are any, and the heads."""
        nodes = self.features_extractor.nodes
        features = nodes[-1].block
        if isinstance(self.shared, Block):
            nodes.append(Node(self.shared, (features,)))
            features = self.shared
        for layers, name, head in self._branches():
            source = features
            if isinstance(layers, Block):
                nodes.append(Node(layers, (features,)))
                source = layers
            block = _as_block(name, head)
            if head is self.policy_head and isinstance(self.log_std, nn.Parameter):
                block.log_std = self.log_std
            nodes.append(Node(block, (source,)))
        return nodes

    def trace(self, x: Any) -> dict[str, Tensor]:
        """What every block gives for `x`, by block name, each (*batch axes, *output_shape)."""
        steps = self.features_extractor.trace(x)
        *_, features = steps.values()
        if isinstance(self.shared, Block):
            features = steps[self.shared.name] = self.shared(features)
        for layers, name, head in self._branches():
            y = layers(features)
            if isinstance(layers, Block):
                steps[layers.name] = y
            steps[name] = head(y)
        return steps

    def structure(self) -> Json:
        """Spaces, settings and the features extractor; see `Network.structure`."""
        return {
            "observation_space": encode_space(self.observation_space),
            "action_space": encode_space(self.action_space),
            "settings": codec.encode(self._settings, "The settings of an ActorCritic"),
            "features_extractor": self.features_extractor.structure(),
            "frozen": frozen(self),
        }

    @classmethod
    def _build(cls, structure: Json, blocks: Iterable[type[Block]]) -> Self:
        extractor = Net.from_structure(structure["features_extractor"], blocks)
        network = cls(
            decode_space(structure["observation_space"]),
            decode_space(structure["action_space"]),
            extractor,
            orthogonal_init=False,
            **codec.decode(structure["settings"]),
        )
        freeze(network, structure.get("frozen", ()))
        return network.to(extractor.input_blocks[0].dtype)

    def _branches(self) -> tuple[tuple[nn.Module, str, nn.Linear], ...]:
        """The layers of policy and value, and the names and layers of their heads."""
        return (
            (self.actor, "policy_head", self.policy_head),
            (self.critic, "value_head", self.value_head),
        )


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
    return all(is_integer(size) for size in sizes)


def _layers(name: str, size: int, hidden_sizes: list[int], activation: Activation) -> tuple[nn.Module, int]:
    """A row of layers, and how many numbers it gives; nothing at all for no sizes."""
    if not hidden_sizes:
        return nn.Identity(), size
    layers = LinearBlock(size, hidden_size=hidden_sizes, activation=activation)
    layers.name = name
    return layers, hidden_sizes[-1]


def _as_block(name: str, head: nn.Linear) -> Block:
    """A head as a block, for tables and pictures, with the very weights of the head."""
    block = OutputBlock(head.in_features, head.out_features, device="meta")
    block.layers = nn.Sequential(head)
    block.device, block.name = head.weight.device, name
    return block


def _first(action: Any) -> Any:
    """The only action of a batch of one, without its batch axis."""
    if isinstance(action, Mapping):
        return {name: _first(part) for name, part in action.items()}
    return action[0]
