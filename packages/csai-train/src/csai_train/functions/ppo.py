"""PPO for a network, buffer and optimizer of one's own, counted in episodes.

The update is that of `ppo.py`; here are the rollout in a replay buffer, and everything around it.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
import torch
from gymnasium import spaces
from gymnasium.vector import SyncVectorEnv, VectorEnv
from gymnasium.wrappers import TimeLimit
from numpy.typing import NDArray
from torch import Tensor, nn

from csai_core import Agent, AttributeNames, trees
from csai_core.algorithm import Algorithm, Decision, Step
from csai_core.errors import ConfigError
from csai_neural import ActorCritic
from csai_train.algorithms.ppo import MEASURED, ppo_loss
from csai_train.algorithms.returns import gae
from csai_train.algorithms.scaling import RewardScaler
from csai_train.backends.flat import require_finite
from csai_train.buffers.experience import RolloutBatch
from csai_train.buffers.replay import ReplayBuffer, Transitions
from csai_train.environments.attribute_view import AttributeView
from csai_train.environments.episode_limit import EpisodeLimit
from csai_train.environments.make import open_environments
from csai_train.events import Callback, Episode
from csai_train.functions.shared import Optimizer, keep_pace, learns_itself, make_optimizer, named_actions
from csai_train.training.loop import Training

Environments = gymnasium.Env[Any, Any] | list[gymnasium.Env[Any, Any]] | VectorEnv[Any, Any, Any]
LoggingCallback = Callable[[int, float, Mapping[str, float]], None]


def PPO(  # noqa: N802 - what everybody calls it
    agent: Agent | None,
    environment: Environments,
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
    optimizer: Optimizer = None,
    optimizer_kwargs: dict[str, Any] | None = None,
    ppo_epochs: int = 4,
    minibatch_size: int = 16,
    fps: int = 120,
    max_grad_norm: float = 1.0,
    reward_norm_coef: float = 1.0,
    reward_normalization: bool = True,
    running_reward_std: float = 1.0,
    log_frequency: int = 10,
    logging_callback: LoggingCallback | None = None,
    *,
    gae_lambda: float = 0.95,
    seed: int | None = None,
) -> None:
    """Train an ActorCritic of your own by PPO; it is trained in place.

    Args:
        agent: says by `get_actions()` which actions the outputs of a network with a Discrete action
            space stand for, and is notified of every transition by `update`, where its class has these
            methods. None, or an agent without them: actions go to the environment as they are.
        environment: a Shell or any Gymnasium environment, a list of them, or a vector environment.
        actor_critic_net: made for the environment's observations and actions.
        buffer: where experience waits for an update; emptied at the start and after each update.
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
        minibatch_size: steps in a gradient step.
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

    Raises:
        ConfigError: if arguments do not fit together.
        NonFiniteError: if a number is NaN or infinite; the weights stay as they were.
    """
    counts = {
        "num_episodes": num_episodes,
        "max_steps_per_episode": max_steps_per_episode,
        "batch_size": batch_size,
        "ppo_epochs": ppo_epochs,
        "minibatch_size": minibatch_size,
        "log_frequency": log_frequency,
    }
    for name, count in counts.items():
        if count < 1:
            raise ConfigError(f"PPO was given {name}={count}; it must be at least 1.")
    envs = _open(environment, attributes, max_steps_per_episode)
    rollout_size = -(-batch_size // envs.num_envs) * envs.num_envs
    if buffer.capacity < rollout_size:
        raise ConfigError(
            f"PPO collects {rollout_size} steps for an update, but the buffer holds {buffer.capacity}. "
            "Make it with a larger capacity, or give a smaller batch_size."
        )
    seed = int(np.random.SeedSequence().generate_state(1)[0]) if seed is None else seed
    settings = _Settings(
        rollout_size, gamma, gae_lambda, clip_epsilon, epsilon, entropy_coef, critic_coef, ppo_epochs,
        minibatch_size, max_grad_norm, reward_norm_coef if reward_normalization else None,
    )  # fmt: skip
    learner = _Learner(
        agent,
        actor_critic_net,
        buffer,
        make_optimizer(optimizer, actor_critic_net, alpha, optimizer_kwargs),
        _actions(agent, actor_critic_net, envs),
        RewardScaler(envs.num_envs, gamma, std=running_reward_std, epsilon=epsilon),
        settings,
        seed,
    )
    reporter = _Reporter(num_episodes, log_frequency, logging_callback, fps)
    Training(learner, envs, total_steps=sys.maxsize, seed=seed, callbacks=[reporter]).run()


@dataclass(frozen=True)
class _Settings:
    """The numbers of an update."""

    rollout_size: int
    gamma: float
    gae_lambda: float
    clip_range: float
    epsilon: float
    entropy_coef: float
    value_coef: float
    num_epochs: int
    minibatch_size: int
    max_grad_norm: float
    reward_norm_coef: float | None
    """None where rewards are taken as they are."""


class _Learner(Algorithm):
    """PPO as an `Algorithm`, around parts that somebody else has made."""

    def __init__(
        self,
        agent: Agent | None,
        net: ActorCritic,
        buffer: ReplayBuffer,
        optimizer: torch.optim.Optimizer,
        actions: Mapping[int, Any] | None,
        scaler: RewardScaler,
        settings: _Settings,
        seed: int,
    ) -> None:
        self.net = net
        self.buffer = buffer
        self.optimizer = optimizer
        self.scaler = scaler
        self.settings = settings
        self._student = agent if agent is not None and learns_itself(agent) else None
        self._actions = actions
        self._device = next(net.parameters()).device
        self._random = torch.Generator(self._device).manual_seed(seed)
        self._masks: list[NDArray[np.int8] | None] = []
        self._resets: list[NDArray[np.bool_]] = []
        buffer.clear_memory()

    def act(
        self, observation: Any, *, explore: bool, action_mask: NDArray[np.int8] | None = None
    ) -> Decision:
        """Draw actions from the policy; see `Algorithm.act`."""
        drawn = self.net.act(observation, deterministic=not explore, mask=action_mask, generator=self._random)
        # What was drawn may lie outside the space's bounds, and is what must be learned from.
        memo = trees.apply(lambda tensor: tensor.cpu().numpy(), tuple(drawn))
        action = self.net.to_environment(drawn.action)
        if self._actions is not None:
            action = np.array([self._actions[int(choice)] for choice in action])
        return Decision(action, memo)

    def learn(self, step: Step) -> dict[str, float]:
        """Store the step, and learn when enough are stored; see `Algorithm.learn`."""
        if self._student is not None:
            _tell(self._student, step)
        reward = step.reward
        if self.settings.reward_norm_coef is not None:
            scaled = self.scaler.scale(reward, step.terminated | step.truncated)
            reward = self.settings.reward_norm_coef * scaled
        drawn, log_prob, value = step.memo
        # Every row is stored, so that the buffer stays in rows of all environments.
        self.buffer.extend(step._replace(action=drawn, reward=reward, is_reset=None), log_prob, value)
        self._masks.append(step.action_mask)
        self._resets.append(np.zeros(len(reward), np.bool_) if step.is_reset is None else step.is_reset)
        if self.buffer.size() < self.settings.rollout_size:
            return {}
        metrics = self.update(num_envs=len(reward))
        self.buffer.clear_memory()
        self._masks, self._resets = [], []
        return metrics

    def update(self, num_envs: int) -> dict[str, float]:
        """Learn from a full buffer."""
        settings = self.settings
        batch = self._judge(self.buffer.in_order(), num_envs)
        measured = []
        for _ in range(settings.num_epochs):
            order = torch.randperm(len(batch.advantage), generator=self._random, device=self._device)
            for chosen in order.split(settings.minibatch_size):  # type: ignore[no-untyped-call]
                loss, measurements = ppo_loss(
                    self.net,
                    batch.take(chosen.cpu().numpy()),
                    clip_range=settings.clip_range,
                    value_clip_range=None,
                    value_coef=settings.value_coef,
                    entropy_coef=settings.entropy_coef,
                    normalize_advantage=True,
                    epsilon=settings.epsilon,
                )
                self.optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                norm = nn.utils.clip_grad_norm_(self.net.parameters(), settings.max_grad_norm)
                require_finite(loss.item(), norm.item())
                self.optimizer.step()
                measured.append(measurements)
        return dict(zip(MEASURED, torch.stack(measured).mean(dim=0).tolist(), strict=True))

    @torch.no_grad()
    def _judge(self, memory: Transitions, num_envs: int) -> RolloutBatch:
        """What is in the buffer, with advantages and returns."""
        if memory.log_prob is None or memory.value is None:
            raise ConfigError(
                f"The {type(self.buffer).__name__} gave back transitions without the log-probabilities and "
                "values that were stored with them, from which PPO learns. Use a BasicReplayBuffer."
            )
        next_value = self.net.get_value(memory.next_observation).cpu().numpy()
        shape = (-1, num_envs)
        advantage = gae(
            memory.reward.reshape(shape),
            memory.value.reshape(shape),
            next_value.reshape(shape),
            memory.terminated.reshape(shape),
            memory.truncated.reshape(shape),
            gamma=self.settings.gamma,
            gae_lambda=self.settings.gae_lambda,
        )
        flat_advantage = self._tensor(advantage.reshape(-1))
        value = self._tensor(memory.value)
        batch = RolloutBatch(
            trees.apply(self._tensor, memory.observation),
            trees.apply(self._tensor, memory.action),
            self._joined_masks(num_envs),
            value + flat_advantage,
            flat_advantage,
            value,
            self._tensor(memory.log_prob),
        )
        is_reset = np.concatenate(self._resets)
        return batch.take(np.flatnonzero(~is_reset)) if is_reset.any() else batch

    def _joined_masks(self, num_envs: int) -> Tensor | None:
        """(rollout size, num_actions), or None where nothing was masked."""
        known = next((mask for mask in self._masks if mask is not None), None)
        if known is None:
            return None
        everything = np.ones((num_envs, known.shape[1]), dtype=np.int8)
        masks = [everything if mask is None else mask for mask in self._masks]
        return self._tensor(np.concatenate(masks)).bool()

    def _tensor(self, array: NDArray[Any]) -> Tensor:
        return torch.as_tensor(array, device=self._device)

    def state_dict(self) -> dict[str, Any]:
        """Weights, optimizer, what is stored, the deviation of rewards and the generator's state."""
        return {
            "net": self.net.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "buffer": self.buffer.state_dict(),
            "masks": self._masks,
            "resets": self._resets,
            "scaler": self.scaler.state_dict(),
            "random": self._random.get_state(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        self.net.load_state_dict(state["net"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.buffer.load_state_dict(state["buffer"])
        self._masks = list(state["masks"])
        self._resets = list(state["resets"])
        self.scaler.load_state_dict(state["scaler"])
        self._random.set_state(state["random"])


class _Reporter(Callback):
    """Logs, keeps to the pace of a window, and ends the training after so many episodes."""

    def __init__(
        self, num_episodes: int, log_frequency: int, logging_callback: LoggingCallback | None, fps: float
    ) -> None:
        self.num_episodes = num_episodes
        self.log_frequency = log_frequency
        self.logging_callback = logging_callback
        self.fps = fps
        self._returns: list[float] = []

    def step(self, training: Training) -> None:
        """Wait, where somebody watches."""
        keep_pace(training.envs, self.fps)

    def episode(self, training: Training, episode: Episode) -> None:
        """Count it, and report every so often."""
        if training.stop_requested:
            return
        self._returns.append(episode.total_reward)
        count = len(self._returns)
        if count % self.log_frequency == 0:
            mean_return = float(np.mean(self._returns[-self.log_frequency :]))
            logging.getLogger("csai").info("PPO: %d episodes, mean return %.2f", count, mean_return)
            if self.logging_callback is not None:
                self.logging_callback(count, mean_return, training.metrics)
        training.stop_requested = count == self.num_episodes


def _open(
    environment: Environments, attributes: AttributeNames | None, max_steps_per_episode: int
) -> VectorEnv[Any, Any, Any]:
    """Environments to train in, seen through `attributes`, whose episodes are cut short."""
    if isinstance(environment, SyncVectorEnv):
        environment = list(environment.envs)
    if isinstance(environment, VectorEnv):
        if attributes is not None:
            raise ConfigError(
                f"attributes={attributes!r} was given with a vector environment; choose them when you make "
                "it, or give a list of environments."
            )
        return EpisodeLimit(open_environments(environment, environment.num_envs), max_steps_per_episode)
    envs = environment if isinstance(environment, list) else [environment]
    if attributes is not None:
        envs = [AttributeView(env, attributes) for env in envs]
    return open_environments([TimeLimit(env, max_steps_per_episode) for env in envs], len(envs))


def _actions(agent: Agent | None, net: ActorCritic, envs: VectorEnv[Any, Any, Any]) -> dict[int, Any] | None:
    """What an agent calls each of the network's choices, or None where they are the environment's own."""
    space = net.action_space
    names_actions = agent is not None and type(agent).get_actions is not Agent.get_actions
    if names_actions and isinstance(space, spaces.Discrete):
        return dict(enumerate(named_actions(agent, space, int(space.n)), int(space.start)))
    if space != envs.single_action_space:
        raise ConfigError(
            f"The network acts in {space}, but the environment takes {envs.single_action_space}."
        )
    return None


def _tell(agent: Agent, step: Step) -> None:
    """Show an agent every environment's transition."""
    count = len(step.reward)
    columns = (
        trees.unstack(part, count)
        for part in (step.observation, step.action, step.next_observation, step.reward)
    )
    for i, (observation, action, next_observation, reward) in enumerate(zip(*columns, strict=True)):
        if step.is_reset is None or not step.is_reset[i]:
            agent.update(observation, action, next_observation, float(reward))
