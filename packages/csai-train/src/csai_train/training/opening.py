"""Opening the environments of a training, as its algorithm can take in what they show."""

from __future__ import annotations

from typing import Any

import gymnasium
from gymnasium.envs.registration import EnvSpec
from gymnasium.vector import VectorEnv

from csai_core.errors import ConfigError
from csai_core.plugins import installed
from csai_core.replay_state import lost_by
from csai_train.environments.make import Environment, close, open_environments
from csai_train.environments.texts import keep_parts, parts_without_texts
from csai_train.group import Group


def trouble_with_resuming(envs: VectorEnv[Any, Any, Any]) -> str:
    """A sentence for whoever keeps a run, where its wrappers remember what no checkpoint holds."""
    lost = next(filter(None, map(lost_by, getattr(envs, "envs", ()))), "")
    return f"This training cannot be continued exactly from its run, as {lost}." if lost else ""


def open_for(
    algorithm: str, environment: Environment, num_envs: int, workers: int | None
) -> tuple[VectorEnv[Any, Any, Any], str]:
    """Environments to train an algorithm in, and what there is to say of them.

    Parts that are texts are left out of what is observed, where the algorithm does not take texts.

    Args:
        algorithm: its name.
        environment: as `open_environments` takes it, but made or specified already.
        num_envs: how many are wanted.
        workers: into how many processes they are put.

    Raises:
        CsaiError: as `open_environments` does.
    """
    envs = open_environments(environment, num_envs, workers)
    space, actions = envs.single_observation_space, envs.single_action_space
    kept = parts_without_texts(space)
    if kept is None or isinstance(environment, VectorEnv):
        return envs, ""
    if installed().find("algorithms", algorithm).takes(space, actions):
        return envs, ""
    if not isinstance(environment, (gymnasium.Env, list)):
        close(envs)
    keys = [*space.spaces] if isinstance(space, gymnasium.spaces.Dict) else [*range(len(space))]  # type: ignore[arg-type]
    texts = ", ".join(repr(key) for key in keys if key not in kept)
    note = (
        f"What is a text is left out of what the agent observes, as {algorithm} takes no texts: {texts}. "
        "A wrapper (--wrap) could make numbers of it."
    )
    return open_environments(keep_parts(environment, kept), num_envs, workers), note


def require_id(environment: Environment, group: Group) -> None:
    """Refuse environments that are made already where each of several processes has to make its own.

    Raises:
        ConfigError: if they are.
    """
    if group.is_shared and not isinstance(environment, (str, EnvSpec)):
        raise ConfigError(
            f"{group.size} processes train together, each in its share of num_envs environments; give train "
            "the id of the environment, and each makes its own."
        )
