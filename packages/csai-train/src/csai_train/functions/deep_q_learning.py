"""Deep Q-learning for networks, a memory and an optimizer of one's own, counted in episodes.

What learns is `DeepQLearning`, as everywhere; here its settings are called by other names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from csai_core import Agent, AttributeNames
from csai_core.arguments import check_number, check_type, drawn_seed
from csai_neural import Net
from csai_train.algorithms.deep_q_learning import DeepQLearning, DeepQLearningConfig
from csai_train.buffers.prioritized import PrioritizedReplayBuffer
from csai_train.buffers.registry import registered_name
from csai_train.buffers.replay import ReplayBuffer
from csai_train.events import Callback
from csai_train.functions import shared
from csai_train.functions.agent_adapter import with_agent
from csai_train.functions.by_episodes import most_steps, train_by_episodes
from csai_train.functions.reports import Returns


def deep_q_learning(
    agent: Agent | None,
    environment: shared.Environments,
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
    optimizer: shared.Optimizer = None,
    optimizer_kwargs: dict[str, Any] | None = None,
    fps: int = 120,
    *,
    seed: int | None = None,
    logging_callback: Callable[[int, float, float], None] | None = None,
    run_dir: shared.RunPath = None,
    callbacks: Sequence[Callback | str] = (),
    threads: int = 1,
) -> None:
    """Train a network of your own, one update a step, with schedules that count episodes.

    Both networks are trained in place: `q_network` is the result, `target_q_network` its last copy. Gradients
    longer than 10 are shortened to that.

    Args:
        agent: says by `get_actions()` which actions the outputs of the network stand for, and is notified
            of every transition by `update`, where its class has these methods. None, or an agent
            without them: output i stands for the i-th action of the environment.
        environment: a Shell or any Gymnasium environment with Discrete actions, a list of them, or a vector
            environment.
        q_network: compiled, with one output for each action.
        target_q_network: compiled, with the same blocks; `q_network.copy()` will do.
        buffer: the replay memory; what is in it already is learned from too. A run seeds its draws; how far
            weights of a prioritized one make up for them rises to 1 over the training.
        num_episodes: how many episodes to play, over all environments.
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
        run_dir: where to keep a run, which `csai train --resume` goes on with; must not exist yet.
        callbacks: who else is notified of what happens: callbacks, and names of registered ones.
        threads: how many threads numpy and torch may multiply with.

    Raises:
        ConfigError: if arguments do not fit together, or a run cannot keep one of them.
        ShapeError: if the target network has other layers.
        NonFiniteError: if a number is NaN or infinite; the weights stay as they were.
        RunError: if the run cannot be written, or its environments not made again.
    """
    shared.check_parts(
        "deep_q_learning", agent=agent, environment=environment, buffer=buffer, optimizer=optimizer,
        optimizer_kwargs=optimizer_kwargs, logging_callback=logging_callback, run_dir=run_dir, fps=fps,
        callbacks=callbacks,
    )  # fmt: skip
    for name, net in (("q_network", q_network), ("target_q_network", target_q_network)):
        check_type("deep_q_learning", name, net, Net, "a Net")
    shares = {"epsilon": epsilon, "stop_epsilon": stop_epsilon, "epsilon_decay": epsilon_decay}
    for name, share in shares.items():
        check_number("deep_q_learning", name, share, least=0, most=1)
    seed = drawn_seed("deep_q_learning", seed)
    shared.check_counts(
        "deep_q_learning", num_episodes=num_episodes, max_steps_per_episode=max_steps_per_episode,
        update_target_every=update_target_every, batch_size=batch_size,
    )  # fmt: skip
    envs = shared.open_limited(environment, attributes, max_steps_per_episode)
    learning_rate, named, made = shared.choose_optimizer(optimizer, optimizer_kwargs, q_network, alpha)
    priorities: dict[str, Any] = {}
    if isinstance(buffer, PrioritizedReplayBuffer):
        priorities = {
            "priority_exponent": buffer.alpha,
            "importance_exponent": buffer.beta,
            "prioritized": True,
        }
    buffer_name = registered_name(buffer)
    with shared.called(learning_rate="alpha", epsilon_start="epsilon", epsilon_end="stop_epsilon"):
        config = DeepQLearningConfig(
            num_envs=envs.num_envs, learning_rate=learning_rate, gamma=gamma, buffer_capacity=buffer.capacity,
            buffer=buffer_name, batch_size=batch_size, learning_starts=max(0, batch_size - 1 - buffer.size()),
            train_every=1, target_every_episodes=update_target_every, epsilon_start=epsilon,
            epsilon_end=min(stop_epsilon, epsilon), epsilon_decay=epsilon_decay, optimizer=named,
            **priorities,
        )  # fmt: skip
    names = shared.named_actions(agent, envs.single_action_space, q_network.output_size)
    action_space = shared.choices(names, envs.single_action_space)
    cannot_keep = {
        "a q_network that does not end in an OutputBlock": not q_network.added_blocks[-1].is_last,
        "an optimizer that is no class of torch.optim": made is not None,
        "a buffer of a class that is not registered": buffer_name is None
        and type(buffer) is not ReplayBuffer,
        "a buffer in which something is already": buffer.size() > 0,
    }
    total_steps = most_steps(envs, num_episodes, max_steps_per_episode)
    algorithm = DeepQLearning(
        envs.single_observation_space, action_space, config, total_steps=total_steps, seed=seed,
        device=shared.device_of(q_network), q_network=q_network, target_network=target_q_network,
        buffer=buffer, optimizer=made,
    )  # fmt: skip
    reports = [] if logging_callback is None else [Returns(algorithm, num_episodes, logging_callback)]
    train_by_episodes(
        with_agent(algorithm, agent, names, action_space, envs.single_action_space), envs,
        name="deep_q_learning", config=config, network=q_network, buffer=buffer, total_steps=total_steps,
        num_episodes=num_episodes, seed=seed, fps=fps, threads=threads, run_dir=run_dir,
        cannot_keep=cannot_keep, callbacks=[*reports, *callbacks],
    )  # fmt: skip
