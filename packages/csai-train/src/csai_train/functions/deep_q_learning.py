"""Deep Q-learning for networks, a memory and an optimizer of one's own, counted in episodes.

The loss is that of `deep_q_learning.py`; here is the plain loop around it, one update a step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
import torch
from torch import nn

from csai_core import Agent, AttributeNames
from csai_neural import Net
from csai_train.algorithms.deep_q_learning import q_loss
from csai_train.backends.flat import require_finite
from csai_train.backends.torch import as_tensors
from csai_train.buffers.replay import ReplayBuffer
from csai_train.environments.attribute_view import AttributeView
from csai_train.functions.shared import Optimizer, keep_pace, learns_itself, make_optimizer, named_actions


def deep_q_learning(
    agent: Agent | None,
    environment: gymnasium.Env[Any, Any],
    q_network: Net,
    target_q_network: Net,
    buffer: ReplayBuffer,
    num_episodes: int = 1000,
    max_steps_per_episode: int = 100,
    gamma: float = 0.99,
    update_target_every: int = 10,
    batch_size: int = 32,
    epsilon: float = 0.9,
    epsilon_decay: float = 0.997,
    stop_epsilon: float = 0.01,
    alpha: float = 0.01,
    attributes: AttributeNames | None = None,
    optimizer: Optimizer = None,
    optimizer_kwargs: dict[str, Any] | None = None,
    fps: int = 120,
    *,
    seed: int | None = None,
    logging_callback: Callable[[int, float, float], None] | None = None,
) -> None:
    """Train a network of your own, episode by episode, one update a step.

    Both networks are trained in place: `q_network` is the result, `target_q_network` its last copy.

    Args:
        agent: says by `get_actions()` which actions the outputs of the network stand for, and is told
            of every transition by `update`, where its class has these methods. None, or an agent
            without them: output i stands for the i-th action of the environment.
        environment: a Shell or any Gymnasium environment with Discrete actions.
        q_network: compiled, with one output for each action.
        target_q_network: compiled, with the same blocks; `q_network.copy()` will do.
        buffer: the replay memory; what is in it already is learned from too.
        num_episodes: how many episodes to play.
        max_steps_per_episode: where an episode is cut short. What would follow still counts.
        gamma: discount.
        update_target_every: episodes between copies of the network into the target.
        batch_size: transitions in an update; none happens before the buffer holds as many.
        epsilon: share of random actions in the first episode.
        epsilon_decay: what epsilon is multiplied with after each episode.
        stop_epsilon: where epsilon stops falling.
        alpha: learning rate of an optimizer that is made here.
        attributes: what to observe of a Shell; None takes its view.
        optimizer: what takes the steps: an optimizer over `q_network`, a class to make one of, or None
            for Adam.
        optimizer_kwargs: more arguments for the optimizer that is made here.
        fps: steps a second while a window shows the game; 0 waits for nothing. Without a window nothing
            ever waits.
        seed: makes exploration and the environment repeatable; the buffer has a seed of its own.
        logging_callback: called after each episode with its number, return and epsilon.

    Raises:
        ConfigError: if arguments do not fit together.
        NonFiniteError: if the loss is NaN or infinite; the weights stay as they were.
    """
    random = np.random.default_rng(seed)
    env = environment if attributes is None else AttributeView(environment, attributes)
    actions = named_actions(agent, env.action_space, q_network.output_size)
    optimizer = make_optimizer(optimizer, q_network, alpha, optimizer_kwargs)
    target_q_network.load_state_dict(q_network.state_dict())
    device = next(q_network.parameters()).device
    for episode in range(num_episodes):
        observation, _ = env.reset(seed=seed if episode == 0 else None)
        total_reward = 0.0
        for step in range(max_steps_per_episode):
            if random.random() < epsilon:
                index = int(random.integers(len(actions)))
            else:
                with torch.inference_mode():
                    index = int(q_network(observation).argmax())
            next_observation, reward, terminated, truncated, _ = env.step(actions[index])
            truncated = truncated or (step == max_steps_per_episode - 1 and not terminated)
            buffer.store_memory(
                observation, index, None, None, float(reward), terminated, next_observation, truncated
            )
            if agent is not None and learns_itself(agent):
                agent.update(observation, actions[index], next_observation, float(reward))
            if buffer.size() >= batch_size:
                batch = buffer.sample(batch_size)
                in_tensors = as_tensors(batch, device)
                loss, (_, error) = q_loss(q_network, target_q_network, in_tensors, gamma=gamma)
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                norm = nn.utils.get_total_norm([p.grad for p in q_network.parameters() if p.grad is not None])
                require_finite(loss.item(), float(norm))
                optimizer.step()
                buffer.update_priorities(batch.position, error.cpu().numpy())
            observation = next_observation
            total_reward += float(reward)
            keep_pace(env, fps)
            if terminated or truncated:
                break
        if logging_callback is not None:
            logging_callback(episode, total_reward, epsilon)
        epsilon = max(stop_epsilon, epsilon * epsilon_decay)
        if (episode + 1) % update_target_every == 0:
            target_q_network.load_state_dict(q_network.state_dict())
