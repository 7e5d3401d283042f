"""What `deep_q_learning(...)` and `PPO(...)` share: agents, optimizers and windows of the caller's own."""

from __future__ import annotations

import time
from typing import Any

import gymnasium
import torch
from gymnasium import spaces
from torch import nn

from csai_core import Agent
from csai_core.errors import ConfigError

Optimizer = torch.optim.Optimizer | type[torch.optim.Optimizer] | None


def named_actions(agent: Agent | None, action_space: spaces.Space[Any], num_outputs: int) -> list[Any]:
    """The actions that a network's outputs stand for, in order.

    Args:
        agent: names them by `get_actions()`, where its class has that method.
        action_space: Discrete, where no agent names them.
        num_outputs: how many the network has.

    Raises:
        ConfigError: if there are none to name, or not as many as outputs.
    """
    if agent is not None and type(agent).get_actions is not Agent.get_actions:
        actions = list(agent.get_actions())
    elif isinstance(action_space, spaces.Discrete):
        actions = list(range(int(action_space.start), int(action_space.start + action_space.n)))
    else:
        raise ConfigError(f"A network that chooses one action needs a Discrete space, not {action_space}.")
    if len(actions) != num_outputs:
        raise ConfigError(f"The network has {num_outputs} outputs for the {len(actions)} actions {actions}.")
    return actions


def learns_itself(agent: Agent) -> bool:
    """Whether an agent wants to be notified of every transition."""
    return type(agent).update is not Agent.update


def make_optimizer(
    optimizer: Optimizer, network: nn.Module, learning_rate: float, more: dict[str, Any] | None
) -> torch.optim.Optimizer:
    """The optimizer that was given, or one made from a class, or Adam.

    Args:
        optimizer: one over the network's parameters, a class, or None.
        network: what it moves.
        learning_rate: of one that is made here.
        more: further arguments for it.

    Raises:
        ConfigError: if there are arguments for an optimizer that is made already.
    """
    if isinstance(optimizer, torch.optim.Optimizer):
        if more:
            raise ConfigError(
                f"optimizer_kwargs={more} was given along with an optimizer that is made already; "
                "give its class instead, such as torch.optim.SGD."
            )
        return optimizer
    make: Any = torch.optim.Adam if optimizer is None else optimizer
    made: torch.optim.Optimizer = make(network.parameters(), **{"lr": learning_rate, **(more or {})})
    return made


def keep_pace(
    environment: gymnasium.Env[Any, Any] | gymnasium.vector.VectorEnv[Any, Any, Any], fps: float
) -> None:
    """Wait for the next frame, where a window shows the game; 0 waits for nothing."""
    if fps and environment.render_mode == "human":
        time.sleep(1 / fps)
