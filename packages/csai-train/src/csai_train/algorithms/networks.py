"""Networks that suit an observation space, built from the blocks of csai-neural."""

from __future__ import annotations

from typing import Any

from gymnasium import spaces
from torch import nn

from csai_core.errors import ConfigError
from csai_neural import (
    ActorCritic,
    Block,
    DuelingBlock,
    LinearBlock,
    Net,
    OutputBlock,
    as_body,
    default_body,
)
from csai_neural.errors import ShapeError
from csai_neural.generators import seeded
from csai_neural.policies import PLAIN, GaussianSettings
from csai_neural.twin_critic import TwinCritic

REPLACED = ("hidden_sizes", "activation", "share_layers")
"""Settings that say how layers are built, and say nothing where a network is given."""
IMAGE_DEPTH = 2
"""How many convolutions small images pass through in a Q-network."""


def build_network(
    observation_space: spaces.Space[Any],
    num_outputs: int,
    hidden_sizes: tuple[int, ...],
    *,
    seed: int,
    dueling: bool = False,
    body: nn.Module | None = None,
) -> Net:
    """A network from observations to `num_outputs` numbers: a body, layers and a head.

    Args:
        observation_space: of one environment.
        num_outputs: how many numbers come out.
        hidden_sizes: sizes of the fully connected layers in between; empty for none.
        seed: decides the weights to start with; the global generator is left as it was.
        dueling: whether to end in a DuelingBlock, whose two heads both have the last of the layers.
        body: what the head is put on, in place of such layers: a Net, whose blocks the network then shares,
            or a plain torch module; a Net that ends in an output of so many numbers is taken as it is. None
            makes convolutions for images and lays everything else out flat.

    Raises:
        ShapeError: if the body takes other observations.
        StructureError: if the body ends in an output of its own, of another size.
        ConfigError: if it ends in one of the right size, and two heads are wanted.
    """
    if body is not None:
        hidden_sizes = ()
    head_size = hidden_sizes[-1] if dueling and hidden_sizes else None
    shared_sizes = list(hidden_sizes[:-1] if dueling else hidden_sizes)
    with seeded(seed):
        if body is None:
            base = default_body(observation_space, depth=IMAGE_DEPTH)
        else:
            base = as_body(body, observation_space)
            if base.added_blocks[-1].is_last and base.output_size == num_outputs:
                if dueling and not isinstance(base.added_blocks[-1], DuelingBlock):
                    raise ConfigError(
                        f"dueling=True builds two heads, but the network {base.name!r} ends in an output "
                        "of its own; leave out one of them."
                    )
                return base
        blocks: list[Block] = []
        if shared_sizes:
            blocks.append(LinearBlock(hidden_size=shared_sizes))
        if dueling:
            blocks.append(DuelingBlock(num_actions=num_outputs, hidden_size=head_size))
        else:
            blocks.append(OutputBlock(num_classes=num_outputs))
        return base.followed_by(*blocks, name="q_network")


def build_actor_critic(
    observation_space: spaces.Space[Any],
    action_space: spaces.Space[Any],
    hidden_sizes: tuple[int, ...],
    *,
    seed: int,
    share_layers: bool = False,
    activation: str = "tanh",
    gaussian: GaussianSettings = PLAIN,
    body: nn.Module | None = None,
) -> ActorCritic:
    """A network that gives a policy and values: a body, layers and two heads.

    Args:
        observation_space: of one environment.
        action_space: of one environment.
        hidden_sizes: sizes of the fully connected layers; empty for none.
        seed: decides the weights to start with; the global generator is left as it was.
        share_layers: whether policy and values have these layers together, or each its own.
        activation: between the layers.
        gaussian: how numbers of a Box are drawn.
        body: what the heads are put on, in place of such layers: a Net or a plain torch module, which is then
            a part of the network; a whole ActorCritic is taken as it is. None makes convolutions for images
            and lays everything else out flat.

    Raises:
        ShapeError: if the body takes other observations, or an ActorCritic has other actions.
    """
    if isinstance(body, ActorCritic):
        return _fitting(body, observation_space, action_space)
    if body is not None:
        hidden_sizes = ()
    net_arch: Any = hidden_sizes if share_layers else {"pi": hidden_sizes, "vf": hidden_sizes}
    with seeded(seed):
        net = ActorCritic(
            observation_space, action_space, body, net_arch, activation_fnc=activation, **gaussian._asdict()
        )
    last = net.features_extractor.added_blocks[-1]
    if last.is_last:
        net.notes.append(
            f"The body ends in {last.title}, so policy and values see no more than its {last.output_size} "
            "numbers; a body ends before its output, which is added to it."
        )
    return net


def build_twin_critic(
    observation_space: spaces.Space[Any],
    num_numbers: int,
    hidden_sizes: tuple[int, ...],
    *,
    seed: int,
    body: nn.Module | None = None,
) -> TwinCritic:
    """Critics that suit an observation space, beside a policy.

    Args:
        observation_space: of one environment.
        num_numbers: how many numbers an action has.
        hidden_sizes: sizes of the fully connected layers behind features and action.
        seed: decides the weights to start with; the global generator is left as it was.
        body: what the policy was built on; each critic begins with a copy. A whole policy, which ends in an
            output of its own, is no body: that makes the one that None makes.

    Raises:
        ShapeError: if the body takes other observations.
    """
    features = None if body is None else as_body(body, observation_space)
    if features is not None and features.added_blocks[-1].is_last:
        features = None
    return TwinCritic(observation_space, num_numbers, hidden_sizes, seed=seed, body=features)


def copy_network(source: nn.Module, target: nn.Module) -> None:
    """Give a network the weights of another, and let the same of them learn.

    Raises:
        ConfigError: if they are one network, or share a part.
        ShapeError: if they have not the same layers.
    """
    if {*source.parameters()} & {*target.parameters()}:
        raise ConfigError(
            "The target network is the network that learns, or shares layers with it; it must be a copy, "
            "which stays behind. Give network.copy()."
        )
    try:
        target.load_state_dict(source.state_dict())
        for own, other in zip(target.parameters(), source.parameters(), strict=True):
            own.requires_grad_(other.requires_grad)
    except (RuntimeError, ValueError) as error:
        raise ShapeError(
            "The target network must have the layers of the network that it is a copy of; "
            f"network.copy() makes one that has. {error}"
        ) from error


def _fitting(
    net: ActorCritic, observation_space: spaces.Space[Any], action_space: spaces.Space[Any]
) -> ActorCritic:
    for what, own, wanted in (
        ("observations", net.observation_space, observation_space),
        ("actions", net.action_space, action_space),
    ):
        if own != wanted:
            raise ShapeError(f"The ActorCritic was made for {what} of {own}, and these are {wanted}.")
    return net
