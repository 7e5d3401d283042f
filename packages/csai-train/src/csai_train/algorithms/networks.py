"""Networks that suit an observation space, built from the blocks of csai-neural."""

from __future__ import annotations

from typing import Any

import torch
from gymnasium import spaces

from csai_neural import (
    ActorCritic,
    ConvBlock,
    DuelingBlock,
    FlattenBlock,
    InputBlock,
    LinearBlock,
    Net,
    OutputBlock,
)


def build_network(
    observation_space: spaces.Space[Any],
    num_outputs: int,
    hidden_sizes: tuple[int, ...],
    *,
    seed: int,
    dueling: bool = False,
    body: Any = None,
) -> Net:
    """A network from observations to `num_outputs` numbers.

    Images pass through convolutions first; everything else is laid out as one vector.

    Args:
        observation_space: of one environment.
        num_outputs: how many numbers come out.
        hidden_sizes: sizes of the fully connected layers in between; empty for none.
        seed: decides the weights to start with; the global generator is left as it was.
        dueling: whether to end in a DuelingBlock, whose two heads both have the last of the layers.
        body: what comes before the fully connected layers; None builds it.
    """
    head_size = hidden_sizes[-1] if dueling and hidden_sizes else None
    shared_sizes = list(hidden_sizes[:-1] if dueling else hidden_sizes)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = Net("q_network")
        input_block = InputBlock(observation_space)
        net.add_block(input_block)
        shape = input_block.output_shape or ()
        if len(shape) == 3 and min(shape[1:]) >= 4:
            net.add_block(ConvBlock(shape, shape[0], depth=2))
        elif len(shape) != 1:
            net.add_block(FlattenBlock())
        if shared_sizes:
            net.add_block(LinearBlock(num_hidden_layers=len(shared_sizes), hidden_size=shared_sizes))
        if dueling:
            net.add_block(DuelingBlock(num_actions=num_outputs, hidden_size=head_size))
        else:
            net.add_block(OutputBlock(num_classes=num_outputs))
        net.compile()
    return net


def build_actor_critic(
    observation_space: spaces.Space[Any],
    action_space: spaces.Space[Any],
    hidden_sizes: tuple[int, ...],
    *,
    seed: int,
    share_layers: bool = False,
    activation: str = "tanh",
    body: Any = None,
) -> ActorCritic:
    """A network that gives a policy and values.

    Args:
        observation_space: of one environment.
        action_space: of one environment.
        hidden_sizes: sizes of the fully connected layers; empty for none.
        seed: decides the weights to start with; the global generator is left as it was.
        share_layers: whether policy and values have these layers together, or each its own.
        activation: between the layers.
        body: what comes before the fully connected layers; None builds it.
    """
    net_arch: Any = hidden_sizes if share_layers else {"pi": hidden_sizes, "vf": hidden_sizes}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return ActorCritic(
            observation_space, action_space, body, net_arch=net_arch, activation_fnc=activation
        )
