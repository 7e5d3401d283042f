"""PPO for a network, buffer and optimizer of one's own, counted in episodes.

What learns is `ProximalPolicyOptimization`, as everywhere; here its settings are called by other names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gymnasium import spaces

from csai_core import Agent, AttributeNames
from csai_core.arguments import check_type, drawn_seed
from csai_neural import ActorCritic
from csai_train.algorithms.ppo import PPOConfig, ProximalPolicyOptimization
from csai_train.buffers.registry import registered_name
from csai_train.buffers.replay import ReplayBuffer
from csai_train.events import Callback
from csai_train.functions import shared
from csai_train.functions.agent_adapter import with_agent
from csai_train.functions.by_episodes import most_steps, train_by_episodes
from csai_train.functions.reports import MeanReturns


def PPO(  # noqa: N802 - what everybody calls it
    agent: Agent | None,
    environment: shared.Environments,
    actor_critic_net: ActorCritic,
    buffer: ReplayBuffer,
    num_episodes: int = 1000,
    max_steps_per_episode: int = 100,
    gamma: float = 0.99,
    batch_size: int = 32,
    clip_epsilon: float = 0.2,
    alpha: float = 0.001,
    epsilon: float = 0.0001,
    entropy_coef: float = 0.005,
    critic_coef: float = 0.8,
    attributes: AttributeNames | None = None,
    optimizer: shared.Optimizer = None,
    optimizer_kwargs: dict[str, Any] | None = None,
    ppo_epochs: int = 4,
    minibatch_size: int = 16,
    fps: int = 120,
    max_grad_norm: float = 1.0,
    reward_norm_coef: float = 1.0,
    reward_normalization: bool = True,
    running_reward_std: float = 1.0,
    log_frequency: int = 10,
    logging_callback: Callable[[int, float, Mapping[str, float]], None] | None = None,
    *,
    gae_lambda: float = 0.95,
    seed: int | None = None,
    run_dir: shared.RunPath = None,
    callbacks: Sequence[Callback | str] = (),
    threads: int = 1,
) -> None:
    """Train an ActorCritic of your own by PPO; it is trained in place.

    Args:
        agent: says by `get_actions()` which actions the outputs of a network with a Discrete action
            space stand for, and is notified of every transition by `update`, where its class has these
            methods. None, or an agent without them: actions go to the environment as they are.
        environment: a Shell or any Gymnasium environment, a list of them, or a vector environment.
        actor_critic_net: made for the environment's observations and actions.
        buffer: where experience waits for an update; emptied at the start and by each update.
        num_episodes: how many episodes to play, over all environments.
        max_steps_per_episode: where an episode is cut short. What would follow still counts.
        gamma: discount.
        batch_size: steps from update to update, over all environments; rounded up to whole steps of all.
        clip_epsilon: how far the new policy may move in an update.
        alpha: learning rate of an optimizer that is made here.
        epsilon: added to deviations before dividing by them.
        entropy_coef: reward for staying undecided.
        critic_coef: weight of the values' errors beside the policy's.
        attributes: what to observe of a Shell; None takes its view.
        optimizer: what takes the steps: an optimizer over the network, a class to make one of, or None
            for Adam.
        optimizer_kwargs: more arguments for the optimizer that is made here.
        ppo_epochs: how often each update goes over its experience.
        minibatch_size: most steps in a gradient step; each takes about as many. One for a network with memory
            takes all steps of at least one environment.
        fps: steps a second while a window shows the game; 0 waits for nothing. Without a window nothing
            ever waits.
        max_grad_norm: longest gradient; longer ones are shortened to it.
        reward_norm_coef: what normalized rewards are multiplied with.
        reward_normalization: whether to divide rewards by the running deviation of their discounted sums.
        running_reward_std: that deviation to begin with; it counts as much as one step.
        log_frequency: episodes between log entries, and calls of `logging_callback`.
        logging_callback: called with the number of episodes played, the mean return of the latest
            `log_frequency` of them, and what the latest update measured (empty before the first).
        gae_lambda: 0 judges actions by the values alone, 1 by the rewards alone.
        seed: makes everything random here and in the environments repeatable.
        run_dir: where to keep a run, which `csai train --resume` goes on with; must not exist yet.
        callbacks: who else is notified of what happens: callbacks, and names of registered ones.
        threads: how many threads numpy and torch may multiply with.

    Raises:
        ConfigError: if arguments do not fit together, or a run cannot keep one of them.
        ShapeError: if the network was made for other observations or actions.
        NonFiniteError: if a number is NaN or infinite; the weights stay as they were.
        RunError: if the run cannot be written, or its environments not made again.
    """
    shared.check_parts(
        "PPO", agent=agent, environment=environment, buffer=buffer, optimizer=optimizer,
        optimizer_kwargs=optimizer_kwargs, logging_callback=logging_callback, run_dir=run_dir, fps=fps,
        callbacks=callbacks,
    )  # fmt: skip
    check_type("PPO", "actor_critic_net", actor_critic_net, ActorCritic, "an ActorCritic")
    seed = drawn_seed("PPO", seed)
    shared.check_counts(
        "PPO", num_episodes=num_episodes, max_steps_per_episode=max_steps_per_episode, batch_size=batch_size,
        ppo_epochs=ppo_epochs, minibatch_size=minibatch_size, log_frequency=log_frequency,
    )  # fmt: skip
    net, envs = actor_critic_net, shared.open_limited(environment, attributes, max_steps_per_episode)
    learning_rate, named, made = shared.choose_optimizer(optimizer, optimizer_kwargs, net, alpha)
    num_steps = -(-batch_size // envs.num_envs)
    num_minibatches = -(-num_steps * envs.num_envs // minibatch_size)
    if net.has_memory:
        num_minibatches = min(num_minibatches, envs.num_envs)
    buffer_name = registered_name(buffer)
    with shared.called(
        learning_rate="alpha", clip_range="clip_epsilon", value_coef="critic_coef",
        reward_coef="reward_norm_coef", initial_reward_std="running_reward_std",
        normalization_epsilon="epsilon",
    ):  # fmt: skip
        config = PPOConfig(
            num_envs=envs.num_envs, num_steps=num_steps, num_epochs=ppo_epochs,
            num_minibatches=num_minibatches, learning_rate=learning_rate,
            anneal_learning_rate=False, gamma=gamma, gae_lambda=gae_lambda, clip_range=clip_epsilon,
            entropy_coef=entropy_coef, value_coef=critic_coef, max_grad_norm=max_grad_norm,
            normalize_reward=reward_normalization, reward_coef=reward_norm_coef,
            initial_reward_std=running_reward_std, normalization_epsilon=epsilon, optimizer=named,
            buffer=buffer_name,
        )  # fmt: skip
    names, action_space = None, envs.single_action_space
    if shared.names_actions(agent) and isinstance(net.action_space, spaces.Discrete):
        action_space = net.action_space
        names = shared.named_actions(agent, envs.single_action_space, int(net.action_space.n))
    total_steps = most_steps(envs, num_episodes, max_steps_per_episode)
    algorithm = ProximalPolicyOptimization(
        envs.single_observation_space, action_space, config, total_steps=total_steps, seed=seed, network=net,
        device=shared.device_of(net), buffer=buffer, optimizer=made,
    )  # fmt: skip
    cannot_keep = {
        "an optimizer that is no class of torch.optim": made is not None,
        "a buffer of a class that is not registered": buffer_name is None,
    }
    train_by_episodes(
        with_agent(algorithm, agent, names, action_space, envs.single_action_space), envs, name="ppo",
        config=config, network=net, buffer=buffer, total_steps=total_steps, num_episodes=num_episodes,
        seed=seed, fps=fps, threads=threads, run_dir=run_dir, cannot_keep=cannot_keep,
        callbacks=[MeanReturns(num_episodes, log_frequency, logging_callback), *callbacks],
    )  # fmt: skip
