"""What `deep_q_learning(...)` and `PPO(...)` make of environments, optimizers and actions."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import gymnasium
import torch
from gymnasium import spaces
from gymnasium.envs.registration import EnvSpec
from gymnasium.vector import SyncVectorEnv, VectorEnv
from torch import nn

from csai_core import Agent, AttributeNames, as_gymnasium
from csai_core.arguments import check_int, check_number, check_path, check_type
from csai_core.errors import ConfigError
from csai_train.backends.optimizers import optimizer_in_words, trainable
from csai_train.buffers.replay import ReplayBuffer
from csai_train.callbacks.registry import names_of
from csai_train.environments.attribute_view import AttributeView
from csai_train.environments.episode_limit import EpisodeLimit, StepLimit
from csai_train.environments.make import check_environment, open_environments
from csai_train.functions.agent_adapter import actions_of

Environments = gymnasium.Env[Any, Any] | list[gymnasium.Env[Any, Any]] | VectorEnv[Any, Any, Any]
Optimizer = torch.optim.Optimizer | type[torch.optim.Optimizer] | None
RunPath = str | os.PathLike[str] | None
_AGENT = ("get_actions", "get_next_action", "update")
"""What an agent may be asked; it needs no base class."""


def check_counts(owner: str, **counts: int) -> None:
    """Refuse numbers of things that are not at least 1.

    Raises:
        ConfigError: naming the argument.
    """
    for name, count in counts.items():
        check_int(owner, name, count, least=1)


def check_parts(
    owner: str, *, agent: Any, environment: Any, buffer: Any, optimizer: Any, **others: Any
) -> None:
    """Refuse parts that are none, before any of them is used.

    Args:
        owner: the function that was given them.
        agent: who names the actions.
        environment: where it is trained.
        buffer: what remembers.
        optimizer: what takes the steps.
        **others: `optimizer_kwargs`, `logging_callback`, `callbacks`, `run_dir` and `fps`.

    Raises:
        ConfigError: naming the argument and what it must be.
    """
    if not (agent is None or any(hasattr(agent, name) for name in _AGENT)):
        raise ConfigError(f"{owner} was given agent={agent!r}; it must be an agent, or None.")
    if isinstance(environment, (str, EnvSpec)):
        raise ConfigError(f"{owner} was given environment={environment!r}; make it: gymnasium.make(…).")
    check_environment(owner, environment)
    check_type(owner, "buffer", buffer, ReplayBuffer, "a csai_train.ReplayBuffer")
    is_class = isinstance(optimizer, type) and issubclass(optimizer, torch.optim.Optimizer)
    if not is_class:
        wanted = "an optimizer, or its class, such as torch.optim.SGD, or None for Adam"
        check_type(owner, "optimizer", optimizer, torch.optim.Optimizer, wanted, none=True)
    kwargs = others["optimizer_kwargs"]
    check_type(owner, "optimizer_kwargs", kwargs, Mapping, "a dict, or None", none=True)
    told = others["logging_callback"]
    if not (told is None or callable(told)):
        raise ConfigError(f"{owner} was given logging_callback={told!r}; it must be a function, or None.")
    check_path(owner, "run_dir", others["run_dir"], none=True)
    names_of(others["callbacks"], others["run_dir"])
    check_number(owner, "fps", others["fps"], least=0)


@contextmanager
def called(**names: str) -> Iterator[None]:
    """Say in what is wrong with settings, which are the keywords here, what somebody has called them."""
    try:
        yield
    except ConfigError as error:
        for setting, name in names.items():
            if f".{setting} is" in str(error) or f".{setting} was given" in str(error):
                raise ConfigError(f"{error} Here it is called {name}.") from error
        raise


def device_of(network: nn.Module) -> str:
    """Where somebody's network is, and stays."""
    return str(next(network.parameters()).device)


def open_limited(
    environment: Environments, attributes: AttributeNames | None, max_steps_per_episode: int
) -> VectorEnv[Any, Any, Any]:
    """Environments to train in, seen through `attributes`, whose episodes are cut short.

    Raises:
        ConfigError: if there are no such attributes to choose.
    """
    if isinstance(environment, SyncVectorEnv):
        environment = list(environment.envs)
    if isinstance(environment, VectorEnv):
        if attributes is not None:
            raise ConfigError(
                f"attributes={attributes!r} was given with a vector environment; choose them when you make "
                "it, or give a list of environments."
            )
        return EpisodeLimit(environment, max_steps_per_episode)
    envs = [as_gymnasium(env) for env in (environment if isinstance(environment, list) else [environment])]
    if attributes is not None:
        envs = [AttributeView(env, attributes) for env in envs]
    return open_environments([StepLimit(env, max_steps_per_episode) for env in envs], len(envs))


def choose_optimizer(
    optimizer: Optimizer, options: Mapping[str, Any] | None, network: nn.Module, learning_rate: float
) -> tuple[float, str | None, torch.optim.Optimizer | None]:
    """The optimizer that is meant.

    Args:
        optimizer: one over the network's parameters that learn, a class, or None for Adam.
        options: further arguments for a class.
        network: what it moves.
        learning_rate: of one that is made here, unless the options say another.

    Returns:
        The learning rate; the optimizer as configs name it, None for their own Adam; and the optimizer itself
        where no config can name it.

    Raises:
        ConfigError: if there are arguments for an optimizer that is made already.
    """
    options = dict(options or {})
    if isinstance(optimizer, torch.optim.Optimizer):
        if options:
            raise ConfigError(
                f"optimizer_kwargs={options} was given along with an optimizer that is made already; "
                "give its class instead, such as torch.optim.SGD."
            )
        return learning_rate, None, optimizer
    name = "lr" if "lr" in options else "alpha"
    learning_rate = check_number("The optimizer", name, options.pop("lr", learning_rate), above=0)
    if optimizer is None and not options:
        return learning_rate, None, None
    make: Any = torch.optim.Adam if optimizer is None else optimizer
    named = optimizer_in_words(make, options)
    if named is not None:
        return learning_rate, named, None
    return learning_rate, None, make(trainable(network), lr=learning_rate, **options)


def names_actions(agent: Agent | None) -> bool:
    """Whether an agent says which actions there are to choose from."""
    return getattr(type(agent), "get_actions", Agent.get_actions) is not Agent.get_actions


def named_actions(agent: Agent | None, action_space: spaces.Space[Any], num_outputs: int) -> list[Any]:
    """The actions that a network's outputs stand for, in order.

    Args:
        agent: names them by `get_actions()`, where its class has that method.
        action_space: of one environment; Discrete, where no agent names them.
        num_outputs: how many the network has.

    Raises:
        ConfigError: if there are none to name, not as many as outputs, or others than the environment has.
    """
    actions = list(agent.get_actions()) if agent and names_actions(agent) else actions_of(action_space)
    if actions is None:
        raise ConfigError(f"A network that chooses one action needs a Discrete space, not {action_space}.")
    if len(actions) != num_outputs:
        raise ConfigError(f"The network has {num_outputs} outputs for the {len(actions)} actions {actions}.")
    if isinstance(action_space, spaces.Discrete) and not all(map(action_space.contains, actions)):
        raise ConfigError(f"The agent names the actions {actions}, which are not all in {action_space}.")
    return actions


def choices(names: list[Any], action_space: spaces.Space[Any]) -> spaces.Space[Any]:
    """The space from which a network with an output for each name chooses."""
    return action_space if names == actions_of(action_space) else spaces.Discrete(len(names))
