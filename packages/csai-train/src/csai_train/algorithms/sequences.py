"""Learning with memory: what a method needs besides, where its network is recurrent.

The memory of a policy is carried by whoever plays (`csai_core.episode_memory`). A rollout keeps what was
remembered before its first step, and is gone through again from there: each episode that begins later starts
from nothing, and gradients reach back to the start of the rollout or of the episode, whichever is later. A
replay memory keeps shorter sequences (`buffers.sequences`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import nn

from csai_core import trees
from csai_core.algorithm import Step
from csai_core.errors import ConfigError
from csai_neural.sequences import Layout, Sequences
from csai_train.backends.backend import Backend
from csai_train.buffers.rollout import RolloutBuffer

LEARN_WITH_MEMORY = ("a2c", "deep_q_learning", "ppo")
"""Algorithms that train networks with memory."""


def initial_memory(backend: Backend, num_envs: int) -> Any:
    """What a network remembers at the start of an episode; None without memory."""
    return backend.network.initial_memory(num_envs) if backend.has_memory else None


def memory_before(backend: Backend, observation: Any, memory: Any) -> Any:
    """What is remembered before some observations: at the start of an episode, where nobody says."""
    if memory is None and backend.has_memory:
        return initial_memory(backend, trees.length(observation))
    return memory


def sequences_of(rollout: RolloutBuffer) -> Sequences:
    """The observations of a full rollout, laid out flat; which follow each other, and from what memory.

    Rows that are no steps (`Step.is_reset`) are sequences of their own: the environment shows the end of the
    episode before, and forgets it.
    """
    starts = np.ones((rollout.num_steps, rollout.num_envs), dtype=np.bool_)
    starts[1:] = (rollout.terminated | rollout.truncated)[:-1]
    if rollout.is_reset is not None:
        starts[1:] |= rollout.is_reset[:-1]
    layout = Layout.of_lanes(starts)
    goes_on = layout.sequence[: rollout.num_envs]

    def from_first(stored: Any) -> Any:
        state = np.zeros((layout.num_sequences, *stored.shape[1:]), dtype=stored.dtype)
        state[goes_on] = stored
        return state

    return Sequences(rollout.flat()[0], trees.apply(from_first, rollout.first_memory), layout)


def require_lanes(backend: Backend, config: Any) -> None:
    """Refuse more minibatches than environments: with memory, each is made of whole ones.

    Raises:
        ConfigError: saying what would work.
    """
    if backend.has_memory and config.num_minibatches > config.num_envs:
        raise ConfigError(
            f"The network has memory, so that each minibatch takes all steps of some environments: "
            f"num_minibatches={config.num_minibatches} is more than num_envs={config.num_envs}. Take "
            f"num_minibatches={config.num_envs} or fewer, or more environments."
        )


def require_sequences(config: Any, buffer: object) -> None:
    """Refuse settings of a replay memory that do not go with sequences.

    Raises:
        ConfigError: saying what would work.
    """
    if config.n_step > 1:
        raise ConfigError(
            "The network has memory, and learns from sequences of single steps, which "
            f"n_step={config.n_step} would join before. Take n_step=1."
        )
    if buffer is not None or config.buffer is not None:
        raise ConfigError(
            "The network has memory, and a buffer of your own keeps single transitions, without what was "
            'remembered before them. Leave the buffer out, as in train("deep_q_learning", …), which makes '
            "one for sequences."
        )


def require_memo(backend: Backend, step: Step) -> None:
    """Refuse a step that somebody else decided, who cannot say what was remembered before it.

    Raises:
        ConfigError: saying what would work.
    """
    if backend.has_memory and step.memo is None:
        raise ConfigError(
            "A step was given without the memo of its decision. The network has memory, and learns from what "
            "it decided itself, with what was remembered before: give Step(…, memo=decision.memo). Steps of "
            "other actors, such as demonstrations, suit networks without memory."
        )


def refuse_memory(network: nn.Module, algorithm: str) -> None:
    """Refuse a network with memory for an algorithm that would not carry it.

    Raises:
        ConfigError: naming those that do.
    """
    if getattr(network, "has_memory", False):
        raise ConfigError(
            f"The network {getattr(network, 'name', network)!r} has memory (recurrent blocks), which "
            f"{algorithm} does not train: each observation would be seen alone. These do: "
            f"{', '.join(LEARN_WITH_MEMORY)}. Or leave recurrent blocks out, and let observations hold what "
            "must be known, such as the last few of them (--wrap FrameStackObservation:stack_size=4)."
        )
